//! Golden files: one folder for each face, in it one for each case.
//!
//! In the chat face `request.json` becomes `gemini.json` or `error.json`, with `ignored.txt` when fields were left
//! out of account; `response.json` becomes `completion.json`; `stream.sse` becomes `chunks.sse`.
//! Set `POLLUX_UPDATE_GOLDEN` to write what comes out, and read the difference before keeping it.

use std::fs;
use std::path::{Path, PathBuf};

use pollux_translate::error::ApiError;
use pollux_translate::gemini::response::Response;
use pollux_translate::openai;
use pollux_translate::openai::chat::{self, Request};

use crate::layout::layout;
use crate::run;

/// What a case makes: names of files and what is in them.
pub(crate) type Made = Vec<(&'static str, String)>;

/// Every file that a case may make.
const MADE: [&str; 7] = [
    "gemini.json",
    "error.json",
    "ignored.txt",
    "completion.json",
    "chunks.sse",
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
    let mut made = Vec::new();
    let translated = Request::parse(body).and_then(|request| {
        let gemini = chat::to_gemini(&request)?.encode();
        made.push(("gemini.json", layout(&String::from_utf8(gemini).unwrap())));
        if !request.ignored().is_empty() {
            made.push(("ignored.txt", request.ignored().join("\n") + "\n"));
        }
        answers(case, &request, &mut made);
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

fn answers(case: &Path, request: &Request<'_>, made: &mut Made) {
    if let Some(body) = read(case, "response.json") {
        let response = Response::parse(&body).unwrap();
        let answer = match chat::from_gemini(&response, &run::context(request)) {
            Ok(completion) => ("completion.json", completion),
            Err(error) => ("error.json", openai::error::encode(&error)),
        };
        made.push((answer.0, layout(&String::from_utf8(answer.1).unwrap())));
    }
    if let Some(body) = read(case, "stream.sse") {
        let events = run::events([body.as_slice()]);
        let chunks = run::stream(run::context(request), events.iter().map(AsRef::as_ref));
        made.push(("chunks.sse", String::from_utf8(chunks.to_vec()).unwrap()));
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
