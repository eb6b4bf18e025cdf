//! Log probabilities of the tokens of an answer.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::proto::many;
use crate::text::Text;

/// The `logprobsResult` of a candidate.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LogprobsResult<'a> {
    /// The likeliest tokens at each position.
    #[serde(borrow, deserialize_with = "many")]
    pub top_candidates: Vec<TopCandidates<'a>>,
    /// The token that was chosen at each position.
    #[serde(borrow, deserialize_with = "many")]
    pub chosen_candidates: Vec<TokenLogprob<'a>>,
}

/// The likeliest tokens at one position, likeliest first.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TopCandidates<'a> {
    /// The tokens.
    #[serde(borrow, deserialize_with = "many")]
    pub candidates: Vec<TokenLogprob<'a>>,
}

/// A token and how likely it was.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TokenLogprob<'a> {
    /// The token's text.
    #[serde(borrow)]
    pub token: Text<'a>,
    /// Its log probability, as Google wrote it; absent when it is 0.
    #[serde(borrow)]
    pub log_probability: Option<&'a RawValue>,
}
