//! `/admin/config`: four settings under the names that they have there, all of them texts.

use std::collections::BTreeMap;

use pollux_store::store::DEFAULT_POOL;
use pollux_translate::gemini::thinking::Effort;
use serde::{Deserialize, Serialize};

use super::done;
use crate::{
    admin::{
        Admin,
        read::{self, refused},
        settings::{self, Given},
    },
    catalog::Catalog,
    faces::respond::{Answered, Incoming},
    failure::Failure,
};

const STRATEGY: &str = "load_balance_strategy";
const ENABLED: &str = "thinking_enabled";
const BUDGET: &str = "thinking_budget";
const TIMEOUT: &str = "request_timeout";
/// In seconds.
const LONGEST_TIMEOUT: u64 = 3600;

/// What holds for the first pool.
#[derive(Serialize)]
struct Applied {
    load_balance_strategy: &'static str,
    thinking_enabled: String,
    thinking_budget: String,
    request_timeout: String,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Sent(BTreeMap<String, Given>);

#[derive(Serialize)]
struct Kept {
    key: String,
    success: bool,
}

/// A setting by our name for it, and its new value.
type Change = (String, Option<String>);

/// `GET /admin/config`
pub(super) async fn show(Admin { gateway, .. }: Admin, _: Incoming) -> Answered {
    done("Success", applied(&gateway.shared().catalog.load()))
}

/// `POST /admin/config`: all or none; the next request knows.
pub(super) async fn change(admin: Admin, incoming: Incoming) -> Answered {
    let Sent(sent) = read::json(&admin.gateway, incoming.body).await?;
    let sent = sent.into_iter().map(|(name, value)| (name, value.into_text())).collect();
    let catalog = admin.gateway.shared().catalog.load_full();
    let changes = changes(&catalog, &sent)?;
    // Where the first pool has a value of its own, that is the one that is applied.
    let has_own = |(name, _): &Change| {
        catalog.described.find(name).is_some_and(|row| row.pools.contains_key(&DEFAULT_POOL))
    };
    let (own, others): (Vec<Change>, Vec<Change>) = changes.into_iter().partition(has_own);
    settings::set(&admin, None, others).await?;
    settings::set(&admin, Some(DEFAULT_POOL), own).await?;
    let kept = sent.into_keys().map(|key| Kept { key, success: true });
    done("Configuration updated successfully", kept.collect::<Vec<_>>())
}

fn applied(catalog: &Catalog) -> Applied {
    let treatment = catalog.treatment(DEFAULT_POOL);
    let strategy = catalog.pool(DEFAULT_POOL).map(|pool| pool.settings.strategy);
    let effort = treatment.chat.effort;
    Applied {
        load_balance_strategy: strategy.unwrap_or_default().as_str(),
        thinking_enabled: is_on(effort).to_string(),
        thinking_budget: budget(effort),
        request_timeout: treatment.timeouts.whole.as_secs().to_string(),
    }
}

fn is_on(effort: Option<Effort>) -> bool {
    effort != Some(Effort::Off)
}

/// How much models think, as a number of tokens where it was told as one.
fn budget(effort: Option<Effort>) -> String {
    match effort {
        None | Some(Effort::Dynamic) => "-1".to_owned(),
        Some(Effort::Off) => "0".to_owned(),
        Some(Effort::Level(level)) => level.as_str().to_owned(),
        Some(Effort::Max) => "max".to_owned(),
        Some(Effort::Tokens(tokens)) => tokens.to_string(),
    }
}

fn changes(catalog: &Catalog, sent: &BTreeMap<String, String>) -> Result<Vec<Change>, Failure> {
    let names = [STRATEGY, ENABLED, BUDGET, TIMEOUT];
    if let Some(unknown) = sent.keys().find(|name| !names.contains(&name.as_str())) {
        let message = format!("there is no `{unknown}`; there are {}", names.join(", "));
        return Err(refused(unknown, message));
    }
    let mut changes = Vec::new();
    if let Some(strategy) = sent.get(STRATEGY) {
        changes.push(usable(catalog, STRATEGY, "pool.strategy", strategy)?);
    }
    changes.extend(thinking(catalog, sent)?);
    if let Some(text) = sent.get(TIMEOUT) {
        let seconds = text.trim().parse().ok().filter(|it| (1..=LONGEST_TIMEOUT).contains(it));
        let message = format!("`{TIMEOUT}` takes whole seconds, from 1 to {LONGEST_TIMEOUT}");
        let seconds = seconds.ok_or_else(|| refused(TIMEOUT, message))?;
        changes.push(("timeouts.whole".to_owned(), Some(format!("{seconds}s"))));
    }
    Ok(changes)
}

/// Two names there for one setting here: whether models think at all, and how much.
fn thinking(catalog: &Catalog, sent: &BTreeMap<String, String>) -> Result<Option<Change>, Failure> {
    let was_on = is_on(catalog.treatment(DEFAULT_POOL).chat.effort);
    let enabled = sent.get(ENABLED).map(|text| match text.trim() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(refused(ENABLED, format!("`{ENABLED}` takes true or false"))),
    });
    let (enabled, budget) = (enabled.transpose()?, sent.get(BUDGET));
    let change = |text| usable(catalog, BUDGET, "thinking.default", text).map(Some);
    // The budget has to be right even where it counts for nothing.
    let told = budget.map(|text| change(text)).transpose()?.flatten();
    match (enabled.unwrap_or(was_on), told) {
        (false, Some(_)) if enabled.is_none() && budget.is_none_or(|text| text.trim() != "0") => {
            let message = format!("thinking is off: send `{ENABLED}` as true beside `{BUDGET}`");
            Err(refused(BUDGET, message))
        }
        (false, _) if was_on || enabled.is_some() => change("off"),
        (true, None) if !was_on => change("dynamic"),
        (true, told) => Ok(told),
        (false, _) => Ok(None),
    }
}

/// A change, once it is known that the setting takes the text.
fn usable(catalog: &Catalog, theirs: &str, ours: &str, text: &str) -> Result<Change, Failure> {
    let checked = (catalog.described.check)(ours, text);
    checked.map_err(|allowed| refused(theirs, format!("`{theirs}` takes {allowed}")))?;
    Ok((ours.to_owned(), Some(text.to_owned())))
}
