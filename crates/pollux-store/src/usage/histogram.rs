//! How long things took, in buckets that grow with the time: eight for each factor of ten.

use std::time::Duration;

/// Buckets for each factor of ten.
const PER_DECADE: f64 = 8.0;
/// From 1 ms to 20 minutes; what is shorter or longer is in the first or last.
const LAST: u8 = 49;

/// A range of durations whose ends are a third apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(u8);

impl Bucket {
    /// Returns the bucket that a duration falls into.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is held between the first and the last"
    )]
    pub fn of(time: Duration) -> Self {
        let millis = time.as_secs_f64() * 1e3;
        let place = (millis.max(1.0).log10() * PER_DECADE).floor();
        Self(place.clamp(0.0, f64::from(LAST)) as u8)
    }

    /// Returns the bucket of this number, if there is one.
    pub fn from_number(number: u8) -> Option<Self> {
        (number <= LAST).then_some(Self(number))
    }

    /// Returns its number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Returns where it begins, in milliseconds.
    fn begin(self) -> f64 {
        10_f64.powf(f64::from(self.0) / PER_DECADE)
    }
}

/// How often things took how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram([u64; LAST as usize + 1]);

impl Default for Histogram {
    fn default() -> Self {
        Self([0; LAST as usize + 1])
    }
}

impl Histogram {
    /// Adds to a bucket.
    pub fn add(&mut self, bucket: Bucket, count: u64) {
        if let Some(sum) = self.0.get_mut(usize::from(bucket.0)) {
            *sum += count;
        }
    }

    /// Returns how many there are.
    pub fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Returns within how long `percent` of them were over, and nothing where there are none.
    ///
    /// It is right to a bucket, and taken from its width in proportion.
    #[expect(clippy::cast_precision_loss, reason = "nobody counts so far")]
    pub fn percentile(&self, percent: u8) -> Option<Duration> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        let wanted = (count as f64 * f64::from(percent) / 100.0).max(1.0);
        let mut before = 0_u64;
        for (number, &here) in (0_u8..).zip(&self.0) {
            if here > 0 && (before + here) as f64 >= wanted {
                let share = (wanted - before as f64) / here as f64;
                let (from, to) = (Bucket(number).begin(), Bucket(number + 1).begin());
                let from = if number == 0 { 0.0 } else { from };
                return Some(Duration::from_secs_f64((from + (to - from) * share) / 1e3));
            }
            before += here;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_has_a_bucket_and_longer_ones_have_later_ones() {
        assert_eq!(Bucket::of(Duration::ZERO), Bucket(0));
        assert_eq!(Bucket::of(Duration::from_millis(1)), Bucket(0));
        assert_eq!(Bucket::of(Duration::from_millis(10)), Bucket(8));
        assert_eq!(Bucket::of(Duration::from_secs(1)), Bucket(24));
        assert_eq!(Bucket::of(Duration::from_mins(20)), Bucket(48));
        assert_eq!(Bucket::of(Duration::MAX), Bucket(LAST));
        let all: Vec<_> = (0..5_000).map(|it| Bucket::of(Duration::from_millis(it))).collect();
        assert!(all.is_sorted());
    }

    #[test]
    fn a_percentile_is_right_within_its_bucket() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentile(50), None);
        for millis in 1..=1_000 {
            histogram.add(Bucket::of(Duration::from_millis(millis)), 1);
        }
        assert_eq!(histogram.count(), 1_000);
        for (percent, want) in [(50, 500.0), (95, 950.0), (99, 990.0), (1, 10.0)] {
            let found = histogram.percentile(percent).unwrap().as_secs_f64() * 1e3;
            assert!((want / 1.34..want * 1.34).contains(&found), "p{percent}: {found}");
        }
    }

    #[test]
    fn a_single_one_is_every_percentile() {
        let mut histogram = Histogram::default();
        histogram.add(Bucket::of(Duration::from_millis(250)), 1);
        for percent in [1, 50, 99] {
            let found = histogram.percentile(percent).unwrap();
            assert!((237.0..=317.0).contains(&(found.as_secs_f64() * 1e3)), "{found:?}");
        }
    }
}
