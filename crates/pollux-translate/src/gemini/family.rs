//! What each family of models can do, read from `families.json`; the first row that fits decides.
//!
//! Sources: sections 3, 5.1, 6.1 and 15 of the wire reference. A model that no row names is taken
//! for one without special abilities; a Gemini that is newer than all rows has the ways of the third
//! generation, which its last row says.

use std::sync::LazyLock;

use serde::Deserialize;

use super::thinking::{Budget, Level};

/// What the models of one family have in common.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "a row of a table, one column each")]
pub struct Family {
    #[serde(rename = "match")]
    pattern: String,
    /// The generation from which the row holds, for patterns that fit older models too.
    from: u32,
    /// The thinking levels it takes, in ascending order; none when it takes no level.
    pub levels: Vec<Level>,
    /// The thinking budgets it takes, in tokens; `None` when it takes no budget.
    pub budget: Option<Budget>,
    /// Whether it refuses a tool turn whose first call lacks its thought signature.
    pub signs: bool,
    /// Whether it makes images.
    pub images: bool,
    /// Whether it gives several answers to one request.
    pub candidates: bool,
    /// Whether it takes presence and frequency penalties.
    pub penalties: bool,
    /// Whether it reports log probabilities.
    pub logprobs: bool,
    /// Whether it takes JSON Schema as it is; otherwise only Google's subset.
    pub json_schema: bool,
    /// Whether Google's own tools and functions may be offered together.
    pub mixes_tools: bool,
    /// Whether functions may be offered to a request for JSON.
    pub mixes_json: bool,
    /// Whether it goes on where the last turn, the model's own, stopped.
    pub prefills: bool,
    /// Whether a function's result may hold images and documents.
    pub result_media: bool,
}

impl Default for Family {
    fn default() -> Self {
        Self {
            pattern: String::new(),
            from: 0,
            levels: Vec::new(),
            budget: None,
            signs: false,
            images: false,
            candidates: false,
            penalties: false,
            logprobs: false,
            json_schema: true,
            mixes_tools: true,
            mixes_json: true,
            prefills: false,
            result_media: true,
        }
    }
}

#[derive(Deserialize)]
struct Table {
    families: Vec<Family>,
}

static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
    let table = serde_json::from_str::<Table>(include_str!("families.json"));
    table.map(|table| table.families).unwrap_or_default()
});
static UNKNOWN: LazyLock<Family> = LazyLock::new(Family::default);

impl Family {
    /// Returns the family of a model, named with or without `models/`.
    pub fn of(model: &str) -> &'static Self {
        let model = model.strip_prefix("models/").unwrap_or(model);
        let generation = generation(model);
        let fits = |family: &&Self| {
            generation.is_none_or(|of_model| of_model >= family.from)
                && is_like(model, &family.pattern)
        };
        FAMILIES.iter().find(fits).unwrap_or(&UNKNOWN)
    }

    /// Returns whether a row names this very model, rather than a newer one by its rule.
    pub fn knows(model: &str) -> bool {
        Self::of(model).pattern.trim_end_matches('*').len() > "gemini-".len()
    }

    /// Returns whether it thinks at all.
    pub fn thinks(&self) -> bool {
        !self.levels.is_empty() || self.budget.is_some()
    }
}

/// Returns the number after `gemini-`, if there is one.
fn generation(model: &str) -> Option<u32> {
    let digits: String =
        model.strip_prefix("gemini-")?.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Returns whether `text` fits a pattern in which `*` stands for any text.
pub fn is_like(text: &str, pattern: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut last = None;
    for piece in pieces {
        if let Some(between) = last.replace(piece) {
            let Some(at) = rest.find(between) else { return false };
            rest = rest.get(at + between.len()..).unwrap_or_default();
        }
    }
    last.map_or(rest.is_empty(), |end| rest.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_can_be_reached() {
        let table: Table = serde_json::from_str(include_str!("families.json")).unwrap();
        for (at, family) in table.families.iter().enumerate() {
            let name = family.pattern.replace('*', if family.from > 0 { "3" } else { "" });
            let found = table.families.iter().position(|row| {
                generation(&name).is_none_or(|it| it >= row.from) && is_like(&name, &row.pattern)
            });
            assert_eq!(found, Some(at), "{name}");
            assert!(family.levels.is_empty() || family.budget.is_none(), "{name}");
            assert!(family.levels.is_sorted(), "{name}");
        }
    }

    #[track_caller]
    fn check(model: &str, levels: &[Level], budget: Option<(u32, u32, bool)>) {
        let family = Family::of(model);
        assert_eq!(family.levels, levels, "{model}");
        let found = family.budget.map(|budget| (budget.min, budget.max, budget.off));
        assert_eq!(found, budget, "{model}");
    }

    #[test]
    fn a_model_has_the_ways_of_its_family() {
        use Level::{High, Low, Medium, Minimal, Xhigh};
        check("gemini-2.5-flash", &[], Some((1, 24576, true)));
        check("models/gemini-2.5-pro", &[], Some((128, 32768, false)));
        check("gemini-2.5-flash-lite-preview-06-17", &[], Some((512, 24576, true)));
        check("gemini-2.5-flash-image", &[], None);
        check("gemini-3-flash-preview", &[Minimal, Low, Medium, High], None);
        check("gemini-3.5-flash-lite", &[Minimal, Low, Medium, High], None);
        check("gemini-3.8-flash", &[Low, Medium, High], None);
        check("gemini-3-pro-preview", &[Low, High], None);
        check("gemini-3-pro-image", &[], None);
        check("gemini-4-hydrogen", &[Low, Medium, High, Xhigh], None);
        check("gemini-4-argon", &[Low, Medium, High], None);
        check("gemini-2.0-flash", &[], None);
        check("tunedModels/mine", &[], None);
    }

    #[test]
    fn a_newer_gemini_is_taken_for_one_of_the_third_generation() {
        check("gemini-5-flash", &[Level::Low, Level::Medium, Level::High], None);
        assert!(Family::of("gemini-12-neon").signs);
        assert!(!Family::knows("gemini-5-flash"));
        assert!(Family::knows("gemini-3.8-flash"));
        assert!(!Family::knows("llama-3"));
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(is_like("gemini-3-flash", "gemini-*-flash"));
        assert!(is_like("gemini-3-flash", "*"));
        assert!(is_like("abcabc", "a*c*c"));
        assert!(!is_like("abc", "a*c*c"));
        assert!(!is_like("gemini-3-flash", "gemini-3"));
        assert!(!is_like("ab", "ab*b"));
    }
}
