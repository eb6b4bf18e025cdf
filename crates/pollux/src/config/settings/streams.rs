//! How streams are treated, and calls that are the same.

use super::{Setting, duration, flag};
use crate::config::value;

pub(super) const ROWS: &[Setting] = &[
    duration(
        "streams.keep_alive",
        "15s",
        "How long a stream in OpenAI's dialect may pause before a comment is sent; 0 sends none.",
        |config, text| {
            config.gateway.streams.keep_alive = value::duration(text)?;
            Ok(())
        },
    ),
    flag(
        "streams.from_whole",
        "false",
        "Whether clients that want a stream are answered from a call to Gemini that is none.",
        |config, text| {
            config.gateway.streams.from_whole = value::flag(text)?;
            Ok(())
        },
    ),
    flag(
        "coalesce.enabled",
        "false",
        "Whether equal calls at the same time are made once: token counts, embeddings, and whole answers at temperature 0 or with a seed.",
        |config, text| {
            config.gateway.coalesce = value::flag(text)?;
            Ok(())
        },
    ),
];
