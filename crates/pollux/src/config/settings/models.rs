//! Which models there are, by what other names, and what they withhold.

use pollux_gateway::catalog::{NotPrices, Prices, Unknown};
use pollux_translate::gemini::safety::Safety;

use super::{Setting, choice, duration, list, text};
use crate::config::value;

pub(super) const ROWS: &[Setting] = &[
    duration(
        "models.cache",
        "1h",
        "How long a list of models is kept; 0 asks Gemini each time.",
        |config, text| {
            config.gateway.models_ttl = value::duration(text)?;
            Ok(())
        },
    ),
    list(
        "models.aliases",
        "",
        "Other names of models, as gpt-4o=gemini-3.8-flash,claude-*=gemini-3.1-pro-preview; the first that fits counts.",
        |config, text| {
            config.gateway.names.aliases = value::aliases(text)?;
            Ok(())
        },
    ),
    text(
        "models.default",
        "no model",
        "The model that stands in for any that Gemini does not list.",
        |config, text| {
            config.gateway.names.default = Some(value::model(text)?);
            Ok(())
        },
    ),
    choice(
        &["ask", "refuse", "default"],
        "models.unknown",
        "default, if there is one",
        "What becomes of a model that Gemini does not list: ask (Gemini says), refuse (404) or default (models.default stands in).",
        |config, text| {
            config.gateway.names.unknown = Some(match text.trim() {
                "ask" => Unknown::Ask,
                "refuse" => Unknown::Refuse,
                "default" => Unknown::Default,
                _ => return Err("ask, refuse or default".to_owned()),
            });
            Ok(())
        },
    ),
    list(
        "models.allowed",
        "",
        "The only models that may be asked and are listed, by commas, as gemini-3*,gemini-2.5-flash; any when empty.",
        |config, text| {
            config.gateway.names.allowed = value::models(text)?;
            Ok(())
        },
    ),
    text(
        "safety.default",
        "what Google does",
        "How much is withheld in categories that a request does not name: off, none, few, some or most, for all or as harassment=none,hate_speech=few.",
        |config, text| {
            config.gateway.safety = Safety::parse(text).map_err(|error| error.to_string())?;
            Ok(())
        },
    ),
    list(
        "models.prices",
        Prices::KNOWN,
        "What a million tokens cost in dollars, as pattern=input/cached/output by commas; the first that fits counts.",
        |config, text| {
            config.gateway.prices = text.parse().map_err(|error: NotPrices| error.to_string())?;
            Ok(())
        },
    ),
];
