//! Where an answer's facts come from.

use serde::Deserialize;

use super::proto::{count, many};
use crate::text::Text;

/// A `GroundingMetadata`, as far as citations need it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct GroundingMetadata<'a> {
    /// The sources.
    #[serde(borrow, deserialize_with = "many")]
    pub grounding_chunks: Vec<Chunk<'a>>,
    /// Which piece of the answer rests on which of them.
    #[serde(borrow, deserialize_with = "many")]
    pub grounding_supports: Vec<Support<'a>>,
}

/// One source; exactly one field is set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Chunk<'a> {
    /// A page of the web.
    #[serde(borrow)]
    pub web: Option<Source<'a>>,
    /// A document of a file search.
    #[serde(borrow)]
    pub retrieved_context: Option<Source<'a>>,
    /// A place.
    #[serde(borrow)]
    pub maps: Option<Source<'a>>,
}

/// Where a source is and what it is called.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Source<'a> {
    /// Its address; a redirect of Google's for pages.
    #[serde(borrow)]
    pub uri: Option<Text<'a>>,
    /// Its title.
    #[serde(borrow)]
    pub title: Option<Text<'a>>,
}

/// A piece of the answer and what it rests on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Support<'a> {
    /// The piece.
    #[serde(borrow)]
    pub segment: Segment<'a>,
    /// Places in the list of sources.
    #[serde(deserialize_with = "many")]
    pub grounding_chunk_indices: Vec<usize>,
}

/// A piece of the answer's text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Segment<'a> {
    /// Where it begins, in bytes of UTF-8; absent when that is 0.
    #[serde(deserialize_with = "count")]
    pub start_index: Option<u64>,
    /// Where it ends, exclusive, in bytes of UTF-8.
    #[serde(deserialize_with = "count")]
    pub end_index: Option<u64>,
    /// The text itself.
    #[serde(borrow)]
    pub text: Option<Text<'a>>,
}

impl<'a> Chunk<'a> {
    /// Returns the source, whatever it is.
    pub fn source(&self) -> Option<&Source<'a>> {
        self.web.as_ref().or(self.maps.as_ref()).or(self.retrieved_context.as_ref())
    }
}
