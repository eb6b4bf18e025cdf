//! The way of a key: kept, passed over, counted; and what a proxy is read from.

use std::{collections::BTreeMap, time::Duration};

use pollux_pool::time::Timestamp;

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_000);

fn proxy(text: &str) -> Egress {
    Egress::Proxy(Arc::new(text.parse().unwrap()))
}

fn proxies(count: usize) -> Vec<Egress> {
    (0..count).map(|number| proxy(&format!("http://user-{number}:pass@proxy.test:8080"))).collect()
}

/// Which of `ways` the first thousand keys take.
fn taken(troubles: &Troubles, ways: &[Egress], now: Timestamp) -> BTreeMap<i64, Egress> {
    let take = |key| (key, troubles.choose(ways, KeyId(key), now).unwrap().clone());
    (1..=1_000).map(take).collect()
}

#[test]
fn keys_are_spread_over_the_proxies_and_stay_where_they_are() {
    let (troubles, ways) = (Troubles::default(), proxies(5));
    let first = taken(&troubles, &ways, NOW);
    for way in &ways {
        let share = first.values().filter(|taken| *taken == way).count();
        assert!((120..280).contains(&share), "{way}: {share} of 1000");
    }
    let turned: Vec<Egress> = ways.into_iter().rev().collect();
    assert_eq!(taken(&troubles, &turned, NOW + Duration::from_hours(9)), first);
}

#[test]
fn a_proxy_more_or_less_moves_only_its_own_keys() {
    let (troubles, ways) = (Troubles::default(), proxies(5));
    let (more, less) = (taken(&troubles, &ways, NOW), taken(&troubles, &ways[..4], NOW));
    let mut moved = 0;
    for (key, way) in &more {
        if *way == ways[4] {
            moved += 1;
        } else {
            assert_eq!(less.get(key), Some(way), "key {key}");
        }
    }
    assert!((120..280).contains(&moved), "{moved}");
}

#[test]
fn one_that_cannot_be_reached_is_passed_over_for_longer_each_time() {
    let (troubles, ways) = (Troubles::default(), proxies(2));
    let key = KeyId(7);
    let first = troubles.choose(&ways, key, NOW).unwrap().clone();
    let mut now = NOW;
    for seconds in [5, 10, 20, 40, 80, 160, 300, 300] {
        let pause = Duration::from_secs(seconds);
        assert_eq!(troubles.unreachable(&first, now), Some(pause));
        assert_eq!(troubles.unreachable(&first, now), None, "of one burst");
        assert_ne!(troubles.choose(&ways, key, now), Some(&first));
        now = now + pause;
        assert_eq!(troubles.choose(&ways, key, now), Some(&first));
    }
    assert!(troubles.reached(&first) && !troubles.reached(&first));
    assert_eq!(troubles.unreachable(&first, now), Some(Duration::from_secs(5)));
}

#[test]
fn when_none_can_be_reached_the_first_is_tried_anyway() {
    let (troubles, ways) = (Troubles::default(), proxies(3));
    let before = taken(&troubles, &ways, NOW);
    for way in &ways {
        troubles.unreachable(way, NOW);
    }
    assert_eq!(taken(&troubles, &ways, NOW), before);
    assert_eq!(Troubles::default().choose(&[], KeyId(1), NOW), None);
}

#[test]
fn one_that_is_blocked_is_passed_over_for_an_hour_and_counted() {
    let (troubles, ways) = (Troubles::default(), proxies(2));
    assert!(troubles.blocked(&ways[0], NOW) && !troubles.blocked(&ways[0], NOW));
    // Rather one that may be back than one that is known to be refused.
    troubles.unreachable(&ways[1], NOW);
    assert!(taken(&troubles, &ways, NOW).values().all(|way| *way == ways[1]));
    let counts = troubles.count(&ways, NOW);
    assert_eq!(counts, Counts { total: 2, unreachable: 1, blocked: 1 });
    let later = NOW + Duration::from_hours(1);
    assert!(!troubles.is_blocked(&ways[0], later));
    assert_eq!(troubles.count(&ways, later), Counts { total: 2, ..Counts::default() });
    assert!(troubles.blocked(&ways[0], later), "what is over is news again");
    assert!(troubles.served(&ways[0]) && !troubles.is_blocked(&ways[0], later));
}

#[test]
fn a_proxy_is_read_from_its_url() {
    for (text, shown, address, login) in [
        ("http://proxy.test", "http://proxy.test:80", "http://proxy.test:80/", None),
        ("https://a:b@p.test/", "https://p.test:443", "https://p.test:443/", Some(("a", "b"))),
        ("socks5://[::1]:9", "socks5://[::1]:9", "http://[::1]:9/", None),
        (
            " socks5h://a%40b:c%2C%3A@10.0.0.1 ",
            "socks5h://10.0.0.1:1080",
            "http://10.0.0.1:1080/",
            Some(("a@b", "c,:")),
        ),
        (
            "http://only-a-name@p.test",
            "http://p.test:80",
            "http://p.test:80/",
            Some(("only-a-name", "")),
        ),
    ] {
        let proxy: Proxy = text.parse().unwrap();
        assert_eq!(
            (proxy.to_string(), proxy.address().to_string()),
            (shown.into(), address.into())
        );
        let found = proxy.login().map(|login| (login.user.as_str(), login.password.expose()));
        assert_eq!(found, login, "{text}");
    }
}

#[test]
fn what_is_no_proxy_is_refused() {
    for text in [
        "",
        "proxy.test:8080",
        "ftp://proxy.test",
        "socks4://proxy.test",
        "http://",
        "http://proxy.test/path",
        "http://proxy.test?x=1",
        "http://proxy.test#x",
        "http://proxy.test:99999",
        "http://%ff@proxy.test",
        "socks5://",
    ] {
        assert_eq!(text.parse::<Proxy>(), Err(NotAProxy), "{text}");
    }
    let long = "x".repeat(256);
    assert!(format!("socks5://{long}@proxy.test").parse::<Proxy>().is_err());
}

#[test]
fn users_of_one_address_are_proxies_of_their_own_and_no_password_is_shown() {
    let (one, other) = (proxy("http://u:secret-one@p.test"), proxy("http://u:secret-two@p.test"));
    assert_ne!(one, other);
    assert_eq!(one, proxy("HTTP://u:secret-one@P.TEST:80/"));
    let shown = format!("{one} {one:?} {one:#?}");
    assert!(!shown.contains("secret-one"), "{shown}");
}
