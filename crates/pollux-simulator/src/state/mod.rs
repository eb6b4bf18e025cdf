//! What the simulator remembers between requests: where each key is in its
//! steps, what each project has used, and what came in.

mod lane;
mod log;
mod owned;

use std::collections::{BTreeMap, HashMap};

use self::lane::Lane;
use self::log::Log;
pub use self::log::{Exchange, KeySummary, Summary};
pub(crate) use self::owned::{Absent, Item, Owned, Upload};
use crate::quota::{Exhausted, Meters};
use crate::{Behaviour, KeyScript, Script};

/// What a script calls the requests that ask no model.
const LOOKING: &str = "models.list";

/// Everything that changes while the simulator runs.
#[derive(Debug)]
pub(crate) struct State {
    others: KeyScript,
    keys: HashMap<String, KeyState>,
    meters: Meters,
    log: Log,
    owned: Owned,
}

#[derive(Debug)]
struct KeyState {
    project: String,
    lane: Lane,
    models: HashMap<String, Lane>,
}

/// A request as far as the script is concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) key: &'a str,
    /// The model it names, if it calls one of the model's methods.
    pub(crate) model: Option<&'a str>,
    /// Whether it would be served at all.
    pub(crate) valid: bool,
    /// The input tokens that count for a quota; absent for free methods.
    pub(crate) tokens: Option<u64>,
}

/// What the script says about a request.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) behaviour: Behaviour,
    pub(crate) project: String,
    /// The quota it would overstep.
    pub(crate) exhausted: Option<Exhausted>,
}

impl State {
    pub(crate) fn new(script: &Script) -> Self {
        let mut state = Self {
            others: KeyScript::default(),
            keys: HashMap::new(),
            meters: Meters::default(),
            log: Log::default(),
            owned: Owned::default(),
        };
        state.follow(script);
        state
    }

    /// Starts a script from its beginning; meters and the log stay.
    pub(crate) fn follow(&mut self, script: &Script) {
        self.others = script.others.clone();
        self.log.limit(script.log_capacity);
        let keys = script.keys.iter();
        self.keys = keys.map(|(key, own)| (key.clone(), KeyState::new(key, own))).collect();
    }

    /// Gives one key new steps; its project stays unless the steps name one.
    pub(crate) fn set(&mut self, key: &str, script: &KeyScript) {
        let mut fresh = KeyState::new(key, script);
        if let Some(old) = self.keys.get(key).filter(|_| script.project.is_none()) {
            fresh.project.clone_from(&old.project);
        }
        self.keys.insert(key.to_owned(), fresh);
    }

    /// The project of a key.
    pub(crate) fn project(&self, key: &str) -> String {
        let known = self.keys.get(key).map(|state| state.project.clone());
        known.unwrap_or_else(|| self.others.project_of(key))
    }

    /// Decides about a request, and moves on to the next step if it was served
    /// or refused by this one.
    pub(crate) fn decide(&mut self, ask: Ask<'_>, now: i64) -> Verdict {
        if !self.keys.contains_key(ask.key) {
            self.keys.insert(ask.key.to_owned(), KeyState::new(ask.key, &self.others));
        }
        let Some(state) = self.keys.get_mut(ask.key) else {
            return Verdict {
                behaviour: Behaviour::Ok,
                project: ask.key.to_owned(),
                exhausted: None,
            };
        };
        let own = state.models.get_mut(ask.model.unwrap_or(LOOKING));
        let is_meant = ask.model.is_some() || own.is_some();
        let lane = own.unwrap_or(&mut state.lane);
        let behaviour = lane.current();
        let applies = behaviour.concerns_key() || (ask.valid && is_meant);
        if is_meant && applies {
            lane.advance();
        }
        let mut verdict = Verdict {
            behaviour: if applies { behaviour } else { Behaviour::Ok },
            project: state.project.clone(),
            exhausted: None,
        };
        if let (Behaviour::Quota(quota), Some(model), Some(tokens)) =
            (&verdict.behaviour, ask.model, ask.tokens)
        {
            let meter = self.meters.of(&verdict.project, model);
            verdict.exhausted = meter.admit(quota, tokens, now).err();
        }
        verdict
    }

    pub(crate) fn owned(&mut self) -> &mut Owned {
        &mut self.owned
    }

    pub(crate) fn log(&mut self) -> &mut Log {
        &mut self.log
    }
}

impl KeyState {
    fn new(key: &str, script: &KeyScript) -> Self {
        let models = script.models.iter();
        Self {
            project: script.project_of(key),
            lane: Lane::new(script.steps.clone()),
            models: models.map(|(model, own)| (model.clone(), Lane::new(own.clone()))).collect(),
        }
    }
}

/// Counts by name, in order of name.
pub(crate) type Counts<K> = BTreeMap<K, u64>;
