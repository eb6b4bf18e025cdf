//! Keys that are checked: anybody's, those of the pool, and those that are due.

mod due;
mod ordered;
mod verify;
