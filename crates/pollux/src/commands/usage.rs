//! `pollux usage`: what the last day's requests came to.

use std::{error::Error, time::Duration};

use pollux_store::usage::{Filter, Group, Query, Step, UsageTotal};

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
    let store = open::store_beside(&config, database, &clock).await?;
    let (since, until) = (clock.now().before(DAY), clock.now() + Duration::from_mins(1));
    let only = Filter::default();
    let query = Query { since, until, step: Step::All, by: Group::Each, only };
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
    for total in store.usage(&query).await? {
        let UsageTotal { key, model, user, counts, .. } = total;
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
