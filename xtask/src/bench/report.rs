//! The figures as a table in Markdown.

use std::{fmt::Write as _, time::Duration};

use super::{CONCURRENCY, RATE, ROUNDS, SPAN};

/// One case.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    /// Requests per second.
    pub(super) fast: f64,
    /// Microseconds of processor time per request; absent where nothing stands between.
    pub(super) processor: Option<u64>,
    /// Microseconds, at the median and at 99 of 100.
    pub(super) latency: [u64; 2],
    /// The same of the direct case.
    pub(super) baseline: Option<[u64; 2]>,
}

/// Microseconds of `total` for each of `count`.
pub(super) fn share(total: Duration, count: u64) -> u64 {
    u64::try_from(total.as_micros()).unwrap_or(u64::MAX).checked_div(count).unwrap_or_default()
}

/// The table, and below it what the figures are; memory is nginx's and Pollux's, in bytes.
pub(super) fn table(rows: &[Row], idle: &[u64; 2], after: &[u64; 2]) -> String {
    let mut text = String::from(
        "\n| case | requests/s | CPU per request | latency p50 | p99 | added p50 | added p99 |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for row in rows {
        let processor = row.processor.map_or_else(|| "-".to_owned(), |it| format!("{it} us"));
        let [median, late] = row.latency;
        let [added_median, added_late] = match row.baseline {
            Some([direct, direct_late]) => [added(median, direct), added(late, direct_late)],
            None => ["-".to_owned(), "-".to_owned()],
        };
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "| {} | {:.0} | {processor} | {median} us | {late} us | {added_median} | {added_late} |",
            row.name, row.fast,
        );
    }
    let mebibytes = |bytes: u64| format!("{} MiB", (bytes + (1 << 19)) >> 20);
    let [nginx, pollux] = idle.map(mebibytes);
    let [nginx_after, pollux_after] = after.map(mebibytes);
    let _ = write!(
        text,
        "\n| memory | before | after |\n| --- | ---: | ---: |\n\
         | nginx | {nginx} | {nginx_after} |\n| Pollux | {pollux} | {pollux_after} |\n\n\
         {ROUNDS} rounds, the cases in turn, {} s each at {CONCURRENCY} requests at a time (requests/s, \
         CPU) and {} s at {RATE} requests/s (latency; of a request that begins late, from when \
         it was due). \
         Load, proxy and simulated Gemini share this machine's {} processors. nginx is a plain reverse proxy with \
         keep-alive, without buffering, one worker per processor; Pollux has its default settings.",
        SPAN.as_secs(),
        SPAN.as_secs(),
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
    );
    text
}

fn added(latency: u64, direct: u64) -> String {
    if latency < direct {
        return format!("-{} us", direct - latency);
    }
    format!("{} us", latency - direct)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_door_adds_is_its_latency_less_the_direct_one() {
        let row = Row {
            name: "x",
            fast: 1234.5,
            processor: Some(56),
            latency: [300, 900],
            baseline: Some([200, 950]),
        };
        let text = table(&[row], &[1 << 20; 2], &[2 << 20; 2]);
        assert!(
            text.contains("| x | 1234 | 56 us | 300 us | 900 us | 100 us | -50 us |"),
            "{text}"
        );
        assert!(text.contains("| Pollux | 1 MiB | 2 MiB |"), "{text}");
    }

    #[test]
    fn a_share_of_nothing_is_nothing() {
        assert_eq!(share(Duration::from_millis(1), 4), 250);
        assert_eq!(share(Duration::from_millis(1), 0), 0);
    }
}
