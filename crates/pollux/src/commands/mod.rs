//! What the program can be asked to do.

pub mod demo;
pub mod serve;
pub mod simulate;
pub mod usage;

use std::{
    error::Error,
    io::{self, Write},
};

/// Writes to standard output; that nobody reads it is no reason to stop.
fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// What an error says, and all that lies beneath it.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text.push_str(": ");
        text.push_str(&deeper.to_string());
        cause = deeper.source();
    }
    text
}
