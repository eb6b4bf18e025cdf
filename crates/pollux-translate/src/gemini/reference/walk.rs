//! Every place in a document where a resource can be named, visited without building the document.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::ResourceName;
use crate::text::Text;

type Found = BTreeSet<ResourceName>;

/// What the value of a field is, by the field's name.
type Reading = fn(&str) -> Place;

/// What a value is.
#[derive(Clone, Copy)]
enum Place {
    /// An object or a list in which there may be names.
    Inside,
    /// The name or address of a file.
    File,
    /// A full name, or a list of them.
    Name,
    /// The id of a member of this collection, or its full name.
    Id(&'static str),
    /// Something that names nothing of ours.
    Nothing,
}

pub(super) fn in_request(body: &[u8]) -> Vec<ResourceName> {
    names(body, request_place)
}

pub(super) fn in_answer(body: &[u8]) -> Vec<ResourceName> {
    names(body, answer_place)
}

/// A document that breaks off has named what stands before the break.
fn names(body: &[u8], reading: Reading) -> Vec<ResourceName> {
    let mut found = Found::new();
    let walk = Walk { found: &mut found, reading, place: Place::Inside };
    // What is not JSON is refused by Gemini, in its own words.
    let _ = walk.deserialize(&mut serde_json::Deserializer::from_slice(body));
    found.into_iter().collect()
}

fn request_place(field: &str) -> Place {
    match field {
        "fileUri" | "file_uri" | "fileName" | "file_name" | "uri" => Place::File,
        "cachedContent" | "cached_content" | "fileSearchStoreNames" | "file_search_store_names" => {
            Place::Name
        }
        "previousInteractionId" | "previous_interaction_id" => Place::Id("interactions"),
        "agent" => Place::Id("agents"),
        "environment" => Place::Id("environments"),
        // The client's own data, in which anything may be called anything.
        "args"
        | "arguments"
        | "response"
        | "result"
        | "metadata"
        | "labels"
        | "parameters"
        | "functionDeclarations"
        | "function_declarations" => Place::Nothing,
        _ => Place::Inside,
    }
}

fn answer_place(field: &str) -> Place {
    match field {
        "uri" | "fileUri" | "downloadUri" | "fileName" | "responsesFile" => Place::File,
        "name" | "tunedModel" | "documentName" => Place::Name,
        "interaction_id" | "previous_interaction_id" => Place::Id("interactions"),
        // What a model wrote, and what a client sent along, names nothing of ours.
        "inlinedResponses" | "args" | "arguments" => Place::Nothing,
        _ => Place::Inside,
    }
}

/// Reads one value.
struct Walk<'f> {
    found: &'f mut Found,
    reading: Reading,
    place: Place,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.place {
            Place::Nothing => deserializer.deserialize_ignored_any(IgnoredAny).map(drop),
            Place::Inside | Place::File | Place::Name | Place::Id(_) => {
                deserializer.deserialize_any(self)
            }
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("anything")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.found.extend(match self.place {
            Place::File => ResourceName::of_file(text),
            Place::Name => ResourceName::parse(text),
            Place::Id(collection) => ResourceName::member(collection, text),
            Place::Inside | Place::Nothing => None,
        });
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { found, reading, place } = self;
        while seq.next_element_seed(Walk { found: &mut *found, reading, place })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { found, reading, .. } = self;
        let (mut id, mut object) = (None, None);
        while let Some(Text(field)) = map.next_key()? {
            match field.as_ref() {
                "id" => id = map.next_value::<Loose<'de>>()?.0,
                "object" => object = map.next_value::<Loose<'de>>()?.0,
                other => map.next_value_seed(Walk {
                    found: &mut *found,
                    reading,
                    place: reading(other),
                })?,
            }
        }
        if let (Some(Text(id)), Some("interaction")) = (id, object.as_deref()) {
            found.extend(ResourceName::member("interactions", &id));
        }
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A text, or whatever else stands where one is looked for.
struct Loose<'a>(Option<Text<'a>>);

impl<'de> serde::Deserialize<'de> for Loose<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&serde_json::value::RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(raw.get()).ok()))
    }
}
