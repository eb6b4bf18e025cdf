//! How keys are watched, and how much of what happened is remembered.

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
        "trace.requests",
        "1000",
        "How many of the last requests can be explained; 0 remembers none.",
        |config, text| {
            config.gateway.traces = value::number(text, 0, 100_000)?;
            Ok(())
        },
    ),
];
