//! How long admins stay signed in.

use std::time::Duration;

use super::{Setting, duration};
use crate::config::value::{self, Allowed};

pub(super) const ROWS: &[Setting] = &[
    duration(
        "admin.session_idle",
        "24h",
        "How long an admin stays signed in who asks nothing.",
        |config, text| {
            config.gateway.sessions.idle = length(text)?;
            Ok(())
        },
    ),
    duration(
        "admin.session_longest",
        "30d",
        "How long an admin stays signed in at most, whatever he asks.",
        |config, text| {
            config.gateway.sessions.longest = length(text)?;
            Ok(())
        },
    ),
];

/// At least a minute: less than that is noticed too late to be kept.
fn length(text: &str) -> Result<Duration, Allowed> {
    let allowed = || "a duration such as 30m, 24h or 30d, of 1m to 3650d".to_owned();
    let range = Duration::from_mins(1)..=Duration::from_hours(24 * 3650);
    value::duration(text).ok().filter(|time| range.contains(time)).ok_or_else(allowed)
}
