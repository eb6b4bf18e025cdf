//! What became of keys.

pub(super) const NINTH: &[&str] = &[
    // `window` is a word of SQL.
    "CREATE TABLE key_events (
        id BIGINT PRIMARY KEY,
        key_id BIGINT NOT NULL REFERENCES gemini_keys (id) ON DELETE CASCADE,
        at BIGINT NOT NULL,
        what TEXT NOT NULL,
        model TEXT NOT NULL,
        until BIGINT,
        period TEXT NOT NULL,
        reason TEXT NOT NULL,
        http BIGINT,
        message TEXT NOT NULL,
        count BIGINT NOT NULL
    )",
    "CREATE INDEX key_events_key ON key_events (key_id, at, id)",
    "CREATE INDEX key_events_at ON key_events (at)",
    // One request is looked for by what it is called.
    "CREATE INDEX request_log_name ON request_log (name)",
];
