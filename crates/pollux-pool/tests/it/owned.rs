//! Requests that only the project which owns what they name can serve.

use std::time::Duration;

use pollux_pool::id::{KeyId, ModelName, ProjectName};
use pollux_pool::key::{Key, Tier};
use pollux_pool::lease::{Ask, NoKey, Owner, Spend, Tiers};
use pollux_pool::outcome::{Outcome, Window};
use pollux_pool::pool::{Pool, Settings};

use crate::START;

fn pool() -> Pool {
    let of = |id, project: Option<&str>| Key {
        id: KeyId(id),
        weight: 1,
        project: project.map(ProjectName::new),
        tier: Tier::Free,
    };
    let keys = vec![of(1, Some("a")), of(2, Some("b")), of(3, Some("a")), of(4, None)];
    Pool::new(Settings::default(), keys, 1)
}

fn owner(key: i64, project: Option<&str>) -> Owner {
    Owner { key: KeyId(key), project: project.map(ProjectName::new) }
}

#[track_caller]
fn lease(pool: &mut Pool, owner: &Owner, tried: &[KeyId]) -> Result<KeyId, NoKey> {
    let model = ModelName::new("gemini-2.5-flash");
    let lease = pool.lease(&Ask { tried, owner: Some(owner), ..Ask::of(&model) }, START)?;
    let key = lease.key();
    pool.settle(lease, Spend::default(), START);
    Ok(key)
}

#[test]
fn only_keys_of_the_owning_project_are_given_out() {
    let mut pool = pool();
    for _ in 0..9 {
        let key = lease(&mut pool, &owner(1, Some("a")), &[]).unwrap();
        assert!([KeyId(1), KeyId(3)].contains(&key), "{key}");
        assert_eq!(lease(&mut pool, &owner(4, None), &[]), Ok(KeyId(4)));
    }
    let tried = [KeyId(1)];
    assert_eq!(lease(&mut pool, &owner(1, Some("a")), &tried), Ok(KeyId(3)));
    assert_eq!(lease(&mut pool, &owner(4, None), &[KeyId(4)]), Err(NoKey::Tried));
}

#[test]
fn the_project_serves_when_the_key_is_gone() {
    let mut pool = pool();
    let key = lease(&mut pool, &owner(99, Some("b")), &[]);
    assert_eq!(key, Ok(KeyId(2)));
    assert_eq!(lease(&mut pool, &owner(99, None), &[]), Err(NoKey::Empty));
}

#[test]
fn a_cooling_owner_is_waited_for_though_others_are_ready() {
    let mut pool = pool();
    let model = ModelName::new("gemini-2.5-flash");
    let of_four = owner(4, None);
    let ask = Ask { owner: Some(&of_four), ..Ask::of(&model) };
    let taken = pool.lease(&ask, START).unwrap();
    let spent =
        Outcome::Exhausted { window: Window::Minute, retry_after: Some(Duration::from_secs(30)) };
    pool.report(&taken, &spent.into(), START);
    pool.settle(taken, Spend::default(), START);
    let until = START + Duration::from_secs(30);
    assert_eq!(lease(&mut pool, &of_four, &[]), Err(NoKey::Cooling { until }));
    assert!(pool.lease(&Ask::of(&model), START).is_ok());
}

#[test]
fn the_preferred_project_goes_first_and_any_other_when_it_cannot() {
    let mut pool = pool();
    let model = ModelName::new("gemini-2.5-flash");
    let best = owner(1, Some("a"));
    let ask = |tried| Ask { tried, prefer: Some(&best), ..Ask::of(&model) };
    for _ in 0..5 {
        let lease = pool.lease(&ask(&[]), START).unwrap();
        assert!([KeyId(1), KeyId(3)].contains(&lease.key()));
        pool.settle(lease, Spend::default(), START);
    }
    let tried = [KeyId(1), KeyId(3)];
    let lease = pool.lease(&ask(&tried), START).unwrap();
    assert!([KeyId(2), KeyId(4)].contains(&lease.key()));
    pool.settle(lease, Spend::default(), START);
    let gone = owner(99, None);
    let ask = Ask { prefer: Some(&gone), ..Ask::of(&model) };
    assert!(pool.lease(&ask, START).is_ok());
}

#[test]
fn what_is_owned_or_preferred_does_not_lead_to_a_tier_that_is_not_wanted() {
    let of = |id, tier| Key { id: KeyId(id), weight: 1, project: None, tier };
    let keys = vec![of(1, Tier::Free), of(2, Tier::Paid), of(3, Tier::Paid)];
    let mut pool = Pool::new(Settings { paid_cap: Some(4), ..Settings::default() }, keys, 1);
    let model = ModelName::new("gemini-2.5-flash");
    let mut lease = |tiers, owner: Option<&Owner>, prefer: Option<&Owner>| {
        let lease = pool.lease(&Ask { tiers, owner, prefer, ..Ask::of(&model) }, START)?;
        let key = lease.key();
        pool.settle(lease, Spend { requests: 1, ..Spend::default() }, START);
        Ok(key.0)
    };
    let (free, paid) = (owner(1, None), owner(2, None));
    assert_eq!(lease(Tiers::FreeOnly, Some(&paid), None), Err(NoKey::Empty));
    assert_eq!(lease(Tiers::NoFreeTier, Some(&free), None), Err(NoKey::Empty));
    assert_eq!(lease(Tiers::FreeOnly, None, Some(&paid)), Ok(1));
    for _ in 0..2 {
        assert_eq!(lease(Tiers::Any, None, Some(&paid)), Ok(2));
        assert!(matches!(lease(Tiers::NoFreeTier, None, Some(&free)), Ok(2 | 3)));
    }
    // Paid keys have served what they may today.
    assert_eq!(lease(Tiers::Any, None, Some(&paid)), Ok(1));
    let owned = lease(Tiers::Any, Some(&paid), None);
    assert!(matches!(owned, Err(NoKey::Cooling { until }) if until > START), "{owned:?}");
}
