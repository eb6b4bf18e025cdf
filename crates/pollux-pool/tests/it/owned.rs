//! Requests that only the project which owns what they name can serve.

use std::time::Duration;

use pollux_pool::id::{KeyId, ModelName, ProjectName};
use pollux_pool::key::{Key, Tier};
use pollux_pool::lease::{Ask, NoKey, Owner, Spend};
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
