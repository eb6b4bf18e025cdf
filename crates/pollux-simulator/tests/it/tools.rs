//! Tool loops: calls that the prompt dictates, and the signatures that must come back with them.

use pollux_simulator::{Running, Script, Signatures};
use serde_json::Value;

use crate::wire::{Answer, post_with, read, started};

const MODEL: &str = "gemini-3.8-flash";
const OLD: &str = "gemini-2.5-flash";
const PROMPT: &str =
    "call: look {\"at\":1}\ncall: hear\nthen call: look {\"at\":2}\nthen say: done";
const SENTINEL: &str = "skip_thought_signature_validator";

/// A conversation that a client keeps.
struct Talk<'a> {
    server: &'a Running,
    key: &'a str,
    model: &'a str,
    contents: Vec<Value>,
}

impl<'a> Talk<'a> {
    fn begin(server: &'a Running, model: &'a str) -> Self {
        let prompt = format!(r#"{{"role":"user","parts":[{{"text":{PROMPT:?}}}]}}"#);
        Self { server, key: "k", model, contents: vec![read(&prompt)] }
    }

    async fn ask(&self) -> Answer {
        let contents = Value::from(self.contents.clone());
        let body = format!(
            r#"{{"contents":{contents},"tools":[{{"functionDeclarations":[
                {{"name":"look","description":"looks"}},{{"name":"hear","description":"hears"}}]}}]}}"#
        );
        let path = format!("/v1beta/models/{}:generateContent", self.model);
        post_with(self.server, self.key, &path, &body).await
    }

    /// Asks, keeps what the model says, and answers each of its calls.
    async fn step(&mut self) -> Value {
        let answer = self.ask().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let content = answer.json()["candidates"][0]["content"].clone();
        let calls = content["parts"].as_array().unwrap().iter();
        let responses: Vec<String> = calls
            .filter_map(|part| part.get("functionCall"))
            .map(|call| {
                let id = call.get("id").map(|id| format!(r#""id":{id},"#)).unwrap_or_default();
                let name = &call["name"];
                format!(
                    r#"{{"functionResponse":{{{id}"name":{name},"response":{{"output":"ok"}}}}}}"#
                )
            })
            .collect();
        self.contents.push(content.clone());
        if !responses.is_empty() {
            let turn = format!(r#"{{"role":"user","parts":[{}]}}"#, responses.join(","));
            self.contents.push(read(&turn));
        }
        content
    }

    async fn refusal(&self) -> String {
        let answer = self.ask().await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        answer.json()["error"]["message"].as_str().unwrap().to_owned()
    }

    /// Puts something in the place of the signature of the last turn of the model.
    fn sign(&mut self, signature: &str) {
        let at = self.contents.len() - 2;
        self.contents[at]["parts"][0]["thoughtSignature"] = signature.into();
    }

    fn unsign(&mut self) {
        let at = self.contents.len() - 2;
        self.contents[at]["parts"][0].as_object_mut().unwrap().remove("thoughtSignature");
    }
}

#[tokio::test]
async fn one_prompt_drives_a_loop_of_three_steps() {
    for (model, signs) in [(MODEL, true), (OLD, false)] {
        let server = started(Script::open()).await;
        let mut talk = Talk::begin(&server, model);
        let first = talk.step().await;
        assert_eq!(first["parts"].as_array().unwrap().len(), 2, "{model}: both at once");
        assert_eq!(first["parts"][0]["functionCall"]["args"], read(r#"{"at":1}"#));
        assert_eq!(first["parts"][1]["functionCall"]["name"], "hear");
        for (at, part) in [(0, signs), (1, false)] {
            let part_of_it = &first["parts"][at];
            assert_eq!(part_of_it.get("thoughtSignature").is_some(), part, "{model}");
            assert_eq!(part_of_it["functionCall"].get("id").is_some(), signs, "{model}");
        }
        let second = talk.step().await;
        assert_eq!(second["parts"][0]["functionCall"]["args"], read(r#"{"at":2}"#));
        assert_eq!(second["parts"][0].get("thoughtSignature").is_some(), signs);
        let third = talk.step().await;
        assert_eq!(third["parts"][0]["text"], "done", "{model}");
    }
}

#[tokio::test]
async fn a_call_without_its_signature_is_refused_by_name_and_place() {
    let server = started(Script::open()).await;
    let mut talk = Talk::begin(&server, MODEL);
    talk.step().await;
    talk.unsign();
    assert_eq!(
        talk.refusal().await,
        "Function call is missing a thought_signature in functionCall parts. This is required for \
         tools to work correctly, and missing thought_signature may lead to degraded model \
         performance. Additional data, function call `default_api:look` , position 2. Please refer \
         to https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
    );
    talk.model = OLD;
    assert_eq!(talk.ask().await.status, 200, "older models do not ask for it");
}

#[tokio::test]
async fn only_the_current_turn_is_asked_for_signatures() {
    let server = started(Script::open()).await;
    let mut talk = Talk::begin(&server, MODEL);
    talk.step().await;
    talk.unsign();
    talk.contents.push(read(r#"{"role":"model","parts":[{"text":"well"}]}"#));
    talk.contents.push(read(r#"{"role":"user","parts":[{"text":"say: next"}]}"#));
    let answer = talk.ask().await;
    assert_eq!(answer.json()["candidates"][0]["content"]["parts"][0]["text"], "next");
}

#[tokio::test]
async fn every_step_of_the_turn_needs_its_own() {
    let server = started(Script::open()).await;
    let mut talk = Talk::begin(&server, MODEL);
    talk.step().await;
    talk.step().await;
    talk.unsign();
    assert!(talk.refusal().await.contains("position 4"));
}

#[tokio::test]
async fn foreign_and_broken_signatures_are_corrupted() {
    let server =
        started(Script::open().project("k", "p1").project("friend", "p1").project("other", "p2"))
            .await;
    let mut talk = Talk::begin(&server, MODEL);
    talk.key = "k";
    let first = talk.step().await;
    assert_eq!(talk.ask().await.status, 200);
    talk.key = "friend";
    assert_eq!(talk.ask().await.status, 200, "a key of the same project");
    talk.key = "other";
    assert_eq!(talk.refusal().await, "Corrupted thought signature.");
    talk.key = "k";
    let good = first["parts"][0]["thoughtSignature"].as_str().unwrap().to_owned();
    for bad in ["QUJD", &good[..good.len() - 8], &format!("{good}{good}")] {
        talk.sign(bad);
        assert_eq!(talk.refusal().await, "Corrupted thought signature.", "{bad}");
    }
}

#[tokio::test]
async fn the_sentinel_stands_for_any_signature() {
    let server = started(Script::open()).await;
    let mut talk = Talk::begin(&server, MODEL);
    talk.step().await;
    for sentinel in [SENTINEL, "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="] {
        talk.sign(sentinel);
        assert_eq!(talk.ask().await.status, 200, "{sentinel}");
    }
}

#[tokio::test]
async fn a_script_says_whose_signatures_are_taken() {
    for (word, foreign, unknown) in [("project", 400, 400), ("shared", 200, 400), ("any", 200, 200)]
    {
        let script: Script = format!("k,other,signatures={word}").parse().unwrap();
        let json = format!(r#"{{"keys":{{"k":"ok","other":"ok"}},"signatures":"{word}"}}"#);
        assert_eq!(Script::from_json(json.as_bytes()).unwrap(), script);
        let server = started(script).await;
        let mut talk = Talk::begin(&server, MODEL);
        talk.step().await;
        talk.key = "other";
        assert_eq!(talk.ask().await.status, foreign, "{word}");
        talk.sign("QUJD");
        assert_eq!(talk.ask().await.status, unknown, "{word}");
        talk.unsign();
        assert_eq!(talk.ask().await.status, 400, "{word}");
    }
    assert!("k,signatures=none".parse::<Script>().is_err());
    assert_eq!(Script::open().signatures(Signatures::Any).signatures, Signatures::Any);
}

async fn refused(model: &str, body: &str) -> Option<String> {
    let server = started(Script::open()).await;
    let path = format!("/v1beta/models/{model}:generateContent");
    let answer = post_with(&server, "k", &path, body).await;
    (answer.status == 400)
        .then(|| answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn what_older_models_cannot_combine_is_refused() {
    let functions = r#"{"functionDeclarations":[{"name":"look","description":"looks"}]}"#;
    let contents = r#""contents":[{"parts":[{"text":"say: hi"}]}]"#;
    let both = format!(r#"{{{contents},"tools":[{functions},{{"googleSearch":{{}}}}]"#);
    let plain = format!("{both}}}");
    let circulated =
        format!(r#"{both},"toolConfig":{{"includeServerSideToolInvocations":true}}}}"#);
    let unsupported = "Tool use with function calling is unsupported by the model.".to_owned();
    assert_eq!(refused(OLD, &plain).await, Some(unsupported.clone()));
    assert_eq!(refused(OLD, &circulated).await, Some(unsupported.clone()));
    assert_eq!(refused(MODEL, &plain).await, Some(unsupported));
    assert_eq!(refused(MODEL, &circulated).await, None);
    let json = format!(
        r#"{{{contents},"tools":[{functions}],"generationConfig":{{"responseMimeType":"application/json"}}}}"#
    );
    let unsupported =
        "Function calling with a response mime type: 'application/json' is unsupported".to_owned();
    assert_eq!(refused(OLD, &json).await, Some(unsupported));
    assert_eq!(refused(MODEL, &json).await, None);
}

#[tokio::test]
async fn newer_models_take_one_candidate_and_no_answer_begun_by_the_client() {
    let several =
        r#"{"contents":[{"parts":[{"text":"say: hi"}]}],"generationConfig":{"candidateCount":2}}"#;
    let wanted = Some("Multiple candidates is not enabled for this model".to_owned());
    assert_eq!(refused(MODEL, several).await, wanted);
    assert_eq!(refused(OLD, several).await, None);
    let begun =
        r#"{"contents":[{"parts":[{"text":"say: hi"}]},{"role":"model","parts":[{"text":"h"}]}]}"#;
    assert!(refused(MODEL, begun).await.is_some_and(|why| why.contains("end with a user role")));
    assert_eq!(refused(OLD, begun).await, None);
}
