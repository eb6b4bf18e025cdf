//! A day at the desk: random clients, a Google that counts, and time that moves from event to event.

mod google;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use pollux_pool::budget::Budget;
use pollux_pool::desk::{Answers, Desk, Entered, Waiter};
use pollux_pool::id::{KeyId, ModelName, ProjectName, UserId};
use pollux_pool::key::{Key, Tier};
use pollux_pool::lease::{Ask, Lease, NoKey, Spend, Tiers};
use pollux_pool::line::Ticket;
use pollux_pool::outcome::{Lesson, Outcome};
use pollux_pool::plan::{self, Plan, Step};
use pollux_pool::pool::{Pool, Settings};
use pollux_pool::time::Timestamp;

pub(crate) use google::{Google, Mode};

/// What happened to the requests of one user.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) sent: u32,
    pub(crate) served: u32,
    pub(crate) longest_wait: Duration,
}

/// What happened in all.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) users: HashMap<i64, Tally>,
    pub(crate) attempts: u32,
    pub(crate) refused: u32,
    /// Why requests that got no key got none.
    pub(crate) without: Vec<NoKey>,
}

impl Report {
    pub(crate) fn sent(&self) -> u32 {
        self.users.values().map(|user| user.sent).sum()
    }

    pub(crate) fn served(&self) -> u32 {
        self.users.values().map(|user| user.served).sum()
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives(i64),
    Asks(usize),
    Answered(usize),
    Turn,
}

struct Request {
    user: i64,
    plan: Plan,
    since: Timestamp,
    lease: Option<(Lease, Outcome, Lesson)>,
}

/// See the module.
pub(crate) struct World {
    pub(crate) desk: Desk,
    pub(crate) google: Google,
    pub(crate) now: Timestamp,
    pub(crate) report: Report,
    model: ModelName,
    budget: Budget,
    events: BinaryHeap<Reverse<(Timestamp, u64, Event)>>,
    requests: Vec<Request>,
    seats: HashMap<Ticket, usize>,
    next_turn: Timestamp,
    count: u64,
    seed: u64,
}

/// Keys 1 to `keys`, dealt to `projects` projects in turn.
pub(crate) fn keys(keys: i64, projects: i64) -> Vec<Key> {
    let key = |id| Key {
        id: KeyId(id),
        weight: 1,
        project: Some(ProjectName::new(&format!("p{}", id % projects))),
        tier: Tier::Free,
    };
    (1..=keys).map(key).collect()
}

impl World {
    pub(crate) fn new(settings: Settings, keys: Vec<Key>, google: Google, now: Timestamp) -> Self {
        Self {
            desk: Desk::new(Pool::new(settings, keys, 3), 10_000),
            google,
            now,
            report: Report::default(),
            model: ModelName::new("gemini-2.5-flash"),
            budget: Budget::new(Budget::RATIO, now),
            events: BinaryHeap::new(),
            requests: Vec::new(),
            seats: HashMap::new(),
            next_turn: now,
            count: 0,
            seed: 99,
        }
    }

    /// Lets clients send so many requests a second for a while; half of them are of one user.
    pub(crate) fn load(&mut self, per_second: f64, time: Duration, users: i64) {
        let end = self.now + time;
        let mut at = self.now;
        loop {
            let pause = -self.share().max(1e-9).ln() / per_second;
            at = at + Duration::from_secs_f64(pause);
            if at >= end {
                break;
            }
            let user = if self.share() < 0.5 { 0 } else { 1 + self.below(users - 1) };
            self.push(at, Event::Arrives(user));
        }
        self.run();
        self.now = end.max(self.now);
    }

    fn run(&mut self) {
        while let Some(Reverse((at, _, event))) = self.events.pop() {
            self.now = at.max(self.now);
            match event {
                Event::Arrives(user) => self.arrive(user),
                Event::Asks(request) => self.ask(request),
                Event::Answered(request) => self.answered(request),
                Event::Turn => {
                    let answers = self.desk.turn(&self.model, self.now);
                    self.hand_out(answers);
                }
            }
        }
        assert_eq!(self.desk.waiting(), 0, "nobody waits for ever");
        assert!(self.desk.pool.view(self.now).all(|view| view.in_flight == 0));
    }

    fn arrive(&mut self, user: i64) {
        self.report.users.entry(user).or_default().sent += 1;
        let limits = plan::Limits { deadline: Duration::from_mins(3), ..plan::Limits::default() };
        let plan = Plan::new(limits, self.now);
        self.requests.push(Request { user, plan, since: self.now, lease: None });
        self.ask(self.requests.len() - 1);
    }

    fn ask(&mut self, request: usize) {
        let now = self.now;
        let Request { plan, user, .. } = &mut self.requests[request];
        let until = plan.wait_until(now);
        let waiter = Waiter { user: Some(UserId(*user)), until };
        loop {
            let ask = Ask { tried: plan.tried(), input_tokens: 50, ..Ask::of(&self.model) };
            let (entered, answers) = self.desk.enter(&ask, waiter, now);
            match entered {
                Entered::Answered(Err(NoKey::Tried)) if plan.again() => continue,
                Entered::Answered(answer) => self.given(request, answer),
                Entered::Waiting { ticket, next } => {
                    self.seats.insert(ticket, request);
                    self.requests[request].since = now;
                    self.turn_at(next.min(until));
                    self.push(until, Event::Turn);
                }
            }
            return self.hand_out(answers);
        }
    }

    fn hand_out(&mut self, answers: Answers) {
        for (ticket, answer) in answers {
            if let Some(request) = self.seats.remove(&ticket) {
                let Request { plan, since, .. } = &mut self.requests[request];
                plan.waited(self.now.since(*since));
                self.given(request, answer);
            }
        }
        self.leave();
    }

    /// Those whose time is up go.
    fn leave(&mut self) {
        let max = Duration::from_secs(5);
        let late: Vec<Ticket> = self
            .seats
            .iter()
            .filter(|(_, request)| self.now.since(self.requests[**request].since) >= max)
            .map(|(&ticket, _)| ticket)
            .collect();
        for ticket in late {
            self.desk.leave(ticket, &self.model);
            self.seats.remove(&ticket);
            self.report.without.push(self.desk.pool.outlook(&self.model, Tiers::Any, self.now));
        }
        if let (NoKey::Cooling { until }, true) =
            (self.desk.pool.outlook(&self.model, Tiers::Any, self.now), !self.seats.is_empty())
        {
            self.turn_at(until.min(self.now + max));
        }
    }

    fn turn_at(&mut self, at: Timestamp) {
        if self.next_turn <= self.now || at < self.next_turn {
            self.next_turn = at;
            self.push(at, Event::Turn);
        }
    }

    fn given(&mut self, request: usize, answer: Result<Lease, NoKey>) {
        match answer {
            Ok(lease) => {
                self.requests[request].plan.attempt(lease.key());
                self.report.attempts += 1;
                let hop = Duration::from_micros(20_000 + self.below(60_000).unsigned_abs());
                let (lesson, time) = self.google.answer(lease.key(), self.now + hop);
                let outcome = lesson.outcome;
                self.requests[request].lease = Some((lease, outcome, lesson));
                self.push(self.now + hop + time, Event::Answered(request));
            }
            Err(no_key) => self.report.without.push(no_key),
        }
    }

    fn answered(&mut self, request: usize) {
        let Some((lease, outcome, lesson)) = self.requests[request].lease.take() else { return };
        self.desk.pool.report(&lease, &lesson, self.now);
        let requests = u64::from(!matches!(outcome, Outcome::Exhausted { .. }));
        let spend = Spend { requests, input_tokens: 60, tokens: 300 };
        self.desk.pool.settle(lease, spend, self.now);
        let plan = &mut self.requests[request].plan;
        if plan.attempts() == 1 {
            self.budget.deposit(self.now);
        }
        match plan.after(&outcome, self.now, &mut self.budget) {
            Step::Retry { delay } => self.push(self.now + delay, Event::Asks(request)),
            Step::Deliver => {
                let user = self.report.users.entry(self.requests[request].user).or_default();
                user.served += u32::from(outcome == Outcome::Success);
                let waited = self.requests[request].plan.time_waited();
                user.longest_wait = user.longest_wait.max(waited);
                self.report.refused += u32::from(outcome != Outcome::Success);
            }
        }
        let answers = self.desk.turn_all(self.now);
        self.hand_out(answers);
    }

    fn push(&mut self, at: Timestamp, event: Event) {
        self.count += 1;
        self.events.push(Reverse((at, self.count, event)));
    }

    fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.below(1 << 31)).unwrap()) / f64::from(1_u32 << 31)
    }

    fn below(&mut self, bound: i64) -> i64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        i64::try_from(self.seed >> 33).unwrap() % bound
    }
}
