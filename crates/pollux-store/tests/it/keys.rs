//! Gemini keys that the environment names.

use pollux_pool::id::{KeyId, ProjectName};
use pollux_pool::key::Tier;
use pollux_store::keys::{About, Addition, KeyChange, KeySync, Remarks};
use pollux_store::secret::Secret;
use pollux_store::store::{DEFAULT_POOL, Store};
use pollux_store::users::Source;

use crate::{NOW, memory, rows, secret};

const ONE: &str = "AIzaSyOne-0000000001";
const TWO: &str = "AQ.two-0000000000002";
const THREE: &str = "AIzaSyThree-00000003";

fn named(keys: &[(&str, u32)]) -> Vec<(Secret, About)> {
    keys.iter().map(|&(key, weight)| (secret(key), About::weight(weight))).collect()
}

/// Names `keys`, and checks what that changed and what is there then, by id.
async fn check(
    store: &Store,
    keys: &[(&str, u32)],
    changed: [usize; 3],
    want: &[(i64, &str, u32)],
) {
    let sync = store.sync_environment_keys(DEFAULT_POOL, &named(keys), NOW).await.unwrap();
    let [added, updated, removed] = changed;
    assert_eq!(sync, KeySync { added, updated, removed });
    let found = store.keys(DEFAULT_POOL).await.unwrap();
    let found: Vec<_> =
        found.iter().map(|key| (key.id.0, key.secret.expose(), key.about.weight)).collect();
    assert_eq!(found, want);
}

#[tokio::test]
async fn the_keys_are_those_that_were_named_last() {
    let (store, _) = memory().await;
    check(&store, &[(ONE, 10), (TWO, 5)], [2, 0, 0], &[(1, ONE, 10), (2, TWO, 5)]).await;
    check(&store, &[(TWO, 5), (ONE, 10)], [0, 0, 0], &[(1, ONE, 10), (2, TWO, 5)]).await;
    check(&store, &[(THREE, 1), (ONE, 3)], [1, 1, 1], &[(1, ONE, 3), (3, THREE, 1)]).await;
    check(&store, &[], [0, 0, 2], &[]).await;
}

#[tokio::test]
async fn an_id_is_never_given_to_another_key() {
    let (store, _) = memory().await;
    check(&store, &[(ONE, 1)], [1, 0, 0], &[(1, ONE, 1)]).await;
    check(&store, &[], [0, 0, 1], &[]).await;
    check(&store, &[(TWO, 1)], [1, 0, 0], &[(2, TWO, 1)]).await;
}

#[tokio::test]
async fn a_key_that_is_named_twice_has_its_last_weight_and_none_is_zero() {
    let (store, _) = memory().await;
    let keys = [(ONE, 1), (TWO, 0), (ONE, 7)];
    check(&store, &keys, [2, 0, 0], &[(1, ONE, 7), (2, TWO, 1)]).await;
    check(&store, &keys, [0, 0, 0], &[(1, ONE, 7), (2, TWO, 1)]).await;
}

#[tokio::test]
async fn a_key_from_elsewhere_stays_as_it_is() {
    let (store, sql) = memory().await;
    check(&store, &[(ONE, 1), (TWO, 2)], [2, 0, 0], &[(1, ONE, 1), (2, TWO, 2)]).await;
    rows(&*sql, "UPDATE gemini_keys SET source = 'admin' WHERE id = 1").await;
    check(&store, &[(ONE, 9)], [0, 0, 1], &[(1, ONE, 1)]).await;
    check(&store, &[], [0, 0, 0], &[(1, ONE, 1)]).await;
}

#[tokio::test]
async fn only_the_end_of_a_key_is_kept_for_people() {
    let (store, _) = memory().await;
    let keys = named(&[(ONE, 1), ("12345678", 1)]);
    store.sync_environment_keys(DEFAULT_POOL, &keys, NOW).await.unwrap();
    let found = store.keys(DEFAULT_POOL).await.unwrap();
    assert_eq!(found.iter().map(|key| key.id).collect::<Vec<_>>(), [1, 2].map(KeyId));
    assert_eq!(found.iter().map(|key| key.last4.as_str()).collect::<Vec<_>>(), ["0001", ""]);
    assert!(!format!("{found:?}").contains(ONE));
}

/// What is known of a key beside its weight, as texts.
fn told(about: &About) -> [Option<&str>; 3] {
    let project = about.project.as_ref().map(ProjectName::as_str);
    [project, Some(about.tier.as_str()), about.proxy.as_ref().map(Secret::expose)]
}

#[tokio::test]
async fn what_is_told_about_a_key_is_kept_and_changed() {
    const PROXY: &str = "socks5h://user:a-long-password@proxy.test:1080";
    let (store, sql) = memory().await;
    let full = About {
        weight: 3,
        project: Some(ProjectName::new("team-a")),
        tier: Tier::Paid,
        proxy: Some(secret(PROXY)),
    };
    let project = About { project: Some(ProjectName::new("team-b")), ..full.clone() };
    let tier = About { tier: Tier::Free, ..full.clone() };
    let proxy = About { proxy: Some(secret("http://other.test")), ..full.clone() };
    for (about, updated) in [
        (&full, 0),
        (&full, 0),
        (&project, 1),
        (&full, 1),
        (&tier, 1),
        (&full, 1),
        (&proxy, 1),
        (&About::weight(3), 1),
        (&full, 1),
    ] {
        let named = [(secret(ONE), about.clone())];
        let sync = store.sync_environment_keys(DEFAULT_POOL, &named, NOW).await.unwrap();
        assert_eq!(sync.updated, updated, "{about:?}");
        let found = store.keys(DEFAULT_POOL).await.unwrap();
        assert_eq!((found.len(), told(&found[0].about)), (1, told(about)));
    }
    let shown = format!("{:?}", store.keys(DEFAULT_POOL).await.unwrap());
    assert!(!shown.contains("a-long-password"), "{shown}");
    let kept = rows(&*sql, "SELECT proxy FROM gemini_keys").await;
    assert!(!kept[0].text("proxy").unwrap().contains("proxy.test"), "it is sealed: {kept:?}");
}

#[tokio::test]
async fn a_key_that_is_not_enabled_stays_so_until_it_is() {
    let (store, _) = memory().await;
    let keys = [(ONE, 1), (TWO, 1)];
    check(&store, &keys, [2, 0, 0], &[(1, ONE, 1), (2, TWO, 1)]).await;
    for enabled in [false, true, false] {
        assert!(store.set_key_enabled(KeyId(1), enabled).await.unwrap());
        check(&store, &keys, [0, 0, 0], &[(1, ONE, 1), (2, TWO, 1)]).await;
        let found = store.keys(DEFAULT_POOL).await.unwrap();
        assert_eq!(found.iter().map(|key| key.enabled).collect::<Vec<_>>(), [enabled, true]);
    }
    assert!(!store.set_key_enabled(KeyId(99), true).await.unwrap());
}

#[tokio::test]
async fn keys_are_added_once_edited_and_removed() {
    let (store, sql) = memory().await;
    let given = |key: &str, weight| (secret(key), About::weight(weight), Remarks::default());
    let named = Remarks {
        name: "first".to_owned(),
        tags: vec!["a".to_owned(), "b".to_owned()],
        notes: "bought\nlast year".to_owned(),
    };
    let keys = [
        (secret("AIzaSyOne-0000000001"), About::weight(3), named.clone()),
        given("AQ.Two-0000000000002", 1),
        given("AIzaSyOne-0000000001", 9),
    ];
    let added = store.add_keys(DEFAULT_POOL, &keys, NOW).await.unwrap();
    let (one, two) = (KeyId(1), KeyId(2));
    assert_eq!(added, [Addition::Added(one), Addition::Added(two), Addition::Known(one)]);
    let again = store.add_keys(DEFAULT_POOL, &keys[1..2], NOW).await.unwrap();
    assert_eq!(again, [Addition::Known(two)]);
    let kept = store.every_key().await.unwrap();
    assert_eq!(
        (kept[0].about.weight, &kept[0].remarks, kept[0].source),
        (3, &named, Source::Admin)
    );

    let about = Some(About { tier: Tier::Paid, ..About::weight(5) });
    let nothing = KeyChange { id: two, enabled: None, about: None, remarks: None };
    let changes = [
        KeyChange { enabled: Some(false), about, ..nothing.clone() },
        KeyChange { id: one, remarks: Some(Remarks::default()), ..nothing.clone() },
        KeyChange { id: KeyId(99), enabled: Some(true), ..nothing },
    ];
    store.change_keys(&changes, NOW).await.unwrap();
    let kept = store.every_key().await.unwrap();
    assert_eq!((kept[0].about.weight, &kept[0].remarks), (3, &Remarks::default()));
    assert_eq!((kept[1].enabled, kept[1].about.weight, kept[1].about.tier), (false, 5, Tier::Paid));
    store.remove_keys(&[one, KeyId(99)]).await.unwrap();
    assert_eq!(store.keys(DEFAULT_POOL).await.unwrap().len(), 1);
    let raw = rows(&*sql, "SELECT sealed FROM gemini_keys").await;
    assert!(!raw[0].text("sealed").unwrap().contains("AQ.Two"));
}

#[tokio::test]
async fn the_environment_does_not_tell_of_a_key_that_was_edited() {
    let (store, _) = memory().await;
    let named = [(secret("AIzaSyOne-0000000001"), About::weight(1))];
    store.sync_environment_keys(DEFAULT_POOL, &named, NOW).await.unwrap();
    let about = Some(About::weight(7));
    let change = KeyChange { id: KeyId(1), enabled: None, about, remarks: None };
    store.change_keys(&[change], NOW).await.unwrap();
    store.sync_environment_keys(DEFAULT_POOL, &named, NOW).await.unwrap();
    assert_eq!(store.every_key().await.unwrap()[0].about.weight, 7);
}
