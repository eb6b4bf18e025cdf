//! What is written down of requests, and how long it is kept.

use std::time::Duration;

use pollux_gateway::recorder::Logging;

use super::{Setting, choice, duration};
use crate::config::value::{self, Allowed};

pub(super) const ROWS: &[Setting] = &[
    choice(
        &["all", "failed", "none"],
        "log.requests",
        "all",
        "Which requests are written into the log, without what was asked and answered: all, failed or none.",
        |config, text| {
            config.gateway.log = match text.trim() {
                "all" => Logging::All,
                "failed" => Logging::Failed,
                "none" => Logging::Nothing,
                _ => return Err("all, failed or none".to_owned()),
            };
            Ok(())
        },
    ),
    duration(
        "retention.minutes",
        "7d",
        "How long the account of each minute is kept; 0 is for ever.",
        |config, text| {
            config.gateway.retention.usage.minutes = kept(text)?;
            Ok(())
        },
    ),
    duration(
        "retention.hours",
        "90d",
        "How long the account of each hour is kept; 0 is for ever.",
        |config, text| {
            config.gateway.retention.usage.hours = kept(text)?;
            Ok(())
        },
    ),
    duration(
        "retention.days",
        "0",
        "How long the account of each day is kept; 0 is for ever.",
        |config, text| {
            config.gateway.retention.usage.days = kept(text)?;
            Ok(())
        },
    ),
    duration(
        "retention.requests",
        "7d",
        "How long a request stays in the log; 0 is for ever.",
        |config, text| {
            config.gateway.retention.requests = kept(text)?;
            Ok(())
        },
    ),
    duration(
        "retention.key_events",
        "7d",
        "How long it is kept what became of keys; 0 is for ever.",
        |config, text| {
            config.gateway.retention.key_events = kept(text)?;
            Ok(())
        },
    ),
    duration(
        "retention.audit",
        "365d",
        "How long it is kept what admins changed; 0 is for ever.",
        |config, text| {
            config.gateway.retention.changes = kept(text)?;
            Ok(())
        },
    ),
];

fn kept(text: &str) -> Result<Option<Duration>, Allowed> {
    Ok(Some(value::duration(text)?).filter(|time| !time.is_zero()))
}
