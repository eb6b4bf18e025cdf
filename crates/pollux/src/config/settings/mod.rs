//! Every setting, one row each, by section: its name, what it means, and how a text becomes its
//! value.

mod alerts;
mod chat;
mod fetch;
mod limits;
mod models;
mod pool;
mod process;
mod quota;
mod retention;
mod server;
mod streams;
mod watch;

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
    /// Reads a text into the configuration, or says what is allowed.
    pub(in crate::config) set: fn(&mut Config, &str) -> Result<(), Allowed>,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// Puts the value of a running server in the place of another, and says whether it was another;
    /// only settings that a server has to be started anew for have this.
    pub(in crate::config) keep: Option<fn(&mut Config, &Config) -> bool>,
}

impl Setting {
    /// Its environment variable: `POLLUX_NAME`, or `POLLUX_SECTION__NAME`.
    pub fn variable(&self) -> String {
        format!("POLLUX_{}", self.name.replace('.', "__").to_ascii_uppercase())
    }

    /// Whether a server has to be started anew to take over another value.
    pub const fn needs_restart(&self) -> bool {
        self.keep.is_some()
    }

    /// Its flag, without the dashes.
    pub fn flag(&self) -> String {
        self.name.replace(['.', '_'], "-")
    }
}

const fn plain(
    name: &'static str,
    default: &'static str,
    help: &'static str,
    set: fn(&mut Config, &str) -> Result<(), Allowed>,
) -> Setting {
    Setting { name, also: &[], default, help, set, secret: false, keep: None }
}

/// Puts `running` in the place of a value, and says whether that was another one.
fn keep<T: Clone + PartialEq>(value: &mut T, running: &T) -> bool {
    let is_other = value != running;
    value.clone_from(running);
    is_other
}

/// All of them, in the order in which they are shown.
pub const ALL: &[Setting] = &joined::<{ count(SECTIONS) }>(SECTIONS);

const SECTIONS: &[&[Setting]] = &[
    server::ROWS,
    pool::ROWS,
    quota::ROWS,
    watch::ROWS,
    retention::ROWS,
    alerts::ROWS,
    limits::ROWS,
    streams::ROWS,
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
