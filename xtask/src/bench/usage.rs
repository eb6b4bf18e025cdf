//! What a process and its children have used, as Linux counts it.

use std::{error::Error, fs, time::Duration};

/// A tick of `utime` and `stime`; Linux shows a hundred a second to every program.
const TICK: Duration = Duration::from_millis(10);

/// Processor time so far and memory now, of a process and its children.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) processor: Duration,
    /// Bytes.
    pub(super) resident: u64,
}

impl Usage {
    /// Reads it from `/proc`.
    pub(super) fn of(process: u32) -> Result<Self, Box<dyn Error>> {
        let mut usage = Self::default();
        for id in family(process)? {
            let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
            let status = fs::read_to_string(format!("/proc/{id}/status"))?;
            let ticks = ticks(&stat).ok_or("/proc/ID/stat has another form")?;
            usage.processor += TICK * ticks;
            usage.resident += resident(&status).ok_or("/proc/ID/status has another form")?;
        }
        Ok(usage)
    }
}

/// A process and its children.
fn family(process: u32) -> Result<Vec<u32>, Box<dyn Error>> {
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
    let ids = children.split_whitespace().map(str::parse).collect::<Result<Vec<u32>, _>>()?;
    Ok(std::iter::once(process).chain(ids).collect())
}

/// User and system time together; the name before them may hold spaces.
fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut times = fields.split(' ').skip(11).map(str::parse::<u32>);
    Some(times.next()?.ok()? + times.next()?.ok()?)
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_times_count_whatever_the_name_is() {
        let stat = "42 (a b) c) S 1 42 42 0 -1 4194560 900 0 0 0 120 35 0 0 20 0 3 0 99 1 2";
        assert_eq!(ticks(stat), Some(155));
    }

    #[test]
    fn memory_is_in_bytes() {
        assert_eq!(resident("Name:\tx\nVmRSS:\t    1024 kB\nVmSwap:\t0 kB\n"), Some(1 << 20));
    }
}
