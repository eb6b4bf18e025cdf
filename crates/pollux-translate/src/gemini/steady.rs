//! Whether a request to generate asks for the same answer each time it is sent.

use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire<'a> {
    #[serde(borrow, rename = "generationConfig", alias = "generation_config")]
    config: Option<Config<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Config<'a> {
    temperature: Option<f64>,
    #[serde(borrow)]
    seed: Option<&'a RawValue>,
}

/// Returns whether a `generateContent` body has a temperature of 0 or a seed.
pub fn is_steady(body: &[u8]) -> bool {
    let wire: Wire<'_> = serde_json::from_slice(body).unwrap_or_default();
    let Some(config) = wire.config else { return false };
    config.temperature.is_some_and(|temperature| temperature.abs() < f64::EPSILON)
        || config.seed.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temperature_of_zero_or_a_seed_makes_an_answer_steady() {
        for (config, want) in [
            (r#""generationConfig":{"temperature":0}"#, true),
            (r#""generationConfig":{"temperature":0.0,"topP":0.9}"#, true),
            (r#""generation_config":{"seed":7,"temperature":1}"#, true),
            (r#""generationConfig":{"temperature":0.1}"#, false),
            (r#""generationConfig":{"seed":null}"#, false),
            (r#""generationConfig":{}"#, false),
            (r#""generationConfig":null"#, false),
            (r#""temperature":0"#, false),
        ] {
            assert_eq!(is_steady(format!("{{{config}}}").as_bytes()), want, "{config}");
        }
        assert!(!is_steady(b"not json"));
    }
}
