//! Tests of what is kept in memory, and for how long.

use super::*;

const POOL: PoolId = PoolId(1);
const NOW: Timestamp = Timestamp::from_seconds(1_000);
const LATER: Timestamp = Timestamp::from_seconds(2_000);

fn known(vault: &Vault, id: &str) -> Option<Arc<str>> {
    let mut known = HashMap::new();
    vault.look_up(POOL, &[id], NOW, &mut known);
    known.remove(id).map(|signed| signed.signature)
}

fn remember(vault: &Vault, call_id: &str, signature: &str) {
    let (call_id, signature) = (call_id.to_owned(), signature.to_owned());
    let call = SignedCall { call_id, signature, answer: 0 };
    vault.remember(POOL, KeyId(1), call, LATER);
}

/// A signature that fills a good part of a generation.
fn long() -> String {
    "s".repeat(LONGEST / 2)
}

/// How many of them fill one generation and begin the next.
const MANY: usize = 2 * GENERATION / LONGEST;

#[test]
fn what_was_not_asked_for_longest_is_forgotten_first() {
    let vault = Vault::default();
    for id in ["asked", "unasked"] {
        remember(&vault, id, id);
    }
    for round in 0..3 * MANY {
        remember(&vault, &round.to_string(), &long());
        assert_eq!(known(&vault, "asked").as_deref(), Some("asked"), "round {round}");
    }
    assert_eq!(known(&vault, "unasked"), None);
}

#[test]
fn the_same_call_again_costs_no_more_memory() {
    let vault = Vault::default();
    remember(&vault, "other", "other");
    for _ in 0..3 * MANY {
        remember(&vault, "call", &long());
    }
    assert_eq!(known(&vault, "other").as_deref(), Some("other"));
}

#[test]
fn a_full_queue_drops_the_oldest_and_says_how_many() {
    let vault = Vault::default();
    let many = 2 * QUEUE / LONGEST + 10;
    for id in 0..many {
        remember(&vault, &id.to_string(), &long());
    }
    let Unwritten { rows, dropped } = vault.take();
    let last = many - 1;
    assert_eq!(rows.len() + usize::try_from(dropped).unwrap(), many);
    assert!(dropped >= 10, "{dropped}");
    assert_eq!(rows.last().unwrap().call_id, last.to_string());
    assert_eq!(vault.take(), Unwritten::default(), "each is taken once");
}

#[test]
fn what_is_put_back_comes_before_what_came_since() {
    let vault = Vault::default();
    for id in ["a", "b"] {
        remember(&vault, id, "s");
    }
    let batch = vault.take();
    remember(&vault, "c", "s");
    vault.put_back(batch.rows);
    let ids: Vec<_> = vault.take().rows.into_iter().map(|row| row.call_id).collect();
    assert_eq!(ids, ["a", "b", "c"]);
}

#[test]
fn what_is_too_long_for_a_signature_is_not_kept() {
    let vault = Vault::default();
    remember(&vault, "call", &"s".repeat(LONGEST));
    assert_eq!(known(&vault, "call"), None);
    assert_eq!(vault.take(), Unwritten { rows: Vec::new(), dropped: 1 });
}
