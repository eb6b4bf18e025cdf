//! Where keys and projects are in their pool: numbers that hold until the keys change.

/// A key's place in its pool; those of free keys come before those of paid ones.
pub(crate) type Slot = usize;

/// A project's place in its pool.
pub(crate) type Place = usize;
