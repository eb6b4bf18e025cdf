//! From a chat request to Gemini's.
//!
//! System and developer messages become the system instruction, one part each, wherever they
//! stand. Turns of one role that follow each other become one content. When nobody else speaks,
//! the last of the instructions is also the user's turn, since Gemini wants one.

use super::fields::Number;
use super::message::{ContentPart, Message, MessageContent, Role};
use super::request::{Request, Sampling, Unsupported};
use crate::error::TranslateError;
use crate::gemini::content::{Content, MODEL, Part, USER};
use crate::gemini::request::{GenerationConfig, Request as GeminiRequest};
use crate::media::DataUrl;
use crate::text::Text;

/// Translates a request; what it asks for and cannot get is refused by name.
pub fn to_gemini<'r>(request: &'r Request<'_>) -> Result<GeminiRequest<'r>, TranslateError> {
    refuse_unsupported(&request.unsupported)?;
    let mut system = Vec::new();
    let mut contents = Vec::new();
    for (at, message) in request.messages.iter().enumerate() {
        let parts = message_parts(at, message)?;
        match message.role {
            Role::System | Role::Developer => system.extend(parts),
            Role::User => say(&mut contents, USER, parts),
            Role::Assistant => say(&mut contents, MODEL, parts),
            Role::Tool | Role::Function => {
                let field = format!("messages[{at}].role");
                return Err(TranslateError::at(field, "results of tools are not supported yet"));
            }
        }
    }
    if contents.is_empty() {
        let last = system.last().cloned();
        let last = last.ok_or_else(|| {
            TranslateError::at("messages", "at least one message with content is required")
        })?;
        say(&mut contents, USER, vec![last]);
    }
    let instruction = Content { role: None, parts: system };
    Ok(GeminiRequest {
        system_instruction: Some(instruction).filter(|content| !content.parts.is_empty()),
        contents,
        generation_config: generation_config(&request.sampling)?,
    })
}

/// Adds parts to the conversation, to the last turn if it has the same role.
fn say<'r>(contents: &mut Vec<Content<'r>>, role: &'static str, parts: Vec<Part<'r>>) {
    if parts.is_empty() {
        return;
    }
    if let Some(last) = contents.last_mut()
        && last.role.as_deref() == Some(role)
    {
        last.parts.extend(parts);
        return;
    }
    contents.push(Content { role: Some(role.into()), parts });
}

fn message_parts<'r>(at: usize, message: &'r Message<'_>) -> Result<Vec<Part<'r>>, TranslateError> {
    let Message { role, content, refusal, tool_calls, function_call, audio, ignored: _ } = message;
    for (name, value) in
        [("tool_calls", tool_calls), ("function_call", function_call), ("audio", audio)]
    {
        if value.is_some_and(|raw| !is_empty_list(raw.get())) {
            let field = format!("messages[{at}].{name}");
            return Err(TranslateError::at(field, format!("`{name}` is not supported yet")));
        }
    }
    let mut parts = match content {
        Some(MessageContent::Text(text)) => vec![Part::text(text.as_str())],
        Some(MessageContent::Parts(parts)) => content_parts(at, parts)?,
        None => Vec::new(),
    };
    parts.extend(refusal.as_ref().map(|refusal| Part::text(refusal.as_str())));
    if parts.is_empty() && *role != Role::Assistant {
        let field = format!("messages[{at}].content");
        return Err(TranslateError::at(field, "a string or a list of content parts is required"));
    }
    Ok(parts)
}

fn content_parts<'r>(
    at: usize,
    parts: &'r [ContentPart<'_>],
) -> Result<Vec<Part<'r>>, TranslateError> {
    let field = |index: usize| format!("messages[{at}].content[{index}]");
    parts.iter().enumerate().map(|(index, part)| content_part(part, &|| field(index))).collect()
}

fn content_part<'r>(
    part: &'r ContentPart<'_>,
    field: &dyn Fn() -> String,
) -> Result<Part<'r>, TranslateError> {
    let ContentPart { kind, text, refusal, image_url, ignored: _ } = part;
    let missing = |name: &str| {
        TranslateError::at(format!("{}.{name}", field()), format!("`{name}` is required"))
    };
    let of_text = |text: &'r Text<'_>| Part::text(text.as_str());
    match kind.as_str() {
        "text" => text.as_ref().map(of_text).ok_or_else(|| missing("text")),
        "refusal" => refusal.as_ref().map(of_text).ok_or_else(|| missing("refusal")),
        "image_url" => {
            let image = image_url.as_ref().ok_or_else(|| missing("image_url"))?;
            let url = DataUrl::parse(&image.url).ok_or_else(|| {
                let text = "expected a `data:` URL in base64 with a media type; \
                            other URLs are not supported yet";
                TranslateError::at(format!("{}.image_url.url", field()), text)
            })?;
            Ok(Part::inline(url.mime_type, url.data))
        }
        other => Err(TranslateError::at(
            format!("{}.type", field()),
            format!("`{other}` is not supported; expected `text`, `image_url` or `refusal`"),
        )),
    }
}

fn refuse_unsupported(asked: &Unsupported<'_>) -> Result<(), TranslateError> {
    let Unsupported { tools, functions, response_format, modalities, audio } = asked;
    let lists = [("tools", tools), ("functions", functions), ("audio", audio)];
    for (name, value) in lists {
        if value.is_some_and(|raw| !is_empty_list(raw.get())) {
            return Err(TranslateError::at(name, format!("`{name}` is not supported yet")));
        }
    }
    if let Some(format) = response_format
        && format.kind.as_str() != "text"
    {
        let text = format!("`{}` is not supported yet; expected `text`", format.kind.as_str());
        return Err(TranslateError::at("response_format", text));
    }
    if let Some(other) = modalities.iter().find(|modality| modality.as_str() != "text") {
        let text = format!("`{}` is not supported yet; expected `text`", other.as_str());
        return Err(TranslateError::at("modalities", text));
    }
    Ok(())
}

fn is_empty_list(json: &str) -> bool {
    json.strip_prefix('[').is_some_and(|rest| rest.trim_start() == "]")
}

fn generation_config<'r>(
    sampling: &'r Sampling<'_>,
) -> Result<GenerationConfig<'r>, TranslateError> {
    let ranged = |number: Option<Number<'r>>, field, low, high| {
        number.map(|number| number.within(field, low, high)).transpose()
    };
    let whole = |number: Option<Number<'r>>, field, low, high| {
        number.map(|number| number.whole(field, low, high)).transpose()
    };
    let written = |read: Option<(_, i64)>| read.map(|(raw, _)| raw);
    let max_tokens = whole(sampling.max_tokens, "max_tokens", 1, i64::MAX)?;
    let max_completion =
        whole(sampling.max_completion_tokens, "max_completion_tokens", 1, i64::MAX)?;
    let top_logprobs = whole(sampling.top_logprobs, "top_logprobs", 0, 20)?;
    if top_logprobs.is_some() && sampling.logprobs != Some(true) {
        return Err(TranslateError::at("top_logprobs", "`top_logprobs` needs `logprobs`: true"));
    }
    let seed = whole(sampling.seed, "seed", i64::MIN, i64::MAX)?;
    Ok(GenerationConfig {
        temperature: ranged(sampling.temperature, "temperature", 0.0, 2.0)?,
        top_p: ranged(sampling.top_p, "top_p", 0.0, 1.0)?,
        top_k: written(whole(sampling.top_k, "top_k", 0, i64::MAX)?),
        candidate_count: written(whole(sampling.n, "n", 1, 128)?),
        max_output_tokens: written(max_completion.or(max_tokens)),
        stop_sequences: sampling.stop.0.iter().map(|text| text.as_str().into()).collect(),
        seed: seed.map(|(_, value)| fold(value)),
        presence_penalty: ranged(sampling.presence_penalty, "presence_penalty", -2.0, 2.0)?,
        frequency_penalty: ranged(sampling.frequency_penalty, "frequency_penalty", -2.0, 2.0)?,
        response_logprobs: sampling.logprobs.filter(|wanted| *wanted),
        logprobs: written(top_logprobs),
        ..GenerationConfig::default()
    })
}

/// Makes a seed fit the 32 bits that Google reads; a seed that fits stays what it is.
fn fold(seed: i64) -> i32 {
    i32::try_from(seed).unwrap_or_else(|_| {
        let [a, b, c, d, ..] = seed.to_le_bytes();
        i32::from_le_bytes([a, b, c, d])
    })
}
