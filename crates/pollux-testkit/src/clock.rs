//! Time that stands still until a test moves it.

use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    ops::RangeBounds,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use pollux_gateway::clock::Clock;
use pollux_pool::time::Timestamp;
use tokio::sync::Notify;

use crate::within;

/// Sleeps shorter than this, such as a retry's backoff, move the clock on by themselves.
const NAP: Duration = Duration::from_secs(1);

/// A clock moved by hand, with sleepers that wake when it passes their moment; clones share it.
///
/// A sleep of less than a second does not wait: it moves the clock on by as much.
#[derive(Clone)]
pub struct ManualClock {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    asleep: Notify,
}

struct State {
    now: Timestamp,
    sleepers: BTreeMap<Place, Waker>,
    next: u64,
}

/// When a sleeper wakes, and which of those that wake then it is.
type Place = (Timestamp, u64);

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn new(now: Timestamp) -> Self {
        let state = Mutex::new(State { now, sleepers: BTreeMap::new(), next: 0 });
        Self { shared: Arc::new(Shared { state, asleep: Notify::new() }) }
    }

    /// The moment it stands at.
    pub fn now(&self) -> Timestamp {
        self.shared.state().now
    }

    /// Moves it on, and wakes who slept until then, the first to wake first.
    pub fn advance(&self, by: Duration) {
        let mut state = self.shared.state();
        let to = state.now + by;
        state.move_to(to);
    }

    /// Moves it on to `moment`; a moment that is past changes nothing.
    pub fn advance_to(&self, moment: Timestamp) {
        self.shared.state().move_to(moment);
    }

    /// How much longer everyone sleeps, the first to wake first.
    pub fn sleepers(&self) -> Vec<Duration> {
        let state = self.shared.state();
        state.sleepers.keys().map(|(until, _)| until.since(state.now)).collect()
    }

    /// Waits until somebody sleeps for a time in `range`.
    pub async fn until_sleeping(&self, range: impl RangeBounds<Duration>) {
        let asleep = async {
            loop {
                let mut changed = std::pin::pin!(self.shared.asleep.notified());
                changed.as_mut().enable();
                if self.sleepers().iter().any(|left| range.contains(left)) {
                    return;
                }
                changed.await;
            }
        };
        within("somebody sleeps for that long", asleep).await;
    }

    /// The same time, for the gateway.
    pub fn clock(&self) -> Clock {
        let (reader, sleeper) = (self.clone(), self.clone());
        Clock::new(move || reader.now(), move |duration| Box::pin(sleeper.sleep(duration)))
    }

    /// The same time, for the simulator.
    pub fn simulated(&self) -> pollux_simulator::Clock {
        let reader = self.clone();
        pollux_simulator::Clock::new(move || reader.now().as_micros())
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let mut state = self.shared.state();
        state.next += 1;
        let place = (state.now + duration, state.next);
        Sleep { shared: Arc::clone(&self.shared), place, nap: duration < NAP }
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ManualClock").field(&self.now()).finish()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn move_to(&mut self, moment: Timestamp) {
        self.now = self.now.max(moment);
        while let Some(first) = self.sleepers.first_entry()
            && first.key().0 <= self.now
        {
            first.remove().wake();
        }
    }
}

/// One sleep; whoever drops it sleeps no more.
struct Sleep {
    shared: Arc<Shared>,
    place: Place,
    nap: bool,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.shared.state();
        if self.nap {
            state.move_to(self.place.0);
        }
        if state.now >= self.place.0 {
            return Poll::Ready(());
        }
        state.sleepers.insert(self.place, cx.waker().clone());
        drop(state);
        self.shared.asleep.notify_waiters();
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.shared.state().sleepers.remove(&self.place);
    }
}
