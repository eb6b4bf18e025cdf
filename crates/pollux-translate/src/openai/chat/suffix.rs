//! What the end of a model's name asks for: `gemini-2.5-flash-search` is the model with search.
//!
//! | suffix | asks for |
//! | --- | --- |
//! | `-thinking` | thoughts, as many as the model thinks fit |
//! | `-nothinking`, `-non-thinking` | as little thinking as the model can |
//! | `-maxthinking` | as much as it can |
//! | `-search`, `:search` | Google Search |
//! | `-image` | an image beside the text |
//!
//! Several may follow each other. A name that is a model's own is never cut.

use crate::gemini::family::Family;
use crate::gemini::thinking::Effort;

/// A model, and what its name asked for beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The model's own name.
    pub model: &'a str,
    /// How much it is to think.
    pub effort: Option<Effort>,
    /// Whether it is to search.
    pub search: bool,
    /// Whether it is to make an image.
    pub image: bool,
}

impl<'a> Wanted<'a> {
    /// Takes a name as it is.
    pub fn plain(model: &'a str) -> Self {
        Self { model, effort: None, search: false, image: false }
    }

    /// Reads the suffixes of a name; `is_listed` says whether a name is a model's own.
    pub fn parse(name: &'a str, is_listed: impl Fn(&str) -> bool) -> Self {
        let mut wanted = Self::plain(name);
        while !is_listed(wanted.model) && wanted.cut(&is_listed) {}
        wanted
    }

    fn cut(&mut self, is_listed: &impl Fn(&str) -> bool) -> bool {
        let efforts = [
            ("-maxthinking", Effort::Max),
            ("-nothinking", Effort::Off),
            ("-non-thinking", Effort::Off),
            ("-thinking", Effort::Dynamic),
        ];
        for (suffix, effort) in efforts {
            if let Some(model) = strip(self.model, suffix) {
                self.model = model;
                self.effort = Some(effort);
                return true;
            }
        }
        if let Some(model) = strip(self.model, "-search").or_else(|| strip(self.model, ":search")) {
            self.model = model;
            self.search = true;
            return true;
        }
        // Image models are called so too: only a model known to make none can be meant.
        let is_plain = |model: &&str| {
            (Family::knows(model) || is_listed(model)) && !Family::of(self.model).images
        };
        if let Some(model) = strip(self.model, "-image").filter(is_plain) {
            self.model = model;
            self.image = true;
            return true;
        }
        false
    }
}

fn strip<'a>(name: &'a str, suffix: &str) -> Option<&'a str> {
    name.strip_suffix(suffix).filter(|model| !model.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, model: &str, effort: Option<Effort>, search: bool) {
        let listed = ["gemini-3.8-live-extended-thinking", "gemini-3.8-flash"];
        let got = Wanted::parse(name, |name| listed.contains(&name));
        assert_eq!(got, Wanted { model, effort, search, image: false });
    }

    #[test]
    fn suffixes_are_cut_and_mean_something() {
        check("gemini-2.5-flash", "gemini-2.5-flash", None, false);
        check("gemini-2.5-flash-search", "gemini-2.5-flash", None, true);
        check("gemini-2.5-flash:search", "gemini-2.5-flash", None, true);
        check("gemini-2.5-flash-non-thinking", "gemini-2.5-flash", Some(Effort::Off), false);
        check("gemini-2.5-pro-maxthinking", "gemini-2.5-pro", Some(Effort::Max), false);
        check("gemini-3.8-flash-thinking-search", "gemini-3.8-flash", Some(Effort::Dynamic), true);
    }

    #[test]
    fn a_models_own_name_is_never_cut() {
        let own = "gemini-3.8-live-extended-thinking";
        check(own, own, None, false);
        check("-search", "-search", None, false);
    }
}
