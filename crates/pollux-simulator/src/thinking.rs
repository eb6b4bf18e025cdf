//! How each family of models may be told to think: by budget, by level, or not at all.

use serde_json::Value;

use crate::answer::{field, whole};

/// What a model takes as its `thinkingConfig`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thinking {
    /// It does not think: nothing is taken.
    Never,
    /// A number of tokens, or -1 for any; 0 turns it off.
    Budget { least: u64, most: u64, off: bool },
    /// A level, or for compatibility a budget; with `MINIMAL` it can be turned off.
    Level(&'static [&'static str]),
    /// Nobody knows: everything is taken.
    Unknown,
}

const ALL: &[&str] = &["MINIMAL", "LOW", "MEDIUM", "HIGH"];
const NO_MINIMAL: &[&str] = &["LOW", "MEDIUM", "HIGH"];

/// Families by the beginning of a model's id; the first that fits counts.
const FAMILIES: &[(&str, Thinking)] = &[
    ("gemini-4-hydrogen", Thinking::Level(&["LOW", "MEDIUM", "HIGH", "XHIGH"])),
    ("gemini-4-", Thinking::Level(NO_MINIMAL)),
    ("gemini-3.1-flash-lite-image", Thinking::Level(&["MINIMAL", "HIGH"])),
    ("gemini-3.8-flash-tts", Thinking::Unknown),
    ("gemini-3.8-flash-lite-tts", Thinking::Unknown),
    ("gemini-3.1-flash-image", Thinking::Unknown),
    ("gemini-3.8-flash", Thinking::Level(NO_MINIMAL)),
    ("gemini-3.7-flash", Thinking::Level(NO_MINIMAL)),
    ("gemini-3.6-flash", Thinking::Level(ALL)),
    ("gemini-3.5-flash", Thinking::Level(ALL)),
    ("gemini-3.1-flash-lite", Thinking::Level(ALL)),
    ("gemini-3.1-pro", Thinking::Level(NO_MINIMAL)),
    ("gemini-3-flash", Thinking::Level(ALL)),
    ("gemini-3-pro-preview", Thinking::Level(&["LOW", "HIGH"])),
    ("gemini-2.5-flash-image", Thinking::Never),
    ("gemini-2.5-flash-preview-tts", Thinking::Never),
    ("gemini-2.5-flash-lite", Thinking::Budget { least: 512, most: 24_576, off: true }),
    ("gemini-2.5-flash", Thinking::Budget { least: 1, most: 24_576, off: true }),
    ("gemini-2.5-pro", Thinking::Budget { least: 128, most: 32_768, off: false }),
    ("gemini-2.0", Thinking::Never),
    ("gemma-3", Thinking::Never),
];

/// What the model with this id takes.
pub(crate) fn of(model: &str) -> Thinking {
    let family = FAMILIES.iter().find(|(start, _)| model.starts_with(start));
    family.map_or(Thinking::Unknown, |(_, thinking)| *thinking)
}

/// Whether a `thinkingConfig` turns thinking off.
pub(crate) fn is_off(config: &Value) -> bool {
    let is_minimal = level(config).is_some_and(|level| level.eq_ignore_ascii_case("MINIMAL"));
    is_minimal || field(config, "thinking_budget").and_then(whole) == Some(0)
}

/// What is wrong with a `thinkingConfig`, in Google's words.
pub(crate) fn complaint(thinking: Thinking, config: &Value) -> Option<String> {
    if config.as_object().is_none_or(serde_json::Map::is_empty) {
        return None;
    }
    // Minus one, which lets the model choose, is no whole number here.
    let budget = field(config, "thinking_budget").and_then(whole);
    match (thinking, level(config), budget) {
        (Thinking::Never, _, _) => Some("Thinking is not enabled for this model".to_owned()),
        (Thinking::Budget { .. }, Some(_), _) => {
            Some("Thinking level is not supported for this model.".to_owned())
        }
        (Thinking::Budget { off: false, .. }, None, Some(0)) => Some(ALWAYS.to_owned()),
        (Thinking::Budget { least, most, .. }, None, Some(budget)) => {
            let fits = budget == 0 || (least..=most).contains(&budget);
            (!fits).then(|| {
                format!(
                    "The thinking budget {budget} is invalid. Please choose a value between \
                     {least} and {most}."
                )
            })
        }
        (Thinking::Level(levels), Some(level), _) => {
            let known = levels.iter().any(|known| known.eq_ignore_ascii_case(level));
            (!known).then(|| {
                let level = level.to_ascii_uppercase();
                format!("Thinking level {level} is not supported for this model.")
            })
        }
        (Thinking::Level(levels), None, Some(0)) => {
            (!levels.contains(&"MINIMAL")).then(|| ALWAYS.to_owned())
        }
        (Thinking::Level(_), None, _)
        | (Thinking::Budget { .. }, None, None)
        | (Thinking::Unknown, _, _) => None,
    }
}

const ALWAYS: &str = "Budget 0 is invalid. This model only works in thinking mode.";

fn level(config: &Value) -> Option<&str> {
    field(config, "thinking_level")
        .and_then(Value::as_str)
        .filter(|level| *level != "THINKING_LEVEL_UNSPECIFIED")
}
