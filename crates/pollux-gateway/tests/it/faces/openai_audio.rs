//! Speech on the wire.
