//! What the owner is told before it happens.

use super::{Setting, duration, text};
use crate::config::value;

pub(super) const ROWS: &[Setting] = &[
    Setting {
        secret: true,
        needs_restart: true,
        ..text(
            "alerts.webhook",
            "",
            "Where JSON is posted before a model runs out of requests for the day, once a day for each model and pool.",
            |config, text| {
                let is_set = !text.trim().is_empty();
                let webhook = is_set.then(|| text.parse()).transpose();
                config.webhook =
                    webhook.map_err(|error: crate::alerts::NotAWebhook| error.to_string())?;
                Ok(())
            },
        )
    },
    Setting {
        needs_restart: true,
        ..duration("alerts.before", "1h", "How long before that it is told.", |config, text| {
            config.alerts_before = value::duration(text)?;
            Ok(())
        })
    },
];
