//! How the process ends, and what it says meanwhile.

use super::{Setting, choice, duration};
use crate::config::{LogFormat, value};

pub(super) const ROWS: &[Setting] = &[
    Setting {
        needs_restart: true,
        ..duration(
            "shutdown.grace",
            "30s",
            "How long running requests may take to end at a stop.",
            |config, text| {
                config.grace = value::duration(text)?;
                Ok(())
            },
        )
    },
    Setting {
        also: &["LOG_LEVEL"],
        ..choice(
            &["error", "warn", "info", "debug", "trace"],
            "log.level",
            "info",
            "The least severe lines that are logged: error, warn, info, debug or trace.",
            |config, text| {
                config.log_level = value::parse(text, "error, warn, info, debug or trace")?;
                Ok(())
            },
        )
    },
    Setting {
        needs_restart: true,
        ..choice(
            &["text", "json"],
            "log.format",
            "text",
            "How lines are written: text or json.",
            |config, text| {
                config.log_format = match text.trim() {
                    "text" => LogFormat::Text,
                    "json" => LogFormat::Json,
                    _ => return Err("text or json".to_owned()),
                };
                Ok(())
            },
        )
    },
];
