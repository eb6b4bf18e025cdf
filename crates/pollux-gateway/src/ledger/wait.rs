//! Waiting for a key: a request holds a seat until its answer comes, its time is up, or it leaves.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::{Either, select};
use pollux_pool::{
    desk::{Answers, Waiter},
    id::ModelName,
    lease::{Lease, NoKey, Spend, Tiers},
    line::Ticket,
    time::Timestamp,
};
use tokio::sync::oneshot;

use super::local::Live;
use crate::clock::Clock;

/// The shortest time between two turns.
const LEAST: Duration = Duration::from_millis(1);

type Answer = Result<Lease, NoKey>;

/// A waiting request; leaves the line when dropped, and gives back what it did not take.
#[derive(Debug)]
pub(super) struct Seat {
    live: Arc<Mutex<Live>>,
    clock: Clock,
    ticket: Ticket,
    model: ModelName,
    tiers: Tiers,
    answer: oneshot::Receiver<Answer>,
    seated: bool,
}

impl Seat {
    pub(super) fn new(
        live: Arc<Mutex<Live>>,
        clock: Clock,
        ticket: Ticket,
        (model, tiers): (ModelName, Tiers),
        answer: oneshot::Receiver<Answer>,
    ) -> Self {
        Self { live, clock, ticket, model, tiers, answer, seated: true }
    }

    /// Waits for the answer, taking a turn at `next` and whenever a key should be back.
    pub(super) async fn wait(mut self, waiter: Waiter, mut next: Timestamp) -> Answer {
        loop {
            let wake = self.clock.sleep(next.min(waiter.until).since(self.clock.now()));
            match select(&mut self.answer, wake).await {
                Either::Left((answer, _)) => {
                    self.seated = false;
                    return answer.unwrap_or(Err(NoKey::Empty));
                }
                Either::Right(_) => {}
            }
            let now = self.clock.now();
            let mut live = self.lock();
            live.turn(&self.model, now);
            let outlook = live.outlook(&self.model, self.tiers, now);
            drop(live);
            if let Ok(answer) = self.answer.try_recv() {
                self.seated = false;
                return answer;
            }
            if now >= waiter.until {
                return Err(outlook);
            }
            next = match outlook {
                // A moment that is past already must not keep this one spinning.
                NoKey::Cooling { until } => until.max(now + LEAST),
                NoKey::Busy | NoKey::Tried | NoKey::Empty => waiter.until,
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if !self.seated {
            return;
        }
        let now = self.clock.now();
        self.answer.close();
        let unused = self.answer.try_recv();
        let mut live = self.lock();
        if let Ok(Ok(lease)) = unused {
            live.settle(lease, Spend::default(), now);
        }
        live.leave(self.ticket, &self.model, now);
    }
}

/// Hands out answers; a lease that nobody takes any more goes back.
pub(super) fn hand_out(live: &mut Live, answers: Answers, now: Timestamp) {
    for (ticket, answer) in answers {
        let unused = match live.seats.remove(&ticket) {
            Some(seat) => seat.send(answer).err(),
            None => Some(answer),
        };
        if let Some(Ok(lease)) = unused {
            live.settle(lease, Spend::default(), now);
        }
    }
}
