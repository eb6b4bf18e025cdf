//! Limits and spending: they come back as they were, and go with whom they are of.

use pollux_pool::id::{PoolId, UserId};
use pollux_pool::limit::{Cost, Limits, Rule, Spending, Subject, What};
use pollux_pool::quota::Amount;
use pollux_store::store::DEFAULT_POOL;
use pollux_store::users::Source;

use crate::{NOW, later, memory, rows, secret};

fn limits(rules: &[(What, u64)]) -> Limits {
    rules.iter().map(|&(what, value)| Rule { what, value }).collect()
}

fn spending(subject: Subject, scale: u64) -> Spending {
    let cost = |scale| Cost {
        requests: scale,
        input_tokens: 10 * scale,
        tokens: 25 * scale,
        money: 1_000_000 * scale,
    };
    let minute = Amount { requests: 1, input_tokens: 2, tokens: 3 };
    let (day, ever) = (cost(scale), cost(7 * scale));
    Spending { subject, at: NOW, minute, day_ends: later(900), day, ever }
}

#[tokio::test]
async fn limits_come_back_until_others_take_their_place() {
    let (store, sql) = memory().await;
    assert!(store.limits().await.unwrap().is_empty());
    let (user, pool) = (Subject::User(UserId(3)), Subject::Pool(DEFAULT_POOL));
    let every: Limits = What::all().iter().map(|&what| Rule { what, value: 9 }).collect();
    let some = limits(&[(What::TokensEver, 0), (What::MoneyPerDay, 2_500_000)]);
    store.set_limits(user, &every).await.unwrap();
    store.set_limits(pool, &some).await.unwrap();
    let kept = store.limits().await.unwrap();
    assert_eq!(kept.into_iter().collect::<Vec<_>>(), [(user, every), (pool, some.clone())]);
    store.set_limits(user, &some).await.unwrap();
    assert_eq!(store.limits().await.unwrap()[&user], some);
    store.set_limits(user, &Limits::default()).await.unwrap();
    assert_eq!(store.limits().await.unwrap().into_keys().collect::<Vec<_>>(), [pool]);

    rows(&*sql, "INSERT INTO limits (subject, what, value) VALUES ('pool-1', 'hats/day', 1)").await;
    assert!(store.limits().await.unwrap_err().to_string().contains("requests/minute"));
}

#[tokio::test]
async fn what_was_spent_comes_back_as_it_was_written_last() {
    let (store, _) = memory().await;
    let (user, pool) = (Subject::User(UserId(3)), Subject::Pool(PoolId(1)));
    store.save_spending(&[spending(user, 1), spending(pool, 2)]).await.unwrap();
    store.save_spending(&[spending(user, 5)]).await.unwrap();
    store.save_spending(&[]).await.unwrap();
    let kept = store.load_spending().await.unwrap();
    assert_eq!(kept, [spending(pool, 2), spending(user, 5)]);
}

#[tokio::test]
async fn what_is_of_those_who_are_gone_is_removed() {
    let (store, _) = memory().await;
    let access_key = secret("sk-of-somebody");
    let user = store.ensure_user("somebody", &access_key, Source::Generated, NOW).await.unwrap();
    let here = [Subject::Pool(DEFAULT_POOL), Subject::User(user)];
    let gone = [Subject::Pool(PoolId(77)), Subject::User(UserId(77))];
    for subject in here.into_iter().chain(gone) {
        store.set_limits(subject, &limits(&[(What::Concurrency, 1)])).await.unwrap();
        store.save_spending(&[spending(subject, 1)]).await.unwrap();
    }
    store.remove_limits_of_gone().await.unwrap();
    let limited: Vec<_> = store.limits().await.unwrap().into_keys().collect();
    assert_eq!(limited, [Subject::User(user), Subject::Pool(DEFAULT_POOL)]);
    let spent = store.load_spending().await.unwrap();
    assert_eq!(spent.iter().map(|it| it.subject).collect::<Vec<_>>(), here);
}
