//! The models list in OpenAI's shape.

use serde::Serialize;

use crate::text::json;

pub use crate::model::ModelEntry;

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<Model<'a>>,
}

#[derive(Serialize)]
struct Model<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    owned_by: &'static str,
}

/// Writes the whole list.
pub fn list<'a>(models: impl Iterator<Item = ModelEntry<'a>>) -> Vec<u8> {
    json(&List { object: "list", data: models.map(model).collect() })
}

/// Writes one model.
pub fn one(entry: ModelEntry<'_>) -> Vec<u8> {
    json(&model(entry))
}

fn model(entry: ModelEntry<'_>) -> Model<'_> {
    let ModelEntry { id, display_name: _, created } = entry;
    Model { id, object: "model", created, owned_by: "google" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_every_model_in_order() {
        let entry = |id| ModelEntry { id, display_name: Some("A"), created: 7 };
        let encoded = list([entry("a"), entry("b")].into_iter());
        let want = concat!(
            r#"{"object":"list","data":["#,
            r#"{"id":"a","object":"model","created":7,"owned_by":"google"},"#,
            r#"{"id":"b","object":"model","created":7,"owned_by":"google"}]}"#,
        );
        assert_eq!(String::from_utf8(encoded).unwrap(), want);
    }

    #[test]
    fn one_model_stands_alone() {
        let encoded = one(ModelEntry { id: "a", display_name: None, created: 0 });
        let want = r#"{"id":"a","object":"model","created":0,"owned_by":"google"}"#;
        assert_eq!(String::from_utf8(encoded).unwrap(), want);
    }
}
