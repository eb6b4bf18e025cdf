//! Checks and chores with logic in them.
fn main() {}
