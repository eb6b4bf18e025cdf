//! `pollux usage`: what the last day's requests came to.

use std::{error::Error, time::Duration};

use pollux_pool::time::Timestamp;
use pollux_store::usage::{Group, UsageTotal};

use super::say;
use crate::{
    clock,
    config::{self, Sources},
    open,
};

const DAY: Duration = Duration::from_hours(24);

/// Prints the last 24 hours per key, model and access key.
///
/// # Errors
/// When a setting or the state cannot be used.
pub async fn run(sources: &Sources) -> Result<(), Box<dyn Error>> {
    let config = config::load(sources)?;
    let database = open::database(&config).await?;
    let clock = clock::system();
    let store = open::store(&config, database, &clock).await?;
    let until = clock.now();
    let since = Timestamp::from_micros(
        until.as_micros() - i64::try_from(DAY.as_micros()).unwrap_or(i64::MAX),
    );
    let users = store.users().await?;
    let keys = store.every_key().await?;
    say(&row([
        "key",
        "model",
        "access key",
        "requests",
        "attempts",
        "failures",
        "prompt",
        "output",
    ]));
    for total in store.usage(since, until + Duration::from_mins(1), Group::Each).await? {
        let UsageTotal { key, model, user, counts } = total;
        let key = key.map_or_else(String::new, |id| {
            let last4 = keys.iter().find(|key| key.id == id).map_or("gone", |key| &key.last4);
            format!("{id} ..{last4}")
        });
        let user = users.iter().find(|it| Some(it.id) == user).map_or("", |user| &user.about.name);
        let numbers = [
            counts.requests,
            counts.attempts,
            counts.failures,
            counts.prompt_tokens,
            counts.output_tokens + counts.thought_tokens,
        ]
        .map(|number| number.to_string());
        let [requests, attempts, failures, prompt, output] = numbers.each_ref().map(String::as_str);
        let model = model.as_ref().map_or("", |model| model.as_str());
        say(&row([&key, model, user, requests, attempts, failures, prompt, output]));
    }
    Ok(())
}

fn row(cells: [&str; 8]) -> String {
    let [key, model, user, requests, attempts, failures, prompt, output] = cells;
    format!(
        "{key:<16} {model:<28} {user:<12} {requests:>9} {attempts:>9} {failures:>9} {prompt:>10} {output:>10}"
    )
}
