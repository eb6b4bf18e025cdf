//! What was used in the last minute: a log of a few dozen spans that never counts too little.
//!
//! The first spans are single requests, so that small limits are exact; when
//! there are more, requests within two seconds share a span and leave the
//! window with the last of them.

use std::collections::VecDeque;
use std::time::Duration;

use crate::quota::Amount;
use crate::time::Timestamp;

/// How long requests share a span, in milliseconds.
const SPAN: u32 = 2_000;
/// So many spans are single requests.
const SINGLE: usize = 8;

/// See the module; a request counts for `WINDOW` milliseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Minute<const WINDOW: u32> {
    /// The oldest first.
    spans: VecDeque<Span>,
    /// When the youngest span was opened.
    opened: u32,
    /// When the oldest span leaves the window; kept here, since looking at it is what costs.
    leaves: Option<Timestamp>,
    used: Amount,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    /// When its last request was leased, in milliseconds that begin anew every seven weeks.
    at: u32,
    requests: u32,
    input_tokens: u32,
    tokens: u32,
}

impl<const WINDOW: u32> Minute<WINDOW> {
    /// Adds what a lease uses at `now`.
    pub(crate) fn add(&mut self, amount: Amount, now: Timestamp) {
        self.forget(now);
        let at = tick(now);
        let shares = self.spans.len() >= SINGLE && at.wrapping_sub(self.opened) < SPAN;
        if let Some(last) = self.spans.back_mut().filter(|_| shares) {
            last.at = at;
            last.raise(amount);
        } else {
            self.opened = at;
            let mut span = Span { at, requests: 0, input_tokens: 0, tokens: 0 };
            span.raise(amount);
            self.spans.push_back(span);
        }
        self.used = self.used.plus(amount);
    }

    /// Puts what a lease given at `leased` really used in the place of what was reserved for it.
    ///
    /// Nothing is changed where it has left the window by `now`.
    pub(crate) fn correct(
        &mut self,
        leased: Timestamp,
        (reserved, real): (Amount, Amount),
        now: Timestamp,
    ) {
        let at = tick(leased);
        if age(at, tick(now)) >= WINDOW {
            return;
        }
        // Of several spans of that moment it is in one that has as much.
        let holds = |span: &&mut Span| {
            !is_before(span.at, at) && age(at, span.at) < SPAN && span.covers(reserved)
        };
        let Some(span) = self.spans.iter_mut().find(holds) else { return };
        span.lower(reserved);
        span.raise(real);
        self.used = self.used.minus(reserved).plus(real);
    }

    /// Returns what was used in the minute before `now`.
    pub(crate) fn used(&mut self, now: Timestamp) -> Amount {
        self.forget(now);
        self.used
    }

    /// Returns when so much of what `read` counts will have left the window.
    pub(crate) fn relief(&self, excess: u64, read: fn(Amount) -> u64, now: Timestamp) -> Timestamp {
        let mut left = 0;
        for span in &self.spans {
            left += read(span.amount());
            if left >= excess {
                return Self::end_of(span, now);
            }
        }
        now + Duration::from_millis(u64::from(WINDOW))
    }

    /// Forgets the oldest requests until what will still count at `at` is `most` or less.
    pub(crate) fn yield_to(&mut self, most: u64, read: fn(Amount) -> u64, at: Timestamp) {
        let then = tick(at);
        let counts = |span: &&Span| age(span.at, then) < WINDOW;
        while self.spans.iter().filter(counts).map(|span| read(span.amount())).sum::<u64>() > most {
            let Some(oldest) = self.spans.pop_front() else { return };
            self.used = self.used.minus(oldest.amount());
        }
    }

    /// Takes over what another log holds, in no order: the two become one project's.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.spans.extend(&other.spans);
        let newest = self.spans.iter().map(|span| span.at).max().unwrap_or(0);
        self.spans.make_contiguous().sort_by_key(|span| std::cmp::Reverse(age(span.at, newest)));
        self.used = self.used.plus(other.used);
        self.leaves = None;
    }

    fn forget(&mut self, now: Timestamp) {
        if self.leaves.is_some_and(|leaves| now < leaves) {
            return;
        }
        let past = tick(now);
        while let Some(oldest) = self.spans.front()
            && age(oldest.at, past) >= WINDOW
        {
            self.used = self.used.minus(oldest.amount());
            self.spans.pop_front();
        }
        if self.spans.is_empty() {
            // Spans hold less than what a lease may claim to need.
            self.used = Amount::default();
        }
        self.leaves = self.spans.front().map(|oldest| Self::end_of(oldest, now));
    }

    /// Returns when a span leaves the window, which it has not done at `now`.
    fn end_of(span: &Span, now: Timestamp) -> Timestamp {
        let left = WINDOW.saturating_sub(age(span.at, tick(now))).max(1);
        // Both ends are whole milliseconds, or the span would seem to be there still at its end.
        let now = Timestamp::from_micros(now.as_micros().div_euclid(1_000) * 1_000);
        now + Duration::from_millis(u64::from(left))
    }
}

impl Span {
    fn amount(&self) -> Amount {
        let Self { requests, input_tokens, tokens, at: _ } = *self;
        Amount {
            requests: requests.into(),
            input_tokens: input_tokens.into(),
            tokens: tokens.into(),
        }
    }

    fn raise(&mut self, by: Amount) {
        self.requests = self.requests.saturating_add(narrow(by.requests));
        self.input_tokens = self.input_tokens.saturating_add(narrow(by.input_tokens));
        self.tokens = self.tokens.saturating_add(narrow(by.tokens));
    }

    fn lower(&mut self, by: Amount) {
        self.requests = self.requests.saturating_sub(narrow(by.requests));
        self.input_tokens = self.input_tokens.saturating_sub(narrow(by.input_tokens));
        self.tokens = self.tokens.saturating_sub(narrow(by.tokens));
    }

    fn covers(&self, amount: Amount) -> bool {
        amount.minus(self.amount()) == Amount::default()
    }
}

fn narrow(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn tick(at: Timestamp) -> u32 {
    let millis = at.as_micros().div_euclid(1_000).rem_euclid(1 << 32);
    u32::try_from(millis).unwrap_or(0)
}

/// Returns how long `at` is past; nothing for a clock that went back.
fn age(at: u32, now: u32) -> u32 {
    if is_before(now, at) { 0 } else { now.wrapping_sub(at) }
}

fn is_before(one: u32, other: u32) -> bool {
    one != other && other.wrapping_sub(one) < 1 << 31
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1_780_000_000);

    type Minute = super::Minute<61_000>;

    fn one() -> Amount {
        Amount { requests: 1, input_tokens: 10, tokens: 15 }
    }

    fn millis(millis: u64) -> Timestamp {
        START + Duration::from_millis(millis)
    }

    #[test]
    fn a_few_requests_count_a_minute_each() {
        let mut minute = Minute::default();
        (0..5).for_each(|at| minute.add(one(), millis(at * 100)));
        assert_eq!(minute.used(millis(60_999)).requests, 5);
        assert_eq!(minute.used(millis(61_099)).requests, 4);
        assert_eq!(minute.relief(2, |it| it.requests, millis(61_099)), millis(61_200));
        assert_eq!(minute.used(millis(61_400)), Amount::default());
    }

    #[test]
    fn many_requests_take_little_room_and_never_count_too_little() {
        let mut minute = Minute::default();
        let mut given = VecDeque::new();
        for at in (0..300_000_u64).step_by(37) {
            minute.add(one(), millis(at));
            given.push_back(at);
            while given.front().is_some_and(|first| first + 60_000 < at) {
                given.pop_front();
            }
            let used = usize::try_from(minute.used(millis(at)).requests).unwrap();
            assert!(used >= given.len() && used <= given.len() + 110, "{used} {}", given.len());
            assert!(minute.spans.len() <= 40, "{}", minute.spans.len());
        }
    }

    #[test]
    fn what_was_really_used_takes_the_place_of_the_estimate() {
        let mut minute = Minute::default();
        minute.add(one(), START);
        minute.add(one(), millis(500));
        let real = Amount { requests: 1, input_tokens: 700, tokens: 900 };
        minute.correct(START, (one(), real), millis(600));
        assert_eq!(
            minute.used(millis(900)),
            Amount { requests: 2, input_tokens: 710, tokens: 915 }
        );
        assert_eq!(minute.used(millis(61_200)).input_tokens, 10);
        minute.correct(START, (real, one()), millis(61_100));
        assert_eq!(minute.used(millis(61_200)).input_tokens, 10, "it has left the window");
    }

    #[test]
    fn a_clock_that_goes_back_or_around_forgets_nothing() {
        let mut minute = Minute::default();
        minute.add(one(), START);
        assert_eq!(minute.used(Timestamp::from_seconds(1_779_999_000)).requests, 1);
        let edge = Timestamp::from_micros(((1 << 32) * 400 - 500) * 1_000);
        let mut minute = Minute::default();
        minute.add(one(), edge);
        minute.add(one(), edge + Duration::from_secs(1));
        assert_eq!(minute.used(edge + Duration::from_mins(1)).requests, 2);
        assert_eq!(minute.used(edge + Duration::from_millis(61_100)).requests, 1);
    }

    #[test]
    fn what_one_of_several_leases_of_a_moment_really_used_changes_the_others_nothing() {
        let mut minute = Minute::default();
        let large = Amount { requests: 1, input_tokens: 1_000, tokens: 1_000 };
        (0..8).for_each(|_| minute.add(one(), START));
        minute.add(large, START);
        minute.add(one(), millis(1_500));
        minute.correct(START, (large, one()), millis(2_000));
        minute.add(large, millis(30_000));
        // The last of the eight shares its span with the large one, and leaves with it.
        let left = large.plus(one()).plus(one()).plus(one());
        assert_eq!(minute.used(millis(61_000)), left);
        assert_eq!(minute.used(millis(62_500)), large);
    }

    #[test]
    fn two_logs_become_one() {
        let (mut one_log, mut other) = (Minute::default(), Minute::default());
        one_log.add(one(), millis(2_000));
        other.add(one(), millis(1_000));
        other.add(one(), millis(3_000));
        one_log.merge(&other);
        assert_eq!(one_log.used(millis(62_500)).requests, 2);
        assert_eq!(one_log.relief(1, |it| it.requests, millis(62_500)), millis(63_000));
        assert_eq!(one_log.relief(2, |it| it.requests, millis(62_500)), millis(64_000));
    }
}
