//! A pool with its waiting line: who finds no key in time waits, and whoever frees one serves the next.

use std::collections::HashMap;

use crate::id::{ModelName, UserId};
use crate::lease::{Affinity, Ask, Form, Lease, NoKey, Owner, Tiers};
use crate::line::{Line, Ticket};
use crate::pool::Pool;
use crate::time::Timestamp;

/// How many users in a row are offered keys in vain before the rest are not asked.
const MISSES: usize = 8;

/// Who asks for a key, and how long he waits for it.
#[derive(Clone, Copy, Debug)]
pub struct Waiter {
    /// Who.
    pub user: Option<UserId>,
    /// Until when.
    pub until: Timestamp,
}

/// What became of a request for a key.
#[derive(Debug)]
pub enum Entered {
    /// It was answered at once.
    Answered(Result<Lease, NoKey>),
    /// It waits; the answer comes with [`Desk::turn`].
    Waiting {
        /// Names it.
        ticket: Ticket,
        /// When to take the next turn at the latest.
        next: Timestamp,
    },
}

/// Requests that were waiting and are answered.
pub type Answers = Vec<(Ticket, Result<Lease, NoKey>)>;

/// See the module.
#[derive(Debug)]
pub struct Desk {
    /// The pool.
    pub pool: Pool,
    lines: HashMap<ModelName, Line<Want>>,
    /// The most requests that wait for one model.
    longest: usize,
    last: u64,
}

/// What a waiting request asks for.
#[derive(Clone, Debug)]
struct Want {
    model: ModelName,
    owner: Option<Owner>,
    prefer: Option<Owner>,
    affinity: Option<Affinity>,
    tiers: Tiers,
    input_tokens: u64,
    form: Form,
}

impl Desk {
    /// Puts a pool behind a desk at which so many requests wait for one model at most.
    pub fn new(pool: Pool, longest: usize) -> Self {
        Self { pool, lines: HashMap::new(), longest, last: 0 }
    }

    /// Changes how many requests wait at most.
    pub const fn set_longest(&mut self, longest: usize) {
        self.longest = longest;
    }

    /// Asks for a key: now if nobody waits for the model, else in turn.
    pub fn enter(&mut self, ask: &Ask<'_>, waiter: Waiter, now: Timestamp) -> (Entered, Answers) {
        // Nobody may overtake; but who needs one project waits for that alone.
        let is_free = ask.owner.is_some() || self.lines.get(ask.model).is_none_or(Line::is_empty);
        let asked = if is_free { self.pool.lease(ask, now) } else { Err(NoKey::Busy) };
        let no_key = match asked {
            Ok(lease) => return (Entered::Answered(Ok(lease)), Vec::new()),
            Err(no_key @ (NoKey::Tried | NoKey::Empty)) => {
                return (Entered::Answered(Err(no_key)), Vec::new());
            }
            Err(no_key @ (NoKey::Cooling { .. } | NoKey::Busy)) => no_key,
        };
        let is_full = self.lines.get(ask.model).map_or(0, Line::len) >= self.longest;
        let is_too_late = matches!(no_key, NoKey::Cooling { until } if until > waiter.until);
        if is_full || is_too_late || waiter.until <= now {
            return (Entered::Answered(Err(no_key)), Vec::new());
        }
        self.last += 1;
        let ticket = Ticket(self.last);
        let line = self.lines.entry(ask.model.clone()).or_default();
        line.push(waiter.user, ticket, Want::of(ask));
        let mut answers = self.turn(ask.model, now);
        if let Some(own) = answers.iter().position(|(answered, _)| *answered == ticket) {
            let (_, answer) = answers.swap_remove(own);
            return (Entered::Answered(answer), answers);
        }
        let next = match no_key {
            NoKey::Cooling { until } => until,
            NoKey::Busy | NoKey::Tried | NoKey::Empty => waiter.until,
        };
        (Entered::Waiting { ticket, next }, answers)
    }

    /// Serves those who wait for `model`, as far as there are keys.
    pub fn turn(&mut self, model: &ModelName, now: Timestamp) -> Answers {
        let Self { pool, lines, .. } = self;
        let Some(line) = lines.get_mut(model) else { return Vec::new() };
        let answers = line.serve(MISSES, |want| match pool.lease(&want.ask(), now) {
            Err(NoKey::Cooling { .. } | NoKey::Busy) => None,
            answer @ (Ok(_) | Err(NoKey::Tried | NoKey::Empty)) => Some(answer),
        });
        if line.is_empty() {
            lines.remove(model);
        }
        answers
    }

    /// Serves those who wait for any model; for when a key is free again.
    pub fn turn_all(&mut self, now: Timestamp) -> Answers {
        let models: Vec<ModelName> = self.lines.keys().cloned().collect();
        models.iter().flat_map(|model| self.turn(model, now)).collect()
    }

    /// Leaves the line.
    pub fn leave(&mut self, ticket: Ticket, model: &ModelName) {
        let Some(line) = self.lines.get_mut(model) else { return };
        line.remove(ticket);
        if line.is_empty() {
            self.lines.remove(model);
        }
    }

    /// Returns how many requests wait.
    pub fn waiting(&self) -> usize {
        self.lines.values().map(Line::len).sum()
    }
}

impl Want {
    fn of(ask: &Ask<'_>) -> Self {
        Self {
            model: ask.model.clone(),
            owner: ask.owner.cloned(),
            prefer: ask.prefer.cloned(),
            affinity: ask.affinity,
            tiers: ask.tiers,
            input_tokens: ask.input_tokens,
            form: ask.form,
        }
    }

    /// What was tried before the wait may be tried again after it.
    fn ask(&self) -> Ask<'_> {
        Ask {
            model: &self.model,
            tried: &[],
            owner: self.owner.as_ref(),
            prefer: self.prefer.as_ref(),
            affinity: self.affinity,
            tiers: self.tiers,
            input_tokens: self.input_tokens,
            form: self.form,
        }
    }
}
