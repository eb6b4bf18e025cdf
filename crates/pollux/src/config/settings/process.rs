//! How the process ends, and what it says meanwhile.

use super::{Setting, keep, plain};
use crate::config::{LogFormat, value};

pub(super) const ROWS: &[Setting] = &[
    Setting {
        keep: Some(|new, old| keep(&mut new.grace, &old.grace)),
        ..plain(
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
        keep: Some(|new, old| keep(&mut new.log_level, &old.log_level)),
        ..plain(
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
        keep: Some(|new, old| keep(&mut new.log_format, &old.log_format)),
        ..plain("log.format", "text", "How lines are written: text or json.", |config, text| {
            config.log_format = match text.trim() {
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                _ => return Err("text or json".to_owned()),
            };
            Ok(())
        })
    },
];
