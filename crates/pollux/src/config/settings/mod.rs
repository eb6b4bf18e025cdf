//! Every setting, one row each, by section: its name, what it means, and how a text becomes its
//! value.

mod admin;
mod alerts;
mod chat;
mod fetch;
mod limits;
mod models;
mod pacing;
mod pool;
mod process;
mod quota;
mod retention;
mod server;
mod streams;
mod watch;

use pollux_gateway::settings::Kind;

use super::{Config, value::Allowed};

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name in a file: `section.name`, or a bare name.
    pub name: &'static str,
    /// Names of the same thing that users of other gateways know.
    pub also: &'static [&'static str],
    /// The default, as it would be written.
    pub default: &'static str,
    /// What it means.
    pub help: &'static str,
    /// What its value is, but for whether that is secret.
    of: Kind,
    /// Reads a text into the configuration, or says what is allowed.
    pub(in crate::config) set: Set,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// Whether a server has to be started anew to take over another value.
    pub needs_restart: bool,
}

impl Setting {
    /// Its environment variable: `POLLUX_NAME`, or `POLLUX_SECTION__NAME`.
    pub fn variable(&self) -> String {
        format!("POLLUX_{}", self.name.replace('.', "__").to_ascii_uppercase())
    }

    /// Whether it can be changed while the server runs: not what it is opened with, and not what
    /// lets people in or is kept as rows of its own.
    pub fn is_changeable(&self) -> bool {
        !self.needs_restart && !IDENTITIES.contains(&self.name)
    }

    /// Whether each pool may have its own value.
    pub fn is_of_pools(&self) -> bool {
        let section = self.name.split_once('.').map_or("", |(section, _)| section);
        OF_POOLS.iter().any(|name| *name == self.name || *name == section)
    }

    /// What its value is, so that a form can ask for it.
    pub const fn kind(&self) -> Kind {
        if self.secret { Kind::Secret } else { self.of }
    }

    /// Its flag, without the dashes.
    pub fn flag(&self) -> String {
        self.name.replace(['.', '_'], "-")
    }
}

/// Settings that name keys and passwords.
const IDENTITIES: &[&str] = &["gemini_api_key", "access_key", "admin_password"];

/// Sections and settings of which each pool may have its own values.
const OF_POOLS: &[&str] = &[
    "pool",
    "quota",
    "streams",
    "pacing",
    "coalesce",
    "models",
    "chat",
    "thinking",
    "safety",
    "openai",
    "gemini_api_version",
    "timeouts.first_byte",
    "timeouts.idle",
    "timeouts.whole",
];

type Set = fn(&mut Config, &str) -> Result<(), Allowed>;

const fn new(
    name: &'static str,
    default: &'static str,
    help: &'static str,
    set: Set,
    of: Kind,
) -> Setting {
    Setting { name, also: &[], default, help, of, set, secret: false, needs_restart: false }
}

/// Makes rows whose values are of one kind.
macro_rules! rows_of {
    ($($name:ident: $kind:expr;)*) => {
        $(const fn $name(
            name: &'static str,
            default: &'static str,
            help: &'static str,
            set: Set,
        ) -> Setting {
            new(name, default, help, set, $kind)
        })*
    };
}

rows_of! {
    flag: Kind::Flag;
    number: Kind::Number;
    duration: Kind::Duration;
    list: Kind::List;
    text: Kind::Text;
}

/// A row whose value is one of some words.
const fn choice(
    words: &'static [&'static str],
    name: &'static str,
    default: &'static str,
    help: &'static str,
    set: Set,
) -> Setting {
    new(name, default, help, set, Kind::Choice(words))
}

/// All of them, in the order in which they are shown.
pub const ALL: &[Setting] = &joined::<{ count(SECTIONS) }>(SECTIONS);

const SECTIONS: &[&[Setting]] = &[
    server::ROWS,
    pool::ROWS,
    quota::ROWS,
    watch::ROWS,
    retention::ROWS,
    admin::ROWS,
    alerts::ROWS,
    limits::ROWS,
    streams::ROWS,
    pacing::ROWS,
    models::ROWS,
    chat::ROWS,
    fetch::ROWS,
    process::ROWS,
];

const fn count(sections: &[&[Setting]]) -> usize {
    let (mut count, mut at) = (0, 0);
    while at < sections.len() {
        count += sections[at].len();
        at += 1;
    }
    count
}

/// The rows of all sections, one after the other.
const fn joined<const N: usize>(sections: &[&[Setting]]) -> [Setting; N] {
    let mut rows = [sections[0][0]; N];
    let (mut next, mut section) = (0, 0);
    while section < sections.len() {
        let mut row = 0;
        while row < sections[section].len() {
            rows[next] = sections[section][row];
            next += 1;
            row += 1;
        }
        section += 1;
    }
    rows
}
