//! What can be wrong with a script or a recording.

/// A script that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// An entry names no key or no model.
    #[error("{0:?} names no key or model")]
    Nameless(String),
    /// A behaviour of that name does not exist.
    #[error("no behaviour is called {0:?}")]
    Behaviour(String),
    /// A behaviour does not have that setting.
    #[error("{0:?} is not a setting of this behaviour")]
    Setting(String),
    /// A number, a duration or a word that cannot be.
    #[error("{0:?} is not a possible value")]
    Value(String),
    /// The JSON form is not well formed.
    #[error("the script is not readable JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A recording in it cannot be replayed.
    #[error(transparent)]
    Recording(#[from] RecordingError),
}

/// A recording that cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// It is not JSON, or not an exchange.
    #[error("the recording is not an exchange: {0}")]
    Json(#[from] serde_json::Error),
    /// It has no answer in bytes, such as a recorded websocket.
    #[error("the recording holds no body, sse or text")]
    Bodiless,
    /// Its status or a header cannot go over HTTP.
    #[error("the recording's status or headers are not HTTP: {0}")]
    Http(#[from] http::Error),
}
