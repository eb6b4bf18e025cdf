//! A turn of a conversation and its parts, as they go out and come back.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::proto::{Presence, many};
use crate::text::{Json, Text, base64};

/// The role of a person's turn, and of function responses.
pub const USER: &str = "user";
/// The role of the model's turn.
pub const MODEL: &str = "model";

/// One turn: who speaks and the parts of what is said.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Content<'a> {
    /// `user` or `model`; absent in a system instruction.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub role: Option<Text<'a>>,
    /// The parts in order; Google leaves them out when nothing was said.
    #[serde(borrow, deserialize_with = "many")]
    pub parts: Vec<Part<'a>>,
}

/// One piece of a turn; exactly one of its data fields is set by a well-behaved sender.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Part<'a> {
    /// Plain text; may be empty where a signature is all the part brings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Text<'a>>,
    /// Media inside the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inline_data: Option<Blob<'a>>,
    /// Media elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_data: Option<FileRef<'a>>,
    /// A call of a declared function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_call: Option<FunctionCall<'a>>,
    /// The result of such a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_response: Option<FunctionResponse<'a>>,
    /// Code that Gemini runs itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executable_code: Option<ExecutableCode<'a>>,
    /// What that code gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_execution_result: Option<CodeResult<'a>>,
    /// Whether the part belongs to the model's thoughts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thought: Option<bool>,
    /// The opaque signature that goes back with the part, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thought_signature: Option<Text<'a>>,
    /// Whether the part brought something in a field that is not known here.
    #[serde(skip)]
    pub has_other: bool,
}

impl<'a> Part<'a> {
    /// Makes a part of plain text.
    pub fn text(text: impl Into<Text<'a>>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    /// Makes a part of media in base64.
    pub fn inline(mime_type: impl Into<Text<'a>>, data: impl Into<Text<'a>>) -> Self {
        let blob = Blob { mime_type: mime_type.into(), data: data.into() };
        Self { inline_data: Some(blob), ..Self::default() }
    }

    /// Returns whether the part belongs to the model's thoughts.
    pub fn is_thought(&self) -> bool {
        self.thought == Some(true)
    }

    /// Returns whether the part carries anything beyond the mark of a thought.
    pub fn has_content(&self) -> bool {
        fn filled(text: Option<&Text<'_>>) -> bool {
            text.is_some_and(|text| !text.is_empty())
        }
        filled(self.text.as_ref())
            || filled(self.thought_signature.as_ref())
            || self.inline_data.is_some()
            || self.file_data.is_some()
            || self.function_call.is_some()
            || self.function_response.is_some()
            || self.executable_code.is_some()
            || self.code_execution_result.is_some()
            || self.has_other
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Part<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PartVisitor;

        impl<'de> Visitor<'de> for PartVisitor {
            type Value = Part<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a part")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut part = Part::default();
                while let Some(Text(key)) = map.next_key()? {
                    match key.as_ref() {
                        "text" => part.text = map.next_value()?,
                        "inlineData" => part.inline_data = map.next_value()?,
                        "fileData" => part.file_data = map.next_value()?,
                        "functionCall" => part.function_call = map.next_value()?,
                        "functionResponse" => part.function_response = map.next_value()?,
                        "executableCode" => part.executable_code = map.next_value()?,
                        "codeExecutionResult" => part.code_execution_result = map.next_value()?,
                        "thought" => part.thought = map.next_value()?,
                        "thoughtSignature" => part.thought_signature = map.next_value()?,
                        _ => part.has_other |= map.next_value::<Presence>()?.0,
                    }
                }
                Ok(part)
            }
        }

        deserializer.deserialize_map(PartVisitor)
    }
}

/// Media in base64, standard or URL-safe.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Blob<'a> {
    /// The media type, for example `image/png`.
    #[serde(borrow)]
    pub mime_type: Text<'a>,
    /// The bytes in base64.
    #[serde(borrow, serialize_with = "base64")]
    pub data: Text<'a>,
}

/// Media that Google fetches or keeps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FileRef<'a> {
    /// The media type, if it is known.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<Text<'a>>,
    /// Where the file is.
    #[serde(borrow)]
    pub file_uri: Text<'a>,
}

/// A call of a declared function.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FunctionCall<'a> {
    /// The call's name for itself; older models give none.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub id: Option<Text<'a>>,
    /// The function's name.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// The arguments, a JSON object; absent when there are none.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub args: Option<Json<'a>>,
}

/// The result of a function call.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionResponse<'a> {
    /// The id of the call.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Text<'a>>,
    /// The function's name.
    #[serde(borrow, default)]
    pub name: Text<'a>,
    /// The result, a JSON object.
    #[serde(borrow, default)]
    pub response: Json<'a>,
    /// Images and documents of the result; Gemini 3 and later.
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty", deserialize_with = "many")]
    pub parts: Vec<Part<'a>>,
}

/// Code that Gemini wrote and runs itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ExecutableCode<'a> {
    /// The language, `PYTHON` so far.
    #[serde(borrow)]
    pub language: Text<'a>,
    /// The source text.
    #[serde(borrow)]
    pub code: Text<'a>,
}

/// What Gemini's own code run gave.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeResult<'a> {
    /// How it went, for example `OUTCOME_OK`.
    #[serde(borrow)]
    pub outcome: Text<'a>,
    /// What was printed; absent when that was nothing.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub output: Option<Text<'a>>,
}
