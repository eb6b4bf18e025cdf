//! What the program can be asked to do.

pub mod demo;
pub mod serve;
pub mod simulate;
pub mod usage;

use std::io::{self, Write};

/// Writes to standard output; that nobody reads it is no reason to stop.
fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
