//! By which way a call reaches Gemini: directly, or through a proxy.
//!
//! Each key has an order of its own among the ways of its pool, which follows
//! from the key and the ways alone: it takes the first that is fit. A way that
//! is added or lost moves only the keys that it is the first for. The edge dials.

mod proxy;
mod troubles;
mod ways;

use std::{fmt, sync::Arc};

use pollux_pool::id::KeyId;

pub use proxy::{Login, NotAProxy, Protocol, Proxy};
pub use troubles::{Counts, Troubles};
pub use ways::Ways;

/// A way to Gemini.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Egress {
    /// From here.
    Direct,
    /// Through a proxy.
    Proxy(Arc<Proxy>),
}

impl Egress {
    /// Its place in the order of a key: the highest goes first.
    fn rank(&self, key: KeyId) -> u64 {
        let identity = match self {
            Self::Direct => 0,
            Self::Proxy(proxy) => proxy.identity(),
        };
        spread(identity ^ spread(key.0.cast_unsigned()))
    }
}

/// Without user and password.
impl fmt::Display for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.write_str("the direct way"),
            Self::Proxy(proxy) => proxy.fmt(f),
        }
    }
}

/// Neighbouring numbers become numbers far apart, and different ones stay different.
const fn spread(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests;
