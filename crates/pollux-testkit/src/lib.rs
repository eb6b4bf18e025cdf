//! A ready-made gateway, a hand-moved clock and fixtures, for tests only.
