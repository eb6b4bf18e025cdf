//! How requests are treated, and the defaults of all of it.

use std::time::Duration;

use http::Uri;
use pollux_pool::plan;
use pollux_store::{secret::Secret, usage::Kept};
use pollux_translate::{gemini::safety::Safety, openai::chat::Policy, pacing::Pacing};

use super::{Names, Prices};
use crate::{client::Network, fetch, recorder::Logging};

/// How requests are treated.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How far a request may go to find an answer.
    pub plan: plan::Limits,
    /// How long Gemini may take.
    pub timeouts: Timeouts,
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// The largest body of an upload, which is never held in memory, in bytes.
    pub max_upload_bytes: u64,
    /// The largest answer that is held in memory, in bytes.
    pub max_answer_bytes: usize,
    /// How long a client may pause while it sends its body.
    pub body_timeout: Duration,
    /// How long a list of models is good for; zero asks Gemini each time.
    pub models_ttl: Duration,
    /// Whether revoked keys are checked without a request that needs them.
    pub health_checks: bool,
    /// The owner's password, where the configuration names it; else its hash is in the store.
    pub admin_password: Option<Secret>,
    /// How long an admin stays signed in.
    pub sessions: Sessions,
    /// How many of the last requests are remembered, to be explained; zero is none.
    pub traces: usize,
    /// Which requests are written into the log.
    pub log: Logging,
    /// How long what happened is kept.
    pub retention: Retention,
    /// How long the signature of a call is kept for clients that do not send it back.
    pub signature_ttl: Duration,
    /// What clients name by URL, and how far fetching it may go.
    pub fetch: fetch::Settings,
    /// The version segment of calls that are translated.
    pub api_version: String,
    /// Whether fields of OpenAI's dialect that have no effect are refused.
    pub strict: bool,
    /// How streams are treated.
    pub streams: Streams,
    /// What becomes of clients without an access key.
    pub strangers: Strangers,
    /// What is withheld where a request does not say.
    pub safety: Safety,
    /// When the text of a stream goes out.
    pub pacing: Pacing,
    /// Whether equal calls whose answers are the same are made once when they come together.
    pub coalesce: bool,
    /// How chats are treated.
    pub chat: Policy,
    /// What models are called beside their own names.
    pub names: Names,
    /// What their tokens cost.
    pub prices: Prices,
    /// Where Gemini is, without version and trailing slash.
    pub base_url: Uri,
    /// Where clients reach this server, for the addresses it hands out; taken from each request
    /// when absent.
    pub public_url: Option<Uri>,
    /// The proxies that are believed about whom they serve.
    pub trusted_proxies: Vec<Network>,
}

/// What becomes of clients whose credential is no access key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strangers {
    /// They are turned away.
    #[default]
    Refused,
    /// They are served with it, as a Gemini key of their own.
    OwnKeys,
}

/// How long an admin stays signed in.
#[derive(Clone, Copy, Debug)]
pub struct Sessions {
    /// Without asking anything.
    pub idle: Duration,
    /// At most.
    pub longest: Duration,
}

/// How long what happened is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The account of what was used.
    pub usage: Kept,
    /// The log of requests; for ever when absent.
    pub requests: Option<Duration>,
    /// What admins changed; for ever when absent.
    pub changes: Option<Duration>,
    /// What became of keys; for ever when absent.
    pub key_events: Option<Duration>,
}

/// How streams are treated.
#[derive(Clone, Debug)]
pub struct Streams {
    /// How long nothing may be sent before a comment is; zero sends none.
    pub keep_alive: Duration,
    /// Whether clients that want a stream are answered from a call that is none.
    pub from_whole: bool,
}

/// How long Gemini may take.
#[derive(Clone, Debug)]
pub struct Timeouts {
    /// Until the first content of a stream.
    pub first_byte: Duration,
    /// Between two chunks of a stream.
    pub idle: Duration,
    /// Until the end of an answer that is not a stream.
    pub whole: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            // Room for one more attempt after a key that stayed silent.
            plan: plan::Limits { deadline: Duration::from_mins(3), ..plan::Limits::default() },
            timeouts: Timeouts::default(),
            max_body_bytes: 100 << 20,
            max_upload_bytes: 2 << 30,
            max_answer_bytes: 128 << 20,
            body_timeout: Duration::from_secs(30),
            models_ttl: Duration::from_hours(1),
            health_checks: true,
            admin_password: None,
            sessions: Sessions::default(),
            traces: 1000,
            log: Logging::default(),
            retention: Retention::default(),
            signature_ttl: Duration::from_hours(24),
            fetch: fetch::Settings::default(),
            api_version: "v1beta".to_owned(),
            strict: false,
            streams: Streams::default(),
            strangers: Strangers::Refused,
            safety: Safety::default(),
            pacing: Pacing::default(),
            coalesce: false,
            chat: Policy::default(),
            names: Names::default(),
            prices: Prices::default(),
            base_url: Uri::from_static("https://generativelanguage.googleapis.com"),
            public_url: None,
            trusted_proxies: Vec::new(),
        }
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Self { idle: Duration::from_hours(24), longest: Duration::from_hours(24 * 30) }
    }
}

impl Default for Retention {
    fn default() -> Self {
        let days = |days: u64| Some(Duration::from_hours(24 * days));
        let usage = Kept { minutes: days(7), hours: days(90), days: None };
        Self { usage, requests: days(7), changes: days(365), key_events: days(7) }
    }
}

impl Default for Streams {
    fn default() -> Self {
        Self { keep_alive: Duration::from_secs(15), from_whole: false }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_mins(2),
            idle: Duration::from_mins(2),
            whole: Duration::from_mins(10),
        }
    }
}
