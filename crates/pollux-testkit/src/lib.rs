//! A ready-made gateway, a hand-moved clock and fixtures, for tests only.
//!
//! [`App`] is a gateway over a scripted Gemini, both on free local ports and
//! both on one [`ManualClock`]; [`Request`] talks to it over a real socket;
//! [`Face`] asks the same thing in every dialect. Whatever cannot be set up
//! panics, since a test that cannot be set up has failed.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panic")]

mod account;
mod app;
mod client;
mod clock;
mod face;
mod patience;
#[cfg(test)]
mod tests;

pub use self::account::Ended;
pub use self::app::{ACCESS_KEY, ADMIN_PASSWORD, App, Builder, START, in_memory};
pub use self::client::{Answer, Request, Whole};
pub use self::clock::ManualClock;
pub use self::face::{Face, MODEL, OTHER_MODEL, chat, native};
pub use self::patience::{eventually, within};
