//! How long things may take, how many there may be, and how large.

use super::{Setting, duration, number, text};
use crate::config::value;

pub(super) const ROWS: &[Setting] = &[
    Setting {
        needs_restart: true,
        ..duration("timeouts.connect", "10s", "To connect to Gemini.", |config, text| {
            config.connect_timeout = value::duration(text)?;
            Ok(())
        })
    },
    duration("timeouts.first_byte", "2m", "Until a stream's first content.", |config, text| {
        config.gateway.timeouts.first_byte = value::duration(text)?;
        Ok(())
    }),
    duration("timeouts.idle", "2m", "Between two chunks of a stream.", |config, text| {
        config.gateway.timeouts.idle = value::duration(text)?;
        Ok(())
    }),
    duration(
        "timeouts.whole",
        "10m",
        "Until the end of an answer that is not a stream.",
        |config, text| {
            config.gateway.timeouts.whole = value::duration(text)?;
            Ok(())
        },
    ),
    Setting {
        needs_restart: true,
        ..duration(
            "timeouts.head",
            "30s",
            "For a client to send a request's head.",
            |config, text| {
                config.head_timeout = value::duration(text)?;
                Ok(())
            },
        )
    },
    duration(
        "timeouts.body",
        "30s",
        "For a client to send the next piece of a request's body.",
        |config, text| {
            config.gateway.body_timeout = value::duration(text)?;
            Ok(())
        },
    ),
    Setting {
        needs_restart: true,
        ..number("threads", "one per core", "Threads that serve connections.", |config, text| {
            config.threads = value::number(text, 1, 1024)?;
            Ok(())
        })
    },
    text("limits.body", "100MiB", "The largest request body.", |config, text| {
        config.gateway.max_body_bytes = value::bytes(text)?;
        Ok(())
    }),
    text(
        "limits.upload",
        "2GiB",
        "The largest file in an upload, which is passed on as it arrives.",
        |config, text| {
            let bytes = value::bytes(text)?;
            config.gateway.max_upload_bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
            Ok(())
        },
    ),
    text("limits.answer", "128MiB", "The largest answer that is not a stream.", |config, text| {
        config.gateway.max_answer_bytes = value::bytes(text)?;
        Ok(())
    }),
    Setting {
        needs_restart: true,
        ..number(
            "limits.connections",
            "10000",
            "Connections from clients at a time.",
            |config, text| {
                config.connections = value::number(text, 1, 1_000_000)?;
                Ok(())
            },
        )
    },
];
