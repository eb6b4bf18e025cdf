//! The body of `generateContent` and `streamGenerateContent`, as Pollux writes it.

use serde::Serialize;
use serde_json::value::RawValue;

use super::content::Content;
use crate::text::{Text, json};

/// A `GenerateContentRequest`; what the client did not set is not sent.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request<'a> {
    /// What guides the model throughout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_instruction: Option<Content<'a>>,
    /// The conversation.
    pub contents: Vec<Content<'a>>,
    /// How the answer is to be made.
    #[serde(skip_serializing_if = "GenerationConfig::is_empty")]
    pub generation_config: GenerationConfig<'a>,
}

impl Request<'_> {
    /// Returns the body to send.
    pub fn encode(&self) -> Vec<u8> {
        json(self)
    }
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
    pub max_output_tokens: Option<&'a RawValue>,
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
    /// What the answer may consist of, for example `IMAGE`.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub response_modalities: &'static [&'static str],
    /// The media type of a text answer, for example `application/json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_mime_type: Option<&'a str>,
    /// The JSON Schema that a JSON answer follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_json_schema: Option<&'a RawValue>,
    /// How a spoken answer is to sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speech_config: Option<SpeechConfig<'a>>,
    /// How a picture is to be cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_config: Option<ImageConfig<'a>>,
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
            response_modalities,
            response_mime_type,
            response_json_schema,
            speech_config,
            image_config,
        } = self;
        let raw = [
            temperature,
            top_p,
            top_k,
            candidate_count,
            max_output_tokens,
            presence_penalty,
            frequency_penalty,
            logprobs,
            response_json_schema,
        ];
        raw.iter().all(|value| value.is_none())
            && stop_sequences.is_empty()
            && seed.is_none()
            && response_logprobs.is_none()
            && response_modalities.is_empty()
            && response_mime_type.is_none()
            && speech_config.is_none()
            && image_config.is_none()
    }
}
