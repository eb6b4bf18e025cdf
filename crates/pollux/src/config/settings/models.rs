//! Which models there are, and by what other names.

use pollux_gateway::catalog::{NotPrices, Prices};

use super::{Setting, plain};
use crate::config::value;

pub(super) const ROWS: &[Setting] = &[
    plain(
        "models.cache",
        "1h",
        "How long a list of models is kept; 0 asks Gemini each time.",
        |config, text| {
            config.gateway.models_ttl = value::duration(text)?;
            Ok(())
        },
    ),
    plain(
        "models.aliases",
        "",
        "Other names of models, as gpt-4o=gemini-3.8-flash,claude-*=gemini-3.1-pro-preview; the first that fits counts.",
        |config, text| {
            config.gateway.names.aliases = value::aliases(text)?;
            Ok(())
        },
    ),
    plain(
        "models.default",
        "no model",
        "The model that stands in for any that Gemini does not list; without one such a model is 404.",
        |config, text| {
            config.gateway.names.default = Some(value::model(text)?);
            Ok(())
        },
    ),
    plain(
        "models.prices",
        Prices::KNOWN,
        "What a million tokens cost in dollars, as pattern=input/cached/output by commas; the first that fits counts.",
        |config, text| {
            config.gateway.prices = text.parse().map_err(|error: NotPrices| error.to_string())?;
            Ok(())
        },
    ),
];
