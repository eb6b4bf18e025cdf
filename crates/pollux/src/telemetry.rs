//! Log lines, each scrubbed of every secret of the pool before it leaves.

use std::{
    io::{self, Write},
    sync::Arc,
};

use arc_swap::ArcSwap;
use pollux_gateway::scrub::Scrubber;
use tracing_subscriber::{
    Layer as _, Registry, filter::Targets, fmt, fmt::MakeWriter, layer::SubscriberExt as _, reload,
    util::SubscriberInitExt as _,
};

use crate::config::LogFormat;

/// What the log follows, which may change while the server runs.
#[derive(Clone, Debug, Default)]
pub struct Level {
    /// Nothing where the log is not ours.
    filter: Option<reload::Handle<Targets, Registry>>,
}

impl Level {
    /// Logs nothing less severe than this from now on.
    pub fn set(&self, level: tracing::Level) {
        if let Some(filter) = &self.filter {
            // It fails only when the log is gone, which it is at the end of the process.
            let _ = filter.reload(targets(level));
        }
    }
}

/// Begins to log to standard error; masks what `scrubber` knows at the time of each line.
pub fn start(level: tracing::Level, format: LogFormat, scrubber: Arc<ArcSwap<Scrubber>>) -> Level {
    let (targets, filter) = reload::Layer::new(targets(level));
    let registry = tracing_subscriber::registry();
    let lines = fmt::layer().with_writer(Scrubbed { scrubber });
    let started = match format {
        LogFormat::Text => registry.with(lines.with_target(false).with_filter(targets)).try_init(),
        LogFormat::Json => registry.with(lines.json().with_filter(targets)).try_init(),
    };
    // A second start, by a test in the same process, leaves the first in place.
    Level { filter: started.is_ok().then_some(filter) }
}

/// The libraries beneath are heard from warn on, unless everything is asked for.
fn targets(level: tracing::Level) -> Targets {
    let beneath =
        if level == tracing::Level::TRACE { tracing::Level::TRACE } else { tracing::Level::WARN };
    let targets = Targets::new().with_default(beneath.min(level)).with_target("pollux", level);
    let ours = ["pollux_gateway", "pollux_pool", "pollux_store", "pollux_simulator"];
    targets.with_targets(ours.map(|target| (target, level)))
}

struct Scrubbed {
    scrubber: Arc<ArcSwap<Scrubber>>,
}

struct Line {
    scrubber: Arc<Scrubber>,
}

impl<'a> MakeWriter<'a> for Scrubbed {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { scrubber: self.scrubber.load_full() }
    }
}

impl Write for Line {
    /// The formatter hands over whole lines, so no secret is split between two writes.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        io::stderr().write_all(self.scrubber.scrub(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
