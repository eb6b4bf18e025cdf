//! How much the model is to think, and whether it tells of it.
//!
//! The first that says anything counts: Google's own `thinking_config`, `reasoning_effort`, the end
//! of the model's name, what the server says for the model, what it says for all. Without any of
//! them a small limit on tokens keeps thoughts short, since it counts them too and an answer of
//! nothing but thoughts would be empty.

use super::google::Thought;
use super::policy::{Policy, Thoughts};
use super::request::Request;
use super::suffix::Wanted;
use crate::error::TranslateError;
use crate::gemini::family::Family;
use crate::gemini::thinking::{Effort, Level, ThinkingConfig};

/// A limit below this is small, in tokens.
const SMALL: i64 = 2048;

/// What goes out, and what had no meaning for the family.
#[derive(Debug, Default)]
pub(super) struct Thinks {
    pub(super) config: Option<ThinkingConfig>,
    /// The limit on tokens, raised by what thinking takes at the least.
    pub(super) max_tokens: Option<i64>,
    pub(super) ignored: Option<&'static str>,
}

pub(super) fn thinking(
    request: &Request<'_>,
    wanted: &Wanted<'_>,
    family: &Family,
    policy: &Policy,
    max_tokens: Option<i64>,
) -> Result<Thinks, TranslateError> {
    let own = request.google().and_then(|google| google.thinking_config.as_ref());
    let from_request = match (own, request.reasoning_effort.as_deref()) {
        (Some(own), None) => {
            own_effort(own)?.map(|effort| (effort, "extra_body.google.thinking_config"))
        }
        (None, Some(name)) => Some((named_effort(name)?, "reasoning_effort")),
        (Some(_), Some(_)) => {
            let text =
                "`reasoning_effort` and `thinking_config` say the same thing: send one of them";
            return Err(TranslateError::at("reasoning_effort", text));
        }
        (None, None) => None,
    };
    if !family.thinks() {
        let ignored =
            from_request.filter(|(effort, _)| *effort != Effort::Off).map(|(_, name)| name);
        return Ok(Thinks { config: None, max_tokens, ignored });
    }
    let asked = from_request.map(|(effort, _)| effort).or(wanted.effort);
    let effort = asked.or_else(|| policy.effort(wanted.model));
    let (mut config, max_tokens) = match (effort, max_tokens) {
        (Some(effort), _) => (effort.for_family(family), max_tokens),
        (None, Some(limit)) if limit < SMALL => short(family, limit),
        (None, _) => (ThinkingConfig::default(), max_tokens),
    };
    let tells = own.and_then(|own| own.include_thoughts).or(policy.include_thoughts);
    let tells = tells.unwrap_or(asked.is_some_and(|effort| effort != Effort::Off));
    let tells = tells && policy.thoughts != Thoughts::Hidden;
    config.include_thoughts = tells.then_some(true);
    let config = Some(config).filter(|config| *config != ThinkingConfig::default());
    Ok(Thinks { config, max_tokens, ignored: None })
}

fn own_effort(own: &Thought<'_>) -> Result<Option<Effort>, TranslateError> {
    let field = "extra_body.google.thinking_config";
    match (own.thinking_budget, own.thinking_level.as_deref()) {
        (Some(_), Some(_)) => {
            let text = "a budget and a level exclude each other: send one of them";
            Err(TranslateError::at(field, text))
        }
        (Some(budget), None) => {
            let (_, tokens) =
                budget.whole(&format!("{field}.thinking_budget"), -1, i64::from(u32::MAX))?;
            Ok(Effort::of_tokens(tokens))
        }
        (None, Some(name)) => match Level::parse(name) {
            Some(level) => Ok(Some(Effort::Level(level))),
            None => Err(TranslateError::at(
                format!("{field}.thinking_level"),
                "expected minimal, low, medium, high or xhigh",
            )),
        },
        (None, None) => Ok(None),
    }
}

fn named_effort(name: &str) -> Result<Effort, TranslateError> {
    let named = matches!(name, "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max");
    Effort::parse(name).filter(|_| named).ok_or_else(|| {
        let text = "expected none, minimal, low, medium, high, xhigh or max";
        TranslateError::at("reasoning_effort", text)
    })
}

/// Keeps thoughts as short as the family can, and adds to the limit what they take nevertheless.
fn short(family: &Family, limit: i64) -> (ThinkingConfig, Option<i64>) {
    let config = Effort::Off.for_family(family);
    let room = match (config.thinking_budget, config.thinking_level) {
        (Some(budget), _) => budget,
        (None, Some(Level::Minimal) | None) => 0,
        (None, Some(_)) => 1024,
    };
    (config, Some(limit.saturating_add(room)))
}
