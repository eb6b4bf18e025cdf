//! What holds whatever the keys answer, in whatever order.

use std::collections::VecDeque;
use std::time::Duration;

use pollux_pool::balance::Strategy;
use pollux_pool::health::{Cooldown, Health};
use pollux_pool::id::{KeyId, ModelName, ProjectName};
use pollux_pool::key::{Key, Tier};
use pollux_pool::lease::{Ask, Lease, NoKey, Spend};
use pollux_pool::outcome::{Outcome, Revocation, Scope, Window};
use pollux_pool::pool::{Pool, Settings};
use pollux_pool::time::Timestamp;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{
    Just, ProptestConfig, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::strategy::Strategy as Generate;

use crate::{START, view};

/// Something that happens to a pool.
#[derive(Clone, Debug)]
enum Event {
    Lease { model: usize, tried: Vec<i64> },
    Report(Outcome),
    Settle,
    Wait(Duration),
    Configure { strategy: usize, keys: Vec<i64> },
    Restart,
}

fn outcome() -> impl Generate<Value = Outcome> {
    let window = prop_oneof![Just(Window::Minute), Just(Window::Day), Just(Window::Unknown)];
    let retry_after = option::of((0_u64..120).prop_map(Duration::from_secs));
    let scope = prop_oneof![Just(Scope::Key), Just(Scope::Project)];
    prop_oneof![
        4 => Just(Outcome::Success),
        1 => scope.prop_map(|scope| Outcome::Revoked { reason: Revocation::Invalid, scope }),
        4 => (window, retry_after)
            .prop_map(|(window, retry_after)| Outcome::Exhausted { window, retry_after }),
        1 => Just(Outcome::Unserved),
        1 => Just(Outcome::Unavailable),
        1 => Just(Outcome::Rejected),
    ]
}

fn event() -> impl Generate<Value = Event> {
    let tried = vec(1_i64..8, 0..3);
    let wait = prop_oneof![0_u64..30, 60_u64..700, 20_000_u64..100_000];
    prop_oneof![
        8 => (0_usize..3, tried).prop_map(|(model, tried)| Event::Lease { model, tried }),
        5 => outcome().prop_map(Event::Report),
        2 => Just(Event::Settle),
        3 => wait.prop_map(|wait| Event::Wait(Duration::from_secs(wait))),
        1 => (0_usize..6, vec(1_i64..8, 0..7))
            .prop_map(|(strategy, keys)| Event::Configure { strategy, keys }),
        1 => Just(Event::Restart),
    ]
}

/// A pool, what was leased from it, and the time.
struct Scene {
    pool: Pool,
    leases: VecDeque<Lease>,
    settings: Settings,
    keys: Vec<Key>,
    now: Timestamp,
}

fn key(id: i64) -> Key {
    let project = (id % 3 == 0).then(|| ProjectName::new("shared"));
    Key { id: KeyId(id), weight: u32::try_from(id).unwrap(), project, tier: Tier::Free }
}

impl Scene {
    fn new() -> Self {
        let (settings, keys) = (Settings::default(), (1..7).map(key).collect::<Vec<_>>());
        let pool = Pool::new(settings.clone(), keys.clone(), 5);
        Self { pool, leases: VecDeque::new(), settings, keys, now: START }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Lease { model, tried } => self.lease(model, &tried),
            Event::Report(outcome) => {
                if let Some(lease) = self.leases.pop_front() {
                    self.pool.report(&lease, &outcome.into(), self.now);
                    self.leases.push_back(lease);
                }
            }
            Event::Settle => self
                .leases
                .pop_front()
                .into_iter()
                .for_each(|l| self.pool.settle(l, Spend::default(), START)),
            Event::Wait(wait) => self.now = self.now + wait,
            Event::Configure { strategy, keys } => {
                let strategies = [
                    Strategy::Adaptive,
                    Strategy::RoundRobin,
                    Strategy::WeightedRoundRobin,
                    Strategy::WeightedRandom,
                    Strategy::Random,
                    Strategy::LeastUsed,
                ];
                self.settings = Settings { strategy: strategies[strategy], ..Settings::default() };
                self.keys = keys.into_iter().map(key).collect();
                self.pool.configure(self.settings.clone(), self.keys.clone());
            }
            Event::Restart => {
                let kept = (self.pool.checkpoint(self.now), self.pool.take_quotas());
                self.leases
                    .drain(..)
                    .for_each(|lease| self.pool.settle(lease, Spend::default(), START));
                self.pool = Pool::new(self.settings.clone(), self.keys.clone(), 6);
                self.pool.restore(kept.0, kept.1, self.now);
            }
        }
    }

    fn lease(&mut self, model: usize, tried: &[i64]) {
        let model = ModelName::new(["pro", "flash", "lite"][model]);
        let tried: Vec<KeyId> = tried.iter().copied().map(KeyId).collect();
        let before: Vec<_> = self.pool.view(self.now).collect();
        let cools = |held: &(ModelName, Cooldown)| held.0 == model;
        match self.pool.lease(&Ask { tried: &tried, ..Ask::of(&model) }, self.now) {
            Ok(lease) => {
                let view = before.iter().find(|view| view.id == lease.key()).expect("a key of it");
                assert!(!tried.contains(&view.id), "{view:?} was tried");
                assert!(!view.cooldowns.iter().any(cools), "{view:?} cools down");
                if let Health::Revoked { probe_at, .. } = view.health {
                    assert!(probe_at <= self.now, "{view:?} is revoked");
                }
                self.leases.push_back(lease);
            }
            Err(NoKey::Cooling { until }) => assert!(until > self.now),
            Err(NoKey::Busy) => panic!("no key has a limit"),
            Err(NoKey::Tried) => assert!(before.iter().any(|view| tried.contains(&view.id))),
            Err(NoKey::Empty) => {
                let lost = |view: &&_| is_lost(view, &model);
                assert_eq!(before.iter().filter(lost).count(), before.len(), "{before:?}");
            }
        }
    }
}

/// Returns whether a key can serve the model neither now nor after a cooldown.
fn is_lost(view: &pollux_pool::health::KeyView, model: &ModelName) -> bool {
    let unserved = |(of, held): &(ModelName, Cooldown)| of == model && *held == Cooldown::Unserved;
    view.health != Health::Active || view.cooldowns.iter().any(unserved)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_lease_is_of_a_tried_cooling_or_revoked_key(events in vec(event(), 1..150)) {
        let mut scene = Scene::new();
        for event in events {
            scene.happen(event);
        }
    }

    #[test]
    fn nothing_is_in_flight_when_every_lease_is_settled(events in vec(event(), 1..150)) {
        let mut scene = Scene::new();
        for event in events {
            scene.happen(event);
        }
        scene.leases.drain(..).for_each(|lease| scene.pool.settle(lease, Spend::default(), START));
        prop_assert!(scene.pool.view(scene.now).all(|view| view.in_flight == 0));
    }

    #[test]
    fn in_flight_is_what_was_leased_and_not_settled(
        asks in vec((0_usize..3, any::<bool>()), 1..60),
    ) {
        let mut scene = Scene::new();
        for (model, settle) in asks {
            scene.happen(Event::Lease { model, tried: Vec::new() });
            if settle {
                scene.happen(Event::Settle);
            }
            for key in (1..7).map(KeyId) {
                let open = scene.leases.iter().filter(|lease| lease.key() == key).count();
                let shown = view(&scene.pool, key, scene.now).in_flight;
                prop_assert_eq!(usize::try_from(shown).unwrap(), open);
            }
        }
    }

    #[test]
    fn weighted_shares_are_exact_over_whole_rounds(
        weights in vec(1_u32..9, 1..9),
        rounds in 1_u32..5,
    ) {
        let mut pool = crate::pool(Strategy::WeightedRoundRobin, &weights);
        let total: u32 = weights.iter().sum();
        for _ in 0..rounds * total {
            crate::attempt(&mut pool, &Outcome::Success, START).unwrap();
        }
        let served: Vec<u64> = pool.view(START).map(|view| view.served).collect();
        let want: Vec<u64> = weights.iter().map(|&weight| u64::from(rounds * weight)).collect();
        prop_assert_eq!(served, want);
    }
}
