//! Why Gemini stopped.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// Declares the known reasons once: variant, name on the wire, meaning.
macro_rules! finish_reasons {
    ($($variant:ident $name:literal $doc:literal,)*) => {
        /// Why a candidate ended.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum FinishReason {
            $(#[doc = $doc] $variant,)*
            /// A reason this version does not know, as Google wrote it.
            Unknown(Box<str>),
        }

        impl FinishReason {
            /// Reads a name on the wire; never fails.
            pub fn parse(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    unknown => Self::Unknown(unknown.into()),
                }
            }

            /// Returns the name on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Unknown(name) => name,
                }
            }
        }
    };
}

finish_reasons! {
    Unspecified "FINISH_REASON_UNSPECIFIED" "No reason given.",
    Stop "STOP" "A natural end, a stop sequence, or a function call.",
    MaxTokens "MAX_TOKENS" "The token limit was reached, perhaps by thoughts alone.",
    Safety "SAFETY" "Withheld for safety.",
    Recitation "RECITATION" "Withheld because it recites its sources.",
    Language "LANGUAGE" "Withheld because of its language.",
    Other "OTHER" "Google's own word for any other reason.",
    Blocklist "BLOCKLIST" "Withheld because of a forbidden term.",
    ProhibitedContent "PROHIBITED_CONTENT" "Withheld because the content is prohibited.",
    Spii "SPII" "Withheld because of sensitive personal information.",
    MalformedFunctionCall "MALFORMED_FUNCTION_CALL" "The model wrote a function call that cannot be read.",
    ImageSafety "IMAGE_SAFETY" "An image was withheld for safety.",
    ImageProhibitedContent "IMAGE_PROHIBITED_CONTENT" "An image was withheld because it is prohibited.",
    ImageOther "IMAGE_OTHER" "An image could not be made, for another reason.",
    NoImage "NO_IMAGE" "An image was expected and none was made.",
    ImageRecitation "IMAGE_RECITATION" "An image was withheld because it recites its sources.",
    UnexpectedToolCall "UNEXPECTED_TOOL_CALL" "The model called a tool that was not offered.",
    TooManyToolCalls "TOO_MANY_TOOL_CALLS" "The model called tools too often in a row.",
    MissingThoughtSignature "MISSING_THOUGHT_SIGNATURE" "The request lacks a thought signature.",
    MalformedResponse "MALFORMED_RESPONSE" "The model's answer cannot be read.",
    Continuation "CONTINUATION" "There is more; the continuation token asks for it.",
    Escalation "ESCALATION" "The answer was handed over.",
    PupLimitedDisabled "PUP_LIMITED_DISABLED" "The account is limited for breaking a policy.",
    ModelArmor "MODEL_ARMOR" "Withheld by Model Armor.",
}

impl<'de> Deserialize<'de> for FinishReason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrNumber;

        impl Visitor<'_> for NameOrNumber {
            type Value = FinishReason;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a finish reason")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(FinishReason::parse(name))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(FinishReason::Unknown(number.to_string().into()))
            }
        }

        deserializer.deserialize_any(NameOrNumber)
    }
}
