//! The models list, read without losing what is not understood.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::proto::{count, many};
use crate::text::Text;

/// One page of `models.list`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Page<'a> {
    /// The models of this page.
    #[serde(borrow, deserialize_with = "many")]
    pub models: Vec<Model<'a>>,
    /// What asks for the next page; absent or empty on the last.
    #[serde(borrow)]
    pub next_page_token: Option<Text<'a>>,
}

impl<'a> Page<'a> {
    /// Reads the body of a page.
    pub fn parse(body: &'a [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }

    /// Returns the token of the next page; `None` on the last.
    pub fn next(&self) -> Option<&str> {
        self.next_page_token.as_ref().map(Text::as_str).filter(|token| !token.is_empty())
    }
}

/// Returns a page without the models that `keeps` does not name; every other byte is as it was.
///
/// Nothing when it keeps all of them, or the body is no page.
pub fn only(body: &[u8], keeps: impl Fn(&str) -> bool) -> Option<Vec<u8>> {
    #[derive(Deserialize)]
    struct List<'a> {
        #[serde(borrow)]
        models: &'a RawValue,
    }
    let List { models: list } = serde_json::from_slice(body).ok()?;
    let models: Vec<Model<'_>> = serde_json::from_str(list.get()).ok()?;
    let kept: Vec<&str> =
        models.iter().filter(|model| keeps(model.id())).map(|model| model.raw.get()).collect();
    if kept.len() == models.len() {
        return None;
    }
    let begin = list.get().as_ptr().addr().checked_sub(body.as_ptr().addr())?;
    let (before, after) = (body.get(..begin)?, body.get(begin + list.get().len()..)?);
    Some([before, b"[", kept.join(",").as_bytes(), b"]", after].concat())
}

/// A model: its raw JSON, to be served again unchanged, and the fields that are read.
#[derive(Clone, Debug)]
pub struct Model<'a> {
    /// The whole object as Google wrote it.
    pub raw: &'a RawValue,
    /// The name, for example `models/gemini-3-flash`.
    pub name: Text<'a>,
    /// The name for people.
    pub display_name: Option<Text<'a>>,
    /// What the model is for.
    pub description: Option<Text<'a>>,
    /// The most tokens that may go in.
    pub input_token_limit: Option<u64>,
    /// The most tokens that may come out.
    pub output_token_limit: Option<u64>,
    /// The methods it serves, for example `generateContent`.
    pub methods: Vec<Text<'a>>,
    /// Whether it thinks, as far as the list says so.
    pub thinking: bool,
}

impl<'a> Model<'a> {
    /// Reads one model.
    pub fn parse(body: &'a [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }

    /// Returns the name without `models/`.
    pub fn id(&self) -> &str {
        self.name.strip_prefix("models/").unwrap_or(&self.name)
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    display_name: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    #[serde(deserialize_with = "count")]
    input_token_limit: Option<u64>,
    #[serde(deserialize_with = "count")]
    output_token_limit: Option<u64>,
    #[serde(borrow, deserialize_with = "many")]
    supported_generation_methods: Vec<Text<'a>>,
    thinking: Option<bool>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Model<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let fields: Fields<'_> = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        Ok(Self {
            raw,
            name: fields.name,
            display_name: fields.display_name,
            description: fields.description,
            input_token_limit: fields.input_token_limit,
            output_token_limit: fields.output_token_limit,
            methods: fields.supported_generation_methods,
            thinking: fields.thinking.unwrap_or_default(),
        })
    }
}
