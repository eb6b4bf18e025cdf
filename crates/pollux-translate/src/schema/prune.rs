//! Google's subset of `OpenAPI`, made from JSON Schema.
//!
//! | JSON Schema | becomes |
//! | --- | --- |
//! | `$ref` | what it names; an object of any kind where it names itself |
//! | `oneOf` | `anyOf` |
//! | `allOf` | its members' fields, side by side |
//! | `const`, `enum` of other than strings | an `enum` of strings; numbers keep their type alone |
//! | a list of types | `nullable` for null, `anyOf` for more than one other |
//! | words that the subset lacks | nothing |

use serde_json::value::RawValue;

use super::Fields;
use super::node::Node;
use crate::text::{Json, Text};

/// The words of the subset whose values pass as they are.
const KEPT: &[&str] = &[
    "title",
    "description",
    "format",
    "nullable",
    "required",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "propertyOrdering",
];

/// Schemas inside each other beyond this are cut to objects of any kind.
const MAX_DEPTH: usize = 24;

/// Returns the schema in Google's subset; `None` when it is no schema.
pub(crate) fn pruned(schema: &RawValue) -> Option<Json<'static>> {
    let root = Node::read(schema)?;
    Pruner { root: &root, open: Vec::new() }.schema(&root, 0).write().map(Json::Owned)
}

struct Pruner<'r> {
    root: &'r Node<'r>,
    /// The references that are being followed.
    open: Vec<String>,
}

impl<'r> Pruner<'r> {
    fn schema(&mut self, node: &'r Node<'r>, depth: usize) -> Node<'r> {
        let Node::Object(fields) = node else { return any_object() };
        if depth > MAX_DEPTH {
            return any_object();
        }
        if let Some(name) = node.get("$ref").and_then(Node::as_text) {
            return self.reference(name.as_str(), fields, depth);
        }
        let mut out = Vec::new();
        for (key, value) in fields {
            self.word(key.as_str(), value, depth, &mut out);
        }
        Node::Object(out)
    }

    fn reference(&mut self, name: &str, fields: &'r Fields<'r>, depth: usize) -> Node<'r> {
        let target = name
            .strip_prefix("#/")
            .and_then(|path| path.split('/').try_fold(self.root, |node, step| node.get(step)));
        let is_open = self.open.iter().any(|open| open == name);
        let Some(target) = target.filter(|_| !is_open) else { return any_object() };
        self.open.push(name.to_owned());
        let mut made = self.schema(target, depth + 1);
        self.open.pop();
        if let (Node::Object(out), Some((_, text))) =
            (&mut made, fields.iter().find(|(key, _)| key.as_str() == "description"))
        {
            set(out, "description", text.clone());
        }
        made
    }

    fn word(&mut self, key: &str, value: &'r Node<'r>, depth: usize, out: &mut Fields<'r>) {
        match key {
            "type" => types(value, out),
            "const" => enumerate(std::slice::from_ref(value), out),
            "enum" => {
                if let Node::List(items) = value {
                    enumerate(items, out);
                }
            }
            "properties" => {
                let Node::Object(fields) = value else { return };
                let made =
                    fields.iter().map(|(name, it)| (name.clone(), self.schema(it, depth + 1)));
                let made = made.collect();
                set(out, "properties", Node::Object(made));
            }
            "items" => set(out, "items", self.schema(value, depth + 1)),
            "anyOf" | "oneOf" => {
                let Node::List(items) = value else { return };
                let made = items.iter().map(|it| self.schema(it, depth + 1)).collect();
                set(out, "anyOf", Node::List(made));
            }
            "allOf" => {
                let Node::List(items) = value else { return };
                for item in items {
                    if let Node::Object(made) = self.schema(item, depth + 1) {
                        for (key, value) in made {
                            merge(out, key, value);
                        }
                    }
                }
            }
            _ => {
                if let Some(kept) = KEPT.iter().find(|kept| **kept == key) {
                    set(out, kept, value.clone());
                }
            }
        }
    }
}

fn types<'r>(value: &Node<'r>, out: &mut Fields<'r>) {
    let Node::List(types) = value else {
        set(out, "type", value.clone());
        return;
    };
    let is_null = |node: &&Node<'_>| node.as_text().is_some_and(|name| name.as_str() == "null");
    if types.iter().any(|node| is_null(&node)) {
        set(out, "nullable", Node::Leaf("true".into()));
    }
    let others: Vec<_> = types.iter().filter(|node| !is_null(node)).collect();
    match others.as_slice() {
        [] => {}
        [only] => set(out, "type", (*only).clone()),
        several => {
            let of = |node: &&Node<'r>| Node::Object(vec![("type".into(), (*node).clone())]);
            set(out, "anyOf", Node::List(several.iter().map(of).collect()));
        }
    }
}

/// Only strings may be enumerated; of other values the type is all that can be said.
fn enumerate<'r>(items: &[Node<'r>], out: &mut Fields<'r>) {
    if !items.is_empty() && items.iter().all(Node::is_string) {
        set(out, "enum", Node::List(items.to_vec()));
        if !out.iter().any(|(key, _)| key.as_str() == "type") {
            set(out, "type", Node::string("string"));
        }
    }
}

fn any_object<'r>() -> Node<'r> {
    Node::Object(vec![("type".into(), Node::string("object"))])
}

fn set<'r>(out: &mut Fields<'r>, key: &'static str, value: Node<'r>) {
    match out.iter_mut().find(|(known, _)| known.as_str() == key) {
        Some((_, old)) => *old = value,
        None => out.push((key.into(), value)),
    }
}

/// Adds a field of one member of `allOf`: properties and required names of all count.
fn merge<'r>(out: &mut Fields<'r>, key: Text<'r>, value: Node<'r>) {
    let Some((_, old)) = out.iter_mut().find(|(known, _)| *known == key) else {
        out.push((key, value));
        return;
    };
    match (old, value) {
        (Node::Object(old), Node::Object(new)) => old.extend(new),
        (Node::List(old), Node::List(new)) => old.extend(new),
        (old, new) => *old = new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(schema: &str, want: &str) {
        let raw = serde_json::from_str::<&RawValue>(schema).unwrap();
        assert_eq!(pruned(raw).unwrap().get(), want);
    }

    #[test]
    fn only_words_of_the_subset_are_left() {
        check(
            r#"{"$schema":"x","type":"object","additionalProperties":false,
                "properties":{"b":{"type":"integer","exclusiveMinimum":0,"maximum":9},"a":{"type":["string","null"]}},
                "required":["b"]}"#,
            r#"{"type":"object","properties":{"b":{"type":"integer","maximum":9},"a":{"nullable":true,"type":"string"}},"required":["b"]}"#,
        );
    }

    #[test]
    fn references_are_replaced_by_what_they_name() {
        check(
            r##"{"$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"},"v":{"const":"x"}}}},
                "properties":{"n":{"$ref":"#/$defs/n","description":"d"}}}"##,
            r#"{"properties":{"n":{"type":"object","properties":{"next":{"type":"object"},"v":{"enum":["x"],"type":"string"}},"description":"d"}}}"#,
        );
    }

    #[test]
    fn all_of_one_of_and_several_types_keep_their_meaning() {
        check(
            r#"{"allOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{"oneOf":[{"type":"number"},{"type":"boolean"}]}},"required":["b"]}]}"#,
            r#"{"properties":{"a":{"type":"string"},"b":{"anyOf":[{"type":"number"},{"type":"boolean"}]}},"required":["a","b"]}"#,
        );
        check(
            r#"{"type":["string","number"],"enum":["a",1]}"#,
            r#"{"anyOf":[{"type":"string"},{"type":"number"}]}"#,
        );
    }
}
