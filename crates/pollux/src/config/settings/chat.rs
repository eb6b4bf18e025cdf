//! How chats are translated: thoughts, thinking, continuations.

use pollux_translate::openai::chat::Thoughts;

use super::{Setting, choice, duration, flag, list, number, text};
use crate::config::value;

pub(super) const ROWS: &[Setting] = &[
    choice(
        &["reasoning_content", "think_tags", "hidden"],
        "chat.thoughts",
        "reasoning_content",
        "Where a model's thoughts go in chats: reasoning_content, think_tags (inside content) or hidden.",
        |config, text| {
            config.gateway.chat.thoughts = match text.trim() {
                "reasoning_content" => Thoughts::Field,
                "think_tags" => Thoughts::Tags,
                "hidden" => Thoughts::Hidden,
                _ => return Err("reasoning_content, think_tags or hidden".to_owned()),
            };
            Ok(())
        },
    ),
    flag(
        "chat.suffixes",
        "true",
        "Whether the end of a model's name may ask for something, as in gemini-2.5-flash-search.",
        |config, text| {
            config.gateway.chat.suffixes = value::flag(text)?;
            Ok(())
        },
    ),
    flag(
        "openai.strict",
        "false",
        "Whether fields of OpenAI's dialect that mean nothing to Gemini are refused; else x-pollux-ignored names them.",
        |config, text| {
            config.gateway.strict = value::flag(text)?;
            Ok(())
        },
    ),
    text(
        "thinking.default",
        "what the model does",
        "How much models think when a chat does not say: off, dynamic, minimal, low, medium, high, xhigh, max or a number of tokens.",
        |config, text| {
            config.gateway.chat.effort = Some(value::effort(text)?);
            Ok(())
        },
    ),
    list(
        "thinking.models",
        "",
        "The same for single models, as gemini-2.5-flash=off,gemini-3*=low; the first that fits counts.",
        |config, text| {
            config.gateway.chat.efforts = value::efforts(text)?;
            Ok(())
        },
    ),
    flag(
        "thinking.include_thoughts",
        "when asked to think",
        "Whether models tell of their thoughts: true or false.",
        |config, text| {
            config.gateway.chat.include_thoughts = Some(value::flag(text)?);
            Ok(())
        },
    ),
    number(
        "chat.continue_at_limit",
        "0",
        "How often a chat answer that ended at the model's own limit is continued and joined; 0 is never.",
        |config, text| {
            config.gateway.chat.continuations = value::number(text, 0, 16)?;
            Ok(())
        },
    ),
    duration(
        "chat.signature_ttl",
        "24h",
        "How long the thought signature of a function call is kept for clients that drop it.",
        |config, text| {
            config.gateway.signature_ttl = value::duration(text)?;
            Ok(())
        },
    ),
];
