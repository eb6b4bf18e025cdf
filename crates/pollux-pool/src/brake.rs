//! The brake of one model: many keys that answer a bare 429 at once are not at fault one by one.
//!
//! Google throttles whole callers without saying so. Going on to the next key
//! would only burn it too, so the pool stops for a short, growing time, lets
//! one request try, and goes on only when that one is answered otherwise.

use std::time::Duration;

use foldhash::HashMap;

use crate::place::Slot;
use crate::time::Timestamp;

/// How many different keys make a burst.
const KEYS: usize = 3;
/// Within which time they do.
const BURST: Duration = Duration::from_secs(10);
/// The first stop.
const FIRST_STOP: Duration = Duration::from_secs(2);
/// The longest stop.
const LAST_STOP: Duration = Duration::from_mins(1);
/// How long the others wait for the one request that tries.
const TRIAL: Duration = Duration::from_secs(1);

/// What a bare 429 means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Bare {
    /// The key is out of quota, as far as one can tell.
    Alone,
    /// The pool is throttled: these keys, and the one that answered, are not to blame.
    Burst(Vec<Slot>),
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Brake {
    /// Who answered a bare 429 lately, and when.
    recent: Vec<(Slot, Timestamp)>,
    on: Option<On>,
}

#[derive(Clone, Copy, Debug)]
struct On {
    since: Timestamp,
    until: Timestamp,
    streak: u32,
}

impl Brake {
    /// Returns until when nobody may go, if that is so at `now`.
    pub(crate) fn stops(&self, now: Timestamp) -> Option<Timestamp> {
        self.on.map(|on| on.until).filter(|&until| until > now)
    }

    /// Returns whether forgetting the brake would lose something.
    pub(crate) const fn is_on(&self) -> bool {
        self.on.is_some()
    }

    /// Notes that a lease was given; if it tries whether the stop is over, the others wait for it.
    pub(crate) fn leased(&mut self, now: Timestamp) {
        if let Some(on) = &mut self.on {
            on.until = now + TRIAL;
        }
    }

    /// Takes a bare 429 that `slot` answered at `now` to a lease given at `leased`.
    pub(crate) fn bare(&mut self, slot: Slot, leased: Timestamp, now: Timestamp) -> Bare {
        if let Some(on) = &mut self.on {
            if leased > on.since {
                *on = On::new(on.streak.saturating_add(1), now);
            }
            return Bare::Burst(Vec::new());
        }
        self.recent.retain(|&(other, at)| other != slot && now.since(at) <= BURST);
        self.recent.push((slot, now));
        if self.recent.len() < KEYS {
            return Bare::Alone;
        }
        self.on = Some(On::new(1, now));
        Bare::Burst(self.recent.drain(..).map(|(slot, _)| slot).collect())
    }

    /// Takes any other answer that Google's throttle let through, to a lease given at `leased`.
    pub(crate) fn passed(&mut self, leased: Timestamp) {
        if self.on.is_some_and(|on| leased > on.since) {
            self.on = None;
        }
    }

    /// Follows the keys to their new slots, and forgets those that have none.
    pub(crate) fn follow(&mut self, moved: &HashMap<Slot, Slot>) {
        let follow = |(slot, at)| moved.get(&slot).map(|&slot| (slot, at));
        self.recent = self.recent.drain(..).filter_map(follow).collect();
    }
}

impl On {
    fn new(streak: u32, now: Timestamp) -> Self {
        let doublings = streak.saturating_sub(1).min(16);
        let stop = FIRST_STOP.saturating_mul(1 << doublings).min(LAST_STOP);
        Self { since: now, until: now + stop, streak }
    }
}
