//! What is counted beside the sums, each with a word of its own.

use std::fmt;

use super::Bucket;

/// Something that happened, of which only the number is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tally {
    /// The first byte of an answer left after so long.
    FirstByte(Bucket),
    /// A request was answered whole after so long.
    Total(Bucket),
    /// A request failed for this reason.
    Failed(&'static str),
    /// An attempt failed for this reason.
    Tried(&'static str),
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstByte(bucket) => write!(f, "first.{}", bucket.number()),
            Self::Total(bucket) => write!(f, "total.{}", bucket.number()),
            Self::Failed(reason) => write!(f, "failed.{reason}"),
            Self::Tried(reason) => write!(f, "tried.{reason}"),
        }
    }
}
