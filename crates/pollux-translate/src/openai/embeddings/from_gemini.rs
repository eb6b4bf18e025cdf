//! From Gemini's vectors to an embeddings list.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize, Serializer};

use super::request::{Encoding, Request};
use crate::error::{ApiError, Status};
use crate::gemini::response::UsageMetadata;
use crate::text::json;

/// How many numbers a vector has that no model shortened; Google gives those with length 1.
const FULL: usize = 3072;

/// Puts the answers to all of a request's batches together, in order.
///
/// Tokens are counted where Google counts them; where it does not they are 0.
pub fn from_gemini<'b>(
    request: &Request<'_>,
    bodies: impl IntoIterator<Item = &'b [u8]>,
) -> Result<Vec<u8>, ApiError> {
    let mut data = Vec::with_capacity(request.inputs());
    let mut tokens = 0;
    for body in bodies {
        let batch: Batch = serde_json::from_slice(body)
            .map_err(|_| unreadable("the upstream's vectors could not be read"))?;
        tokens += batch.usage_metadata.and_then(|usage| usage.prompt_token_count).unwrap_or(0);
        for Values { values } in batch.embeddings {
            let embedding = Vector { values: of_length_1(values), encoding: request.encoding() };
            data.push(Item { object: "embedding", index: data.len(), embedding });
        }
    }
    if data.len() != request.inputs() {
        let (got, want) = (data.len(), request.inputs());
        return Err(unreadable(format!("the upstream sent {got} vectors for {want} texts")));
    }
    let usage = Usage { prompt_tokens: tokens, total_tokens: tokens };
    Ok(json(&List { object: "list", data, model: request.model(), usage }))
}

fn unreadable(message: impl Into<String>) -> ApiError {
    ApiError::new(Status::Internal, message)
}

/// Brings a shortened vector to length 1; a full one stays what it is.
fn of_length_1(mut values: Vec<f32>) -> Vec<f32> {
    let length = values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
    if values.len() != FULL && length > 0.0 {
        for value in &mut values {
            *value = narrow(f64::from(*value) / length);
        }
    }
    values
}

/// The nearest of the numbers that a vector is made of.
#[expect(clippy::cast_possible_truncation, reason = "a number between -1 and 1 has a nearest one")]
fn narrow(value: f64) -> f32 {
    value as f32
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
    embeddings: Vec<Values>,
    #[serde(default)]
    usage_metadata: Option<UsageMetadata>,
}

#[derive(Deserialize)]
struct Values {
    values: Vec<f32>,
}

#[derive(Serialize)]
struct List<'r> {
    object: &'static str,
    data: Vec<Item>,
    model: &'r str,
    usage: Usage,
}

#[derive(Serialize)]
struct Item {
    object: &'static str,
    index: usize,
    embedding: Vector,
}

#[derive(Serialize)]
struct Usage {
    prompt_tokens: u64,
    total_tokens: u64,
}

struct Vector {
    values: Vec<f32>,
    encoding: Encoding,
}

impl Serialize for Vector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.encoding {
            Encoding::Float => self.values.serialize(serializer),
            Encoding::Base64 => {
                let bytes: Vec<u8> = self.values.iter().flat_map(|it| it.to_le_bytes()).collect();
                serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
            }
        }
    }
}
