//! The form that the answer is to have.
//!
//! | `response_format` | becomes |
//! | --- | --- |
//! | `text`, none | nothing |
//! | `json_object` | `responseMimeType` |
//! | `json_schema` | that, and `responseJsonSchema` (a pruned schema where the family needs it) |
//! | either, beside functions on a family that refuses both at once | a sentence among the instructions |

use super::request::{Request, ResponseFormat};
use crate::error::TranslateError;
use crate::gemini::content::Part;
use crate::gemini::family::Family;
use crate::gemini::request::GenerationConfig;
use crate::schema;
use crate::text::compact;

const JSON: &str = "application/json";

/// Sets the form, or returns the instruction that stands for it.
pub(super) fn format<'r>(
    request: &'r Request<'_>,
    family: &Family,
    has_functions: bool,
    config: &mut GenerationConfig<'r>,
) -> Result<Option<Part<'r>>, TranslateError> {
    let Some(format) = &request.response_format else { return Ok(None) };
    let schema = match format.kind.as_deref() {
        None | Some("text") => return Ok(None),
        Some("json_object") => None,
        Some("json_schema") => Some(schema_of(format)?),
        Some(other) => {
            let text = format!(
                "`{other}` is not supported; expected `text`, `json_object` or `json_schema`"
            );
            return Err(TranslateError::at("response_format.type", text));
        }
    };
    if has_functions && !family.mixes_json {
        let mut text =
            "When you do not call a function, answer with one JSON value and nothing else."
                .to_owned();
        if let Some(schema) = schema {
            text.push_str(" It has to fit this JSON Schema: ");
            text.push_str(&compact(schema.get()));
        }
        return Ok(Some(Part::text(text)));
    }
    config.response_mime_type = Some(JSON);
    match schema {
        Some(schema) if family.json_schema => {
            config.response_json_schema = Some(schema::adapted(schema));
        }
        Some(schema) => config.response_schema = schema::pruned(schema),
        None => {}
    }
    Ok(None)
}

fn schema_of<'r>(
    format: &'r ResponseFormat<'_>,
) -> Result<&'r serde_json::value::RawValue, TranslateError> {
    let field = "response_format.json_schema";
    let Some(described) = &format.json_schema else {
        return Err(TranslateError::at(field, "`json_schema` is required"));
    };
    match described.schema {
        Some(schema) if schema.get().starts_with('{') => Ok(schema),
        Some(_) | None => {
            let text = "expected a JSON Schema, which is an object";
            Err(TranslateError::at(format!("{field}.schema"), text))
        }
    }
}
