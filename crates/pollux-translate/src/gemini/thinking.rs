//! How much a model is to think: what was wished for, made to fit what its family takes.
//!
//! Budgets for the named efforts are Google's own, from its page on OpenAI compatibility (section 10
//! of the wire reference). A budget and a level never go out together, and never one that the family
//! refuses.

use serde::{Deserialize, Serialize};

use super::family::Family;

/// How hard a model is to think, as Gemini 3 and later take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// As little as the model can.
    Minimal,
    /// A little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// More than any other level.
    Xhigh,
}

/// The thinking budgets that a family takes, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The smallest that is not 0.
    pub min: u32,
    /// The largest.
    pub max: u32,
    /// Whether 0 is taken, which switches thinking off.
    pub off: bool,
}

/// What is wished for, before the family is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// None, or as little as the model can.
    Off,
    /// What the model thinks fit.
    Dynamic,
    /// A level, or what it amounts to in tokens.
    Level(Level),
    /// As much as the model can.
    Max,
    /// So many tokens, or the level next to that.
    Tokens(u32),
}

/// A `thinkingConfig` as it goes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ThinkingConfig {
    /// Tokens for thinking; -1 lets the model decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking_budget: Option<i64>,
    /// How hard to think.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking_level: Option<Level>,
    /// Whether summaries of the thoughts come with the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_thoughts: Option<bool>,
}

impl Level {
    const ALL: [Self; 5] = [Self::Minimal, Self::Low, Self::Medium, Self::High, Self::Xhigh];

    /// Reads a level's name in any case; `None` for anything else.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(name))
    }

    /// Returns the name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Xhigh => "xhigh",
        }
    }

    fn tokens(self) -> u32 {
        match self {
            Self::Minimal | Self::Low => 1024,
            Self::Medium => 8192,
            Self::High => 24576,
            Self::Xhigh => u32::MAX,
        }
    }

    fn nearest_to(tokens: u32) -> Self {
        match tokens {
            0 => Self::Minimal,
            1..=1024 => Self::Low,
            1025..=8192 => Self::Medium,
            _ => Self::High,
        }
    }
}

impl Effort {
    /// Reads OpenAI's `reasoning_effort`, `off`, `dynamic`, or a number of tokens (-1 is `dynamic`).
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.trim();
        if let Ok(tokens) = name.parse::<i64>() {
            return Self::of_tokens(tokens);
        }
        match name.to_ascii_lowercase().as_str() {
            "none" | "off" => Some(Self::Off),
            "dynamic" | "auto" => Some(Self::Dynamic),
            "max" => Some(Self::Max),
            other => Level::parse(other).map(Self::Level),
        }
    }

    /// Reads a `thinking_budget`: 0 is off, -1 is dynamic; `None` when it is neither nor positive.
    pub fn of_tokens(tokens: i64) -> Option<Self> {
        match tokens {
            -1 => Some(Self::Dynamic),
            0 => Some(Self::Off),
            tokens => u32::try_from(tokens).ok().map(Self::Tokens),
        }
    }

    /// Returns what goes out to a family; nothing when it does not think, or decides by itself.
    pub fn for_family(self, family: &Family) -> ThinkingConfig {
        if let Some(budget) = family.budget {
            let thinking_budget = Some(self.tokens(budget));
            return ThinkingConfig { thinking_budget, ..ThinkingConfig::default() };
        }
        let thinking_level = self.level(&family.levels);
        ThinkingConfig { thinking_level, ..ThinkingConfig::default() }
    }

    fn tokens(self, budget: Budget) -> i64 {
        let within = |tokens: u32| i64::from(tokens.clamp(budget.min, budget.max));
        match self {
            Self::Off if budget.off => 0,
            Self::Off => i64::from(budget.min),
            Self::Dynamic => -1,
            Self::Level(level) => within(level.tokens()),
            Self::Max => i64::from(budget.max),
            Self::Tokens(tokens) => within(tokens),
        }
    }

    /// Returns the wished level, else the next higher one, else the highest.
    fn level(self, levels: &[Level]) -> Option<Level> {
        let wished = match self {
            Self::Dynamic => return None,
            Self::Off => return levels.first().copied(),
            Self::Max => return levels.last().copied(),
            Self::Level(level) => level,
            Self::Tokens(tokens) => Level::nearest_to(tokens),
        };
        let lowest_at_least = levels.iter().copied().find(|level| *level >= wished);
        lowest_at_least.or(levels.last().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(model: &str, effort: &str, want: &str) {
        let effort = Effort::parse(effort).unwrap();
        let config = effort.for_family(Family::of(model));
        assert_eq!(serde_json::to_string(&config).unwrap(), want, "{model} {effort:?}");
    }

    #[test]
    fn a_family_with_budgets_gets_tokens() {
        check("gemini-2.5-flash", "high", r#"{"thinkingBudget":24576}"#);
        check("gemini-2.5-flash", "none", r#"{"thinkingBudget":0}"#);
        check("gemini-2.5-flash", "minimal", r#"{"thinkingBudget":1024}"#);
        check("gemini-2.5-flash", "xhigh", r#"{"thinkingBudget":24576}"#);
        check("gemini-2.5-flash", "-1", r#"{"thinkingBudget":-1}"#);
        check("gemini-2.5-pro", "none", r#"{"thinkingBudget":128}"#);
        check("gemini-2.5-pro", "medium", r#"{"thinkingBudget":8192}"#);
        check("gemini-2.5-pro", "max", r#"{"thinkingBudget":32768}"#);
        check("gemini-2.5-flash-lite", "100", r#"{"thinkingBudget":512}"#);
    }

    #[test]
    fn a_family_with_levels_gets_one_that_it_takes() {
        check("gemini-3-flash-preview", "high", r#"{"thinkingLevel":"HIGH"}"#);
        check("gemini-3-flash-preview", "none", r#"{"thinkingLevel":"MINIMAL"}"#);
        check("gemini-3.8-flash", "minimal", r#"{"thinkingLevel":"LOW"}"#);
        check("gemini-3-pro-preview", "medium", r#"{"thinkingLevel":"HIGH"}"#);
        check("gemini-4-argon", "max", r#"{"thinkingLevel":"HIGH"}"#);
        check("gemini-4-hydrogen", "max", r#"{"thinkingLevel":"XHIGH"}"#);
        check("gemini-4-hydrogen", "dynamic", "{}");
        check("gemini-3.8-flash", "9000", r#"{"thinkingLevel":"HIGH"}"#);
    }

    #[test]
    fn a_family_that_does_not_think_gets_nothing() {
        check("gemini-2.0-flash", "high", "{}");
        check("gemma-3-27b-it", "none", "{}");
    }

    #[test]
    fn what_is_no_effort_is_refused() {
        for name in ["", "loud", "-2", "99999999999"] {
            assert_eq!(Effort::parse(name), None, "{name}");
        }
    }
}
