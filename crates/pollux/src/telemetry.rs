//! Log lines, each scrubbed of every secret of the pool before it leaves.

use std::{
    io::{self, Write},
    sync::Arc,
};

use arc_swap::ArcSwap;
use pollux_gateway::scrub::Scrubber;
use tracing::Level;
use tracing_subscriber::{
    Layer as _, filter::Targets, fmt, fmt::MakeWriter, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::config::LogFormat;

/// Begins to log to standard error; masks what `scrubber` knows at the time of each line.
pub fn start(level: Level, format: LogFormat, scrubber: Arc<ArcSwap<Scrubber>>) {
    // The libraries beneath are heard from warn on, unless everything is asked for.
    let beneath = if level == Level::TRACE { Level::TRACE } else { Level::WARN };
    let targets = Targets::new().with_default(beneath.min(level)).with_target("pollux", level);
    let ours = ["pollux_gateway", "pollux_pool", "pollux_store", "pollux_simulator"];
    let targets = targets.with_targets(ours.map(|target| (target, level)));
    let lines = fmt::layer().with_writer(Scrubbed { scrubber });
    let registry = tracing_subscriber::registry();
    let started = match format {
        LogFormat::Text => registry.with(lines.with_target(false).with_filter(targets)).try_init(),
        LogFormat::Json => registry.with(lines.json().with_filter(targets)).try_init(),
    };
    // A second start, by a test in the same process, leaves the first in place.
    drop(started);
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
