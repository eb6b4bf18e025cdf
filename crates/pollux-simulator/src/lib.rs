//! A Gemini that can be told to be out of quota, slow, cut off or suspended.
//!
//! A [`Script`] says what each key does; a [`Simulator`] serves it over plain
//! HTTP/1.1 or h2c and keeps account of what it received. The same control is
//! open to other programs under `/_simulator/`: `GET requests`, `GET summary`,
//! `DELETE requests`, `PUT script` and `PUT keys/{key}`.

mod answer;
mod clock;
mod error;
mod json;
mod mark;
mod models;
mod quota;
mod recording;
mod refusal;
mod schema;
mod script;
mod server;
mod state;
mod strict;
mod thinking;

pub use self::clock::Clock;
pub use self::error::{RecordingError, ScriptError};
pub use self::recording::Recording;
pub use self::script::{
    Behaviour, Chunking, KeyScript, Quota, Script, Signatures, Step, Steps, Tier,
};
pub use self::server::{Running, Simulator, start};
pub use self::state::{Exchange, KeySummary, Summary};
