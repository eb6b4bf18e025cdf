//! Golden files: one folder for each face, in it one for each case.
//!
//! In the chat face `request.json` becomes `gemini.json` or `error.json`, with `ignored.txt` when fields were left
//! out of account; `response.json` becomes `completion.json`; `stream.sse` becomes `chunks.sse`;
//! what the answers' calls are signed with becomes `signed.txt`. `setup.json` says what the server
//! decided and knew. Set `POLLUX_UPDATE_GOLDEN` to write what comes out, and read the difference
//! before keeping it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::BytesMut;
use pollux_translate::error::ApiError;
use pollux_translate::gemini::response::Response;
use pollux_translate::gemini::thinking::Effort;
use pollux_translate::media::Media;
use pollux_translate::openai;
use pollux_translate::openai::chat::{self, Known, Policy, Request, Stream, Thoughts, Translated};
use pollux_translate::stream::{Source, StreamTranslator as _};
use serde_json::Value;

use crate::layout::layout;
use crate::run;

/// What a case makes: names of files and what is in them.
pub(crate) type Made = Vec<(&'static str, String)>;

/// Every file that a case may make.
const MADE: [&str; 8] = [
    "gemini.json",
    "error.json",
    "ignored.txt",
    "completion.json",
    "chunks.sse",
    "signed.txt",
    "answer.json",
    "answer.txt",
];

#[test]
fn every_chat_case_translates_as_written() {
    every_case("chat", 25, check);
}

/// Runs all cases of a face, of which there are at least so many.
#[track_caller]
pub(crate) fn every_case(face: &str, least: usize, make: fn(&Path) -> Made) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(face);
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    cases.sort();
    let failures: Vec<_> = cases.iter().flat_map(|case| compare(case, &make(case))).collect();
    assert!(cases.len() >= least, "only {} cases", cases.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Runs one case of the chat face.
fn check(case: &Path) -> Made {
    let body = read(case, "request.json");
    let body = body.as_deref().unwrap_or(run::PLAIN);
    let (policy, known) = setup(case);
    let mut made = Vec::new();
    let translated = Request::parse(body).and_then(|request| {
        let translated = run::translate_by(&request, &policy, &known)?;
        let gemini = String::from_utf8(translated.request.encode()).unwrap();
        let mut laid = layout(&gemini);
        if translated.times > 1 {
            laid = format!("// sent {} times\n{laid}", translated.times);
        }
        made.push(("gemini.json", laid));
        if !translated.ignored.is_empty() {
            made.push(("ignored.txt", translated.ignored.join("\n") + "\n"));
        }
        answers(case, &request, &translated, &mut made);
        Ok(())
    });
    if let Err(error) = translated {
        let error = openai::error::encode(&ApiError::from(error));
        made.push(("error.json", layout(&String::from_utf8(error).unwrap())));
    }
    if read(case, "request.json").is_none() {
        made.retain(|(name, _)| *name != "gemini.json");
    }
    made
}

/// Reads what the server decided and knew.
fn setup(case: &Path) -> (Policy, Known) {
    let (mut policy, mut known) = (Policy::default(), Known::default());
    let Some(text) = read(case, "setup.json") else { return (policy, known) };
    let setup: Value = serde_json::from_slice(&text).unwrap();
    policy.thoughts = match setup["thoughts"].as_str() {
        Some("tags") => Thoughts::Tags,
        Some("hidden") => Thoughts::Hidden,
        _ => Thoughts::Field,
    };
    policy.include_thoughts = setup["include_thoughts"].as_bool();
    policy.effort = setup["effort"].as_str().map(|effort| Effort::parse(effort).unwrap());
    let texts = |value: &Value| -> HashMap<String, String> {
        serde_json::from_str(&value.to_string()).unwrap_or_default()
    };
    let efforts = texts(&setup["efforts"]).into_iter();
    policy.efforts = efforts.map(|(model, it)| (model, Effort::parse(&it).unwrap())).collect();
    policy.suffixes = setup["suffixes"].as_bool().unwrap_or(true);
    let signatures = texts(&setup["signatures"]).into_iter();
    known.signatures = signatures.map(|(id, it)| (id, it.into())).collect();
    let media = texts(&setup["media"]).into_iter();
    known.media =
        media.map(|(url, data)| (url, Media { mime_type: "image/png".to_owned(), data })).collect();
    (policy, known)
}

fn answers(case: &Path, request: &Request<'_>, translated: &Translated<'_>, made: &mut Made) {
    let context = run::context(request, translated);
    let mut signed = Vec::new();
    if let Some(body) = read(case, "response.json") {
        let response = Response::parse(&body).unwrap();
        let answer = match chat::from_gemini(&[response], &context) {
            Ok(completion) => {
                signed = completion.signed;
                ("completion.json", completion.body)
            }
            Err(error) => ("error.json", openai::error::encode(&error)),
        };
        made.push((answer.0, layout(&String::from_utf8(answer.1).unwrap())));
    }
    if let Some(body) = read(case, "stream.sse") {
        let events = run::events([body.as_slice()]);
        let mut stream = Stream::new(context.clone());
        for event in &events {
            if let Ok(response) = Response::parse(event) {
                stream.event(Source::default(), &response, &mut BytesMut::new());
            }
        }
        signed = stream.signed();
        let chunks = run::stream(context, events.iter().map(AsRef::as_ref));
        made.push(("chunks.sse", String::from_utf8(chunks.to_vec()).unwrap()));
    }
    if !signed.is_empty() {
        let lines = signed.iter().map(|call| format!("{} {}\n", call.call_id, call.signature));
        made.push(("signed.txt", lines.collect()));
    }
}

fn compare(case: &Path, made: &[(&str, String)]) -> Vec<String> {
    let update = std::env::var_os("POLLUX_UPDATE_GOLDEN").is_some();
    let mut failures = Vec::new();
    for name in MADE {
        let got = made.iter().find(|(made, _)| *made == name).map(|(_, text)| text.as_str());
        let path: PathBuf = case.join(name);
        match got {
            Some(got) if update => fs::write(&path, got).unwrap(),
            None if update => drop(fs::remove_file(&path)),
            Some(_) | None => {
                let want = fs::read_to_string(&path).ok();
                if want.as_deref() != got {
                    let (want, got) = (want.unwrap_or_default(), got.unwrap_or_default());
                    failures.push(format!("{}\n--- want\n{want}\n--- got\n{got}", path.display()));
                }
            }
        }
    }
    failures
}

pub(crate) fn read(case: &Path, name: &str) -> Option<Vec<u8>> {
    fs::read(case.join(name)).ok()
}
