//! What clients say in Google's own words inside OpenAI's: `extra_content` and `extra_body.google`.
//!
//! Source: section 10 of the wire reference. Field names are taken in snake case and in camel case.

use serde_json::value::RawValue;

use crate::openai::number::Number;
use crate::openai::object::object;
use crate::text::Text;

/// `extra_content` of a message, a tool call or an image.
#[derive(Clone, Debug, Default)]
pub(super) struct Signed<'a> {
    google: Option<Kept<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(Signed, "an object", { google: "google" });

#[derive(Clone, Debug, Default)]
struct Kept<'a> {
    thought_signature: Option<Text<'a>>,
    /// Told to clients for their information; it does not come back to Gemini.
    grounding_metadata: Option<&'a RawValue>,
    url_context_metadata: Option<&'a RawValue>,
    citation_metadata: Option<&'a RawValue>,
    ignored: Vec<Text<'a>>,
}

object!(Kept, "an object", {
    thought_signature: "thought_signature" | "thoughtSignature",
    grounding_metadata: "grounding_metadata",
    url_context_metadata: "url_context_metadata",
    citation_metadata: "citation_metadata",
});

impl Signed<'_> {
    /// Returns the signature, if there is one.
    pub(super) fn signature(&self) -> Option<&str> {
        let signature = self.google.as_ref()?.thought_signature.as_deref()?;
        Some(signature).filter(|signature| !signature.is_empty())
    }
}

/// `extra_body`, as the body's field of that name.
#[derive(Clone, Debug, Default)]
pub(super) struct ExtraBody<'a> {
    pub(super) google: Option<Google<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(ExtraBody, "an object", { google: "google" });

/// `extra_body.google`, or `google` beside OpenAI's own fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Google<'a> {
    pub(super) thinking_config: Option<Thought<'a>>,
    pub(super) cached_content: Option<Text<'a>>,
    pub(super) safety_settings: Option<&'a RawValue>,
    pub(super) image_config: Option<&'a RawValue>,
    pub(super) media_resolution: Option<Text<'a>>,
    pub(super) retrieval_config: Option<&'a RawValue>,
    ignored: Vec<Text<'a>>,
}

object!(Google, "an object", {
    thinking_config: "thinking_config" | "thinkingConfig",
    cached_content: "cached_content" | "cachedContent",
    safety_settings: "safety_settings" | "safetySettings",
    image_config: "image_config" | "imageConfig",
    media_resolution: "media_resolution" | "mediaResolution",
    retrieval_config: "retrieval_config" | "retrievalConfig",
});

/// How much to think, in Google's words.
#[derive(Clone, Debug, Default)]
pub(super) struct Thought<'a> {
    pub(super) thinking_budget: Option<Number<'a>>,
    pub(super) thinking_level: Option<Text<'a>>,
    pub(super) include_thoughts: Option<bool>,
    ignored: Vec<Text<'a>>,
}

object!(Thought, "an object", {
    thinking_budget: "thinking_budget" | "thinkingBudget",
    thinking_level: "thinking_level" | "thinkingLevel",
    include_thoughts: "include_thoughts" | "includeThoughts",
});
