//! Which pool serves a request: the user's first, unless it names another of his.

use axum::body::Body;
use http::Request;
use pollux_gateway::catalog::User;
use pollux_pool::{id::PoolId, limit::What};

use super::{Club, Terms, chat_of, first, limits};

fn named(pool: &str) -> Request<Body> {
    let mut request = chat_of(1);
    request.headers_mut().insert("x-pollux-pool", pool.parse().unwrap());
    request
}

#[tokio::test]
async fn a_request_may_name_another_pool_of_the_users() {
    let both = User { pools: vec![PoolId(1), PoolId(2)], ..first() };
    let pool_limits = limits(&[(What::RequestsPerDay, 1)]);
    let club = Club::of(Terms { users: vec![both], pool_limits, ..Terms::default() }).await;
    assert_eq!(club.chat().await.status, 200);
    assert_eq!(club.chat().await.status, 429, "the first pool is full for the day");
    for pool in ["pool 2", "2", "pool-2"] {
        assert_eq!(club.ask(named(pool)).await.status, 200, "{pool}");
    }
    assert_eq!(club.ask(named("pool 1")).await.status, 429);
}

#[tokio::test]
async fn a_pool_that_is_not_the_users_is_as_good_as_none() {
    let club = Club::of(Terms::default()).await;
    for pool in ["pool 2", "2", "pool 3", ""] {
        let told = club.ask(named(pool)).await;
        assert_eq!(told.status, 403, "{pool}: {}", told.text);
        let message = told.message();
        assert!(
            message.contains("x-pollux-pool") && message.ends_with("may use: pool 1"),
            "{message}"
        );
    }
    assert_eq!(club.ask(named("pool 1")).await.status, 200);
}

#[tokio::test]
async fn a_pool_that_is_switched_off_serves_nobody() {
    let both = User { pools: vec![PoolId(1), PoolId(2)], ..first() };
    let terms = Terms { users: vec![both], is_off: vec![1], ..Terms::default() };
    let club = Club::of(terms).await;
    for told in [club.chat().await, club.ask(named("pool 1")).await] {
        assert_eq!(told.status, 403);
        assert!(told.message().contains("the pool pool 1 is switched off"), "{}", told.text);
    }
    assert_eq!(club.ask(named("pool 2")).await.status, 200);
}
