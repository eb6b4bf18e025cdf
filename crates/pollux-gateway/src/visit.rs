//! Who makes a request, and what it may still spend: admitted once, reserved for before each call,
//! settled when all of it is over.
//!
//! Handles on a visit are held by whatever works for its request; the last that goes settles it.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use http::{HeaderMap, HeaderName, HeaderValue};
use pollux_pool::limit::{Cost, Permit, Refused, Standing, Subject, Unit};
use pollux_translate::{gemini::opening, usage::Usage};

use crate::{
    catalog::User,
    failure::{Failure, whole_seconds},
    proxy::call::Call,
    shared::Shared,
};

/// A handle on one request's visit; cheap to clone, and nothing where nobody watches the request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visit(Option<Arc<OnceLock<Guest>>>);

/// Whoever was let in.
struct Guest {
    shared: Arc<Shared>,
    user: Arc<User>,
    /// Whose limits count: empty for most.
    subjects: Vec<Subject>,
    bill: Mutex<Bill>,
}

#[derive(Debug, Default)]
struct Bill {
    /// None where nothing is limited, or it was refused.
    permit: Option<Permit>,
    spent: Cost,
    /// Whether any call of it was made.
    has_called: bool,
    /// Whether a limit kept one from being made.
    is_refused: bool,
}

impl Visit {
    /// The visit of a request that comes in.
    pub(crate) fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// Lets a user in, whose request counts from now on.
    ///
    /// # Errors
    /// 429 when he, or all users of his pool together, have made as many requests as they may.
    pub(crate) fn admit(&self, shared: &Arc<Shared>, user: &Arc<User>) -> Result<(), Failure> {
        let Some(place) = &self.0 else { return Ok(()) };
        let guest = place.get_or_init(|| Guest {
            shared: Arc::clone(shared),
            user: Arc::clone(user),
            subjects: subjects(shared, user),
            bill: Mutex::default(),
        });
        if guest.subjects.is_empty() {
            return Ok(());
        }
        let mut bill = guest.bill();
        if bill.permit.is_none() {
            let admitted = shared.ledger.admit(&guest.subjects);
            bill.permit = Some(admitted.map_err(|refused| guest.failure(&refused))?);
        }
        Ok(())
    }

    /// Who was let in.
    pub(crate) fn user(&self) -> Option<&Arc<User>> {
        self.guest().map(|guest| &guest.user)
    }

    /// Reserves what a call may cost.
    ///
    /// # Errors
    /// 429 when so much is not left.
    pub(crate) fn reserve(&self, call: &Call) -> Result<(), Failure> {
        let Some(guest) = self.guest() else { return Ok(()) };
        let mut bill = guest.bill();
        let Some(permit) = &mut bill.permit else { return Ok(()) };
        let Err(refused) = guest.shared.ledger.reserve(permit, guest.estimate(call)) else {
            bill.has_called = true;
            return Ok(());
        };
        bill.is_refused = true;
        Err(guest.failure(&refused))
    }

    /// Adds what an attempt used.
    pub(crate) fn spend(&self, model: &str, usage: &Usage) {
        let Some(guest) = self.guest().filter(|guest| !guest.subjects.is_empty()) else { return };
        let cost = guest.cost(model, usage);
        let mut bill = guest.bill();
        bill.spent = bill.spent.plus(cost);
    }

    /// Says on an answer how the limits stand.
    pub(crate) fn note(&self, headers: &mut HeaderMap) {
        let Some(guest) = self.guest().filter(|guest| !guest.subjects.is_empty()) else { return };
        if self.0.as_ref().is_some_and(|place| Arc::strong_count(place) == 1) {
            // Nobody works for it any more: what is left is to write the answer.
            guest.settle();
        }
        let now = guest.shared.clock.now();
        let standing = |subject: &Subject| guest.shared.ledger.standing(*subject);
        let standing: Vec<Standing> = guest.subjects.iter().flat_map(standing).collect();
        for (names, units) in [
            (&REQUESTS, &[Unit::Requests] as &[Unit]),
            (&TOKENS, &[Unit::InputTokens, Unit::Tokens]),
        ] {
            let counts =
                |it: &&Standing| it.what().counted().is_some_and(|(unit, _)| units.contains(&unit));
            let Some(scarcest) = standing.iter().filter(counts).min_by_key(|it| it.remaining())
            else {
                continue;
            };
            let [limit, remaining, reset] = names;
            headers.insert(limit, scarcest.rule.value.into());
            headers.insert(remaining, scarcest.remaining().into());
            let resets = scarcest.resets.map(|at| whole_seconds(at.since(now)));
            if let Some(Ok(value)) = resets.map(|it| HeaderValue::try_from(format!("{it}s"))) {
                headers.insert(reset, value);
            }
        }
    }

    fn guest(&self) -> Option<&Guest> {
        self.0.as_ref()?.get()
    }
}

/// The names that OpenAI's clients know: how much there may be, is left, and when all of it is again.
static REQUESTS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-requests"),
    HeaderName::from_static("x-ratelimit-remaining-requests"),
    HeaderName::from_static("x-ratelimit-reset-requests"),
];
static TOKENS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-tokens"),
    HeaderName::from_static("x-ratelimit-remaining-tokens"),
    HeaderName::from_static("x-ratelimit-reset-tokens"),
];

/// What pages in a browser must be able to read of an answer.
pub(crate) fn exposed() -> impl Iterator<Item = HeaderName> {
    REQUESTS.iter().chain(&TOKENS).cloned()
}

/// Those whose limits count for a request of `user`.
fn subjects(shared: &Shared, user: &User) -> Vec<Subject> {
    let catalog = shared.catalog.load();
    let pool = catalog.pool(user.pool).filter(|pool| !pool.limits.is_empty());
    let user = (!user.limits.is_empty()).then_some(Subject::User(user.id));
    user.into_iter().chain(pool.map(|pool| Subject::Pool(pool.id))).collect()
}

impl Guest {
    fn bill(&self) -> MutexGuard<'_, Bill> {
        self.bill.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a call may cost: about what its prompt has, and the most that it lets the model say.
    fn estimate(&self, call: &Call) -> Cost {
        let body = call.body.bytes();
        let prompt = opening::prompt_tokens(body);
        let output = opening::most_output_tokens(body).unwrap_or_default();
        let total = prompt.saturating_add(output);
        let usage = Usage { prompt, output, total, ..Usage::default() };
        self.cost(call.model.as_str(), &usage)
    }

    fn cost(&self, model: &str, usage: &Usage) -> Cost {
        let catalog = self.shared.catalog.load();
        let prices = &catalog.treatment(self.user.pool).prices;
        // What has no price costs nothing.
        let money = prices.cost(model, usage).unwrap_or_default();
        Cost { requests: 0, input_tokens: usage.input(), tokens: usage.total, money }
    }

    /// Puts what the request cost in the place of what was reserved for it; once.
    fn settle(&self) {
        let Bill { permit, spent, has_called, is_refused } = std::mem::take(&mut *self.bill());
        let Some(permit) = permit else { return };
        // What was refused here, and never came to Gemini, was no request.
        let counts = has_called || !is_refused;
        self.shared.ledger.release(permit, Cost { requests: counts.into(), ..spent });
    }

    fn failure(&self, refused: &Refused) -> Failure {
        let wait = refused.until.map(|until| until.since(self.shared.clock.now()));
        Failure::limit_reached(refused, wait)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.settle();
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guest").field("user", &self.user.id).finish_non_exhaustive()
    }
}
