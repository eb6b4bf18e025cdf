//! Reads the page's tables, and finds fields in JSON by paths such as `messages[].role`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The first word on a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Passed,
    Mapped,
    Ignored,
    Unneeded,
    Refused,
}

/// What the page says of one field, or of one value of it.
#[derive(Debug)]
pub(super) struct Row {
    /// The field, and the value that the row is about, as `field = value`.
    pub(super) key: String,
    pub(super) field: String,
    pub(super) word: Word,
    /// Where it arrives in Gemini's request, if the row begins with that.
    pub(super) place: Option<String>,
}

pub(super) fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/API.md")
}

pub(super) fn read() -> String {
    fs::read_to_string(path()).unwrap()
}

/// Returns what stands between the marks of a table.
pub(super) fn between<'p>(page: &'p str, name: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("<!-- {name} -->\n")).unwrap();
    rest.split_once(&format!("<!-- /{name} -->")).unwrap().0
}

/// Returns the cells of a table's rows, without its head.
pub(super) fn cells<'p>(page: &'p str, name: &str) -> Vec<Vec<&'p str>> {
    let lines = between(page, name).lines().filter(|line| line.starts_with("| `"));
    lines.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

/// Reads the table of an endpoint; a row about several fields is one for each.
pub(super) fn rows(page: &str, name: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for cells in cells(page, name) {
        let [fields, word, how] = cells.as_slice() else { panic!("three cells: {cells:?}") };
        let word = match *word {
            "passed" => Word::Passed,
            "mapped" => Word::Mapped,
            "ignored" => Word::Ignored,
            "unneeded" => Word::Unneeded,
            "refused" => Word::Refused,
            other => panic!("{fields}: `{other}` is none of the words"),
        };
        let place = how.strip_prefix('`').and_then(|rest| rest.split_once('`'));
        for key in fields.split(", ").map(|key| key.trim_matches('`').to_owned()) {
            let field = key.split(" = ").next().unwrap_or_default().to_owned();
            rows.push(Row { key, field, word, place: place.map(|(place, _)| place.to_owned()) });
        }
    }
    assert!(rows.len() > 5, "{name}");
    rows
}

/// Returns every value at a path.
pub(super) fn values<'v>(json: &'v Value, path: &str) -> Vec<&'v Value> {
    if let Some(value) = json.get(path) {
        return vec![value];
    }
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let (name, is_list) = first.strip_suffix("[]").map_or((first, false), |name| (name, true));
    let Some(found) = json.get(name) else { return Vec::new() };
    let found: Vec<&Value> = match found.as_array() {
        Some(list) if is_list => list.iter().collect(),
        _ if is_list => return Vec::new(),
        _ => vec![found],
    };
    if rest.is_empty() {
        return found;
    }
    found.into_iter().flat_map(|value| values(value, rest)).collect()
}

/// Takes away every value at a path.
pub(crate) fn remove(json: &mut Value, path: &str) {
    let Some(object) = json.as_object_mut() else { return };
    if object.remove(path).is_some() {
        return;
    }
    let Some((first, rest)) = path.split_once('.') else { return };
    let (name, is_list) = first.strip_suffix("[]").map_or((first, false), |name| (name, true));
    match object.get_mut(name) {
        Some(Value::Array(list)) if is_list => list.iter_mut().for_each(|it| remove(it, rest)),
        Some(inside) if !is_list => remove(inside, rest),
        Some(_) | None => {}
    }
}

/// Returns a value and, of a list, its members, each as text without quotes.
pub(super) fn members(value: &Value) -> Vec<String> {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let inside = value.as_array().into_iter().flatten();
    std::iter::once(value).chain(inside).map(plain).collect()
}

/// Makes `messages[0].role` `messages[].role`.
pub(super) fn without_places(field: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in field.chars() {
        inside = (inside || c == '[') && c != ']';
        if !inside || c == '[' {
            out.push(c);
        }
    }
    out
}
