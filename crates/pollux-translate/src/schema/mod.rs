//! JSON Schemas on their way from a client to Gemini.
//!
//! A schema goes out as it was written wherever Gemini takes it so. [`adapted`] rewrites the two
//! things that it does not: `$ref` beside other words, and `const`. [`pruned`] makes Google's older
//! subset of `OpenAPI` from it, for models that know nothing else. The order of properties, which
//! decides the order of the answer, is kept in both. Source: section 3.1 of the wire reference.

mod node;
mod prune;

use std::borrow::Cow;

use serde_json::value::RawValue;

use self::node::Node;
use crate::text::{Json, Text};

pub(crate) use self::prune::pruned;

/// Returns the schema as Gemini takes it in the fields for JSON Schema.
pub(crate) fn adapted(schema: &RawValue) -> Json<'_> {
    let text = schema.get();
    if !text.contains("\"$ref\"") && !text.contains("\"const\"") {
        return Json::Borrowed(schema);
    }
    match Node::read(schema).map(adapt).and_then(|node| node.write()) {
        Some(made) => Json::Owned(made),
        None => Json::Borrowed(schema),
    }
}

fn adapt(node: Node<'_>) -> Node<'_> {
    match node {
        Node::Object(fields) => {
            let fields = fields.into_iter().map(|(key, value)| (key, adapt(value))).collect();
            Node::Object(with_enum(with_lone_ref(fields)))
        }
        Node::List(items) => Node::List(items.into_iter().map(adapt).collect()),
        leaf @ Node::Leaf(_) => leaf,
    }
}

type Fields<'a> = Vec<(Text<'a>, Node<'a>)>;

/// Moves a `$ref` that has neighbours into an `anyOf` of its own, where it has none.
fn with_lone_ref(fields: Fields<'_>) -> Fields<'_> {
    let is_ref = |(key, value): &(Text<'_>, Node<'_>)| key.as_str() == "$ref" && value.is_string();
    let has_neighbours = fields.iter().any(|(key, _)| !key.starts_with('$'));
    let has_any_of = fields.iter().any(|(key, _)| key.as_str() == "anyOf");
    if !has_neighbours || has_any_of || !fields.iter().any(is_ref) {
        return fields;
    }
    let (refs, mut rest): (Fields<'_>, Fields<'_>) = fields.into_iter().partition(is_ref);
    rest.push(("anyOf".into(), Node::List(vec![Node::Object(refs)])));
    rest
}

/// Says a `const` once more as an `enum` of one, which is the form that Gemini heeds.
fn with_enum(mut fields: Fields<'_>) -> Fields<'_> {
    let find = |name: &str| fields.iter().find(|(key, _)| key.as_str() == name);
    // A property may be called `const`: what it holds is a schema then, not a value.
    if let (Some((_, value @ Node::Leaf(_))), None) = (find("const"), find("enum")) {
        let only = Node::List(vec![value.clone()]);
        fields.push((Text(Cow::Borrowed("enum")), only));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(schema: &str, want: &str) {
        let raw = serde_json::from_str::<&RawValue>(schema).unwrap();
        assert_eq!(serde_json::to_string(&adapted(raw)).unwrap(), want);
    }

    #[test]
    fn a_schema_that_gemini_takes_stays_as_it_was() {
        let schema = r#"{ "type":"object", "properties":{"b":{"type":"number","minimum":1.0},"a":{}},"additionalProperties":false}"#;
        check(schema, schema);
        let lone = r##"{"$defs":{"a":{"type":"string"}},"properties":{"x":{"$ref":"#/$defs/a"}}}"##;
        check(lone, lone);
    }

    #[test]
    fn a_ref_with_neighbours_gets_a_place_of_its_own() {
        check(
            r##"{"properties":{"x":{"$ref":"#/$defs/a","description":"d"}}}"##,
            r##"{"properties":{"x":{"description":"d","anyOf":[{"$ref":"#/$defs/a"}]}}}"##,
        );
    }

    #[test]
    fn a_const_is_said_once_more_as_an_enum() {
        check(r#"{"z":{"const":"a"},"b":1.0}"#, r#"{"z":{"const":"a","enum":["a"]},"b":1.0}"#);
        check(
            r#"{"properties":{"const":{"type":"string"},"$ref":{"type":"string"}}}"#,
            r#"{"properties":{"const":{"type":"string"},"$ref":{"type":"string"}}}"#,
        );
    }
}
