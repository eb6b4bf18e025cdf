//! Quotas counted for real, by a clock that the test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use pollux_simulator::{Clock, Running, Script, start};

use crate::wire::{Answer, NOON, ask};

const SECOND: i64 = 1_000_000;

struct Counted {
    now: Arc<AtomicI64>,
    server: Running,
}

impl Counted {
    async fn new(script: &str) -> Self {
        let now = Arc::new(AtomicI64::new(NOON));
        let shown = Arc::clone(&now);
        let clock = Clock::new(move || shown.load(Ordering::Relaxed));
        let script: Script = script.parse().unwrap();
        Self { now, server: start(script, clock).await.unwrap() }
    }

    fn wait(&self, micros: i64) {
        self.now.fetch_add(micros, Ordering::Relaxed);
    }

    async fn ask(&self, key: &str) -> Answer {
        ask(&self.server, key, "12345678").await
    }
}

#[tokio::test]
async fn a_minute_is_any_sixty_seconds() {
    let counted = Counted::new("k=quota:rpm=2").await;
    assert_eq!(counted.ask("k").await.status, 200);
    counted.wait(20 * SECOND);
    assert_eq!(counted.ask("k").await.status, 200);
    counted.wait(10 * SECOND + 250_000);
    let refused = counted.ask("k").await;
    assert_eq!(refused.status, 429);
    assert!(refused.text().contains("Please retry in 29.75s."), "{}", refused.text());
    counted.wait(29 * SECOND + 750_000);
    assert_eq!(counted.ask("k").await.status, 200);
    assert_eq!(counted.ask("k").await.status, 429);
}

#[tokio::test]
async fn a_refusal_names_the_quota_as_google_does() {
    let counted = Counted::new("k=quota:rpm=1").await;
    counted.ask("k").await;
    let refused = counted.ask("k").await;
    let limits = "https://ai.google.dev/gemini-api/docs/rate-limits";
    assert_eq!(
        refused.text(),
        format!(
            r#"{{
  "error": {{
    "code": 429,
    "message": "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: {limits}. To monitor your current usage, head to: https://ai.dev/rate-limit. \n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 1, model: gemini-2.5-flash\nPlease retry in 60s.",
    "status": "RESOURCE_EXHAUSTED",
    "details": [
      {{
        "@type": "type.googleapis.com/google.rpc.Help",
        "links": [
          {{
            "description": "Learn more about Gemini API quotas",
            "url": "{limits}"
          }}
        ]
      }},
      {{
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [
          {{
            "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
            "quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
            "quotaDimensions": {{
              "model": "gemini-2.5-flash",
              "location": "global"
            }},
            "quotaValue": "1"
          }}
        ]
      }},
      {{
        "@type": "type.googleapis.com/google.rpc.RetryInfo",
        "retryDelay": "60s"
      }}
    ]
  }}
}}
"#
        )
    );
}

#[tokio::test]
async fn input_tokens_are_counted() {
    let counted = Counted::new("k=quota:tpm=5:tier=paid").await;
    assert_eq!(counted.ask("k").await.status, 200);
    assert_eq!(counted.ask("k").await.status, 200);
    let refused = counted.ask("k").await;
    assert_eq!(refused.status, 429);
    assert!(refused.text().contains("GenerateContentPaidTierInputTokensPerModelPerMinute"));
}

#[tokio::test]
async fn keys_of_a_project_share_its_quota() {
    let script = "a=quota:rpm=1:project=p,b=quota:rpm=1:project=p,c=quota:rpm=1";
    let counted = Counted::new(script).await;
    assert_eq!(counted.ask("a").await.status, 200);
    assert_eq!(counted.ask("b").await.status, 429);
    assert_eq!(counted.ask("c").await.status, 200);
}

#[tokio::test]
async fn models_have_quotas_of_their_own() {
    let counted = Counted::new("k=quota:rpm=1").await;
    assert_eq!(counted.ask("k").await.status, 200);
    let body = r#"{"contents":[{"parts":[{"text":"hi"}]}]}"#;
    let path = "/v1beta/models/gemini-2.5-pro:generateContent";
    assert_eq!(crate::wire::post(&counted.server, path, body).await.status, 200);
    assert_eq!(counted.ask("k").await.status, 429);
}

#[tokio::test]
async fn counting_tokens_is_free() {
    let counted = Counted::new("k=quota:rpm=1").await;
    let body = r#"{"contents":[{"parts":[{"text":"hi"}]}]}"#;
    let path = "/v1beta/models/gemini-2.5-flash:countTokens";
    for _ in 0..3 {
        assert_eq!(crate::wire::post(&counted.server, path, body).await.status, 200);
    }
    assert_eq!(counted.ask("k").await.status, 200);
}

#[tokio::test]
async fn a_day_ends_at_midnight_in_los_angeles() {
    let counted = Counted::new("k=quota:rpd=1").await;
    assert_eq!(counted.ask("k").await.status, 200);
    // Noon UTC is 04:00 there, so that 20 hours are left.
    counted.wait(20 * 3_600 * SECOND - 1);
    let refused = counted.ask("k").await;
    assert!(refused.text().contains("GenerateRequestsPerDayPerProjectPerModel-FreeTier"));
    let delay = &refused.json()["error"]["details"][2]["retryDelay"];
    assert_eq!(delay, "0s", "a short delay, although the day is used up");
    counted.wait(1);
    assert_eq!(counted.ask("k").await.status, 200);
}
