//! What is withheld by default: thresholds for the categories of which a request says nothing.
//!
//! A request is completed in place: no byte changes but those that are added.

use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::members::Members;
use crate::text::Text;

/// The categories that can be set: our word, Google's name, and the number that stands for it.
const CATEGORIES: [(&str, &str, u32); 4] = [
    ("harassment", "HARM_CATEGORY_HARASSMENT", 7),
    ("hate_speech", "HARM_CATEGORY_HATE_SPEECH", 8),
    ("sexually_explicit", "HARM_CATEGORY_SEXUALLY_EXPLICIT", 9),
    ("dangerous_content", "HARM_CATEGORY_DANGEROUS_CONTENT", 10),
];

/// How much is withheld: our word, and Google's.
const THRESHOLDS: [(&str, &str); 5] = [
    ("off", "OFF"),
    ("none", "BLOCK_NONE"),
    ("few", "BLOCK_ONLY_HIGH"),
    ("some", "BLOCK_MEDIUM_AND_ABOVE"),
    ("most", "BLOCK_LOW_AND_ABOVE"),
];

/// A threshold for each category, in Google's words; those without one are Google's to decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Safety([Option<&'static str>; CATEGORIES.len()]);

/// A text that says no thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSafety;

impl fmt::Display for NoSafety {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = THRESHOLDS.map(|(word, _)| word).join(", ");
        let categories = CATEGORIES.map(|(word, ..)| word).join(", ");
        write!(f, "one of {words}, for all or as category=word, with {categories}")
    }
}

impl Safety {
    /// Reads `off` for all categories, or `harassment=none,hate_speech=few` for some.
    pub fn parse(text: &str) -> Result<Self, NoSafety> {
        let mut safety = Self::default();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (category, word) = match entry.split_once('=') {
                Some((category, word)) => (Some(category.trim()), word.trim()),
                None => (None, entry),
            };
            let threshold = THRESHOLDS.iter().find(|(own, _)| *own == word).ok_or(NoSafety)?.1;
            let mut is_known = false;
            for (slot, (own, ..)) in safety.0.iter_mut().zip(CATEGORIES) {
                if category.is_none_or(|category| category == own) {
                    *slot = Some(threshold);
                    is_known = true;
                }
            }
            if !is_known {
                return Err(NoSafety);
            }
        }
        Ok(safety)
    }

    /// Returns a request with these thresholds for the categories that it does not name; nothing
    /// if there is nothing to add, or it is no request.
    pub fn complete(&self, body: &[u8]) -> Option<Vec<u8>> {
        if *self == Self::default() {
            return None;
        }
        let Members(fields) = serde_json::from_slice(body).ok()?;
        let is_it = |name: &str| matches!(name, "safetySettings" | "safety_settings");
        let asked = fields.iter().rev().find(|(name, _)| is_it(name)).map(|(_, value)| *value);
        let settings: Vec<Setting<'_>> = match asked {
            Some(asked) if asked.get() != "null" => serde_json::from_str(asked.get()).ok()?,
            Some(_) | None => Vec::new(),
        };
        let more = self.beside(&settings);
        if more.is_empty() {
            return None;
        }
        let Some(asked) = asked else {
            return with_field(body, &more, fields.is_empty());
        };
        let begin = asked.get().as_ptr().addr().checked_sub(body.as_ptr().addr())?;
        let after = body.get(begin + asked.get().len()..)?;
        let inside = asked.get().strip_suffix(']').filter(|_| !settings.is_empty());
        let (inside, comma) = inside.map_or(("[", ""), |inside| (inside, ","));
        let before = [body.get(..begin)?, inside.as_bytes(), comma.as_bytes()].concat();
        Some([&before, more.as_bytes(), b"]", after].concat())
    }

    /// The settings that are not among those asked for.
    fn beside(&self, asked: &[Setting<'_>]) -> String {
        let own = self.0.iter().zip(CATEGORIES);
        let missing = own.filter_map(|(threshold, (_, name, number))| {
            let is_asked = asked.iter().any(|setting| setting.is_about(name, number));
            let threshold = threshold.filter(|_| !is_asked)?;
            Some(format!("{{\"category\":\"{name}\",\"threshold\":\"{threshold}\"}}"))
        });
        missing.collect::<Vec<_>>().join(",")
    }
}

fn with_field(body: &[u8], settings: &str, is_empty: bool) -> Option<Vec<u8>> {
    let fields = body.trim_ascii_start().strip_prefix(b"{")?;
    let comma: &[u8] = if is_empty { b"" } else { b"," };
    Some([b"{\"safetySettings\":[", settings.as_bytes(), b"]", comma, fields].concat())
}

#[derive(Deserialize)]
struct Setting<'a> {
    #[serde(borrow, default)]
    category: Option<&'a RawValue>,
}

impl Setting<'_> {
    /// Whether it is about a category, by its name or its number.
    fn is_about(&self, name: &str, number: u32) -> bool {
        let Some(category) = self.category else { return false };
        match serde_json::from_str::<Text<'_>>(category.get()) {
            Ok(text) => &*text == name,
            Err(_) => category.get().parse() == Ok(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HARASSMENT: &str = r#"{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}"#;
    const HATE: &str = r#"{"category":"HARM_CATEGORY_HATE_SPEECH","threshold":"BLOCK_ONLY_HIGH"}"#;

    #[track_caller]
    fn check(body: &str, want: Option<&str>) {
        let safety = Safety::parse("harassment=none, hate_speech=few").unwrap();
        let completed = safety.complete(body.as_bytes());
        let completed = completed.map(|body| String::from_utf8(body).unwrap());
        let fill = |want: &str| want.replace("<1>", HARASSMENT).replace("<2>", HATE);
        assert_eq!(completed, want.map(fill), "{body}");
    }

    #[test]
    fn what_a_request_does_not_name_is_added_and_nothing_else_changes() {
        check(r#" { "a":1.0 }"#, Some(r#"{"safetySettings":[<1>,<2>], "a":1.0 }"#));
        check("{}", Some(r#"{"safetySettings":[<1>,<2>]}"#));
        check(
            r#"{"safetySettings": [ ] , "a":1}"#,
            Some(r#"{"safetySettings": [<1>,<2>] , "a":1}"#),
        );
        check(r#"{"safetySettings":null}"#, Some(r#"{"safetySettings":[<1>,<2>]}"#));
    }

    #[test]
    fn what_a_request_names_stays() {
        check(
            r#"{"a":1,"safety_settings":[ {"category":8,"threshold":0} ]}"#,
            Some(r#"{"a":1,"safety_settings":[ {"category":8,"threshold":0} ,<1>]}"#),
        );
        let own = HATE.replace("BLOCK_ONLY_HIGH", "OFF");
        let safety = Safety::parse("harassment=none,hate_speech=few").unwrap();
        let completed = safety.complete(format!(r#"{{"safetySettings":[{own}]}}"#).as_bytes());
        let want = format!(r#"{{"safetySettings":[{own},{HARASSMENT}]}}"#);
        assert_eq!(completed, Some(want.into_bytes()));
    }

    #[test]
    fn what_is_complete_or_no_request_is_left_alone() {
        check(&format!(r#"{{"safetySettings":[{{"category":7}},{HATE}]}}"#), None);
        check(r#"{"safetySettings":{}}"#, None);
        check("[1]", None);
        check("{", None);
        assert_eq!(Safety::default().complete(b"{}"), None);
    }

    #[test]
    fn a_word_is_for_all_categories_and_pairs_are_for_some() {
        let all = Safety::parse("off").unwrap();
        assert_eq!(all.0, [Some("OFF"); 4]);
        let mixed = Safety::parse("most,dangerous_content=some").unwrap();
        let most = Some("BLOCK_LOW_AND_ABOVE");
        assert_eq!(mixed.0, [most, most, most, Some("BLOCK_MEDIUM_AND_ABOVE")]);
        assert_eq!(Safety::parse(" "), Ok(Safety::default()));
        for text in ["much", "violence=none", "harassment=", "harassment=off=none"] {
            assert_eq!(Safety::parse(text), Err(NoSafety), "{text}");
        }
    }
}
