//! Equal questions at the same time: one call, and everybody gets its answer.

use futures_util::future::{FutureExt as _, join_all};
use pollux_gateway::catalog::Settings;
use pollux_testkit::MODEL;

use crate::scripted::{Reply, Scene};

const FINE: &str = r#"{"candidates":[{"content":{"parts":[{"text":"one"}]},"finishReason":"STOP"}],
    "usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5}}"#;

fn generate(config: &str) -> (String, String) {
    let body = format!(
        r#"{{"contents":[{{"parts":[{{"text":"hi"}}]}}],"generationConfig":{{{config}}}}}"#
    );
    (format!("/v1beta/models/{MODEL}:generateContent"), body)
}

fn steady() -> (String, String) {
    generate(r#""temperature":0"#)
}

async fn scene(script: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Scene {
    Scene::new(3, Settings { coalesce: true, ..Settings::default() }, script).await
}

/// Asks all of it at the same time, and opens the gate when everybody waits.
async fn together(scene: &Scene, asks: &[(String, String)]) -> Vec<(u16, String)> {
    let asks = asks.iter().map(|(target, body)| scene.whole(target, body));
    let mut all = Box::pin(join_all(asks));
    assert!((&mut all).now_or_never().is_none(), "nobody has an answer before the gate is open");
    scene.open_gate();
    all.await
}

#[tokio::test]
async fn a_hundred_equal_questions_are_one_call() {
    let scene = scene(|_| Reply::of(200, FINE).held()).await;
    let answers = together(&scene, &vec![steady(); 100]).await;
    assert!(answers.iter().all(|answer| *answer == (200, FINE.to_owned())), "{answers:?}");
    assert_eq!((scene.asked(), scene.open()), (1, 0));
    let counts = scene.counted();
    assert_eq!((counts.requests, counts.failures, counts.attempts), (100, 0, 1));
    assert_eq!((counts.prompt_tokens, counts.output_tokens), (3, 2), "tokens count once");
    assert!(scene.keys().iter().all(|key| key.in_flight == 0));
}

#[tokio::test]
async fn an_answer_is_not_kept_for_later() {
    let scene = scene(|_| Reply::of(200, FINE)).await;
    let (target, body) = steady();
    for calls in 1..=3 {
        assert_eq!(scene.whole(&target, &body).await.0, 200);
        assert_eq!(scene.asked(), calls);
    }
}

#[tokio::test]
async fn a_failure_is_everybodys() {
    let refusal = r#"{"error":{"code":400,"message":"Request contains an invalid argument.","status":"INVALID_ARGUMENT"}}"#;
    let scene = scene(move |_| Reply::of(400, refusal).held()).await;
    let answers = together(&scene, &vec![steady(); 10]).await;
    assert!(answers.iter().all(|answer| *answer == (400, refusal.to_owned())), "{answers:?}");
    assert_eq!(scene.asked(), 1);
    let counts = scene.counted();
    assert_eq!((counts.requests, counts.failures, counts.attempts), (10, 10, 1));
}

#[tokio::test]
async fn who_asked_first_may_go_without_the_others_losing_their_answer() {
    let scene = scene(|_| Reply::of(200, FINE).held()).await;
    let (target, body) = steady();
    let mut first = Box::pin(scene.whole(&target, &body));
    assert!((&mut first).now_or_never().is_none());
    let mut second = Box::pin(scene.whole(&target, &body));
    assert!((&mut second).now_or_never().is_none());
    drop(first);
    assert_eq!(scene.open(), 1, "somebody still waits");
    let opened = async {
        tokio::task::yield_now().await;
        scene.open_gate();
    };
    let (answer, ()) = tokio::join!(second, opened);
    assert_eq!((answer.0, scene.asked()), (200, 1));
    let counts = scene.counted();
    assert_eq!((counts.requests, counts.attempts, counts.output_tokens), (1, 1, 2));
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_ends() {
    let scene = scene(|_| Reply::of(200, FINE).held()).await;
    let (target, body) = steady();
    let mut asks: Vec<_> = (0..5).map(|_| Box::pin(scene.whole(&target, &body))).collect();
    for ask in &mut asks {
        assert!(ask.now_or_never().is_none());
    }
    assert_eq!((scene.asked(), scene.open()), (1, 1));
    drop(asks);
    assert_eq!(scene.open(), 0);
    assert!(scene.keys().iter().all(|key| key.in_flight == 0));
    let counts = scene.counted();
    assert_eq!((counts.requests, counts.attempts), (0, 1));
    scene.open_gate();
    assert_eq!(scene.whole(&target, &body).await.0, 200);
    assert_eq!(scene.asked(), 2, "the one that was given up cannot be joined");
}

/// Asks twice at the same time, and returns how many calls that made.
async fn calls(scene: &Scene, one: (String, String), other: (String, String)) -> usize {
    together(scene, &[one, other]).await;
    scene.asked()
}

#[tokio::test]
async fn only_equal_questions_whose_answers_are_the_same_are_one() {
    let model =
        |method: &str, body: &str| (format!("/v1beta/models/{MODEL}:{method}"), body.to_owned());
    let seeded = || generate(r#""seed":7,"temperature":1"#);
    let contents = r#"{"contents":[{"parts":[{"text":"hi"}]}]}"#;
    let embed = r#"{"content":{"parts":[{"text":"hi"}]}}"#;
    let chat = |extra: &str| {
        let body = format!(
            r#"{{"model":"{MODEL}","messages":[{{"role":"user","content":"hi"}}],"temperature":0{extra}}}"#
        );
        ("/v1/chat/completions".to_owned(), body)
    };
    for (what, one, other, want) in [
        ("temperature 0", steady(), steady(), 1),
        ("a seed", seeded(), seeded(), 1),
        ("token counts", model("countTokens", contents), model("countTokens", contents), 1),
        ("embeddings", model("embedContent", embed), model("embedContent", embed), 1),
        ("chats", chat(""), chat(""), 1),
        ("other bodies", steady(), seeded(), 2),
        ("other methods", model("countTokens", contents), model("embedContent", contents), 2),
        ("any temperature", generate(""), generate(""), 2),
        (
            "streams",
            model("streamGenerateContent", &steady().1),
            model("streamGenerateContent", &steady().1),
            2,
        ),
        ("streamed chats", chat(r#","stream":true"#), chat(r#","stream":true"#), 2),
    ] {
        let scene = scene(|_| Reply::of(200, FINE).held()).await;
        assert_eq!(calls(&scene, one, other).await, want, "{what}");
    }
}

#[tokio::test]
async fn nothing_is_joined_unless_that_is_switched_on() {
    let scene = Scene::new(3, Settings::default(), |_| Reply::of(200, FINE).held()).await;
    assert_eq!(calls(&scene, steady(), steady()).await, 2);
}
