//! A position in a list of steps.

use crate::{Behaviour, Steps};

/// Steps, and how far they have been followed.
#[derive(Debug)]
pub(super) struct Lane {
    steps: Steps,
    at: usize,
    done: u32,
}

impl Lane {
    pub(super) fn new(steps: Steps) -> Self {
        let mut lane = Self { steps, at: 0, done: 0 };
        lane.skip();
        lane
    }

    /// What the next request meets; after the last step, an answer as asked.
    pub(super) fn current(&self) -> Behaviour {
        self.steps.0.get(self.at).map(|step| step.behaviour.clone()).unwrap_or_default()
    }

    /// Counts a request that met the current step.
    pub(super) fn advance(&mut self) {
        self.done = self.done.saturating_add(1);
        self.skip();
    }

    fn skip(&mut self) {
        while self
            .steps
            .0
            .get(self.at)
            .is_some_and(|step| step.times.is_some_and(|times| self.done >= times))
        {
            self.at += 1;
            self.done = 0;
        }
    }
}
