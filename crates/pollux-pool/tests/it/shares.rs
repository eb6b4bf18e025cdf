//! Every strategy's promise, over many requests.

use std::collections::BTreeMap;

use pollux_pool::balance::Strategy;
use pollux_pool::id::{KeyId, ModelName};
use pollux_pool::lease::{Ask, Spend};
use pollux_pool::outcome::{Outcome, Window};

use crate::{START, attempt, pool, seconds};

#[track_caller]
fn check(strategy: Strategy, weights: &[u32], requests: u32, want: &[u32]) {
    let mut pool = pool(strategy, weights);
    let mut shares = BTreeMap::new();
    for _ in 0..requests {
        *shares.entry(attempt(&mut pool, &Outcome::Success, START).unwrap()).or_insert(0) += 1;
    }
    assert_eq!(shares.into_values().collect::<Vec<u32>>(), want);
}

#[test]
fn round_robin_is_even() {
    check(Strategy::RoundRobin, &[1, 1, 1], 9, &[3, 3, 3]);
    check(Strategy::RoundRobin, &[9, 1, 1], 9, &[3, 3, 3]);
}

#[test]
fn weighted_shares_are_exact() {
    check(Strategy::WeightedRoundRobin, &[3, 1, 1], 500, &[300, 100, 100]);
    check(Strategy::WeightedRoundRobin, &[1, 1, 1], 9, &[3, 3, 3]);
}

#[test]
fn random_is_even_in_the_long_run() {
    let mut pool = pool(Strategy::Random, &[1, 1, 1]);
    let mut shares = BTreeMap::new();
    for _ in 0..3_000 {
        *shares.entry(attempt(&mut pool, &Outcome::Success, START).unwrap()).or_insert(0.0) += 1.0;
    }
    let chi: f64 = shares.values().map(|share: &f64| (share - 1_000.0).powi(2) / 1_000.0).sum();
    assert!(chi < 13.8, "chi squared is {chi}, which one time in a thousand it should be");
}

#[test]
fn a_key_that_cools_down_does_not_change_what_the_others_get() {
    for (strategy, weights, want) in [
        (Strategy::RoundRobin, [1, 1, 1], [30, 30]),
        (Strategy::WeightedRoundRobin, [1, 3, 1], [15, 45]),
    ] {
        let mut pool = pool(strategy, &[weights[0], weights[1], weights[2], 9]);
        let day = Outcome::Exhausted { window: Window::Day, retry_after: None };
        let mut served = [0; 2];
        let mut rest = 60;
        while rest > 0 {
            let lease = crate::lease(&mut pool, &[KeyId(3)], START).unwrap();
            match lease.key() {
                KeyId(4) => pool.report(&lease, &day.into(), START),
                KeyId(key) => {
                    served[usize::try_from(key - 1).unwrap()] += 1;
                    rest -= 1;
                }
            }
            pool.settle(lease, Spend::default(), START);
        }
        let expected = want.map(|share: u32| share - 1..=share + 1);
        assert!(expected.iter().zip(served).all(|(want, got)| want.contains(&got)), "{served:?}");
    }
}

#[test]
fn each_model_has_its_own_turn() {
    let mut pool = pool(Strategy::RoundRobin, &[1, 1]);
    let models = ["gemini-2.5-flash", "gemini-2.5-pro"].map(ModelName::new);
    let mut shares = BTreeMap::new();
    for turn in 0..40 {
        let model = &models[turn % 2];
        let lease = pool.lease(&Ask::of(model), START + seconds(1)).unwrap();
        *shares.entry((model, lease.key())).or_insert(0) += 1;
        pool.settle(lease, Spend::default(), START);
    }
    assert_eq!(shares.into_values().collect::<Vec<_>>(), [10; 4]);
}

#[test]
fn adaptive_gives_a_key_that_fails_half_of_the_time_less_and_never_nothing() {
    let mut pool = pool(Strategy::Adaptive, &[1; 4]);
    let (mut now, mut served, mut turn) = (START, [0_u32; 5], 0_u32);
    for _ in 0..8_000 {
        now = now + std::time::Duration::from_millis(100);
        let lease = crate::lease(&mut pool, &[], now).unwrap();
        let key = lease.key().0;
        served[usize::try_from(key).unwrap()] += 1;
        turn += u32::from(key == 1);
        let fails = key == 1 && turn % 2 == 0;
        let outcome = if fails { Outcome::Unavailable } else { Outcome::Success };
        let then = now + std::time::Duration::from_millis(50);
        pool.report(&lease, &outcome.into(), then);
        pool.settle(lease, Spend::default(), then);
    }
    assert!((100..1_200).contains(&served[1]), "{served:?}");
    let others = &served[2..];
    assert!(others.iter().all(|count| (2_000..2_900).contains(count)), "{served:?}");
}
