//! What is held against ways to Gemini: that they cannot be gone, or that Google does not serve where they end.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use pollux_pool::{id::KeyId, time::Timestamp};

use super::Egress;

/// How long a way is passed over after it could not be gone once.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest that a way is passed over.
const LAST_PAUSE: Duration = Duration::from_mins(5);
/// How long a way is passed over that ends where Google does not serve.
const BLOCKED: Duration = Duration::from_hours(1);

/// The live state of all ways; shared by every request.
#[derive(Debug, Default)]
pub struct Troubles {
    /// Whether there are any, for the many times when there are none.
    any: AtomicBool,
    held: Mutex<HashMap<Egress, Trouble>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Trouble {
    /// How often in a row it could not be gone.
    streak: u32,
    unreachable_until: Timestamp,
    blocked_until: Timestamp,
}

/// How good a way is now, the best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fitness {
    Blocked,
    Unreachable,
    Fit,
}

/// How many ways there are, and how they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub total: usize,
    /// Those that are passed over because they could not be gone.
    pub unreachable: usize,
    /// Those that end where Google does not serve.
    pub blocked: usize,
}

impl Troubles {
    /// The way that `key` takes now: of the fit ones the first in its order, else the first of all.
    ///
    /// Nothing where there is none to choose from.
    pub fn choose<'a>(&self, ways: &'a [Egress], key: KeyId, now: Timestamp) -> Option<&'a Egress> {
        if !self.any.load(Ordering::Relaxed) {
            return ways.iter().max_by_key(|way| way.rank(key));
        }
        let held = self.held();
        ways.iter().max_by_key(|way| (fitness(held.get(way), now), way.rank(key)))
    }

    /// Notes that no connection could be made; says for how long the way is passed over if that is new.
    pub fn unreachable(&self, way: &Egress, now: Timestamp) -> Option<Duration> {
        let mut held = self.held();
        let trouble = held.entry(way.clone()).or_default();
        self.any.store(true, Ordering::Relaxed);
        // Requests that were under way at the same time tell nothing new.
        if trouble.unreachable_until > now {
            return None;
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << trouble.streak.min(16)).min(LAST_PAUSE);
        trouble.streak = trouble.streak.saturating_add(1);
        trouble.unreachable_until = now + pause;
        Some(pause)
    }

    /// Notes that a connection was made; says whether that is news.
    pub fn reached(&self, way: &Egress) -> bool {
        self.mend(way, |trouble| {
            let is_news = trouble.streak > 0;
            *trouble = Trouble { blocked_until: trouble.blocked_until, ..Trouble::default() };
            is_news
        })
    }

    /// Notes that Google does not serve where the way ends; says whether that is news.
    pub fn blocked(&self, way: &Egress, now: Timestamp) -> bool {
        let mut held = self.held();
        let trouble = held.entry(way.clone()).or_default();
        self.any.store(true, Ordering::Relaxed);
        let is_news = trouble.blocked_until <= now;
        trouble.blocked_until = now + BLOCKED;
        is_news
    }

    /// Notes that Google served a request that came by this way; says whether that is news.
    pub fn served(&self, way: &Egress) -> bool {
        self.mend(way, |trouble| std::mem::take(&mut trouble.blocked_until) > Timestamp::default())
    }

    /// Whether Google is known not to serve where the way ends.
    pub fn is_blocked(&self, way: &Egress, now: Timestamp) -> bool {
        fitness(self.held().get(way), now) == Fitness::Blocked
    }

    /// How many of `ways` are how.
    pub fn count<'a>(&self, ways: impl IntoIterator<Item = &'a Egress>, now: Timestamp) -> Counts {
        let held = self.held();
        ways.into_iter().fold(Counts::default(), |counts, way| {
            let trouble = held.get(way).copied().unwrap_or_default();
            Counts {
                total: counts.total + 1,
                unreachable: counts.unreachable + usize::from(trouble.unreachable_until > now),
                blocked: counts.blocked + usize::from(trouble.blocked_until > now),
            }
        })
    }

    /// Takes something back that was held against a way, and forgets the way when nothing is left.
    fn mend(&self, way: &Egress, change: impl FnOnce(&mut Trouble) -> bool) -> bool {
        if !self.any.load(Ordering::Relaxed) {
            return false;
        }
        let mut held = self.held();
        let Some(trouble) = held.get_mut(way) else { return false };
        let is_news = change(trouble);
        if trouble.streak == 0 && trouble.blocked_until == Timestamp::default() {
            held.remove(way);
            self.any.store(!held.is_empty(), Ordering::Relaxed);
        }
        is_news
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Egress, Trouble>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fitness(trouble: Option<&Trouble>, now: Timestamp) -> Fitness {
    match trouble {
        Some(trouble) if trouble.blocked_until > now => Fitness::Blocked,
        Some(trouble) if trouble.unreachable_until > now => Fitness::Unreachable,
        Some(_) | None => Fitness::Fit,
    }
}
