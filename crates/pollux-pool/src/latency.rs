//! How long a model takes to answer: what is usual, and what nineteen of twenty answers do not exceed.

use std::time::Duration;

/// Each doubling of a latency has so many buckets, which are as wide.
const PER_OCTAVE: usize = 4;
/// From 1 to 2^36 microseconds, which are 19 hours.
const BUCKETS: usize = 36 * PER_OCTAVE;
/// With more answers the older ones weigh half.
const MOST: u32 = 2_000;
/// With fewer answers nothing is known.
const FEWEST: u32 = 20;

/// The latencies of one model.
#[derive(Clone, Debug)]
pub(crate) struct Latency {
    buckets: Box<[u32; BUCKETS]>,
    count: u32,
    /// In seconds.
    mean: f32,
}

impl Default for Latency {
    fn default() -> Self {
        Self { buckets: Box::new([0; BUCKETS]), count: 0, mean: 0.0 }
    }
}

impl Latency {
    /// Notes an answer, and returns how long it took in proportion to what is usual.
    pub(crate) fn note(&mut self, latency: Duration) -> f32 {
        if let Some(bucket) = self.buckets.get_mut(bucket_of(latency)) {
            *bucket += 1;
            self.count += 1;
        }
        if self.count > MOST {
            self.buckets.iter_mut().for_each(|bucket| *bucket /= 2);
            self.count = self.buckets.iter().sum();
        }
        let seconds = latency.as_secs_f32();
        let weight = if self.count <= FEWEST { 0.2 } else { 0.02 };
        self.mean += (seconds - self.mean) * if self.count <= 1 { 1.0 } else { weight };
        if self.mean > 0.0 { seconds / self.mean } else { 1.0 }
    }

    /// Returns what `share` of the answers did not exceed, rounded up by a fifth at most.
    ///
    /// Nothing while there were only a few.
    pub(crate) fn quantile(&self, share: f32) -> Option<Duration> {
        if self.count < FEWEST {
            return None;
        }
        let below = share * f32::from(u16::try_from(self.count).unwrap_or(u16::MAX));
        let mut seen = 0.0;
        let buckets = self.buckets.iter().enumerate();
        let full = |(at, &count): (usize, &u32)| {
            seen += f32::from(u16::try_from(count).unwrap_or(u16::MAX));
            (seen >= below).then(|| end_of(at))
        };
        buckets.into_iter().find_map(full)
    }
}

fn bucket_of(latency: Duration) -> usize {
    let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX).max(1);
    let octave = usize::try_from(micros.ilog2()).unwrap_or(0);
    let quarter = ((u128::from(micros) * PER_OCTAVE as u128) >> octave) - PER_OCTAVE as u128;
    (octave * PER_OCTAVE + usize::try_from(quarter).unwrap_or(0)).min(BUCKETS - 1)
}

fn end_of(bucket: usize) -> Duration {
    let (octave, quarter) = (bucket / PER_OCTAVE, bucket % PER_OCTAVE);
    let quarters = u64::try_from(PER_OCTAVE + quarter + 1).unwrap_or(u64::MAX);
    Duration::from_micros((quarters << octave) / PER_OCTAVE as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_at_most_a_quarter_too_long() {
        let mut latency = Latency::default();
        for millis in 1..=1_000 {
            latency.note(Duration::from_millis(millis));
        }
        let p95 = latency.quantile(0.95).unwrap().as_millis();
        assert!((950..=1_190).contains(&p95), "{p95}");
        let p50 = latency.quantile(0.5).unwrap().as_millis();
        assert!((500..=625).contains(&p50), "{p50}");
    }

    #[test]
    fn a_few_answers_say_nothing() {
        let mut latency = Latency::default();
        (1..FEWEST).for_each(|_| _ = latency.note(Duration::from_millis(5)));
        assert_eq!(latency.quantile(0.95), None);
    }

    #[test]
    fn the_past_is_forgotten() {
        let mut latency = Latency::default();
        (0..2_000).for_each(|_| _ = latency.note(Duration::from_millis(10)));
        (0..20_000).for_each(|_| _ = latency.note(Duration::from_secs(1)));
        assert!(latency.quantile(0.05).unwrap() > Duration::from_millis(900));
        assert!((latency.note(Duration::from_secs(1)) - 1.0).abs() < 0.05);
    }

    #[test]
    fn no_latency_is_out_of_range() {
        let mut latency = Latency::default();
        for far in [Duration::ZERO, Duration::MAX, Duration::from_nanos(1)] {
            (0..20).for_each(|_| _ = latency.note(far));
        }
        assert!(latency.quantile(1.0).is_some());
    }
}
