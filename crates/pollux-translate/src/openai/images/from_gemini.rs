//! From Gemini's answers to OpenAI's pictures.
//!
//! A call that brought no picture is passed over as long as another brought one.

use serde::{Deserialize, Serialize};

use super::request::Request;
use crate::error::{ApiError, Status};
use crate::gemini::content::{Blob, Part};
use crate::gemini::finish::FinishReason;
use crate::gemini::response::{Candidate, Response};
use crate::openai::finish;
use crate::text::json;
use crate::usage::Usage;

/// How much of what the model said in place of a picture is told, in characters.
const MAX_SAID: usize = 1000;

/// The pictures that were made, and what they cost.
#[derive(Debug)]
pub struct Pictures<'b> {
    made: Vec<Blob<'b>>,
    usage: UsageBody,
    as_url: bool,
    ignored: Vec<String>,
}

impl<'b> Pictures<'b> {
    /// Reads the answers to all calls of a request.
    ///
    /// # Errors
    /// When no picture was made: why, as far as Google says it.
    pub fn read(
        request: &Request<'_>,
        bodies: impl IntoIterator<Item = &'b [u8]>,
    ) -> Result<Self, ApiError> {
        let mut made = Vec::new();
        let mut usage = UsageBody::default();
        let mut refusal = None;
        for body in bodies {
            let response = Response::parse(body).map_err(|_| unreadable())?;
            usage.add(response.usage().unwrap_or_default(), body);
            let refused = refused(&response);
            let before = made.len();
            made.extend(response.candidates.into_iter().flat_map(pictures));
            if made.len() == before {
                refusal = refusal.or(Some(refused));
            }
        }
        if let Some(refusal) = refusal.filter(|_| made.is_empty()) {
            return Err(refusal);
        }
        let mut ignored = request.ignored().to_vec();
        let is_other = |wanted: &String| made.iter().any(|it| *it.mime_type != **wanted);
        if request.wanted.as_ref().is_some_and(is_other) {
            ignored.push("output_format".to_owned());
        }
        Ok(Self { made, usage, as_url: request.as_url, ignored })
    }

    /// Returns the fields of the request that had no effect.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Writes the answer; `created` is in Unix seconds.
    pub fn encode(&self, created: i64) -> Vec<u8> {
        let data = self.made.iter().map(|blob| self.picture(blob)).collect();
        json(&List { created, data, usage: &self.usage })
    }

    fn picture<'p>(&self, blob: &'p Blob<'b>) -> Picture<'p> {
        if self.as_url {
            let url = format!("data:{};base64,{}", blob.mime_type.as_str(), blob.data.as_str());
            return Picture { url: Some(url), b64_json: None };
        }
        Picture { url: None, b64_json: Some(&blob.data) }
    }
}

/// The pictures among the parts; those of the model's thoughts are drafts.
fn pictures(candidate: Candidate<'_>) -> impl Iterator<Item = Blob<'_>> {
    let parts = candidate.content.map(|content| content.parts).unwrap_or_default();
    let shown = parts.into_iter().filter(|part| !part.is_thought());
    shown.filter_map(|part| part.inline_data).filter(|blob| blob.mime_type.starts_with("image/"))
}

fn unreadable() -> ApiError {
    ApiError::new(Status::Internal, "the upstream sent something that is not an answer")
}

/// What to say if the answer holds no picture.
fn refused(response: &Response<'_>) -> ApiError {
    if let Some(reason) = response.block_reason() {
        return policy(format!("Gemini blocked the prompt: {reason}"));
    }
    let said: String = response
        .candidates
        .iter()
        .flat_map(Candidate::parts)
        .filter(|part: &&Part<'_>| !part.is_thought())
        .filter_map(|part| part.text.as_deref())
        .flat_map(str::chars)
        .take(MAX_SAID)
        .collect();
    let words = response.candidates.iter().find_map(|it| it.finish_message.as_deref());
    let reason = response.finish_reason();
    let told = reason.map_or("no reason was given", FinishReason::as_str);
    let mut message = format!("Gemini made no image: {told}");
    for more in [words.unwrap_or_default(), said.trim()].into_iter().filter(|it| !it.is_empty()) {
        message.push_str("; it said: ");
        message.push_str(more);
    }
    if is_withheld(reason) {
        return policy(message);
    }
    let status = if said.is_empty() { Status::Internal } else { Status::InvalidArgument };
    ApiError::new(status, message)
}

/// Whether asking for the same again would bring no picture either.
fn is_withheld(reason: Option<&FinishReason>) -> bool {
    match reason {
        Some(FinishReason::NoImage) => true,
        Some(FinishReason::ImageOther) => false,
        other => finish::reason(other) == finish::CONTENT_FILTER,
    }
}

fn policy(message: String) -> ApiError {
    ApiError {
        code: Some("content_policy_violation"),
        ..ApiError::new(Status::InvalidArgument, message)
    }
}

#[derive(Serialize)]
struct List<'p> {
    created: i64,
    data: Vec<Picture<'p>>,
    usage: &'p UsageBody,
}

#[derive(Serialize)]
struct Picture<'p> {
    #[serde(skip_serializing_if = "Option::is_none")]
    b64_json: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// Token counts in OpenAI's words.
#[derive(Debug, Default, Serialize)]
struct UsageBody {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: u64,
    input_tokens_details: Details,
}

#[derive(Debug, Default, Serialize)]
struct Details {
    text_tokens: u64,
    image_tokens: u64,
}

impl UsageBody {
    fn add(&mut self, usage: Usage, body: &[u8]) {
        self.input_tokens += usage.input();
        self.output_tokens += usage.generated();
        self.total_tokens += usage.input() + usage.generated();
        let Metered { usage_metadata } = serde_json::from_slice(body).unwrap_or_default();
        let details = usage_metadata.unwrap_or_default().prompt_tokens_details;
        let images: u64 =
            details.iter().filter(|it| it.modality == "IMAGE").map(|it| it.token_count).sum();
        self.input_tokens_details.image_tokens += images;
        self.input_tokens_details.text_tokens += usage.input().saturating_sub(images);
    }
}

/// What an answer says of its prompt's tokens, kind by kind.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metered {
    usage_metadata: Option<PromptDetails>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PromptDetails {
    prompt_tokens_details: Vec<ModalityCount>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ModalityCount {
    modality: String,
    token_count: u64,
}
