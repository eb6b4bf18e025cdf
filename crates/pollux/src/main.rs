//! Pollux, the native program.
fn main() {}
