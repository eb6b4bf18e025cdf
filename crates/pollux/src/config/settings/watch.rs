//! How keys are watched, and how much of what happened is remembered.

use std::time::Duration;

use super::{Setting, flag, number};
use crate::config::value;

pub(super) const ROWS: &[Setting] = &[
    flag(
        "health.checks",
        "true",
        "Whether keys that Google refused, and new ones, are checked by lists of models, which use no quota.",
        |config, text| {
            config.gateway.health_checks = value::flag(text)?;
            Ok(())
        },
    ),
    number(
        "health.disable_after",
        "0",
        "After how many days of refusals a key is switched off, unless it is the last of its pool; 0 is never.",
        |config, text| {
            config.policy.after = Duration::from_hours(24 * value::number(text, 0, 3650)?);
            Ok(())
        },
    ),
    number(
        "health.disable_after_refusals",
        "0",
        "After how many refusals in a row a key is switched off, unless it is the last of its pool; 0 is never.",
        |config, text| {
            config.policy.refusals = value::number(text, 0, 1_000_000)?;
            Ok(())
        },
    ),
    flag(
        "health.delete_refused",
        "false",
        "Whether such keys are deleted instead of being switched off.",
        |config, text| {
            config.policy.deletes = value::flag(text)?;
            Ok(())
        },
    ),
    number(
        "trace.requests",
        "1000",
        "How many of the last requests can be explained; 0 remembers none.",
        |config, text| {
            config.gateway.traces = value::number(text, 0, 100_000)?;
            Ok(())
        },
    ),
];
