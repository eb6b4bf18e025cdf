//! Who is let in: until when, with which of two keys, and from where.

use std::time::Duration;

use axum::body::Body;
use http::{Request, header::HeaderName};
use pollux_gateway::catalog::{Settings, User};
use pollux_testkit::START;

use super::{Club, Terms, Told, chat_of, first, native_of, read};

async fn club_of(user: User) -> Club {
    Club::of(Terms { users: vec![user], ..Terms::default() }).await
}

fn with(mut request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    request.headers_mut().append(HeaderName::from_static(name), value.parse().unwrap());
    request
}

#[tokio::test]
async fn who_is_switched_off_is_told_so_at_once() {
    let club = club_of(first()).await;
    assert_eq!(club.chat().await.status, 200);
    let off = User { is_enabled: false, ..first() };
    club.change(Terms { users: vec![off], ..Terms::default() });
    let told = club.chat().await;
    assert_eq!((told.status, told.error()["type"].as_str()), (403, Some("permission_error")));
    assert!(told.message().contains("switched off"), "{}", told.text);
    let told = club.native().await;
    assert_eq!((told.status, told.error()["status"].as_str()), (403, Some("PERMISSION_DENIED")));
    assert_eq!(club.ask(chat_of(2)).await.status, 200);
    assert_eq!(club.asked().len(), 2);
}

#[tokio::test]
async fn a_key_expires_at_its_moment() {
    let end = START + Duration::from_secs(100);
    let club = club_of(User { expires_at: Some(end), ..first() }).await;
    club.advance(99);
    assert_eq!(club.chat().await.status, 200);
    club.advance(1);
    for told in [club.chat().await, club.native().await] {
        assert_eq!(told.status, 401);
        assert!(told.message().contains("has expired"), "{}", told.text);
    }
}

#[tokio::test]
async fn the_key_before_is_good_for_a_while_beside_the_new_one() {
    let until = Some(START + Duration::from_mins(1));
    let more = vec![("sk-access-key-before", until, 1)];
    let club = Club::of(Terms { more, ..Terms::default() }).await;
    let before = || {
        let mut ask = chat_of(1);
        ask.headers_mut().insert("x-api-key", "sk-access-key-before".parse().unwrap());
        ask
    };
    assert_eq!(club.ask(before()).await.status, 200);
    club.advance(60);
    let told = club.ask(before()).await;
    assert_eq!(told.status, 401);
    assert!(told.message().contains("another one took its place"), "{}", told.text);
    assert_eq!(club.chat().await.status, 200);
}

/// Asks from an address, with the lines of `X-Forwarded-For` that it came with.
async fn from(club: &Club, peer: Option<&str>, lines: &[&str]) -> Told {
    let ask = lines.iter().fold(native_of(1), |ask, line| with(ask, "x-forwarded-for", line));
    read(club.open(ask, peer).await).await
}

#[tokio::test]
async fn a_user_may_call_from_his_networks_alone() {
    let networks = ["192.0.2.0/24", "2001:db8::/32"].map(|text| text.parse().unwrap());
    let club = club_of(User { addresses: networks.into(), ..first() }).await;
    for peer in ["192.0.2.77", "::ffff:192.0.2.77", "2001:db8:1::5"] {
        assert_eq!(from(&club, Some(peer), &[]).await.status, 200, "{peer}");
    }
    for peer in ["198.51.100.1", "::ffff:198.51.100.1", "2001:db9::1", "127.0.0.1"] {
        let told = from(&club, Some(peer), &["192.0.2.77"]).await;
        assert_eq!(told.status, 403, "{peer}");
    }
    let told = from(&club, Some("198.51.100.1"), &[]).await;
    assert!(told.message().contains("not be used from 198.51.100.1"), "{}", told.text);
    assert_eq!(from(&club, None, &[]).await.status, 403);
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_client_is_whom_it_names() {
    let trusted = ["10.0.0.0/8", "fd00::/8"].map(|text| text.parse().unwrap());
    let settings = Settings { trusted_proxies: trusted.into(), ..Settings::default() };
    let user = User { addresses: vec!["192.0.2.0/24".parse().unwrap()], ..first() };
    let club = Club::of(Terms { settings, users: vec![user], ..Terms::default() }).await;
    let good: [(&str, &[&str]); 4] = [
        ("10.1.1.1", &["192.0.2.1"]),
        ("fd00::1", &["203.0.113.5, 192.0.2.1:4711, 10.2.2.2"]),
        ("::ffff:10.1.1.1", &["203.0.113.5", "::ffff:192.0.2.1"]),
        ("192.0.2.9", &["203.0.113.5"]),
    ];
    for (peer, lines) in good {
        assert_eq!(from(&club, Some(peer), lines).await.status, 200, "{peer} {lines:?}");
    }
    let bad: [(&str, &[&str]); 4] = [
        ("10.1.1.1", &["192.0.2.1, 203.0.113.5"]),
        ("10.1.1.1", &["192.0.2.1", "203.0.113.5"]),
        ("10.1.1.1", &["192.0.2.1, unknown"]),
        ("10.1.1.1", &[]),
    ];
    for (peer, lines) in bad {
        assert_eq!(from(&club, Some(peer), lines).await.status, 403, "{peer} {lines:?}");
    }
}
