//! From a chat request to Gemini's: the rooms beside this one, one after the other.

use std::collections::BTreeSet;

use super::offer::offer;
use super::policy::{Known, Policy};
use super::request::Request;
use super::suffix::Wanted;
use super::thinking::thinking;
use super::{context::Told, format, turns};
use crate::error::TranslateError;
use crate::gemini::content::Content;
use crate::gemini::family::Family;
use crate::gemini::request::{GenerationConfig, ImageShape, MAX_STOPS, Request as GeminiRequest};
use crate::openai::number::Number;
use crate::openai::object::TextOr;
use crate::text::Text;

/// How many answers one request may ask for.
const MAX_ANSWERS: i64 = 8;

/// A request in Gemini's words.
#[derive(Debug)]
pub struct Translated<'r> {
    /// The body.
    pub request: GeminiRequest<'r>,
    /// How often it has to be sent, each time for one answer.
    pub times: u32,
    /// The fields that have no effect, as paths like `user` or `messages[].name`.
    pub ignored: Vec<String>,
    pub(super) told: Told,
}

/// Translates a request; what it asks for and cannot get is refused by name.
pub fn to_gemini<'r>(
    request: &'r Request<'_>,
    wanted: &Wanted<'r>,
    policy: &Policy,
    known: &'r Known,
) -> Result<Translated<'r>, TranslateError> {
    let family = Family::of(wanted.model);
    let mut ignored = request.unread();
    let mut offer = offer(request, family, wanted.search)?;
    ignored.append(&mut offer.ignored.drain(..).collect());
    let conversation = turns::conversation(request.messages(), family, known, &mut offer.names)?;
    let (mut config, times) = sampling(request, family, &mut ignored)?;
    config.response_modalities = modalities(request, wanted, family)?;
    let thinks = thinking(request, wanted, family, policy, config.max_output_tokens)?;
    ignored.extend(thinks.ignored.map(str::to_owned));
    config.max_output_tokens = thinks.max_tokens;
    config.thinking_config = thinks.config;
    let mut system = conversation.system;
    if let Some(part) = format::format(request, family, offer.has_functions, &mut config)? {
        system.get_or_insert_with(Content::default).parts.push(part);
    }
    let google = request.google();
    config.image_config = google.and_then(|google| google.image_config).map(ImageShape::Asked);
    config.media_resolution =
        google.and_then(|google| google.media_resolution.as_deref()).map(Text::from);
    let told = Told {
        names: offer.names,
        custom: offer.custom,
        cites: offer.searches,
        one_call: request.parallel_tool_calls == Some(false) || request.functions.is_some(),
        old_calls: request.functions.is_some() && request.tools.is_none(),
        thoughts: policy.thoughts,
    };
    let request = GeminiRequest {
        system_instruction: system,
        contents: conversation.contents,
        tools: offer.tools,
        tool_config: offer.config,
        safety_settings: google.and_then(|google| google.safety_settings),
        generation_config: config,
        cached_content: google.and_then(|it| it.cached_content.as_deref()).map(Text::from),
        service_tier: service_tier(request, &mut ignored),
    };
    Ok(Translated { request, times, ignored: ignored.into_iter().collect(), told })
}

/// What shapes the answer; numbers that Gemini takes stay as they were written.
fn sampling<'r>(
    request: &'r Request<'_>,
    family: &Family,
    ignored: &mut BTreeSet<String>,
) -> Result<(GenerationConfig<'r>, u32), TranslateError> {
    let ranged = |number: Option<Number<'r>>, field, low, high| {
        number.map(|number| number.within(field, low, high)).transpose()
    };
    let whole = |number: Option<Number<'r>>, field, low, high| {
        number.map(|number| number.whole(field, low, high)).transpose()
    };
    let max_tokens = whole(request.max_tokens, "max_tokens", 1, i64::MAX)?;
    let newer = whole(request.max_completion_tokens, "max_completion_tokens", 1, i64::MAX)?;
    if newer.is_some() && max_tokens.is_some() {
        ignored.insert("max_tokens".to_owned());
    }
    let seed = whole(request.seed, "seed", i64::MIN, i64::MAX)?;
    let mut config = GenerationConfig {
        temperature: ranged(request.temperature, "temperature", 0.0, 2.0)?,
        top_p: ranged(request.top_p, "top_p", 0.0, 1.0)?,
        top_k: whole(request.top_k, "top_k", 0, i64::MAX)?.map(|(raw, _)| raw),
        max_output_tokens: newer.or(max_tokens).map(|(_, value)| value),
        stop_sequences: stops(request, ignored),
        seed: seed.map(|(_, value)| fold(value)),
        presence_penalty: ranged(request.presence_penalty, "presence_penalty", -2.0, 2.0)?,
        frequency_penalty: ranged(request.frequency_penalty, "frequency_penalty", -2.0, 2.0)?,
        response_logprobs: request.logprobs.filter(|wanted| *wanted),
        logprobs: whole(request.top_logprobs, "top_logprobs", 0, 20)?.map(|(raw, _)| raw),
        ..GenerationConfig::default()
    };
    if config.logprobs.is_some() && config.response_logprobs.is_none() {
        return Err(TranslateError::at("top_logprobs", "`top_logprobs` needs `logprobs`: true"));
    }
    leave_out(&mut config, family, ignored);
    let mut times = 1;
    if let Some((raw, count)) = whole(request.n, "n", 1, MAX_ANSWERS)? {
        if family.candidates && !request.is_streaming() {
            config.candidate_count = Some(raw);
        } else {
            times = u32::try_from(count).unwrap_or(1);
        }
    }
    Ok((config, times))
}

/// Leaves out what the family would refuse the whole request for.
fn leave_out(config: &mut GenerationConfig<'_>, family: &Family, ignored: &mut BTreeSet<String>) {
    if !family.penalties {
        let penalties = [
            (&mut config.presence_penalty, "presence_penalty"),
            (&mut config.frequency_penalty, "frequency_penalty"),
        ];
        for (penalty, name) in penalties {
            // A penalty of nothing is none, and not worth a word.
            if penalty.take().is_some_and(|raw| raw.get().parse() != Ok(0.0)) {
                ignored.insert(name.to_owned());
            }
        }
    }
    if !family.logprobs {
        if config.response_logprobs.take().is_some() {
            ignored.insert("logprobs".to_owned());
        }
        if config.logprobs.take().is_some() {
            ignored.insert("top_logprobs".to_owned());
        }
    }
}

fn stops<'r>(request: &'r Request<'_>, ignored: &mut BTreeSet<String>) -> Vec<Text<'r>> {
    let stops = match &request.stop {
        Some(TextOr::Text(text)) => std::slice::from_ref(text),
        Some(TextOr::Other(texts)) => texts.as_slice(),
        None => &[],
    };
    if stops.len() > MAX_STOPS {
        ignored.insert(format!("stop[{MAX_STOPS}..]"));
    }
    stops.iter().take(MAX_STOPS).map(|text| text.as_str().into()).collect()
}

fn modalities(
    request: &Request<'_>,
    wanted: &Wanted<'_>,
    family: &Family,
) -> Result<&'static [&'static str], TranslateError> {
    let asked = request.modalities.as_deref().unwrap_or_default();
    let has_audio = asked.iter().any(|it| it.as_str() == "audio");
    if has_audio || request.audio.is_some() {
        let field = if has_audio { "modalities" } else { "audio" };
        let text = "answers in chat are text and images; /v1/audio/speech makes audio";
        return Err(TranslateError::at(field, text));
    }
    if let Some(other) = asked.iter().find(|it| !matches!(it.as_str(), "text" | "image")) {
        let text = format!("`{}` is not supported; expected `text` or `image`", other.as_str());
        return Err(TranslateError::at("modalities", text));
    }
    let image = wanted.image || asked.iter().any(|it| it.as_str() == "image");
    let text_only = !asked.is_empty() && !image;
    Ok(if image || family.images && !text_only { &["TEXT", "IMAGE"] } else { &[] })
}

fn service_tier(request: &Request<'_>, ignored: &mut BTreeSet<String>) -> Option<&'static str> {
    match request.service_tier.as_deref()? {
        "auto" => None,
        "default" | "standard" => Some("standard"),
        "flex" => Some("flex"),
        "priority" => Some("priority"),
        _ => {
            ignored.insert("service_tier".to_owned());
            None
        }
    }
}

/// Makes a seed fit the 32 bits that Google reads; a seed that fits stays what it is.
fn fold(seed: i64) -> i32 {
    i32::try_from(seed).unwrap_or_else(|_| {
        let [a, b, c, d, ..] = seed.to_le_bytes();
        i32::from_le_bytes([a, b, c, d])
    })
}
