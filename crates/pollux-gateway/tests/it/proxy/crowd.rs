//! Many clients at once, while half of the keys are broken.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream};
use pollux_testkit::{App, Face};

/// Kept low enough for the sockets that a machine gives one process by default.
const AT_ONCE: usize = 100;

/// Every way in which a key can fail before the first byte of an answer; silence takes a clock of
/// its own. What is nobody's fault ends after a few times, since no pool outlives that for ever.
const FAULTS: [&str; 20] = [
    "invalid",
    "expired",
    "unauthenticated",
    "suspended",
    "leaked",
    "project_denied",
    "service_disabled",
    "account_limited",
    "zero_limit",
    "quota:rpm=1",
    "quota:rpd=1",
    "quota:tpm=1",
    "bare_429",
    "overloaded*1+unavailable*1",
    "internal*1+html_502*1",
    "cancelled*1+deadline*1",
    "empty*1+empty_stop*1",
    "cut*1+cut:after=0*1",
    "error_midstream:after=0*1+plain_error_midstream:after=0*1",
    "slow:first=20ms:chunk=1ms",
];

#[tokio::test]
async fn a_thousand_requests_over_half_broken_keys_all_succeed() {
    let keys: Vec<String> = FAULTS
        .iter()
        .enumerate()
        .map(|(at, fault)| format!("key-{at:02}-broken={fault},key-{at:02}-good"))
        .collect();
    let app = App::builder(&keys.join(","))
        .script(|script| script.log_capacity(2_000))
        .set("pool.retry_ratio", "1")
        .start()
        .await;
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
    let asked: BTreeSet<String> = app.asked().into_iter().collect();
    assert_eq!(asked.len(), 2 * FAULTS.len(), "every key was tried");
}
