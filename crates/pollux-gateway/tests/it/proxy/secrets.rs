//! Google repeats whole keys and project numbers in some refusals; no client sees them.

use pollux_testkit::{ACCESS_KEY, App, Face, Whole};

const KEYS: [&str; 2] =
    ["AIzaSyA-suspended-key-0123456789abcdef", "AQ.Ab8-another.key_of-the-pool"];

#[track_caller]
fn check(what: &str, answer: &Whole) {
    let head = format!("{:?}", answer.headers);
    let body = answer.text();
    for secret in KEYS.into_iter().chain([ACCESS_KEY]) {
        assert!(!body.contains(secret), "{what}: {body}");
        assert!(!head.contains(secret), "{what}: {head}");
    }
    // The simulator's project numbers have twelve digits.
    let digits = body.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    assert!(digits < Some(12) || answer.status == 200, "{what}: {body}");
}

#[tokio::test]
async fn no_key_of_the_pool_is_in_any_refusal() {
    for fault in
        ["suspended", "service_disabled", "leaked", "invalid", "file_not_owned", "location"]
    {
        let script = KEYS.map(|key| format!("{key}={fault}")).join(",");
        for face in Face::ALL {
            let app = App::start(&script).await;
            for _ in 0..3 {
                let answer = face.ask(&app, "say: hello").whole().await;
                assert_ne!(answer.status, 200, "{fault} on {face:?}");
                check(&format!("{fault} on {face:?}"), &answer);
            }
        }
    }
}

#[tokio::test]
async fn no_key_of_the_pool_is_in_an_error_that_passes_with_its_own_body() {
    // The client sends the pool's own key as text, and Google repeats it in its complaint.
    let app = App::start(KEYS[0]).await;
    let body = format!(r#"{{"contents":[{{"parts":[{{"text":"hi"}}]}}],"{}":1}}"#, KEYS[0]);
    let model = pollux_testkit::MODEL;
    for call in ["generateContent", "streamGenerateContent", "streamGenerateContent?alt=sse"] {
        let answer =
            app.post(&format!("/v1beta/models/{model}:{call}"), body.clone()).whole().await;
        assert_eq!(answer.status, 400, "{call}");
        assert!(answer.text().contains("Cannot find field"), "{}", answer.text());
        check(call, &answer);
    }
}

#[tokio::test]
async fn no_key_of_the_pool_is_in_an_error_that_is_translated() {
    let app = App::start(KEYS[0]).await;
    for face in Face::ALL {
        let answer = face.ask_model(&app, KEYS[0], "say: hello").whole().await;
        assert_eq!(answer.status, 404, "{face:?}: {}", answer.text());
        assert!(face.message(&answer).contains("is not found"), "{face:?}: {}", answer.text());
        check(&format!("{face:?}"), &answer);
    }
}

#[tokio::test]
async fn the_lists_and_pages_of_the_server_hold_no_key() {
    let app = App::start(&format!("{}=suspended,{}", KEYS[0], KEYS[1])).await;
    assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    for target in
        ["/health", "/healthz", "/status", "/readyz", "/v1/models", "/v1beta/models", "/nowhere"]
    {
        check(target, &app.get(target).whole().await);
    }
}
