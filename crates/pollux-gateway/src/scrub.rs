//! Takes every secret of the pool, and what Google says about its owner, out of a text that leaves.
//!
//! Google echoes whole keys and project numbers in some error bodies (a suspended
//! consumer, a disabled service); see the wire reference on 403.

use std::borrow::Cow;

use aho_corasick::AhoCorasick;
use pollux_store::secret::Secret;

const MASK: &str = "***";
/// No key that Google issues is shorter; masking a shorter one would tear words apart.
const LEAST_SECRET: usize = 8;

/// A field's name that is longer is none.
const LONGEST_NAME: usize = 64;

/// What stands before a consumer, a key or a project number in Google's texts.
const MARKERS: &[&str] =
    &["api_key:", "project_number:", "project_id:", "projects/", "project=", "in project "];

/// Masks the pool's secrets; built anew with each catalog.
#[derive(Debug, Default)]
pub struct Scrubber {
    secrets: Option<AhoCorasick>,
    count: usize,
}

impl Scrubber {
    /// Prepares to mask `secrets` wherever they occur.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let words: Vec<&str> = secrets
            .into_iter()
            .map(Secret::expose)
            .filter(|secret| secret.len() >= LEAST_SECRET)
            .collect();
        let count = words.len();
        let secrets = (count > 0).then(|| AhoCorasick::new(&words).ok()).flatten();
        Self { secrets, count }
    }

    /// The text without secrets, consumers and project numbers; borrowed when it had none.
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let text = match &self.secrets {
            Some(secrets) if secrets.is_match(text) => {
                Cow::Owned(secrets.replace_all(text, &vec![MASK; self.count]))
            }
            Some(_) | None => Cow::Borrowed(text),
        };
        MARKERS.iter().fold(text, |text, marker| match mask_after(&text, marker) {
            Some(masked) => Cow::Owned(masked),
            None => text,
        })
    }
}

/// Masks the word after each `marker`, or `None` when nothing had to be masked.
fn mask_after(text: &str, marker: &str) -> Option<String> {
    let mut masked = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(marker) {
        let (before, after) = rest.split_at(at + marker.len());
        let word = after.find(ends_word).map_or(after, |end| after.split_at(end).0);
        masked.push_str(before);
        masked.push_str(if names_an_owner(marker, word) { MASK } else { word });
        rest = after.split_at(word.len()).1;
    }
    if masked.is_empty() {
        return None;
    }
    masked.push_str(rest);
    Some(masked)
}

/// "in project" also begins ordinary prose; only a number after it is a project.
fn names_an_owner(marker: &str, word: &str) -> bool {
    !word.is_empty() && (!marker.ends_with(' ') || word.starts_with(|c: char| c.is_ascii_digit()))
}

/// The text of an error without the values that it repeats, as parsers and Google do: those may be a
/// secret, or words of a prompt. The names of fields stay.
pub(crate) fn without_values(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, quote)) = rest.char_indices().find(|(_, it)| matches!(it, '"' | '`')) {
        let (before, quoted) = rest.split_at(at);
        kept.push_str(before);
        let length = end_of(quoted, quote);
        let (value, after) = quoted.split_at(length);
        let is_value = match quote {
            '`' => before.ends_with("found ") || before.ends_with("variant "),
            _ => !(before.ends_with("name ") && length <= LONGEST_NAME),
        };
        if is_value {
            kept.extend([quote.to_string().as_str(), "...", quote.to_string().as_str()]);
        } else {
            kept.push_str(value);
        }
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// Where a quotation ends that `quoted` begins with; at the end of a text that was cut.
fn end_of(quoted: &str, quote: char) -> usize {
    let mut is_escaped = true;
    for (at, c) in quoted.char_indices() {
        if c == quote && !is_escaped {
            return at + c.len_utf8();
        }
        is_escaped = c == '\\' && !is_escaped && quote == '"';
    }
    quoted.len()
}

fn ends_word(c: char) -> bool {
    !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(secrets: &[&str], text: &str, want: &str) {
        let secrets: Vec<Secret> = secrets.iter().map(|s| Secret::new(*s)).collect();
        assert_eq!(Scrubber::new(&secrets).scrub(text), want);
    }

    #[test]
    fn a_key_of_the_pool_is_masked_wherever_it_stands() {
        check(&["AQ.first-key"], "key AQ.first-key?AQ.first-key", "key ***?***");
    }

    #[test]
    fn a_consumer_is_masked_even_when_its_key_is_not_ours() {
        check(
            &[],
            "Consumer 'api_key:AIzaSyForeign_1' has been suspended.",
            "Consumer 'api_key:***' has been suspended.",
        );
    }

    #[test]
    fn project_numbers_are_masked() {
        check(
            &[],
            "API has not been used in project 123456 before; visit https://x/?project=123456 for projects/99.",
            "API has not been used in project *** before; visit https://x/?project=*** for projects/***",
        );
    }

    #[test]
    fn prose_about_projects_stays() {
        check(&[], "enable it in project settings", "enable it in project settings");
    }

    #[test]
    fn a_clean_text_is_not_copied() {
        assert!(matches!(Scrubber::default().scrub("quota exceeded"), Cow::Borrowed(_)));
    }

    #[test]
    fn an_error_keeps_the_names_of_fields_and_loses_values() {
        for (text, want) in [
            (
                r#"`a`: invalid type: string "it is \"so\"", expected u32"#,
                r#"`a`: invalid type: string "...", expected u32"#,
            ),
            (r#"string "that was cut \"of"#, r#"string "...""#),
            (
                r#"Unknown name "foo" at 'contents': Cannot find field."#,
                r#"Unknown name "foo" at 'contents': Cannot find field."#,
            ),
            (
                r#"Invalid value at 'contents' (TYPE), "a b", "c""#,
                r#"Invalid value at 'contents' (TYPE), "...", "...""#,
            ),
            ("expected one of `a`, `b`, found `a secret`", "expected one of `a`, `b`, found `...`"),
            ("unknown variant `a secret`, expected `b`", "unknown variant `...`, expected `b`"),
            ("nothing is quoted", "nothing is quoted"),
        ] {
            assert_eq!(without_values(text), want);
        }
        let long = format!("Unknown name \"{}\"", "x".repeat(90));
        assert_eq!(without_values(&long), "Unknown name \"...\"");
    }
}
