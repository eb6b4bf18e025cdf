//! Speech on the wire: text to sound, and sound to text.
#![expect(clippy::disallowed_methods, reason = "`json!` writes a value out")]

use pollux_testkit::{App, MODEL, Whole};
use serde_json::{Value, json};

use super::forms::Form;

const SPEAKER: &str = "gemini-3.8-flash-tts";
const SRT: &str = "1\n00:00:00,000 --> 00:00:01,000\nhello\n\n";
const VTT: &str = "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nhello\n\n";

async fn speak(app: &App, more: Value) -> Whole {
    let mut body = json!({ "model": SPEAKER, "input": "Hello you", "voice": "alloy" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.post("/v1/audio/speech", body.to_string()).whole().await
}

fn sent(app: &App, at: usize) -> Value {
    serde_json::from_slice(&app.calls()[at].body).unwrap()
}

/// A form with a recording of "hello".
fn recording(format: &str) -> Form {
    let form = Form::default().text("model", MODEL).text("prompt", "say: hello");
    form.text("response_format", format).file("file", ("a.mp3", ""), b"sound")
}

#[tokio::test]
async fn speech_is_a_wav_file_unless_samples_are_asked_for() {
    let app = App::start("key-1").await;
    let wav = speak(&app, json!({})).await;
    assert_eq!((wav.status, wav.header("content-type")), (200, "audio/wav"), "{}", wav.text());
    let pcm = speak(&app, json!({ "response_format": "pcm" })).await;
    assert_eq!(pcm.header("content-type"), "audio/pcm");
    assert_eq!(pcm.body.len(), 4800);
    let header = wav.body.slice(..44);
    assert_eq!((&header[..4], &header[8..16]), (&b"RIFF"[..], &b"WAVEfmt "[..]));
    assert_eq!(header[24..28], 24_000_u32.to_le_bytes());
    assert_eq!(wav.body.slice(44..), pcm.body);
    let body = sent(&app, 0);
    assert_eq!(body["contents"][0]["parts"], json!([{ "text": "Hello you" }]));
    let voice = json!({ "voiceConfig": { "prebuiltVoiceConfig": { "voiceName": "Kore" } } });
    let config = json!({ "responseModalities": ["AUDIO"], "speechConfig": voice });
    assert_eq!(body["generationConfig"], config);
}

#[tokio::test]
async fn voices_instructions_and_speed() {
    let app = App::start("key-1").await;
    let voice = |at| {
        let voice = sent(&app, at)["generationConfig"]["speechConfig"]["voiceConfig"].clone();
        voice["prebuiltVoiceConfig"]["voiceName"].as_str().unwrap().to_owned()
    };
    for (at, (name, want)) in
        [(json!("puck"), "Puck"), (json!({ "id": "Nova" }), "Leda")].into_iter().enumerate()
    {
        let more = json!({ "voice": name, "instructions": "Speak softly.", "speed": 1.5 });
        let answer = speak(&app, more).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("x-pollux-ignored"), "speed");
        assert_eq!(voice(at), want);
        let text = sent(&app, at)["contents"][0]["parts"][0]["text"].clone();
        assert_eq!(text, "Speak softly:\n\nHello you");
    }
    assert_eq!(speak(&app, json!({ "speed": 1.0 })).await.header("x-pollux-ignored"), "");
}

#[tokio::test]
async fn what_cannot_be_spoken_is_refused_by_name() {
    let app = App::start("key-1").await;
    for (more, param, word) in [
        (json!({ "input": "" }), "input", "required"),
        (json!({ "voice": null }), "voice", "required"),
        (json!({ "voice": "robot" }), "voice", "shimmer"),
        (json!({ "voice": { "name": "nova" } }), "voice", "id"),
        (json!({ "response_format": "mp3" }), "response_format", "`wav`, `pcm`"),
        (json!({ "stream_format": "sse" }), "stream_format", "`pcm`"),
        (json!({ "stream_format": "chunks" }), "stream_format", "`sse`"),
        (json!({ "speed": 9 }), "speed", "0.25"),
    ] {
        let answer = speak(&app, more).await;
        let error = answer.json()["error"].clone();
        assert_eq!((answer.status, &error["param"]), (400, &json!(param)), "{error}");
        assert!(error["message"].as_str().unwrap().contains(word), "{error}");
    }
    assert!(app.calls().is_empty());
    let blocked = App::start("key-1=blocked_prompt").await;
    let answer = speak(&blocked, json!({})).await;
    assert_eq!(answer.json()["error"]["code"], "content_policy_violation", "{}", answer.text());
}

#[tokio::test]
async fn a_recording_becomes_text_in_every_format() {
    let app = App::start("key-1").await;
    for (format, kind, want) in [
        ("text", "text/plain; charset=utf-8", "hello\n"),
        ("srt", "text/plain; charset=utf-8", SRT),
        ("vtt", "text/vtt; charset=utf-8", VTT),
    ] {
        let answer = recording(format).post(&app, "/v1/audio/transcriptions").await;
        assert_eq!((answer.status, answer.text().as_str()), (200, want), "{format}");
        assert_eq!(answer.header("content-type"), kind);
    }
    let json = recording("json").post(&app, "/v1/audio/transcriptions").await.json();
    assert_eq!(json["text"], "hello");
    assert_eq!(json["usage"]["type"], "tokens");
    assert!(json["usage"]["input_tokens"].as_u64() > Some(258), "{json}");
    let verbose = recording("verbose_json").text("timestamp_granularities[]", "segment");
    let verbose = verbose.post(&app, "/v1/audio/transcriptions").await;
    assert_eq!(verbose.header("x-pollux-ignored"), "");
    let verbose = verbose.json();
    assert_eq!((&verbose["task"], &verbose["text"]), (&json!("transcribe"), &json!("hello")));
    assert_eq!(verbose["duration"], 1.0);
    let segment = &verbose["segments"][0];
    assert_eq!((&segment["start"], &segment["end"]), (&json!(0.0), &json!(1.0)));
    assert_eq!((&segment["id"], &segment["text"]), (&json!(0), &json!("hello")));
}

/// The events of a stream that is no chat: it ends without a mark.
fn events(answer: &Whole) -> Vec<Value> {
    assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
    let text = answer.text();
    let blocks = text.split("\n\n").filter(|block| !block.is_empty());
    let read = |block: &str| serde_json::from_str(block.strip_prefix("data: ").unwrap()).unwrap();
    blocks.map(read).collect()
}

#[tokio::test]
async fn a_transcript_can_be_streamed() {
    let app = App::start("key-1").await;
    let form = Form::default().text("model", MODEL).text("prompt", "say: one two three");
    let form = form.text("stream", "true").file("file", ("a.mp3", ""), b"sound");
    let events = events(&form.post(&app, "/v1/audio/transcriptions").await);
    let deltas: Vec<_> = events.iter().filter_map(|it| it["delta"].as_str()).collect();
    assert_eq!(deltas, ["one ", "two ", "three"]);
    let last = events.last().unwrap();
    assert_eq!(last["type"], "transcript.text.done");
    assert_eq!(last["text"], "one two three");
    assert!(last["usage"]["total_tokens"].as_u64() > Some(258), "{last}");
    assert_eq!(app.calls()[0].query, "alt=sse");
    let broken = App::start("key-1=cut:after=2").await;
    let form = Form::default().text("model", MODEL).text("prompt", "say: one two three");
    let form = form.text("stream", "true").file("file", ("a.mp3", ""), b"sound");
    let broken = form.post(&broken, "/v1/audio/transcriptions").await.text();
    assert!(broken.contains(r#""error""#) && !broken.contains("done"), "{broken}");
}

#[tokio::test]
async fn speech_can_be_sent_in_events() {
    let app = App::start("key-1").await;
    let more = json!({ "response_format": "pcm", "stream_format": "sse" });
    let events = events(&speak(&app, more).await);
    assert_eq!(events[0]["type"], "speech.audio.delta");
    assert_eq!(events[0]["audio"].as_str().map(str::len), Some(6400));
    let last = events.last().unwrap();
    assert_eq!((events.len(), &last["type"]), (2, &json!("speech.audio.done")));
    assert!(last["usage"]["output_tokens"].as_u64() > Some(0), "{last}");
}

#[tokio::test]
async fn the_recording_and_the_wishes_reach_gemini() {
    let app = App::start("key-1").await;
    let form = recording("verbose_json").text("language", "fi").text("temperature", "0.2");
    let form = form.text("timestamp_granularities[]", "word").text("include[]", "logprobs");
    let answer = form.post(&app, "/v1/audio/transcriptions").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let ignored = answer.header("x-pollux-ignored");
    assert_eq!(ignored, "timestamp_granularities[]=word, include[]");
    let body = sent(&app, 0);
    let parts = &body["contents"][0]["parts"];
    assert_eq!(parts[0]["inlineData"], json!({ "mimeType": "audio/mp3", "data": "c291bmQ=" }));
    let words = parts[1]["text"].as_str().unwrap();
    assert!(words.contains("fi.") && words.ends_with("say: hello"), "{words}");
    let config = &body["generationConfig"];
    assert_eq!(config["temperature"], 0.2);
    assert_eq!(config["responseMimeType"], "application/json");
    assert!(config["responseJsonSchema"]["properties"]["segments"].is_object(), "{config}");
    let plain = recording("json").post(&app, "/v1/audio/translations").await;
    assert_eq!(plain.json()["text"], "hello");
    assert!(sent(&app, 1).get("generationConfig").is_none());
    assert!(sent(&app, 1)["contents"][0]["parts"][1]["text"].as_str().unwrap().contains("English"));
    let verbose = recording("verbose_json").post(&app, "/v1/audio/translations").await;
    assert_eq!(verbose.json()["task"], "translate");
}

#[tokio::test]
async fn the_media_type_comes_from_the_part_or_from_the_name() {
    let app = App::start("key-1").await;
    for (at, (file, want)) in [
        (("a", "audio/x-wav"), "audio/wav"),
        (("a.bin", "audio/flac; x=y"), "audio/flac"),
        (("a.OPUS", "application/octet-stream"), "audio/ogg"),
        (("a.webm", "video/webm"), "video/webm"),
    ]
    .into_iter()
    .enumerate()
    {
        let form = Form::default().text("model", MODEL).file("file", file, b"x");
        let answer = form.post(&app, "/v1/audio/transcriptions").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(sent(&app, at)["contents"][0]["parts"][0]["inlineData"]["mimeType"], want);
    }
}

#[tokio::test]
async fn what_cannot_be_written_down_is_refused_by_name() {
    let app = App::start("key-1").await;
    let bare = || Form::default().text("model", MODEL);
    for (form, param) in [
        (bare(), "file"),
        (bare().file("file", ("a.mp3", ""), b""), "file"),
        (bare().file("file", ("a.txt", "text/csv"), b"x"), "file"),
        (Form::default().file("file", ("a.mp3", ""), b"x"), "model"),
        (recording("diarized_json"), "response_format"),
        (recording("srt").text("stream", "true"), "stream"),
        (recording("json").text("stream", "perhaps"), "stream"),
        (recording("json").text("temperature", "hot"), "temperature"),
        (recording("json").text("temperature", "2"), "temperature"),
        (
            recording("verbose_json").text("timestamp_granularities[]", "line"),
            "timestamp_granularities[]",
        ),
    ] {
        let answer = form.post(&app, "/v1/audio/transcriptions").await;
        let named = answer.json()["error"]["param"].clone();
        assert_eq!((answer.status, named), (400, json!(param)), "{}", answer.text());
    }
    assert!(app.calls().is_empty());
}

#[tokio::test]
async fn a_file_that_is_too_large_is_told_so() {
    let app = App::builder("key-1").set("limits.body", "1KiB").start().await;
    let form = Form::default().text("model", MODEL).file("file", ("a.mp3", ""), &[0; 2000]);
    let answer = form.post(&app, "/v1/audio/transcriptions").await;
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert_eq!(answer.json()["error"]["code"], "request_too_large");
    let app = App::start("key-1").await;
    let sound = vec![0; 76_000_000];
    let form = Form::default().text("model", MODEL).file("file", ("a.mp3", ""), &sound);
    let answer = form.post(&app, "/v1/audio/transcriptions").await;
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert!(answer.text().contains("100000000") && app.calls().is_empty(), "{}", answer.text());
}

#[tokio::test]
async fn aliases_and_access() {
    let app = App::start("key-1").await;
    for prefix in ["", "/v1", "/openai", "/v1beta/openai"] {
        let target = format!("{prefix}/audio/transcriptions");
        let answer = recording("text").post(&app, &target).await;
        assert_eq!(answer.text(), "hello\n", "{target}");
        for name in ["speech", "transcriptions", "translations"] {
            let target = format!("{prefix}/audio/{name}");
            assert_eq!(app.post(&target, "{}").anonymous().whole().await.status, 401, "{target}");
        }
    }
}
