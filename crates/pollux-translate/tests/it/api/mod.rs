//! `docs/API.md` says what becomes of every field of OpenAI's requests, and is right.
//!
//! For each row there is an example in `tests/api/`. It is translated with the field and without it;
//! what that changes, and what is named as ignored or refused, has to be what the row says. A field
//! that a reader knows and the page does not name is an error, as is the opposite.

mod endpoints;
mod families;
mod page;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pollux_translate::error::TranslateError;
use pollux_translate::openai::audio::{speech, transcription};
use pollux_translate::openai::{chat, completions, embeddings, images};
use serde_json::Value;

pub(crate) use page::remove;
use page::{Row, Word};

/// What came of a request.
#[derive(Debug, PartialEq)]
struct Seen {
    /// What goes to Gemini.
    gemini: Value,
    ignored: Vec<String>,
    /// Everything else that the field may change: how it is asked, and what the client gets.
    rest: String,
}

type Observe = fn(&Value) -> Result<Seen, TranslateError>;

/// One endpoint and its table.
struct Endpoint {
    /// The name of the table and of the file of examples.
    name: &'static str,
    /// The fields that its reader knows.
    known: BTreeSet<String>,
    observe: Observe,
    /// Another place for the same field, if it has one, and the example that uses it.
    twin: fn(&str, &Value) -> Option<(String, Value)>,
}

/// Returns the fields that a table says are refused.
pub(crate) fn documented(table: &str) -> BTreeSet<String> {
    let rows = page::rows(&page::read(), table).into_iter();
    rows.filter(|row| row.word == Word::Refused).map(|row| row.field).collect()
}

fn names(lists: &[&[&str]]) -> BTreeSet<String> {
    lists.concat().into_iter().map(str::to_owned).collect()
}

#[test]
fn every_field_of_a_chat_is_treated_as_the_page_says() {
    let known = chat::Request::fields();
    check(&Endpoint { name: "chat", known, observe: endpoints::chat, twin: endpoints::chat_twin });
}

#[test]
fn every_field_beside_chat_is_treated_as_the_page_says() {
    let (generation, files) = (images::Request::FIELDS, images::Request::FILES);
    let recorded = [transcription::Request::FIELDS, transcription::Request::FILES];
    let all: [(&str, BTreeSet<String>, Observe); 6] = [
        ("completions", names(&[completions::Request::FIELDS]), endpoints::completions),
        ("embeddings", names(&[embeddings::Request::FIELDS]), endpoints::embeddings),
        ("generations", names(&[generation]), endpoints::generations),
        ("edits", names(&[generation, files]), endpoints::edits),
        ("speech", names(&[speech::Request::FIELDS]), endpoints::speech),
        ("transcriptions", names(&recorded), endpoints::transcriptions),
    ];
    for (name, known, observe) in all {
        check(&Endpoint { name, known, observe, twin: |_, _| None });
    }
}

/// Tries every row of an endpoint's table.
#[track_caller]
fn check(endpoint: &Endpoint) {
    let page = page::read();
    let rows = page::rows(&page, endpoint.name);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api");
    let text = fs::read_to_string(folder.join(endpoint.name).with_extension("json")).unwrap();
    let examples: Value = serde_json::from_str(&text).unwrap();
    let mut faults = covered(endpoint, &rows, &examples);
    for row in &rows {
        let Some(changed) = examples["rows"].get(&row.key) else {
            faults.push(format!("{}: there is no example of it", row.key));
            continue;
        };
        let mut example = examples["base"].clone();
        for (name, value) in changed.as_object().unwrap() {
            example[name] = value.clone();
        }
        faults.extend(tried(endpoint, row, &row.field, &example));
        if let Some((field, example)) = (endpoint.twin)(&row.field, &example) {
            faults.extend(tried(endpoint, row, &field, &example));
        }
    }
    assert!(faults.is_empty(), "{} in docs/API.md:\n{}", endpoint.name, faults.join("\n"));
}

/// Compares the fields that the reader knows with those of the page and of the examples.
fn covered(endpoint: &Endpoint, rows: &[Row], examples: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut named: BTreeSet<String> = rows.iter().map(|row| row.field.clone()).collect();
    let twins = rows.iter().filter_map(|row| (endpoint.twin)(&row.field, &examples["base"]));
    named.extend(twins.map(|(field, _)| field).collect::<Vec<_>>());
    for field in &endpoint.known {
        // Objects are told by what they hold.
        let is_inside = |other: &String| {
            let rest = other.strip_prefix(field.as_str());
            rest.is_some_and(|rest| rest.starts_with(['.', '[']))
        };
        if !named.contains(field) && !endpoint.known.iter().any(is_inside) {
            faults.push(format!("{field}: is read, and the page does not name it"));
        }
    }
    for row in rows {
        if row.word != Word::Ignored && !endpoint.known.contains(&row.field) {
            faults.push(format!("{}: is named, and not read", row.field));
        }
    }
    for key in examples["rows"].as_object().unwrap().keys() {
        if !rows.iter().any(|row| row.key == *key) {
            faults.push(format!("{key}: has an example and no row"));
        }
    }
    faults
}

/// Translates an example with `field` and without it, and says where the row is wrong.
fn tried(endpoint: &Endpoint, row: &Row, field: &str, example: &Value) -> Option<String> {
    let found = page::values(example, field);
    if found.is_empty() {
        return Some(format!("{}: its example lacks `{field}`", row.key));
    }
    let mut bare = example.clone();
    remove(&mut bare, field);
    let (with, without) = ((endpoint.observe)(example), (endpoint.observe)(&bare));
    let fault = match (row.word, &with) {
        (Word::Refused, Err(error)) => {
            let param = error.param.as_deref().map(page::without_places);
            (param.as_deref() != Some(field)).then(|| format!("is refused at {param:?}"))
        }
        (Word::Refused, Ok(_)) => Some("is not refused".to_owned()),
        (_, Err(error)) => Some(format!("is refused: {error}")),
        (Word::Ignored, Ok(seen)) => ignored(field, seen, without.as_ref().ok()),
        (Word::Unneeded, Ok(seen)) => {
            (without.as_ref() != Ok(seen)).then(|| "changes something".to_owned())
        }
        (Word::Passed | Word::Mapped, Ok(seen)) if is_named(field, seen) => {
            Some("is named as ignored".to_owned())
        }
        (Word::Passed | Word::Mapped, Ok(seen)) => moved(row, &found, seen, without.as_ref().ok()),
    };
    fault.map(|fault| format!("{} ({field}): says {:?}, but {fault}", row.key, row.word))
}

fn is_named(field: &str, seen: &Seen) -> bool {
    let is_it = |name: &String| name.strip_prefix(field).is_some_and(|rest| !rest.starts_with('.'));
    seen.ignored.iter().map(|name| page::without_places(name)).any(|name| is_it(&name))
}

fn ignored(field: &str, seen: &Seen, without: Option<&Seen>) -> Option<String> {
    if !is_named(field, seen) {
        return Some(format!("only {:?} are named", seen.ignored));
    }
    let is_same = without.is_none_or(|it| it.gemini == seen.gemini && it.rest == seen.rest);
    (!is_same).then(|| "it changes something".to_owned())
}

/// Says what is wrong with a field that should arrive somewhere.
fn moved(row: &Row, found: &[&Value], seen: &Seen, without: Option<&Seen>) -> Option<String> {
    let Some(place) = &row.place else {
        let same = row.word == Word::Mapped && without.is_some_and(|it| it == seen);
        return (same || row.word == Word::Passed).then(|| "nothing changes elsewhere".to_owned());
    };
    let arrived = page::values(&seen.gemini, place);
    let before = without.map(|it| page::values(&it.gemini, place)).unwrap_or_default();
    if arrived.is_empty() || arrived == before {
        return Some(format!("nothing of it is at {place} in {}", seen.gemini));
    }
    if row.word == Word::Passed {
        let arrived: Vec<String> = arrived.into_iter().flat_map(page::members).collect();
        let lost = found.iter().find(|value| {
            let all = page::members(value);
            let (whole, members) = all.split_first().unwrap();
            let in_pieces = !members.is_empty() && members.iter().all(|it| arrived.contains(it));
            !arrived.contains(whole) && !in_pieces
        });
        return lost.map(|value| format!("{value} is not at {place}, but {arrived:?}"));
    }
    None
}
