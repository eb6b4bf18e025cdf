//! When the text of a stream goes out.

use pollux_translate::pacing::Mode;

use super::{Setting, choice, duration, number};
use crate::config::value;

pub(super) const ROWS: &[Setting] = &[
    choice(
        &["off", "char", "batch", "adaptive"],
        "pacing.mode",
        "off",
        "How the text of a stream is given out: off (as it comes), char (one character at a time), batch (some at a time) or adaptive.",
        |config, text| {
            config.gateway.pacing.mode = match text.trim() {
                "off" => Mode::Off,
                "char" => Mode::Char,
                "batch" => Mode::Batch,
                "adaptive" => Mode::Adaptive,
                _ => return Err("off, char, batch or adaptive".to_owned()),
            };
            Ok(())
        },
    ),
    duration(
        "pacing.char_delay",
        "50ms",
        "char: the pause after each character.",
        |config, text| {
            config.gateway.pacing.char_delay = value::pause(text)?;
            Ok(())
        },
    ),
    number(
        "pacing.batch_size",
        "5",
        "batch: how many characters go out together.",
        |config, text| {
            config.gateway.pacing.batch_size = value::number(text, 1, 10_000)?;
            Ok(())
        },
    ),
    duration(
        "pacing.batch_delay",
        "100ms",
        "batch: the pause after each of them.",
        |config, text| {
            config.gateway.pacing.batch_delay = value::pause(text)?;
            Ok(())
        },
    ),
    duration("pacing.min_delay", "2ms", "adaptive: the shortest pause.", |config, text| {
        config.gateway.pacing.min_delay = value::pause(text)?;
        Ok(())
    }),
    duration("pacing.max_delay", "20ms", "adaptive: the longest pause.", |config, text| {
        config.gateway.pacing.max_delay = value::pause(text)?;
        Ok(())
    }),
    number(
        "pacing.factor",
        "0.35",
        "adaptive: how far pauses go from the shortest to the longest.",
        |config, text| {
            config.gateway.pacing.factor = value::number(text, 0.0, 100.0)?;
            Ok(())
        },
    ),
    number(
        "pacing.buffer",
        "20",
        "adaptive: up to so many waiting characters go out one at a time; of more, two to six do.",
        |config, text| {
            config.gateway.pacing.buffer = value::number(text, 1, 100_000)?;
            Ok(())
        },
    ),
    number(
        "pacing.fast_after",
        "300",
        "adaptive: what Gemini sends in pieces of so many characters goes out fast.",
        |config, text| {
            config.gateway.pacing.fast_after = value::number(text, 1, 1_000_000)?;
            Ok(())
        },
    ),
    duration("pacing.fast_delay", "1ms", "The pause of whatever goes out fast.", |config, text| {
        config.gateway.pacing.fast_delay = value::pause(text)?;
        Ok(())
    }),
    duration(
        "pacing.between_messages",
        "3ms",
        "adaptive: a further pause between two pieces of Gemini's.",
        |config, text| {
            config.gateway.pacing.between_messages = value::pause(text)?;
            Ok(())
        },
    ),
    number(
        "pacing.fast_mode_after",
        "2000",
        "From so many characters on an answer goes out fast, by any mode; so does text that has waited for 30 s.",
        |config, text| {
            config.gateway.pacing.fast_mode_after = value::number(text, 0, 100_000_000)?;
            Ok(())
        },
    ),
];
