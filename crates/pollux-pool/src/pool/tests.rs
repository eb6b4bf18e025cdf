//! Tests of the pool.

use super::*;
use crate::health::Cooldown;
use crate::id::ProjectName;
use crate::key::Tier;
use crate::outcome::{Outcome, Revocation, Scope, Window};

const START: Timestamp = Timestamp::from_seconds(1_780_000_000);
const BARE: Outcome = Outcome::Exhausted { window: Window::Unknown, retry_after: None };
const INVALID: Outcome = Outcome::Revoked { reason: Revocation::Invalid, scope: Scope::Key };

/// A pool, a model, and a clock that is moved by hand.
struct Scene {
    pool: Pool,
    model: ModelName,
    now: Timestamp,
}

fn key(id: i64) -> Key {
    Key { id: KeyId(id), weight: 1, project: None, tier: Tier::Free }
}

fn scene(keys: i64) -> Scene {
    scene_of((1..=keys).map(key).collect())
}

fn in_turn() -> Settings {
    Settings { strategy: Strategy::RoundRobin, ..Settings::default() }
}

fn scene_of(keys: Vec<Key>) -> Scene {
    let pool = Pool::new(in_turn(), keys, 1);
    Scene { pool, model: ModelName::new("gemini-2.5-flash"), now: START }
}

impl Scene {
    fn wait(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
    }

    fn lease(&mut self, tried: &[i64]) -> Result<Lease, NoKey> {
        let tried: Vec<KeyId> = tried.iter().copied().map(KeyId).collect();
        self.pool.lease(&Ask { tried: &tried, ..Ask::of(&self.model) }, self.now)
    }

    fn end(&mut self, lease: Lease, outcome: Outcome) {
        self.pool.report(&lease, &outcome.into(), self.now);
        self.pool.settle(lease, Spend::default(), START);
    }

    /// Leases the next key, ends it with `outcome`, and returns which key it was.
    #[track_caller]
    fn attempt(&mut self, outcome: Outcome) -> i64 {
        let lease = self.lease(&[]).expect("a key");
        let key = lease.key().0;
        self.end(lease, outcome);
        key
    }

    /// Returns for how many seconds there is no key.
    #[track_caller]
    fn pause(&mut self) -> u64 {
        match self.lease(&[]) {
            Err(NoKey::Cooling { until }) => until.since(self.now).as_secs(),
            other => panic!("{other:?}"),
        }
    }

    fn health(&self, id: i64) -> Health {
        self.pool.view(self.now).find(|view| view.id == KeyId(id)).expect("the key").health
    }
}

fn minute(seconds: u64) -> Outcome {
    let retry_after = Some(Duration::from_secs(seconds));
    Outcome::Exhausted { window: Window::Minute, retry_after }
}

#[test]
fn a_quota_per_minute_is_out_for_the_delay_that_the_answer_names_or_a_minute() {
    let mut scene = scene(1);
    scene.attempt(minute(36));
    assert_eq!(scene.pause(), 36);
    scene.wait(36);
    scene.attempt(Outcome::Exhausted { window: Window::Minute, retry_after: None });
    assert_eq!(scene.pause(), 60);
}

#[test]
fn a_quota_per_day_is_out_until_midnight_whatever_the_delay_says() {
    let mut scene = scene(1);
    let retry_after = Some(Duration::from_secs(36));
    scene.attempt(Outcome::Exhausted { window: Window::Day, retry_after });
    let midnight = next_pacific_midnight(START);
    assert_eq!(scene.lease(&[]).unwrap_err(), NoKey::Cooling { until: midnight });
    scene.wait(36);
    assert_eq!(scene.lease(&[]).unwrap_err(), NoKey::Cooling { until: midnight });
    scene.now = midnight;
    assert_eq!(scene.attempt(Outcome::Success), 1);
}

#[test]
fn a_shorter_cooldown_does_not_replace_a_longer_one() {
    let mut scene = scene(1);
    let (day, soon) = (scene.lease(&[]).unwrap(), scene.lease(&[]).unwrap());
    scene.end(day, Outcome::Exhausted { window: Window::Day, retry_after: None });
    scene.end(soon, minute(5));
    assert!(scene.pause() > 60);
}

#[test]
fn a_cooldown_is_for_one_model() {
    let mut scene = scene(1);
    scene.attempt(minute(36));
    scene.model = ModelName::new("gemini-2.5-pro");
    assert_eq!(scene.attempt(Outcome::Success), 1);
}

#[test]
fn bare_429s_of_one_key_pause_it_longer_each_time_until_it_serves() {
    let mut scene = scene(1);
    for pause in [5, 10, 20, 40, 80, 160, 300, 300] {
        scene.attempt(BARE);
        assert_eq!(scene.pause(), pause);
        scene.wait(pause);
    }
    scene.attempt(Outcome::Success);
    scene.attempt(BARE);
    assert_eq!(scene.pause(), 5);
}

#[test]
fn a_delay_that_comes_without_a_quota_is_kept_when_it_is_longer() {
    for (told, want) in [(90, 90), (2, 5)] {
        let mut scene = scene(1);
        let retry_after = Some(Duration::from_secs(told));
        scene.attempt(Outcome::Exhausted { window: Window::Unknown, retry_after });
        assert_eq!(scene.pause(), want);
    }
}

#[test]
fn requests_that_were_under_way_together_count_once() {
    let mut scene = scene(1);
    let leases: Vec<Lease> = (0..9).map(|_| scene.lease(&[]).unwrap()).collect();
    for lease in leases {
        scene.end(lease, BARE);
    }
    assert_eq!(scene.pause(), 5);

    let leases: Vec<Lease> = {
        scene.wait(5);
        (0..9).map(|_| scene.lease(&[]).unwrap()).collect()
    };
    for lease in leases {
        scene.end(lease, INVALID);
    }
    assert!(matches!(scene.health(1), Health::Revoked { streak: 1, .. }));
}

#[test]
fn a_late_success_does_not_end_a_cooldown_or_a_revocation() {
    let mut scene = scene(2);
    let (late, last) = (scene.lease(&[2]).unwrap(), scene.lease(&[1]).unwrap());
    let (early, other) = (scene.lease(&[2]).unwrap(), scene.lease(&[1]).unwrap());
    scene.wait(1);
    scene.end(early, minute(36));
    scene.end(other, INVALID);
    scene.end(late, Outcome::Success);
    scene.end(last, Outcome::Success);
    assert_eq!(scene.pause(), 36);
    assert!(matches!(scene.health(2), Health::Revoked { .. }));
}

#[test]
fn a_model_outside_the_tier_does_not_come_back_by_itself() {
    let mut scene = scene(1);
    scene.attempt(Outcome::Unserved);
    scene.wait(400 * 86_400);
    assert_eq!(scene.lease(&[]).unwrap_err(), NoKey::Empty);
}

#[test]
fn outcomes_that_are_not_the_keys_fault_leave_it_alone() {
    let mut scene = scene(1);
    let before = scene.pool.generation();
    for outcome in [
        Outcome::Rejected,
        Outcome::NotOwner,
        Outcome::Blocked,
        Outcome::Unavailable,
        Outcome::Empty,
    ] {
        assert_eq!(scene.attempt(outcome), 1, "{outcome:?}");
    }
    assert_eq!(scene.pool.generation(), before);
    let view = scene.pool.view(scene.now).next().unwrap();
    assert_eq!((view.health, view.cooldowns.len(), view.served), (Health::Active, 0, 0));
}

#[test]
fn a_revoked_key_is_tried_again_by_one_request_after_longer_and_longer_pauses() {
    let mut scene = scene(1);
    scene.attempt(INVALID);
    for minutes in [5, 10, 20, 40, 80, 160, 320, 360, 360] {
        scene.wait(minutes * 60 - 1);
        assert_eq!(scene.lease(&[]).unwrap_err(), NoKey::Empty, "{minutes}");
        scene.wait(1);
        let probe = scene.lease(&[]).unwrap();
        assert_eq!(scene.lease(&[]).unwrap_err(), NoKey::Empty, "only one");
        scene.end(probe, INVALID);
    }
    scene.wait(360 * 60);
    scene.attempt(Outcome::Success);
    assert_eq!(scene.health(1), Health::Active);
}

#[test]
fn a_probe_that_teaches_nothing_is_repeated_soon() {
    let mut scene = scene(1);
    scene.attempt(INVALID);
    scene.wait(300);
    scene.attempt(INVALID);
    scene.wait(600);
    scene.attempt(Outcome::Unavailable);
    scene.wait(300);
    assert_eq!(scene.attempt(Outcome::Success), 1);
}

#[test]
fn a_key_whose_quota_is_out_is_known_to_google() {
    let mut scene = scene(1);
    scene.attempt(INVALID);
    scene.wait(300);
    scene.attempt(minute(36));
    assert_eq!(scene.health(1), Health::Active);
    assert_eq!(scene.pause(), 36);
}

#[test]
fn a_probe_takes_the_first_attempt_only_while_another_key_can_save_the_request() {
    let mut scene = scene(3);
    assert_eq!(scene.attempt(INVALID), 1);
    scene.wait(300);
    assert_ne!(scene.lease(&[2]).unwrap().key().0, 1, "not a second attempt");
    assert_eq!(scene.lease(&[]).unwrap().key().0, 1, "a first one");
}

#[test]
fn a_project_that_is_denied_takes_all_its_keys_along() {
    let shared = |id| Key { project: Some(ProjectName::new("p")), ..key(id) };
    let mut scene = scene_of(vec![shared(1), key(2), shared(3)]);
    let scope = Scope::Project;
    scene.attempt(Outcome::Revoked { reason: Revocation::Suspended, scope });
    let revoked = [1, 2, 3].map(|id| scene.health(id) != Health::Active);
    assert_eq!(revoked, [true, false, true]);
}

#[test]
fn a_quota_is_out_for_every_key_of_the_project() {
    let shared = |id| Key { project: Some(ProjectName::new("p")), ..key(id) };
    let mut scene = scene_of(vec![shared(1), shared(2)]);
    scene.attempt(minute(36));
    assert_eq!(scene.pause(), 36);
}

#[test]
fn why_there_is_no_key_is_told_apart() {
    assert_eq!(scene(0).lease(&[]).unwrap_err(), NoKey::Empty);
    let mut scene = scene(2);
    assert_eq!(scene.lease(&[1, 2]).unwrap_err(), NoKey::Tried);
    scene.attempt(minute(9));
    assert_eq!(scene.lease(&[1, 2]).unwrap_err(), NoKey::Tried);
    scene.attempt(minute(7));
    assert_eq!(
        scene.lease(&[1, 2]).unwrap_err(),
        NoKey::Cooling { until: START + Duration::from_secs(7) }
    );
}

#[test]
fn keys_that_stay_keep_what_is_known_about_them() {
    let mut scene = scene(3);
    assert_eq!(scene.attempt(INVALID), 1);
    assert_eq!(scene.attempt(minute(36)), 2);
    let lease = scene.lease(&[]).unwrap();
    assert_eq!(lease.key(), KeyId(3));
    scene.pool.configure(in_turn(), [4, 3, 2, 1].map(key).into());
    let views: Vec<_> = scene.pool.view(scene.now).collect();
    assert_eq!(views.iter().map(|view| view.id.0).collect::<Vec<_>>(), [4, 3, 2, 1]);
    assert_eq!(views.iter().map(|view| view.in_flight).collect::<Vec<_>>(), [0, 1, 0, 0]);
    let Some((_, Cooldown::Exhausted { until, .. })) = views[2].cooldowns.first() else {
        panic!("{views:?}")
    };
    assert_eq!(*until, START + Duration::from_secs(36));
    assert!(matches!(scene.health(1), Health::Revoked { .. }));
    scene.pool.configure(in_turn(), vec![key(4)]);
    scene.end(lease, INVALID);
    assert_eq!(scene.attempt(Outcome::Success), 4);
}

#[test]
fn a_key_that_is_named_twice_is_one_key() {
    let heavy = Key { weight: 3, ..key(1) };
    let scene = scene_of(vec![key(1), key(2), heavy]);
    let weights: Vec<_> = scene.pool.view(scene.now).map(|view| (view.id.0, view.weight)).collect();
    assert_eq!(weights, [(1, 3), (2, 1)]);
}

#[test]
fn made_up_models_do_not_pile_up() {
    let mut scene = scene(2);
    scene.attempt(minute(3_600));
    for made_up in 0..10_000 {
        scene.model = ModelName::new(&format!("model-{made_up}"));
        scene.attempt(Outcome::Rejected);
    }
    assert!(scene.pool.lanes.len() <= MAX_LANES);
    scene.model = ModelName::new("gemini-2.5-flash");
    assert_eq!(scene.attempt(Outcome::Success), 2, "a cooldown is not forgotten for them");
    assert_eq!(scene.attempt(Outcome::Success), 2);
}
