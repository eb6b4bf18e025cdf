//! Log probabilities, from Gemini's shape to OpenAI's.

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::gemini::logprobs::{LogprobsResult, TokenLogprob, TopCandidates};

/// The `logprobs` of a choice: `{content: [..], refusal: null}`.
#[derive(Serialize)]
pub(super) struct Logprobs<'p> {
    content: Tokens<'p>,
    refusal: (),
}

impl<'p> From<&'p LogprobsResult<'p>> for Logprobs<'p> {
    fn from(result: &'p LogprobsResult<'p>) -> Self {
        Self { content: Tokens(result), refusal: () }
    }
}

struct Tokens<'p>(&'p LogprobsResult<'p>);

#[derive(Serialize)]
struct Entry<'p> {
    token: &'p str,
    logprob: Logprob<'p>,
    bytes: &'p [u8],
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<Vec<Self>>,
}

/// A log probability as Google wrote it.
struct Logprob<'p>(Option<&'p RawValue>);

impl Serialize for Tokens<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let LogprobsResult { top_candidates, chosen_candidates } = self.0;
        let mut list = serializer.serialize_seq(Some(chosen_candidates.len()))?;
        for (at, chosen) in chosen_candidates.iter().enumerate() {
            let top = top_candidates.get(at).map(alternatives).unwrap_or_default();
            list.serialize_element(&token(chosen, Some(top)))?;
        }
        list.end()
    }
}

impl Serialize for Logprob<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(written) => written.serialize(serializer),
            None => serializer.serialize_u8(0),
        }
    }
}

fn alternatives<'p>(top: &'p TopCandidates<'p>) -> Vec<Entry<'p>> {
    top.candidates.iter().map(|candidate| token(candidate, None)).collect()
}

fn token<'p>(from: &'p TokenLogprob<'p>, top_logprobs: Option<Vec<Entry<'p>>>) -> Entry<'p> {
    let TokenLogprob { token, log_probability } = from;
    let bytes = token.as_bytes();
    Entry { token, logprob: Logprob(*log_probability), bytes, top_logprobs }
}
