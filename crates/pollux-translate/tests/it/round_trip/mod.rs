//! A chat request goes to Gemini and back again: what it said is still there, but for exactly the
//! fields that are named as ignored.
//!
//! Both requests are brought to one normal form, a list of lines: the client's by [`openai`], after
//! the ignored fields are taken out of it, Gemini's by [`gemini`]. A field that neither knows is a
//! line too, so that nothing gets lost unseen.

mod gemini;
mod openai;
mod requests;

use pollux_translate::gemini::family::Family;
use pollux_translate::openai::chat::{Known, Request};
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::api::remove;
use crate::run;

/// The fields of an object that nobody has read yet.
struct Fields(Map<String, Value>);

impl Fields {
    fn of(value: &Value) -> Self {
        Self(value.as_object().cloned().unwrap_or_default())
    }

    /// Takes a field; absent is null.
    fn take(&mut self, name: &str) -> Value {
        self.0.remove(name).unwrap_or_default()
    }

    /// Takes an object.
    fn object(&mut self, name: &str) -> Self {
        Self::of(&self.take(name))
    }

    /// Takes a list.
    fn list(&mut self, name: &str) -> Vec<Value> {
        match self.take(name) {
            Value::Null => Vec::new(),
            Value::Array(list) => list,
            one @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
                vec![one]
            }
        }
    }

    /// Takes a text; anything else is empty.
    fn text(&mut self, name: &str) -> String {
        self.take(name).as_str().unwrap_or_default().to_owned()
    }

    /// Writes a line for each field that is left.
    fn end(self, place: &str, lines: &mut Vec<String>) {
        lines.extend(self.0.iter().map(|(name, value)| format!("{place}: {name}? {value}")));
    }
}

/// Whether messages of a role have a use for a field that others do not have.
fn has_use(role: &str, field: &str) -> bool {
    match field {
        "messages[].tool_call_id" => role == "tool",
        "messages[].refusal" => role == "assistant",
        _ => false,
    }
}

/// A request without the fields that had no effect.
fn without(request: &Value, ignored: &[String]) -> Value {
    let mut left = request.clone();
    // From behind, so that places in lists stay what they are.
    for name in ignored.iter().rev() {
        let place = name.strip_suffix(']').and_then(|name| name.rsplit_once('['));
        match place {
            Some((list, "5..")) => left[list].as_array_mut().unwrap().truncate(5),
            Some((list, at)) => {
                left[list].as_array_mut().unwrap().remove(at.parse().unwrap());
            }
            None => {
                let kept = left["messages"].clone();
                remove(&mut left, name);
                // Where a message of another role has the field, it counts.
                for (at, message) in kept.as_array().unwrap().iter().enumerate() {
                    if has_use(message["role"].as_str().unwrap(), name) {
                        left["messages"][at] = message.clone();
                    }
                }
            }
        }
    }
    left
}

fn check(request: &Value) -> Result<(), TestCaseError> {
    let body = request.to_string();
    let known = Known::default();
    let parsed = Request::parse(body.as_bytes()).unwrap();
    let translated = run::translate(&parsed, &known).unwrap();
    let context = run::context(&parsed, &translated);
    let family = Family::of(parsed.model());
    let sent: Value = serde_json::from_slice(&translated.request.encode()).unwrap();
    let want = openai::normal(&without(request, &translated.ignored), family);
    let got = gemini::normal(&sent, translated.times, family, &context);
    let show = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    prop_assert!(
        want == got,
        "it said:\n{}\nit came back as:\n{}\nthe request:\n{}\nGemini's:\n{}\nignored: {:?}",
        want.join("\n"),
        got.join("\n"),
        show(request),
        show(&sent),
        translated.ignored
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_request_comes_back_but_for_what_is_named(request in requests::request()) {
        check(&request)?;
    }
}
