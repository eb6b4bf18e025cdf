//! Pictures on the wire.
