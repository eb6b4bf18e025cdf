//! Tests of the strategies.

use super::*;

/// Names the slots that go next, one letter each, and checks them against `want`.
#[track_caller]
fn check(strategy: Strategy, weights: &[u32], turns: &[(&[Slot], &[Slot])], want: &str) {
    let mut rotation = Rotation::new(strategy);
    let mut rng = Rng::new(1);
    let weight = |slot: Slot| weights[slot];
    let got: String = turns
        .iter()
        .map(|&(ready, tried)| rotation.choose(Candidates { ready, tried }, weight, &mut rng))
        .map(|slot| slot.map_or('-', |slot| char::from(b"ABCDEFGH"[slot])))
        .collect();
    assert_eq!(got, want);
}

const ALL: &[Slot] = &[0, 1, 2];
const NONE: &[Slot] = &[];

#[test]
fn round_robin_goes_around() {
    check(Strategy::RoundRobin, &[1; 3], &[(ALL, NONE); 7], "ABCABCA");
}

#[test]
fn round_robin_passes_over_who_is_not_there() {
    let gone = (&[0, 2][..], NONE);
    check(Strategy::RoundRobin, &[1; 3], &[(ALL, NONE), gone, gone, (ALL, NONE)], "ACAB");
    check(Strategy::RoundRobin, &[1; 3], &[(ALL, NONE), (ALL, &[1]), (ALL, NONE)], "ACA");
    check(Strategy::RoundRobin, &[1; 3], &[(ALL, ALL), (NONE, NONE)], "--");
}

#[test]
fn smooth_turns_of_a_heavy_key_are_spread_out() {
    let strategy = Strategy::WeightedRoundRobin;
    check(strategy, &[5, 1, 1], &[(ALL, NONE); 7], "AABACAA");
    check(strategy, &[3, 1, 1], &[(ALL, NONE); 10], "ABACAABACA");
    check(strategy, &[1, 0, 1], &[(ALL, NONE); 6], "ABCABC");
}

#[test]
fn smooth_shares_hold_among_those_who_are_there() {
    let gone = (&[1, 2][..], NONE);
    let turns = [[gone; 4].as_slice(), &[(ALL, NONE); 4]].concat();
    check(Strategy::WeightedRoundRobin, &[2, 1, 1], &turns, "BCBCABCA");
}

#[test]
fn random_reaches_every_candidate_and_no_other() {
    let mut seen = [0_u32; 5];
    let mut rng = Rng::new(3);
    for _ in 0..3_000 {
        let candidates = Candidates { ready: &[0, 1, 3, 4], tried: &[1] };
        seen[candidates.any(&mut rng).unwrap()] += 1;
    }
    assert_eq!((seen[1], seen[2]), (0, 0));
    assert!([0, 3, 4].iter().all(|&slot| (900..1_100).contains(&seen[slot])), "{seen:?}");
    check(Strategy::Random, &[1; 3], &[(ALL, ALL), (NONE, NONE)], "--");
}

#[test]
fn a_strategy_is_read_by_its_word() {
    assert_eq!("random".parse(), Ok(Strategy::Random));
    assert_eq!("weighted_round_robin".parse(), Ok(Strategy::WeightedRoundRobin));
    assert_eq!(Strategy::default().as_str(), "round_robin");
    assert_eq!(
        "fastest".parse::<Strategy>().unwrap_err().to_string(),
        "`fastest` is not one of round_robin, weighted_round_robin, random"
    );
}
