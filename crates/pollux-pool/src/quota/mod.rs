//! Quota belongs to a project, a model and a dimension: what is counted, and what is known of limits.

mod dimension;

pub use dimension::{Dimension, Unit};

/// A quota that an answer named as used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which one.
    pub dimension: Dimension,
    /// Its limit, where the answer says so.
    pub limit: Option<u64>,
}
