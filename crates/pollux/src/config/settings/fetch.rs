//! Files that clients name by URL.

use pollux_gateway::fetch::guard::Guard;

use super::{Setting, duration, flag, list, text};
use crate::config::value;

pub(super) const ROWS: &[Setting] = &[
    flag(
        "fetch.enabled",
        "true",
        "Whether images and files that clients name by URL are fetched for them.",
        |config, text| {
            config.gateway.fetch.enabled = value::flag(text)?;
            Ok(())
        },
    ),
    list(
        "fetch.allow",
        "",
        "What may be fetched though it is private or on an unusual port: host:port or blocks, by commas.",
        |config, text| {
            config.gateway.fetch.guard = Guard::new(value::list(text)?);
            Ok(())
        },
    ),
    text("fetch.max_bytes", "20MiB", "The largest file that is fetched.", |config, text| {
        config.gateway.fetch.max_bytes = value::bytes(text)?;
        Ok(())
    }),
    duration("fetch.timeout", "10s", "For a file to be fetched.", |config, text| {
        config.gateway.fetch.timeout = value::duration(text)?;
        Ok(())
    }),
];
