//! Why an answer ended, in OpenAI's words.
//!
//! | Gemini | OpenAI |
//! | --- | --- |
//! | withheld: safety, recitation, language, lists, personal data, images, limited account | `content_filter` |
//! | token limit, continuation (there is more, and it is not fetched here) | `length` |
//! | everything else, unknown reasons and none included | `stop` |

use crate::gemini::finish::FinishReason;

pub(in crate::openai) const STOP: &str = "stop";
pub(in crate::openai) const CONTENT_FILTER: &str = "content_filter";

pub(in crate::openai) fn reason(reason: Option<&FinishReason>) -> &'static str {
    let Some(reason) = reason else { return STOP };
    match reason {
        FinishReason::MaxTokens | FinishReason::Continuation => "length",
        FinishReason::Safety
        | FinishReason::Recitation
        | FinishReason::Language
        | FinishReason::Blocklist
        | FinishReason::ProhibitedContent
        | FinishReason::Spii
        | FinishReason::ImageSafety
        | FinishReason::ImageProhibitedContent
        | FinishReason::ImageOther
        | FinishReason::ImageRecitation
        | FinishReason::PupLimitedDisabled
        | FinishReason::ModelArmor => CONTENT_FILTER,
        FinishReason::Unspecified
        | FinishReason::Stop
        | FinishReason::Other
        | FinishReason::NoImage
        | FinishReason::MalformedFunctionCall
        | FinishReason::UnexpectedToolCall
        | FinishReason::TooManyToolCalls
        | FinishReason::MissingThoughtSignature
        | FinishReason::MalformedResponse
        | FinishReason::Escalation
        | FinishReason::Unknown(_) => STOP,
    }
}
