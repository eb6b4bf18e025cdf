//! Browsers: preflights are answered, and every answer may be read by any page.

use http::Method;
use pollux_testkit::{App, Face};

const HEADERS: &str = "authorization,content-type,x-goog-api-key,x-goog-api-client,x-stainless-os,\
    x-stainless-retry-count,anthropic-version,x-something-new";

#[tokio::test]
async fn a_preflight_allows_what_it_asks_for() {
    let app = App::start("key-1").await;
    for target in [
        "/v1/chat/completions",
        "/chat",
        "/v1/models",
        "/v1beta/models",
        "/v1beta/models/gemini-2.5-flash:generateContent",
        "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    ] {
        let answer = app
            .request(Method::OPTIONS, target)
            .anonymous()
            .header("origin", "https://page.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", HEADERS)
            .whole()
            .await;
        assert_eq!(answer.status, 204, "{target}");
        assert_eq!(answer.text(), "", "{target}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{target}");
        assert_eq!(answer.header("access-control-allow-methods"), "*", "{target}");
        assert_eq!(answer.header("access-control-allow-headers"), HEADERS, "{target}");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"), "{target}");
    }
    assert_eq!(app.calls(), []);
}

#[tokio::test]
async fn every_answer_may_be_read_by_a_page_errors_included() {
    let app = App::start("key-1").await;
    for face in Face::ALL {
        for request in [face.ask(&app, "say: hello"), face.ask(&app, "say: hello").anonymous()] {
            let answer = request.header("origin", "https://page.example").whole().await;
            let allowed = answer.headers.get_all("access-control-allow-origin");
            assert_eq!(allowed.iter().collect::<Vec<_>>(), ["*"], "{face:?} {}", answer.status);
            let exposed = answer.header("access-control-expose-headers");
            for name in ["x-request-id", "x-pollux-attempts", "x-pollux-ignored", "retry-after"] {
                assert!(exposed.contains(name), "{face:?}: {exposed}");
            }
        }
    }
}
