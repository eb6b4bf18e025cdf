//! Many clients at once, while half of the keys are broken.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};
use pollux_testkit::{App, Face};

/// Kept low enough for the sockets that a machine gives one process by default.
const AT_ONCE: usize = 100;

#[tokio::test]
async fn a_thousand_requests_over_half_broken_keys_all_succeed() {
    let faults = [
        "invalid",
        "suspended",
        "quota:rpm=1",
        "overloaded*3",
        "cut*3",
        "expired",
        "leaked",
        "zero_limit",
        "project_denied",
        "unauthenticated",
    ];
    let keys: Vec<String> = (0..20)
        .map(|at| match faults.get(at / 2).filter(|_| at % 2 == 1) {
            Some(fault) => format!("key-{at:02}={fault}"),
            None => format!("key-{at:02}"),
        })
        .collect();
    let app = App::start(&keys.join(",")).await;
    let ask = |at: usize| {
        let face = Face::ALL[at % Face::ALL.len()];
        let request = face.ask(&app, &format!("say: number {at}"));
        async move {
            let answer = request.whole().await;
            (at, face, answer)
        }
    };
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    let mut answers = stream::iter(0..1_000).map(ask).buffer_unordered(AT_ONCE);
    while let Some((at, face, answer)) = answers.next().await {
        *statuses.entry(answer.status).or_default() += 1;
        let body = answer.text();
        assert_eq!(face.text(&body), format!("number {at}"), "{}: {body}", answer.status);
        assert!(face.is_complete(&body), "{face:?}: {body}");
    }
    assert_eq!(statuses, BTreeMap::from([(200, 1_000)]));
    assert_eq!(app.in_flight(), 0);
}
