//! Tests of the strategies.

use super::*;

/// Scales that show what they are told.
struct Plain<'a> {
    weights: &'a [u32],
    used: &'a [u32],
    costs: &'a [f32],
}

impl Scales for Plain<'_> {
    fn weight(&self, slot: Slot) -> u32 {
        self.weights.get(slot).copied().unwrap_or(1).max(1)
    }

    fn heaviest(&self) -> u32 {
        self.weights.iter().copied().max().unwrap_or(1)
    }

    fn used(&self, slot: Slot) -> u32 {
        self.used.get(slot).copied().unwrap_or(0)
    }

    fn is_failing(&self, slot: Slot) -> bool {
        self.costs.get(slot).is_some_and(|&cost| cost >= 20.0)
    }

    fn cost(&mut self, slot: Slot) -> f32 {
        self.costs.get(slot).copied().unwrap_or(1.0)
    }
}

/// Chooses among three keys so often that shares show, and returns the shares in percent.
fn shares(strategy: Strategy, mut scales: Plain<'_>) -> [u32; 3] {
    let (mut rotation, mut rng) = (Rotation::new(strategy), Rng::new(11));
    let mut seen = [0; 3];
    for _ in 0..30_000 {
        let candidates = Candidates { ready: ALL, tried: NONE };
        seen[rotation.choose(candidates, false, &mut scales, &mut rng).unwrap()] += 1;
    }
    seen.map(|count: u32| (count + 150) / 300)
}

/// Names the slots that go next, one letter each, and checks them against `want`.
#[track_caller]
fn check(strategy: Strategy, weights: &[u32], turns: &[(&[Slot], &[Slot])], want: &str) {
    let mut rotation = Rotation::new(strategy);
    let mut rng = Rng::new(1);
    let mut scales = Plain { weights, used: &[], costs: &[] };
    let got: String = turns
        .iter()
        .map(|&(ready, tried)| {
            rotation.choose(Candidates { ready, tried }, false, &mut scales, &mut rng)
        })
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
fn weighted_random_keeps_to_the_weights_also_when_guesses_fail() {
    for (weights, want) in [([2, 1, 1], [50, 25, 25]), ([1, 1, 98], [1, 1, 98])] {
        let got =
            shares(Strategy::WeightedRandom, Plain { weights: &weights, used: &[], costs: &[] });
        assert!(got.iter().zip(want).all(|(got, want)| got.abs_diff(want) <= 1), "{got:?}");
    }
    check(Strategy::WeightedRandom, &[1; 3], &[(ALL, ALL), (NONE, NONE)], "--");
}

#[test]
fn least_used_takes_the_least_and_any_of_those() {
    let used = Plain { weights: &[], used: &[3, 2, 2], costs: &[] };
    let got = shares(Strategy::LeastUsed, used);
    assert_eq!(got[0], 0);
    assert!(got[1] > 20 && got[2] > 20, "{got:?}");
    check(Strategy::LeastUsed, &[1; 3], &[(ALL, ALL), (NONE, NONE)], "--");
}

#[test]
fn adaptive_prefers_the_cheap_spreads_over_equals_and_never_starves() {
    let equal = shares(Strategy::Adaptive, Plain { weights: &[], used: &[], costs: &[1.0; 3] });
    assert!(equal.iter().all(|share| share.abs_diff(33) <= 2), "{equal:?}");
    let dear = [1.0, 1.0, 2.0];
    let got = shares(Strategy::Adaptive, Plain { weights: &[], used: &[], costs: &dear });
    assert!((3..15).contains(&got[2]), "{got:?}");
    check(Strategy::Adaptive, &[1; 3], &[(&[1], NONE), (ALL, &[0, 2]), (ALL, ALL)], "BB-");
}

#[test]
fn a_retry_does_not_go_to_a_failing_key_for_the_sake_of_shares() {
    let mut rotation = Rotation::new(Strategy::RoundRobin);
    let mut rng = Rng::new(2);
    let mut scales = Plain { weights: &[], used: &[], costs: &[1.0, 20.0, 20.0] };
    let candidates = Candidates { ready: ALL, tried: NONE };
    let mut turns = |is_retry| {
        (0..300)
            .filter(|_| rotation.choose(candidates, is_retry, &mut scales, &mut rng) == Some(0))
            .count()
    };
    assert_eq!(turns(false), 100);
    assert!(turns(true) > 290);
}

#[test]
fn a_strategy_is_read_by_its_word() {
    assert_eq!("random".parse(), Ok(Strategy::Random));
    assert_eq!("weighted_round_robin".parse(), Ok(Strategy::WeightedRoundRobin));
    assert_eq!(Strategy::default().as_str(), "adaptive");
    assert_eq!(
        "fastest".parse::<Strategy>().unwrap_err().to_string(),
        "`fastest` is not one of adaptive, round_robin, weighted_round_robin, weighted_random, \
         random, least_used"
    );
}
