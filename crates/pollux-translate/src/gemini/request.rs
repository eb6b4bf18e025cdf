//! The body of `generateContent` and `streamGenerateContent`, as Pollux writes it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::content::{Content, MODEL, Part, USER};
use super::thinking::ThinkingConfig;
use super::tool::{Tool, ToolConfig};
use crate::text::{Json, Text, json, sized_json};

/// What asks a model that does not continue its own turn to do so.
pub(crate) const CONTINUE: &str =
    "Continue your last message exactly where it stops, without repeating any of it.";

/// How many stop texts Gemini takes.
pub(crate) const MAX_STOPS: usize = 5;

/// A `GenerateContentRequest`; what the client did not set is not sent.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request<'a> {
    /// What guides the model throughout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_instruction: Option<Content<'a>>,
    /// The conversation.
    pub contents: Vec<Content<'a>>,
    /// What the model may call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool<'a>>,
    /// How that is to be used.
    #[serde(skip_serializing_if = "ToolConfig::is_empty")]
    pub tool_config: ToolConfig<'a>,
    /// What is to be withheld, as the client wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safety_settings: Option<&'a RawValue>,
    /// How the answer is to be made.
    #[serde(skip_serializing_if = "GenerationConfig::is_empty")]
    pub generation_config: GenerationConfig<'a>,
    /// The name of cached content that the conversation begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_content: Option<Text<'a>>,
    /// How urgent the request is: `standard`, `flex` or `priority`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<&'static str>,
}

impl Request<'_> {
    /// Returns whether it names anything that may belong to one project: a file, cached content.
    pub fn has_references(&self) -> bool {
        self.cached_content.is_some() || self.parts().any(|part| part.file_data.is_some())
    }

    /// Returns the body to send.
    pub fn encode(&self) -> Vec<u8> {
        let media = self.parts().filter_map(|part| part.inline_data.as_ref());
        let media: usize = media.map(|blob| blob.data.len()).sum();
        sized_json(self, media + 4096)
    }

    fn parts(&self) -> impl Iterator<Item = &Part<'_>> {
        self.contents.iter().flat_map(|content| &content.parts)
    }
}

/// Returns a body that asks for the rest of its answer; nothing when it is no object with fields.
pub fn with_continuation(body: &[u8], token: &str) -> Option<Vec<u8>> {
    let fields = body.trim_ascii_start().strip_prefix(b"{")?;
    if fields.trim_ascii_start().starts_with(b"}") {
        return None;
    }
    let token = json(&token);
    Some([b"{\"continuationToken\":", token.as_slice(), b",", fields].concat())
}

/// Returns a body that asks for what follows `said`, which the model said so far; nothing when it
/// has no list of contents.
pub fn with_said(body: &[u8], said: &str, prefills: bool) -> Option<Vec<u8>> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        contents: &'a RawValue,
    }

    let contents = serde_json::from_slice::<Body<'_>>(body).ok()?.contents.get();
    let inside = contents.strip_suffix(']')?;
    let end = (inside.as_ptr() as usize).checked_sub(body.as_ptr() as usize)? + inside.len();
    let (before, after) = body.split_at_checked(end)?;
    let turn = |role: &'static str, text| Content {
        role: Some(role.into()),
        parts: vec![Part::text(text)],
    };
    let mut more = json(&turn(MODEL, said));
    if !prefills {
        more.push(b',');
        more.extend(json(&turn(USER, CONTINUE)));
    }
    Some([before, b",", &more, after].concat())
}

/// How the answer is to be made; numbers stay as the client wrote them.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GenerationConfig<'a> {
    /// Randomness, 0 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<&'a RawValue>,
    /// Nucleus sampling, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<&'a RawValue>,
    /// How many tokens sampling chooses from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_k: Option<&'a RawValue>,
    /// How many answers to give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate_count: Option<&'a RawValue>,
    /// The most tokens to generate, thoughts included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<i64>,
    /// Texts that end the answer, five at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop_sequences: Vec<Text<'a>>,
    /// The seed of sampling; Google reads 32 bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i32>,
    /// A penalty for words already used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence_penalty: Option<&'a RawValue>,
    /// A penalty that grows with every use of a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_penalty: Option<&'a RawValue>,
    /// Whether to report log probabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_logprobs: Option<bool>,
    /// How many alternatives to report for each token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<&'a RawValue>,
    /// The media type of the answer: `application/json` for JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_mime_type: Option<&'a str>,
    /// What the answer's JSON has to fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_json_schema: Option<Json<'a>>,
    /// The same in Google's subset of JSON Schema; never beside the other form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_schema: Option<Json<'a>>,
    /// What the answer is made of: `TEXT`, `IMAGE`, `AUDIO`.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub response_modalities: &'static [&'static str],
    /// How much to think.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking_config: Option<ThinkingConfig>,
    /// The shape and size of pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_config: Option<ImageShape<'a>>,
    /// How closely media is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_resolution: Option<Text<'a>>,
    /// How a spoken answer is to sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speech_config: Option<SpeechConfig<'a>>,
}

/// How a spoken answer is to sound.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpeechConfig<'a> {
    /// Whose voice it is.
    pub voice_config: VoiceConfig<'a>,
}

impl<'a> SpeechConfig<'a> {
    /// Asks for one of Google's own voices, for example `Kore`.
    pub fn of(voice_name: &'a str) -> Self {
        let prebuilt_voice_config = PrebuiltVoiceConfig { voice_name };
        Self { voice_config: VoiceConfig { prebuilt_voice_config } }
    }
}

/// Whose voice speaks.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VoiceConfig<'a> {
    /// One of Google's own voices.
    pub prebuilt_voice_config: PrebuiltVoiceConfig<'a>,
}

/// One of Google's own voices.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrebuiltVoiceConfig<'a> {
    /// Its name, for example `Kore`.
    pub voice_name: &'a str,
}

/// The shape and size of pictures: in the client's own words, or in ours.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub enum ImageShape<'a> {
    /// As the client wrote it.
    Asked(&'a RawValue),
    /// As another field of his request implies.
    Made(ImageConfig<'a>),
}

/// How a picture is to be cut; what is absent is the model's choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageConfig<'a> {
    /// Width to height, for example `16:9`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspect_ratio: Option<&'a str>,
    /// How large it is: `1K`, `2K` or `4K`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_size: Option<&'a str>,
}

impl GenerationConfig<'_> {
    /// Returns whether nothing is set.
    pub fn is_empty(&self) -> bool {
        let Self {
            temperature,
            top_p,
            top_k,
            candidate_count,
            max_output_tokens,
            stop_sequences,
            seed,
            presence_penalty,
            frequency_penalty,
            response_logprobs,
            logprobs,
            response_mime_type,
            response_json_schema,
            response_schema,
            response_modalities,
            thinking_config,
            image_config,
            media_resolution,
            speech_config,
        } = self;
        let raw = [
            temperature,
            top_p,
            top_k,
            candidate_count,
            presence_penalty,
            frequency_penalty,
            logprobs,
        ];
        raw.iter().all(|value| value.is_none())
            && max_output_tokens.is_none()
            && stop_sequences.is_empty()
            && seed.is_none()
            && response_logprobs.is_none()
            && response_mime_type.is_none()
            && response_json_schema.is_none()
            && response_schema.is_none()
            && response_modalities.is_empty()
            && thinking_config.is_none()
            && media_resolution.is_none()
            && speech_config.is_none()
            && image_config.is_none()
    }
}
