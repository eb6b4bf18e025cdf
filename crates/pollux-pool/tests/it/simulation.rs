//! Hours of random load against a Google that counts: what a pool promises, in numbers.

use std::time::Duration;

use pollux_pool::balance::Strategy;
use pollux_pool::key::Tier;
use pollux_pool::lease::{Ask, NoKey};
use pollux_pool::pool::Settings;
use pollux_pool::quota::{Dimension, LimitRule, Limits};
use pollux_pool::time::next_pacific_midnight;

use crate::START;
use crate::world::{self, Google, Mode, World};

const PROJECTS: i64 = 300;

fn limits(per_minute: u64, per_day: u64) -> Limits {
    let rule =
        |dimension, value| LimitRule { model: "*".to_owned(), tier: Tier::Free, dimension, value };
    Limits(vec![rule(Dimension::RPM, per_minute), rule(Dimension::RPD, per_day)])
}

fn world(limits: Limits, strategy: Strategy) -> World {
    let settings = Settings { strategy, limits, ..Settings::default() };
    let google = Google::new(PROJECTS, 5, 100);
    World::new(settings, world::keys(1_000, PROJECTS), google, START)
}

/// 95 % of what the projects serve in a second.
const LOAD: f64 = 0.95 * 300.0 * 5.0 / 60.0;

#[test]
fn at_95_percent_of_capacity_google_hardly_ever_says_no_and_no_user_starves() {
    for strategy in [Strategy::Adaptive, Strategy::RoundRobin, Strategy::LeastUsed] {
        let mut world = world(limits(5, 100), strategy);
        world.load(LOAD, Duration::from_mins(10), 20);
        let (report, google) = (&world.report, &world.google);
        assert!(report.sent() > 13_000, "{}", report.sent());
        let throttled = f64::from(google.throttled) / f64::from(report.attempts);
        assert!(throttled < 0.005, "{strategy}: {throttled}");
        assert!(google.most_a_minute <= 5);
        for (user, tally) in &report.users {
            let share = f64::from(tally.served) / f64::from(tally.sent);
            assert!(share > 0.99, "{strategy}: user {user} {tally:?}");
        }
    }
}

#[test]
fn limits_that_nobody_set_are_learned_from_one_refusal_each() {
    let mut world = world(Limits::default(), Strategy::Adaptive);
    world.load(LOAD, Duration::from_mins(5), 20);
    let learning = world.google.throttled;
    assert!(learning <= 380, "{learning}");
    let served = f64::from(world.report.served()) / f64::from(world.report.sent());
    assert!(
        served > 0.999,
        "{served} refused {} without {} {:?}",
        world.report.refused,
        world.report.without.len(),
        world.report.without.iter().take(9).collect::<Vec<_>>()
    );
    world.load(LOAD, Duration::from_mins(4), 20);
    let more = world.google.throttled - learning;
    assert!(more < 30, "{learning}, then {more}");
}

#[test]
fn a_day_that_is_used_up_comes_back_at_midnight_in_los_angeles() {
    let mut world = world(limits(5, 100), Strategy::Adaptive);
    world.load(60.0, Duration::from_mins(25), 20);
    assert_eq!(world.report.served(), 30_000, "every request that the day has");
    assert!(world.google.throttled < 150, "{}", world.google.throttled);
    let midnight = next_pacific_midnight(world.now);
    let model = pollux_pool::id::ModelName::new("gemini-2.5-flash");
    let asked = world.desk.pool.lease(&Ask::of(&model), world.now);
    assert_eq!(asked.unwrap_err(), NoKey::Cooling { until: midnight });
    world.now = midnight;
    world.load(LOAD, Duration::from_mins(2), 20);
    let today = world.report.served() - 30_000;
    assert!(today > 2_700, "{today}");
}

#[test]
fn with_half_of_the_keys_failing_every_request_is_served_and_few_are_sent_twice() {
    let modes = [Mode::Invalid, Mode::OutForTheDay, Mode::Unserved, Mode::Fails];
    for strategy in [Strategy::Adaptive, Strategy::Random, Strategy::WeightedRoundRobin] {
        // A project for each key, so that half of the keys is half of the capacity.
        let settings = Settings { strategy, limits: limits(5, 10_000), ..Settings::default() };
        let mut google = Google::new(1_000, 5, 10_000);
        for key in (1..=1_000).step_by(2) {
            let mode = modes[usize::try_from(key / 2).unwrap() % modes.len()];
            google.modes.insert(key, mode);
        }
        let mut world = World::new(settings, world::keys(1_000, 1_000), google, START);
        world.load(30.0, Duration::from_hours(1), 20);
        let report = &world.report;
        let (sent, served) = (f64::from(report.sent()), f64::from(report.served()));
        let amplification = f64::from(report.attempts) / sent;
        assert!(
            served / sent >= 0.999_9,
            "{strategy}: {served} of {sent}, refused {}, without {:?}",
            report.refused,
            report.without.iter().take(5).collect::<Vec<_>>()
        );
        assert!(amplification <= 1.6, "{strategy}: {amplification}");
    }
}
