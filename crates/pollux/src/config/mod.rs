//! What the program is told: defaults, then a file, the environment, and flags, each over the last.
//!
//! Every setting is one row of [`settings::ALL`]; its name in a file, its
//! environment variable and its flag follow from the row.

mod given;
mod keys;
mod limits;
mod load;
pub mod settings;
mod value;

use std::{net::SocketAddr, num::NonZero, path::PathBuf, thread, time::Duration};

use http::Uri;
use pollux_gateway::{catalog::Settings, egress::Egress};
use pollux_pool::pool;
use pollux_store::{cipher::MasterKey, keys::About, secret::Secret};

use crate::{alerts::Webhook, policy::Policy};

pub use given::{Given, Origin};
pub use load::{ConfigError, Sources, load, unknown_variables, unsupported_variables};

/// Everything that can be set, resolved.
#[derive(Debug)]
pub struct Config {
    /// Where clients connect.
    pub listen: SocketAddr,
    /// Where the database and the master key are kept.
    pub data_dir: PathBuf,
    /// Encrypts secrets at rest; made and kept in the data directory when absent.
    pub master_key: Option<MasterKey>,
    /// The master key that takes its place.
    pub master_key_next: Option<MasterKey>,
    /// What callers present; made on first start when absent.
    pub access_key: Option<Secret>,
    /// Gemini keys with their weights.
    pub gemini_api_key: Vec<(Secret, u32)>,
    /// Gemini keys with all that is told about them, from the file's tables.
    pub keys: Vec<(Secret, About)>,
    /// Gemini's address, without version and trailing slash.
    pub gemini_base_url: Uri,
    /// How the pool treats its keys, and what their projects may use.
    pub pool: pool::Settings,
    /// The most requests that wait for a key of one model.
    pub max_waiting: usize,
    /// The share of traffic that may be retried after upstream trouble.
    pub retry_ratio: f64,
    /// The share of requests for which a second key is asked when the first is slow.
    pub hedge_ratio: f64,
    /// The proxies by which the pool's keys reach Gemini; directly where there is none.
    pub proxies: Vec<Egress>,
    /// How long a connection to Gemini may take.
    pub connect_timeout: Duration,
    /// How long a client may take to send a request's head.
    pub head_timeout: Duration,
    /// How many threads serve connections.
    pub threads: usize,
    /// The most connections from clients at a time.
    pub connections: usize,
    /// What becomes of keys that Google goes on refusing.
    pub policy: Policy,
    /// Who is told before a model runs out of requests for the day.
    pub webhook: Option<Webhook>,
    /// How long before that.
    pub alerts_before: Duration,
    /// How long running requests may take to end at a stop.
    pub grace: Duration,
    /// The least severe events that are logged.
    pub log_level: tracing::Level,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// How requests are treated.
    pub gateway: Settings,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// Every Gemini key that is named anywhere; of one that is named twice the last counts.
    pub fn named_keys(&self) -> Vec<(Secret, About)> {
        let plain = self.gemini_api_key.iter();
        let plain = plain.map(|(key, weight)| (key.clone(), About::weight(*weight)));
        plain.chain(self.keys.iter().cloned()).collect()
    }

    /// The defaults; `data_dir` depends on the user's home.
    fn with_data_dir(data_dir: PathBuf, gemini_base_url: Uri) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data_dir,
            master_key: None,
            master_key_next: None,
            access_key: None,
            gemini_api_key: Vec::new(),
            keys: Vec::new(),
            gemini_base_url,
            pool: pool::Settings::default(),
            max_waiting: 1_000,
            retry_ratio: 0.2,
            hedge_ratio: 0.0,
            proxies: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(30),
            threads: thread::available_parallelism().map_or(1, NonZero::get),
            connections: 10_000,
            policy: Policy::default(),
            webhook: None,
            alerts_before: Duration::from_hours(1),
            grace: Duration::from_secs(30),
            log_level: tracing::Level::INFO,
            log_format: LogFormat::default(),
            gateway: Settings::default(),
        }
    }
}
