//! The smallest value that a schema describes: texts say one thing, numbers count up from 0.

use serde_json::{Map, Value};

use super::prompt::{field, list, whole};

/// Schemas that contain themselves end at this depth.
const DEEPEST: usize = 20;
/// The most members that a list is given.
const MOST: u64 = 100;

/// A value of `schema`, whose texts are `text`.
pub(super) fn instance(schema: &Value, text: &str) -> Value {
    Maker { root: schema, text, count: 0 }.make(schema, DEEPEST)
}

struct Maker<'a> {
    root: &'a Value,
    text: &'a str,
    count: u64,
}

impl<'a> Maker<'a> {
    fn make(&mut self, schema: &'a Value, depth: usize) -> Value {
        let Some(depth) = depth.checked_sub(1) else { return Value::Null };
        if let Some(target) = field(schema, "$ref").and_then(Value::as_str) {
            let target = target.strip_prefix('#').and_then(|path| self.root.pointer(path));
            return target.map_or(Value::Null, |target| self.make(target, depth));
        }
        if let Some(only) = field(schema, "const").or_else(|| list(field(schema, "enum")).first()) {
            return only.clone();
        }
        let either = field(schema, "any_of").or_else(|| field(schema, "one_of"));
        if let Some(first) = list(either).first() {
            return self.make(first, depth);
        }
        match kind(schema).as_str() {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, depth),
            "number" | "integer" => {
                self.count += 1;
                (self.count - 1).into()
            }
            "boolean" => true.into(),
            "null" => Value::Null,
            _ => self.text.into(),
        }
    }

    /// What is required comes first, so that numbers count in that order.
    fn object(&mut self, schema: &'a Value, depth: usize) -> Value {
        let Some(Value::Object(properties)) = field(schema, "properties") else {
            return Value::Object(Map::new());
        };
        let required = list(field(schema, "required")).iter().filter_map(Value::as_str);
        let mut names: Vec<&str> = required.filter(|name| properties.contains_key(*name)).collect();
        names.extend(properties.keys().map(String::as_str));
        let mut object = Map::new();
        for name in names {
            if let (false, Some(property)) = (object.contains_key(name), properties.get(name)) {
                let value = self.make(property, depth);
                object.insert(name.to_owned(), value);
            }
        }
        Value::Object(object)
    }

    fn array(&mut self, schema: &'a Value, depth: usize) -> Value {
        let count = field(schema, "min_items").and_then(whole).unwrap_or(1).clamp(1, MOST);
        let Some(items) = field(schema, "items") else { return Value::Array(Vec::new()) };
        Value::Array((0..count).map(|_| self.make(items, depth)).collect())
    }
}

/// The type in lower case; of several the first.
fn kind(schema: &Value) -> String {
    let named = list(field(schema, "type")).first().and_then(Value::as_str);
    let implied = if field(schema, "properties").is_some() { "object" } else { "string" };
    named.unwrap_or(implied).to_ascii_lowercase()
}
