//! The admin API describes itself, and the description in `docs/` is that of this program.

use std::{collections::BTreeSet, env, fs, path::Path};

use serde_json::Value;

use super::{builder, show};

#[tokio::test]
async fn the_document_in_the_repository_is_the_one_that_is_served() {
    let app = builder("key-1").start().await;
    let served = show(&app, "/admin/api/openapi.json").await;
    let text = serde_json::to_string_pretty(&served).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if env::var_os("POLLUX_UPDATE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "docs/openapi.json is old: POLLUX_UPDATE=1 writes it anew");
}

/// Every schema that is named below `value`.
fn named(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(name)) = fields.get("$ref") {
                found.insert(name.rsplit('/').next().unwrap().to_owned());
            }
            fields.values().for_each(|field| named(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| named(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn every_schema_is_there_once_and_every_operation_says_what_it_is_for() {
    let app = builder("key-1").start().await;
    let document = show(&app, "/admin/api/openapi.json").await;
    let mut wanted = BTreeSet::new();
    named(&document, &mut wanted);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let described: BTreeSet<String> = schemas.keys().cloned().collect();
    assert_eq!(described.difference(&wanted).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(wanted.difference(&described).collect::<Vec<_>>(), Vec::<&String>::new());
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            assert!(operation["summary"].as_str().unwrap().ends_with('.'), "{method} {path}");
            assert!(ids.insert(id), "{method} {path}");
        }
    }
}
