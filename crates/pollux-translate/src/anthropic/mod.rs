//! Anthropic's wire format: errors and the models list so far.

pub mod error;
pub mod model;
