//! The messages of a chat request: their shape.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::google::Signed;
use crate::openai::object::{Expected, TextOr, leaf, object};
use crate::text::Text;

/// One message.
#[derive(Clone, Debug, Default)]
pub(super) struct Message<'a> {
    pub(super) role: Option<Role>,
    pub(super) content: Option<Content<'a>>,
    /// What the assistant said in place of an answer.
    pub(super) refusal: Option<Text<'a>>,
    /// The assistant's calls of tools.
    pub(super) tool_calls: Option<Vec<ToolCall<'a>>>,
    /// The assistant's call of a function, the old way.
    pub(super) function_call: Option<Function<'a>>,
    /// The call that a tool's result answers.
    pub(super) tool_call_id: Option<Text<'a>>,
    /// The function whose result this is, the old way; else a name that means nothing to Gemini.
    pub(super) name: Option<Text<'a>>,
    /// Images that the assistant made.
    pub(super) images: Option<Vec<Picture<'a>>>,
    pub(super) extra_content: Option<Signed<'a>>,
    /// Told beside the content of an answer, on its way back: nothing is lost when it stays here.
    reasoning_content: Option<&'a RawValue>,
    annotations: Option<&'a RawValue>,
    /// What the client made of the content.
    parsed: Option<&'a RawValue>,
    ignored: Vec<Text<'a>>,
}

object!(Message, "a message object", {
    role: "role",
    content: "content",
    refusal: "refusal",
    tool_calls: "tool_calls",
    function_call: "function_call",
    tool_call_id: "tool_call_id",
    name: "name",
    images: "images",
    extra_content: "extra_content",
    reasoning_content: "reasoning_content",
    annotations: "annotations",
    parsed: "parsed",
});

impl<'a> Message<'a> {
    /// Returns the parts of its content; a text alone has none.
    pub(super) fn content_parts(&self) -> &[ContentPart<'a>] {
        match &self.content {
            Some(Content::Other(parts)) => parts,
            Some(Content::Text(_)) | None => &[],
        }
    }

    /// Returns the names of what only messages of another role have a use for.
    pub(super) fn misplaced(&self) -> impl Iterator<Item = &'static str> {
        let is_of = |roles: &[Role]| self.role.is_some_and(|role| roles.contains(&role));
        let is_others = !is_of(&[Role::Assistant]);
        let has_calls = self.tool_calls.as_ref().is_some_and(|calls| !calls.is_empty());
        let has_images = self.images.as_ref().is_some_and(|images| !images.is_empty());
        let is_signed = self.extra_content.as_ref().is_some_and(|it| it.signature().is_some());
        let found = [
            ("extra_content", is_others && is_signed),
            ("function_call", is_others && self.function_call.is_some()),
            ("images", is_others && has_images),
            ("name", !is_of(&[Role::Tool, Role::Function]) && self.name.is_some()),
            ("refusal", is_others && self.refusal.is_some()),
            ("tool_call_id", !is_of(&[Role::Tool]) && self.tool_call_id.is_some()),
            ("tool_calls", is_others && has_calls),
        ];
        found.into_iter().filter(|(_, is_found)| *is_found).map(|(name, _)| name)
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    /// Instructions, under their older name.
    System,
    /// Instructions, under their newer name.
    Developer,
    User,
    Assistant,
    /// A tool's result.
    Tool,
    /// A function's result, the old way.
    Function,
}

leaf!(Role);

/// One text or several parts.
pub(super) type Content<'a> = TextOr<'a, Vec<ContentPart<'a>>>;

impl Expected for Vec<ContentPart<'_>> {
    const EXPECTED: &'static str = "a string or a list of content parts";
}

/// One part of a message, before its type is judged.
#[derive(Clone, Debug, Default)]
pub(super) struct ContentPart<'a> {
    pub(super) kind: Option<Text<'a>>,
    pub(super) text: Option<Text<'a>>,
    pub(super) refusal: Option<Text<'a>>,
    pub(super) image_url: Option<Url<'a>>,
    pub(super) video_url: Option<Url<'a>>,
    pub(super) input_audio: Option<InputAudio<'a>>,
    pub(super) file: Option<Attachment<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(ContentPart, "a content part", {
    kind: "type",
    text: "text",
    refusal: "refusal",
    image_url: "image_url",
    video_url: "video_url",
    input_audio: "input_audio",
    file: "file",
});

impl ContentPart<'_> {
    /// Returns the names of what only parts of another type have a use for.
    pub(super) fn misplaced(&self) -> impl Iterator<Item = &'static str> {
        let used = match self.kind.as_deref().unwrap_or_default() {
            "input_text" | "output_text" => "text",
            kind => kind,
        };
        let found = [
            ("text", self.text.is_some()),
            ("refusal", self.refusal.is_some()),
            ("image_url", self.image_url.is_some()),
            ("video_url", self.video_url.is_some()),
            ("input_audio", self.input_audio.is_some()),
            ("file", self.file.is_some()),
        ];
        found
            .into_iter()
            .filter(move |(name, is_set)| *is_set && *name != used)
            .map(|(name, _)| name)
    }
}

/// Where media are; some clients send the bare URL in place of the object.
pub(super) type Url<'a> = TextOr<'a, UrlObject<'a>>;

#[derive(Clone, Debug, Default)]
pub(super) struct UrlObject<'a> {
    pub(super) url: Option<Text<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(UrlObject, "an object with a url", { url: "url" });

impl Expected for UrlObject<'_> {
    const EXPECTED: &'static str = "an object with a url";
}

impl Url<'_> {
    /// Returns the URL; empty when there is none.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Text(url) => url.as_str(),
            Self::Other(object) => object.url.as_deref().unwrap_or_default(),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct InputAudio<'a> {
    pub(super) data: Option<Text<'a>>,
    pub(super) format: Option<Text<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(InputAudio, "an object with data and format", { data: "data", format: "format" });

#[derive(Clone, Debug, Default)]
pub(super) struct Attachment<'a> {
    pub(super) file_data: Option<Text<'a>>,
    pub(super) file_id: Option<Text<'a>>,
    pub(super) filename: Option<Text<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(Attachment, "an object with file_data or file_id", {
    file_data: "file_data",
    file_id: "file_id",
    filename: "filename",
});

/// An image that an answer of ours brought, on its way back.
#[derive(Clone, Debug, Default)]
pub(super) struct Picture<'a> {
    pub(super) kind: Option<Text<'a>>,
    pub(super) image_url: Option<Url<'a>>,
    pub(super) extra_content: Option<Signed<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(Picture, "an image", {
    kind: "type",
    image_url: "image_url",
    extra_content: "extra_content",
});

/// A call of a tool that the assistant made.
#[derive(Clone, Debug, Default)]
pub(super) struct ToolCall<'a> {
    pub(super) id: Option<Text<'a>>,
    pub(super) kind: Option<Text<'a>>,
    pub(super) function: Option<Function<'a>>,
    pub(super) custom: Option<Custom<'a>>,
    pub(super) extra_content: Option<Signed<'a>>,
    /// Its place among the calls of a stream; the list says it too.
    index: Option<&'a RawValue>,
    ignored: Vec<Text<'a>>,
}

object!(ToolCall, "a tool call", {
    id: "id",
    kind: "type",
    function: "function",
    custom: "custom",
    extra_content: "extra_content",
    index: "index",
});

#[derive(Clone, Debug, Default)]
pub(super) struct Function<'a> {
    pub(super) name: Option<Text<'a>>,
    pub(super) arguments: Option<Text<'a>>,
    /// What the client made of the arguments.
    parsed_arguments: Option<&'a RawValue>,
    ignored: Vec<Text<'a>>,
}

object!(Function, "an object with name and arguments", {
    name: "name",
    arguments: "arguments",
    parsed_arguments: "parsed_arguments",
});

#[derive(Clone, Debug, Default)]
pub(super) struct Custom<'a> {
    pub(super) name: Option<Text<'a>>,
    pub(super) input: Option<Text<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(Custom, "an object with name and input", { name: "name", input: "input" });
