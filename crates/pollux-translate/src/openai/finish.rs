//! Why an answer ended, in OpenAI's words.
//!
//! | Gemini | OpenAI |
//! | --- | --- |
//! | withheld: safety, recitation, language, lists, personal data, images, limited account | `content_filter` |
//! | token limit, continuation (there is more, and it is not fetched here) | `length` |
//! | everything else, unknown reasons and none included | `tool_calls` where there are calls, else `stop` |

use crate::gemini::finish::FinishReason;

pub(super) const STOP: &str = "stop";
pub(super) const CONTENT_FILTER: &str = "content_filter";

/// Returns the word for `reason` where functions may be called; `old` has calls told the old way.
pub(super) fn of_calls(reason: Option<&FinishReason>, has_calls: bool, old: bool) -> &'static str {
    match self::reason(reason) {
        STOP if has_calls && old => "function_call",
        STOP if has_calls => "tool_calls",
        word => word,
    }
}

/// Returns the word for `reason` where nothing is called.
pub(super) fn reason(reason: Option<&FinishReason>) -> &'static str {
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
