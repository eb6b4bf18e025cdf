//! How keys are watched, and how much of what happened is remembered.

use std::time::Duration;

use super::{Setting, plain};
use crate::config::value;

pub(super) const ROWS: &[Setting] = &[
    plain(
        "health.checks",
        "true",
        "Whether keys that Google refused, and new ones, are checked by lists of models, which use no quota.",
        |config, text| {
            config.gateway.health_checks = value::flag(text)?;
            Ok(())
        },
    ),
    plain(
        "health.disable_after",
        "0",
        "After how many days of refusals a key is off from the next start on, unless it is the last; 0 is never.",
        |config, text| {
            config.disable_after = Duration::from_hours(24 * value::number(text, 0, 3650)?);
            Ok(())
        },
    ),
    plain(
        "trace.requests",
        "1000",
        "How many of the last requests can be explained; 0 remembers none.",
        |config, text| {
            config.gateway.traces = value::number(text, 0, 100_000)?;
            Ok(())
        },
    ),
];
