//! What requests ask beside a model: tiers, their conversation's project, and room at a busy key.

use pollux_pool::balance::Strategy;
use pollux_pool::desk::{Desk, Entered, Waiter};
use pollux_pool::id::{KeyId, ModelName, UserId};
use pollux_pool::key::{Key, Tier};
use pollux_pool::lease::{Affinity, Ask, Lease, NoKey, Spend, Tiers};
use pollux_pool::outcome::{Outcome, Window};
use pollux_pool::pool::{Pool, Settings};
use pollux_pool::time::next_pacific_midnight;

use crate::{START, seconds};

fn settings() -> Settings {
    Settings { strategy: Strategy::RoundRobin, ..Settings::default() }
}

fn key(id: i64, tier: Tier) -> Key {
    Key { id: KeyId(id), weight: 1, project: None, tier }
}

fn free(count: i64) -> Vec<Key> {
    (1..=count).map(|id| key(id, Tier::Free)).collect()
}

fn model() -> ModelName {
    ModelName::new("gemini-2.5-flash")
}

fn end(pool: &mut Pool, lease: Lease, outcome: Outcome) -> i64 {
    let key = lease.key().0;
    pool.report(&lease, &outcome.into(), START);
    pool.settle(lease, Spend { requests: 1, ..Spend::default() }, START);
    key
}

fn of_tiers(pool: &mut Pool, tiers: Tiers, outcome: Outcome) -> Result<i64, NoKey> {
    let lease = pool.lease(&Ask { tiers, ..Ask::of(&model()) }, START)?;
    Ok(end(pool, lease, outcome))
}

fn of_conversation(pool: &mut Pool, hash: u64, follow: bool) -> i64 {
    let affinity = Some(Affinity { hash, follow });
    let lease = pool.lease(&Ask { affinity, ..Ask::of(&model()) }, START).unwrap();
    end(pool, lease, Outcome::Success)
}

const OUT: Outcome = Outcome::Exhausted { window: Window::Day, retry_after: None };

#[test]
fn paid_keys_serve_when_no_free_one_can() {
    let all = vec![key(1, Tier::Paid), key(2, Tier::Free), key(3, Tier::Free)];
    let mut pool = Pool::new(settings(), all, 1);
    let asked: Vec<_> = (0..4).map(|_| of_tiers(&mut pool, Tiers::Any, Outcome::Success)).collect();
    assert_eq!(asked, [Ok(2), Ok(3), Ok(2), Ok(3)]);
    assert_eq!(of_tiers(&mut pool, Tiers::Any, OUT), Ok(2));
    assert_eq!(of_tiers(&mut pool, Tiers::Any, OUT), Ok(3));
    assert_eq!(of_tiers(&mut pool, Tiers::Any, Outcome::Success), Ok(1));
    assert!(matches!(
        of_tiers(&mut pool, Tiers::FreeOnly, Outcome::Success),
        Err(NoKey::Cooling { .. })
    ));
}

#[test]
fn who_refuses_the_free_tier_gets_paid_keys_alone() {
    let mut pool = Pool::new(settings(), vec![key(1, Tier::Free), key(2, Tier::Paid)], 1);
    assert_eq!(of_tiers(&mut pool, Tiers::NoFreeTier, Outcome::Success), Ok(2));
    assert_eq!(of_tiers(&mut pool, Tiers::NoFreeTier, Outcome::Success), Ok(2));
    let mut pool = Pool::new(settings(), free(2), 1);
    assert_eq!(of_tiers(&mut pool, Tiers::NoFreeTier, Outcome::Success), Err(NoKey::Empty));
}

#[test]
fn paid_keys_stop_at_the_days_cap_also_after_a_restart() {
    let capped = Settings { paid_cap: Some(3), ..settings() };
    let mut pool = Pool::new(capped.clone(), vec![key(1, Tier::Paid)], 1);
    for _ in 0..2 {
        assert_eq!(of_tiers(&mut pool, Tiers::Any, Outcome::Success), Ok(1));
    }
    let mut after = Pool::new(capped, vec![key(1, Tier::Paid)], 1);
    after.restore(pool.checkpoint(START), pool.take_quotas(), START);
    assert_eq!(of_tiers(&mut after, Tiers::Any, Outcome::Success), Ok(1));
    let until = next_pacific_midnight(START);
    for tiers in [Tiers::Any, Tiers::NoFreeTier] {
        let asked = of_tiers(&mut after, tiers, Outcome::Success);
        assert_eq!(asked, Err(NoKey::Cooling { until }));
    }
    let lease = after.lease(&Ask::of(&model()), until).unwrap();
    assert_eq!(end(&mut after, lease, Outcome::Success), 1);
}

#[test]
fn a_conversation_stays_where_it_was() {
    let mut pool = Pool::new(settings(), free(5), 1);
    let founded = of_conversation(&mut pool, 77, false);
    for turn in 0..6 {
        of_conversation(&mut pool, 1_000 + turn, false);
        assert_eq!(of_conversation(&mut pool, 77, true), founded);
    }
    let equal: Vec<i64> = (0..5).map(|_| of_conversation(&mut pool, 88, false)).collect();
    let mut distinct = equal.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 5, "what only founds conversations spreads: {equal:?}");
    pool.configure(Settings { affinity: false, ..settings() }, free(5));
    let spread: Vec<i64> = (0..5).map(|_| of_conversation(&mut pool, 77, true)).collect();
    assert!(spread.iter().any(|key| *key != founded), "{spread:?}");
}

#[test]
fn a_conversation_moves_when_its_project_cannot_serve_and_stays_there() {
    let mut pool = Pool::new(settings(), free(3), 1);
    let founded = of_conversation(&mut pool, 7, true);
    let affinity = Some(Affinity { hash: 7, follow: true });
    let lease = pool.lease(&Ask { affinity, ..Ask::of(&model()) }, START).unwrap();
    assert_eq!(end(&mut pool, lease, OUT), founded);
    let moved = of_conversation(&mut pool, 7, true);
    assert_ne!(moved, founded);
    assert_eq!(of_conversation(&mut pool, 7, true), moved);
}

#[test]
fn an_overloaded_key_loses_its_conversations() {
    let mut pool = Pool::new(settings(), free(4), 1);
    let affinity = Some(Affinity { hash: 7, follow: true });
    let model = model();
    let ask = Ask { affinity, ..Ask::of(&model) };
    let open: Vec<Lease> = (0..12).map(|_| pool.lease(&ask, START).unwrap()).collect();
    let mut of_keys = [0; 5];
    for lease in &open {
        of_keys[usize::try_from(lease.key().0).unwrap()] += 1;
    }
    assert!(of_keys.iter().all(|&count| count <= 7), "{of_keys:?}");
    for lease in open {
        end(&mut pool, lease, Outcome::Success);
    }
}

#[test]
fn a_key_serves_no_more_requests_at_a_time_than_it_may() {
    let narrow = Settings { max_concurrency: 1, ..settings() };
    let mut pool = Pool::new(narrow, free(2), 1);
    let model = model();
    let one = pool.lease(&Ask::of(&model), START).unwrap();
    let two = pool.lease(&Ask::of(&model), START).unwrap();
    assert_ne!(one.key(), two.key());
    assert_eq!(pool.lease(&Ask::of(&model), START).unwrap_err(), NoKey::Busy);
    let other = ModelName::new("gemini-2.5-pro");
    assert_eq!(pool.lease(&Ask::of(&other), START).unwrap_err(), NoKey::Busy, "for any model");
    let freed = one.key();
    end(&mut pool, one, Outcome::Success);
    let again = pool.lease(&Ask::of(&other), START).unwrap();
    assert_eq!(again.key(), freed);
    end(&mut pool, again, Outcome::Success);
    end(&mut pool, two, Outcome::Success);
}

fn waiter(user: i64) -> Waiter {
    Waiter { user: Some(UserId(user)), until: START + seconds(5) }
}

#[test]
fn who_waits_is_served_in_turn_and_nobody_overtakes() {
    let narrow = Settings { max_concurrency: 1, ..settings() };
    let mut desk = Desk::new(Pool::new(narrow, free(1), 1), 100);
    let model = model();
    let (first, _) = desk.enter(&Ask::of(&model), waiter(1), START);
    let Entered::Answered(Ok(mut lease)) = first else { panic!("{first:?}") };
    let tickets: Vec<_> = [1, 1, 1, 2]
        .into_iter()
        .map(|user| match desk.enter(&Ask::of(&model), waiter(user), START) {
            (Entered::Waiting { ticket, .. }, _) => ticket,
            other => panic!("{other:?}"),
        })
        .collect();
    let mut order = Vec::new();
    for _ in 0..4 {
        desk.pool.settle(lease, Spend::default(), START);
        let (ticket, answer) = desk.turn_all(START).pop().unwrap();
        order.push(tickets.iter().position(|other| *other == ticket).unwrap());
        lease = answer.unwrap();
    }
    assert_eq!(order, [0, 3, 1, 2], "the second user does not wait for all of the first one's");
    desk.pool.settle(lease, Spend::default(), START);
    assert_eq!(desk.waiting(), 0);
}

#[test]
fn a_line_has_an_end_and_a_wait_that_would_be_in_vain_is_refused_at_once() {
    let mut desk = Desk::new(Pool::new(settings(), free(1), 1), 2);
    let model = model();
    let lease = desk.pool.lease(&Ask::of(&model), START).unwrap();
    let minute = Outcome::Exhausted { window: Window::Minute, retry_after: Some(seconds(3)) };
    end(&mut desk.pool, lease, minute);
    let enter = |desk: &mut Desk, until| {
        let (entered, _) = desk.enter(&Ask::of(&model), Waiter { user: None, until }, START);
        matches!(entered, Entered::Waiting { .. })
    };
    assert!(!enter(&mut desk, START + seconds(2)), "the key is back later");
    assert!(enter(&mut desk, START + seconds(5)) && enter(&mut desk, START + seconds(5)));
    assert!(!enter(&mut desk, START + seconds(5)), "the line is full");
}

#[test]
fn nobody_waits_where_nobody_may() {
    let mut desk = Desk::new(Pool::new(settings(), free(1), 1), 0);
    let model = model();
    let lease = desk.pool.lease(&Ask::of(&model), START).unwrap();
    let minute = Outcome::Exhausted { window: Window::Minute, retry_after: Some(seconds(3)) };
    end(&mut desk.pool, lease, minute);
    let waiter = Waiter { user: None, until: START + seconds(5) };
    let (entered, _) = desk.enter(&Ask::of(&model), waiter, START);
    assert!(matches!(entered, Entered::Answered(Err(NoKey::Cooling { .. }))));
}

#[test]
fn what_google_refused_does_not_count_as_served_by_paid_keys() {
    let keys = vec![key(1, Tier::Paid), key(2, Tier::Paid)];
    let mut pool = Pool::new(Settings { paid_cap: Some(2), ..settings() }, keys, 1);
    let model = model();
    let mut refused = |spent: u64, at| {
        let lease = pool.lease(&Ask::of(&model), at)?;
        pool.settle(lease, Spend { requests: spent, ..Spend::default() }, at);
        Ok(())
    };
    for _ in 0..5 {
        assert_eq!(refused(0, START), Ok(()));
    }
    assert_eq!((refused(1, START), refused(1, START)), (Ok(()), Ok(())));
    let midnight = next_pacific_midnight(START);
    assert_eq!(refused(1, START), Err(NoKey::Cooling { until: midnight }));
    // What was leased on the day before gives nothing of the next one back.
    let mut pool =
        Pool::new(Settings { paid_cap: Some(1), ..settings() }, vec![key(1, Tier::Paid)], 1);
    let late = pool.lease(&Ask::of(&model), START).unwrap();
    let next = pool.lease(&Ask::of(&model), midnight).unwrap();
    pool.settle(late, Spend::default(), midnight);
    assert!(pool.lease(&Ask::of(&model), midnight).is_err());
    pool.settle(next, Spend { requests: 1, ..Spend::default() }, midnight);
}
