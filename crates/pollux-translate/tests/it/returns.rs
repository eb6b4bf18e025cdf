//! Recorded answers go to the client and come back as history: Gemini gets the parts that it sent.
//!
//! What this dialect does not carry is counted under a reason; anything else that is missing,
//! changed or new is a failure. Recorded requests of OpenAI's clients are read too.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use pollux_translate::error::TranslateError;
use pollux_translate::gemini::response::Response;
use pollux_translate::gemini::signature::SENTINEL;
use pollux_translate::media::Media;
use pollux_translate::openai::audio::speech;
use pollux_translate::openai::chat::{self, Known, Request};
use pollux_translate::openai::{completions, embeddings, images};
use serde_json::{Map, Value};

use crate::api::documented;
use crate::corpus::{corpus, elements_of};
use crate::run;

/// The kinds of exchange that speak of contents and candidates, whatever their host.
const KINDS: [&str; 11] = [
    "generateContent",
    "streamGenerateContent",
    "gemini-cli-generateContentStream",
    "firebase-googleai-unary",
    "firebase-googleai-stream",
    "firebase-vertex-unary",
    "firebase-vertex-stream",
    "vertex-generateContent",
    "vertex-streamGenerateContent",
    "google",
    "google-vertex",
];
/// What a client sends back that has no effect, by design.
const NAMED: [&str; 2] = ["messages[].annotations", "messages[].reasoning_content"];

/// Parts that no client of this dialect gets.
const NOT_CARRIED: [&str; 3] = ["toolCall", "toolResponse", "functionResponse"];

/// How many of what there were.
#[derive(Default)]
struct Tally(BTreeMap<String, usize>);

impl Tally {
    fn count(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    fn print(&self) {
        for (what, count) in &self.0 {
            println!("{count:5}  {what}");
        }
    }
}

/// Calls `each` with the file, the kind and the model of every exchange, and what is in it.
fn every_exchange(folder: &Path, mut each: impl FnMut(&str, &str, &str, &Value)) {
    let index = fs::read_to_string(folder.join("index.csv")).unwrap();
    for line in index.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let exchange = fs::read(folder.join(columns[0])).unwrap();
        each(columns[0], columns[1], columns[3], &serde_json::from_slice(&exchange).unwrap());
    }
}

#[test]
fn recorded_answers_come_back_as_gemini_sent_them() {
    let Some(folder) = corpus() else { return };
    let (mut tally, mut faults) = (Tally::default(), Vec::new());
    every_exchange(&folder, |file, kind, model, exchange| {
        if !KINDS.contains(&kind) {
            return tally.count(format!("skipped: {kind}"));
        }
        let response = &exchange["response"];
        if response["status"] != 200 {
            return tally.count("skipped: an error");
        }
        let (events, way) = match (response["sse"].as_str(), &response["body"]) {
            (Some(sse), _) => (run::events([sse.as_bytes()]), "a stream"),
            (None, body @ Value::Array(_)) => (elements_of(&body.to_string()), "a stream"),
            (None, body @ Value::Object(_)) => (vec![body.to_string().into()], "a whole answer"),
            _ => return tally.count("skipped: no JSON body"),
        };
        let events: Vec<Value> =
            events.iter().map(|it| serde_json::from_slice(it).unwrap()).collect();
        if !events.iter().any(|event| event["candidates"].is_array()) {
            return tally.count("skipped: no candidate");
        }
        if events.iter().any(|event| event.to_string().contains("\"willContinue\"")) {
            return tally
                .count("skipped: arguments in pieces, which only Vertex AI sends when asked to");
        }
        // Vertex and Google's other hosts name their models otherwise.
        let model = if model.starts_with("gemini-") { model } else { "gemini-3.8-flash" };
        tally.count(format!("walked: {way}"));
        match back(model, &events, way == "a stream", &mut tally) {
            Ok(()) => {}
            Err(fault) => faults.push(format!("{file}: {fault}")),
        }
    });
    tally.print();
    assert!(faults.is_empty(), "{} failed:\n{}", faults.len(), faults.join("\n"));
    assert!(tally.0["walked: a whole answer"] > 300 && tally.0["walked: a stream"] > 100);
}

/// Sends the client's message back and compares what arrives.
fn back(model: &str, events: &[Value], streams: bool, tally: &mut Tally) -> Result<(), String> {
    let message = message(model, events, streams);
    let want = expected(events, tally);
    let body = history(model, &message);
    let (known, body) = (Known::default(), body.to_string());
    let request = Request::parse(body.as_bytes()).map_err(|error| error.to_string())?;
    let translated = run::translate(&request, &known).map_err(|error| error.to_string())?;
    let mut names = translated.ignored.iter().filter(|name| !NAMED.contains(&name.as_str()));
    if let Some(name) = names.next() {
        return Err(format!("{name} is named as ignored"));
    }
    let sent: Value = serde_json::from_slice(&translated.request.encode()).unwrap();
    let contents = sent["contents"].as_array().unwrap().iter();
    let parts = contents.filter(|it| it["role"] == "model").filter_map(|it| it["parts"].as_array());
    let got: Vec<String> = parts.flatten().map(line).collect();
    if message["refusal"].is_string() {
        tally.count("new: why the answer was withheld, as a text");
        return Ok(());
    }
    let same = want.len() == got.len() && want.iter().zip(&got).all(|(want, got)| fits(want, got));
    if same { Ok(()) } else { Err(format!("\n  sent {want:#?}\n  came back {got:#?}")) }
}

/// Whether a line is the one that was sent; an id that Gemini did not give may be any.
fn fits(want: &str, got: &str) -> bool {
    match want.split_once(" id=? ") {
        Some((before, after)) => got.starts_with(before) && got.ends_with(after),
        None => want == got,
    }
}

/// Returns the message that a client has in the end.
fn message(model: &str, events: &[Value], streams: bool) -> Value {
    let body = history(model, &Value::Null).to_string();
    let (request, known) = (Request::parse(body.as_bytes()).unwrap(), Known::default());
    let context = run::context(&request, &run::translate(&request, &known).unwrap());
    let texts: Vec<String> = events.iter().map(Value::to_string).collect();
    if !streams {
        let answer = Response::parse(texts[0].as_bytes()).unwrap();
        let told = chat::from_gemini(&[answer], &context).unwrap();
        let mut told: Value = serde_json::from_slice(&told.body).unwrap();
        return told["choices"][0]["message"].take();
    }
    let chunks = run::stream(context, texts.iter().map(String::as_bytes));
    let mut message = Map::new();
    for chunk in run::events([chunks.as_ref()]) {
        let Ok(chunk) = serde_json::from_slice::<Value>(&chunk) else { continue };
        let choice = &chunk["choices"][0];
        if choice["index"] == 0 {
            add(&mut message, &choice["delta"]);
        }
    }
    Value::Object(message)
}

/// Adds a delta to a message, as clients do: texts and lists grow, what is new replaces the old.
fn add(message: &mut Map<String, Value>, delta: &Value) {
    for (name, value) in delta.as_object().into_iter().flatten() {
        let old = message.entry(name).or_insert(Value::Null);
        match (old, value) {
            (Value::String(old), Value::String(new)) if name != "role" => old.push_str(new),
            (Value::Array(old), Value::Array(new)) => old.extend(new.iter().cloned()),
            (Value::Object(old), new @ Value::Object(_)) => add(old, new),
            (old, new) => *old = new.clone(),
        }
    }
}

/// A conversation in which the message is history, each of its calls with a result.
fn history(model: &str, message: &Value) -> Value {
    let text = |role: &str, text: &str| format!(r#"{{"role":"{role}","content":"{text}"}}"#);
    let mut messages = vec![text("user", "Hi")];
    if message.is_object() {
        messages.push(message.to_string());
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let id = &call["id"];
            messages.push(format!(r#"{{"role":"tool","tool_call_id":{id},"content":"1"}}"#));
        }
        messages.push(text("user", "Well?"));
    }
    let body = format!(r#"{{"model":"{model}","messages":[{}]}}"#, messages.join(","));
    serde_json::from_str(&body).unwrap()
}

/// Returns the parts that are to come back: text, then media, then calls.
fn expected(events: &[Value], tally: &mut Tally) -> Vec<String> {
    let (mut text, mut signature): (Option<String>, _) = (None, String::new());
    let (mut media, mut calls, mut places) = (Vec::new(), Vec::new(), Vec::new());
    let mut texts = 0;
    for part in events.iter().flat_map(|event| parts(event, tally)).collect::<Vec<_>>() {
        let signed = part["thoughtSignature"].as_str().unwrap_or_default().to_owned();
        let said = spoken(&part, tally);
        if part["thought"] == true {
            tally.count("lost: a thought, which the client may show");
            if !signed.is_empty() {
                tally.count("lost: the signature of a thought");
            }
        } else if let Some(said) = said {
            places.push(0);
            texts += usize::from(!said.is_empty());
            text.get_or_insert_default().push_str(&said);
            if !signed.is_empty() && part["text"].is_string() {
                if !signature.is_empty() {
                    tally.count("lost: the signature of a text before the last signed one");
                }
                signature = signed;
            } else if !signed.is_empty() {
                tally.count("lost: the signature of code");
            }
        } else if part["inlineData"].is_object() || part["fileData"].is_object() {
            places.push(1);
            let whole = part["inlineData"]["mimeType"].as_str().unwrap_or_default();
            if whole.contains(';') {
                tally.count("changed: a media type has no parameters");
            }
            media.push(line(&part));
        } else if part["functionCall"].is_object() {
            places.push(2);
            calls.push(line(&part));
        } else {
            let keys = part.as_object().into_iter().flat_map(Map::keys);
            let kind = keys.map(String::as_str).find(|key| *key != "thoughtSignature");
            match kind {
                None => tally.count("lost: an empty part"),
                Some(kind) if NOT_CARRIED.contains(&kind) => {
                    tally.count(format!("lost: {kind}, which Google's own tools did"));
                }
                Some(kind) => calls.push(format!("{kind}, which nothing explains")),
            }
        }
    }
    if texts > 1 {
        tally.count("joined: several texts are one");
    }
    if !places.is_sorted() {
        tally.count("moved: text, then media, then calls");
    }
    let signed = if signature.is_empty() { String::new() } else { format!(" signed {signature}") };
    if signed.is_empty() && text.as_deref() == Some("") {
        tally.count("lost: a text of nothing");
        text = None;
    }
    let first = text.map(|text| format!("text {text:?}{signed}"));
    first.into_iter().chain(media).chain(calls).collect()
}

/// Returns the parts of the candidate that the client goes on with.
fn parts(event: &Value, tally: &mut Tally) -> Vec<Value> {
    let candidates = event["candidates"].as_array().into_iter().flatten();
    let (first, others): (Vec<&Value>, Vec<&Value>) =
        candidates.partition(|it| it["index"].as_u64().unwrap_or(0) == 0);
    if !others.is_empty() {
        tally.count("left: candidates beside the one that the client goes on with");
    }
    let parts = first.into_iter().filter_map(|it| it["content"]["parts"].as_array());
    parts.flatten().cloned().collect()
}

/// Returns what stands in the content for a part.
fn spoken(part: &Value, tally: &mut Tally) -> Option<String> {
    let fenced = |language: &str, text: &Value| {
        let text = text.as_str().unwrap_or_default().trim_end_matches('\n');
        format!("\n```{language}\n{text}\n```\n")
    };
    let code = &part["executableCode"];
    if code.is_object() {
        tally.count("changed: code is a fenced text");
        let language = code["language"].as_str().unwrap_or_default().to_ascii_lowercase();
        return Some(fenced(&language, &code["code"]));
    }
    let result = &part["codeExecutionResult"];
    if result.is_object() {
        tally.count("changed: what code gave is a fenced text");
        let output =
            if result["output"].is_string() { &result["output"] } else { &result["outcome"] };
        return Some(fenced("", output));
    }
    part["text"].as_str().map(str::to_owned)
}

/// Writes a part down.
fn line(part: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let signature = text(&part["thoughtSignature"]);
    let signed = match signature.as_str() {
        "" | SENTINEL => String::new(),
        signature => format!(" signed {signature}"),
    };
    if part["functionCall"].is_object() {
        let call = &part["functionCall"];
        let empty = Value::Object(Map::new());
        let args = Some(&call["args"]).filter(|args| !args.is_null()).unwrap_or(&empty);
        let id = call["id"].as_str().filter(|id| !id.is_empty()).unwrap_or("?");
        return format!("call {} id={id} {args}{signed}", call["name"]);
    }
    if part["text"].is_string() {
        return format!("text {:?}{signed}", text(&part["text"]));
    }
    let (inline, file) = (&part["inlineData"], &part["fileData"]);
    if inline.is_object() {
        let kind = text(&inline["mimeType"]);
        let kind = kind.split(';').next().unwrap_or_default();
        return format!("inline {kind} {}{signed}", text(&inline["data"]));
    }
    format!("file {}{signed}", text(&file["fileUri"]))
}

#[test]
fn recorded_requests_of_openai_are_translated_or_refused_by_a_rule() {
    let Some(folder) = corpus() else { return };
    let (mut tally, mut faults) = (Tally::default(), Vec::new());
    every_exchange(&folder, |file, kind, _, exchange| {
        let Some(endpoint) = kind.strip_prefix("openai-") else { return };
        let body = &exchange["request"]["body"];
        if !body.is_object() {
            return tally.count(format!("skipped: {endpoint} without a JSON body"));
        }
        let body = body.to_string();
        let (table, read) = match endpoint {
            "chat_completions" | "chat" => ("chat", ignored_of_chat(body.as_bytes())),
            "completion" => (
                "completions",
                names(completions::Request::parse(body.as_bytes()), |it| it.ignored()),
            ),
            "embeddings" => (
                "embeddings",
                names(embeddings::Request::parse(body.as_bytes()), |it| it.ignored()),
            ),
            "images_generations" => {
                ("generations", images::Request::generation(body.as_bytes()).map(|_| Vec::new()))
            }
            "audio_speech" => {
                ("speech", names(speech::Request::parse(body.as_bytes()), |it| it.ignored()))
            }
            other => return tally.count(format!("skipped: {other}, which is not served")),
        };
        match read {
            Ok(ignored) => {
                tally.count(format!("translated: {endpoint}"));
                for name in ignored {
                    tally.count(format!("ignored: {endpoint} {name}"));
                }
            }
            Err(TranslateError { message, param }) => {
                tally.count(format!("refused: {endpoint} {param:?}: {message}"));
                let is_told = param.is_some_and(|field| documented(table).contains(&field));
                faults.extend((!is_told).then(|| format!("{file}: {message}")));
            }
        }
    });
    tally.print();
    assert!(faults.is_empty(), "no rule of docs/API.md refuses them:\n{}", faults.join("\n"));
    assert!(tally.0["translated: chat_completions"] > 40);
}

fn names<T>(
    read: Result<T, TranslateError>,
    ignored: impl Fn(&T) -> &[String],
) -> Result<Vec<String>, TranslateError> {
    read.map(|request| ignored(&request).to_vec())
}

fn ignored_of_chat(body: &[u8]) -> Result<Vec<String>, TranslateError> {
    let request = Request::parse(body)?;
    let media = Media { mime_type: "image/png".to_owned(), data: "AAAA".to_owned() };
    let urls: BTreeSet<&str> = request.remote_media().map(|remote| remote.url).collect();
    let media: HashMap<String, Media> =
        urls.into_iter().map(|url| (url.to_owned(), media.clone())).collect();
    let known = Known { media, ..Known::default() };
    Ok(run::translate(&request, &known)?.ignored)
}
