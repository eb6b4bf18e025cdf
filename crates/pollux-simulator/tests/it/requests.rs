//! Requests that are refused for what they say.

use pollux_simulator::Script;

use crate::wire::{post, started};

const PATH: &str = "/v1beta/models/gemini-2.5-flash:generateContent";

async fn refused(body: &str) -> serde_json::Value {
    let server = started(Script::open()).await;
    let answer = post(&server, PATH, body).await;
    assert_eq!(answer.status, 400, "{body}\n{}", answer.text());
    assert_eq!(server.simulator.requests()[0].behaviour, "rejected");
    answer.json()["error"].clone()
}

#[tokio::test]
async fn an_unknown_name_at_the_top_is_refused_in_googles_words() {
    let server = started(Script::open()).await;
    let body = r#"{"contents":[{"parts":[{"text":"hi"}]}],"temperature":1}"#;
    let answer = post(&server, PATH, body).await;
    assert_eq!(
        answer.text(),
        r#"{
  "error": {
    "code": 400,
    "message": "Invalid JSON payload received. Unknown name \"temperature\": Cannot find field.",
    "status": "INVALID_ARGUMENT",
    "details": [
      {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [
          {
            "description": "Invalid JSON payload received. Unknown name \"temperature\": Cannot find field."
          }
        ]
      }
    ]
  }
}
"#
    );
}

#[tokio::test]
async fn an_unknown_name_below_says_where() {
    let error =
        refused(r#"{"contents":{"parts":{"text":"x"}},"generationConfig":{"foo":1}}"#).await;
    let text = "Invalid JSON payload received. Unknown name \"foo\" at 'generation_config': Cannot find field.";
    assert_eq!(error["message"], text);
    let violation = &error["details"][0]["fieldViolations"][0];
    assert_eq!(
        (&violation["field"], &violation["description"]),
        (&"generation_config".into(), &text.into())
    );
}

#[tokio::test]
async fn broken_json_is_refused() {
    let error = refused("{").await;
    assert!(error["message"].as_str().unwrap().starts_with("Invalid JSON payload received."));
}

#[tokio::test]
async fn rules_beyond_the_shape_are_kept() {
    let turn = r#"{"role":"user","parts":[{"text":"hi"}]}"#;
    let with = |config: &str| format!(r#"{{"contents":[{turn}],"generationConfig":{config}}}"#);
    let call = r#"{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]}"#;
    let two = r#"{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}},
        {"functionResponse":{"name":"f","response":{}}}]}"#;
    let cases = [
        ("{}".to_owned(), "* GenerateContentRequest.contents: contents is not specified"),
        (with(r#"{"temperature":2.5}"#), "temperature must be in the range [0.0, 2.0]"),
        (with(r#"{"stopSequences":["1","2","3","4","5","6"]}"#), "stop_sequences"),
        (
            with(r#"{"thinkingConfig":{"thinkingBudget":-1,"thinkingLevel":"LOW"}}"#),
            "only one of thinking budget and thinking level",
        ),
        (format!(r#"{{"contents":[{call}]}}"#), "function call turn comes immediately after"),
        (format!(r#"{{"contents":[{turn},{call},{two}]}}"#), "number of function response parts"),
    ];
    for (body, want) in cases {
        let error = refused(&body).await;
        assert!(error["message"].as_str().unwrap().contains(want), "{body}: {error}");
    }
}

#[tokio::test]
async fn a_lenient_script_refuses_only_broken_json() {
    let server = started(Script::open().strict(false)).await;
    let body = r#"{"contents":{"parts":{"text":"say: hi"}},"nonsense":1}"#;
    assert_eq!(post(&server, PATH, body).await.status, 200);
    assert_eq!(post(&server, PATH, "{").await.status, 400);
}
