//! From a completions request to Gemini's.

use crate::error::TranslateError;
use crate::gemini::content::{Content, Part, USER};
use crate::gemini::request::{GenerationConfig, MAX_STOPS, Request as GeminiRequest};
use crate::openai::body::Fields;
use crate::openai::input::Input;
use crate::openai::number::Number;
use crate::openai::object::TextOr;
use crate::text::Text;

/// How many prompts one request may hold; each becomes a call.
const MAX_PROMPTS: usize = 20;

/// A completions request, borrowed from its body.
#[derive(Debug)]
pub struct Request<'a> {
    model: String,
    prompts: Vec<Text<'a>>,
    stream: bool,
    include_usage: bool,
    echo: bool,
    n: i64,
    config: GenerationConfig<'a>,
    ignored: Vec<String>,
}

/// What an answer needs beside Gemini's response.
#[derive(Clone, Debug)]
pub struct Context {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) model: String,
    pub(super) include_usage: bool,
    pub(super) choices_per_prompt: i64,
    /// What stands before each text, prompt by prompt; empty unless the client wants it back.
    pub(super) echoes: Vec<String>,
}

impl<'a> Request<'a> {
    /// The fields that mean something, as paths like `stream_options.include_usage`.
    pub const FIELDS: &'static [&'static str] = &[
        "model",
        "stream",
        "prompt",
        "stream_options",
        "stream_options.include_usage",
        "echo",
        "suffix",
        "logprobs",
        "n",
        "temperature",
        "top_p",
        "presence_penalty",
        "frequency_penalty",
        "max_tokens",
        "seed",
        "stop",
    ];

    /// Reads a body; an error names the field at fault and what is allowed there.
    pub fn parse(body: &'a [u8]) -> Result<Self, TranslateError> {
        let mut fields = Fields::parse(body, Self::FIELDS)?;
        let model = fields.model()?;
        let stream = fields.flag("stream")?;
        let prompts = prompts(&mut fields, stream)?;
        let mut ignored = Vec::new();
        let mut include_usage = false;
        if let Some(mut options) = fields.object("stream_options")? {
            include_usage = options.flag("include_usage")?;
            ignored.extend(options.left());
        }
        let echo = fields.flag("echo")?;
        refuse_unsupported(&mut fields)?;
        let n = fields.number("n")?.map(|number| number.whole("n", 1, 128)).transpose()?;
        let config = GenerationConfig {
            candidate_count: n.map(|(raw, _)| raw),
            ..sampling(&mut fields, &mut ignored)?
        };
        ignored.extend(fields.left());
        let n = n.map_or(1, |(_, n)| n);
        Ok(Self { model, prompts, stream, include_usage, echo, n, config, ignored })
    }

    /// Returns the model's name without `models/`.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Returns whether the answer is to be streamed.
    pub fn is_streaming(&self) -> bool {
        self.stream
    }

    /// Returns the fields that are left out of account.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Returns one body for each prompt, at least one.
    pub fn to_gemini(&self) -> Vec<Vec<u8>> {
        let body = |prompt: &Text<'_>| {
            let parts = vec![Part::text(prompt.as_str())];
            GeminiRequest {
                contents: vec![Content { role: Some(USER.into()), parts }],
                generation_config: self.config.clone(),
                ..GeminiRequest::default()
            }
            .encode()
        };
        self.prompts.iter().map(body).collect()
    }

    /// Notes what the answer repeats; `id` begins with `cmpl-`, `created` is in Unix seconds.
    pub fn context(&self, id: String, created: i64) -> Context {
        let echo = |prompt: &Text<'_>| {
            if self.echo { prompt.as_str().to_owned() } else { String::new() }
        };
        Context {
            id,
            created,
            model: self.model.clone(),
            include_usage: self.include_usage,
            choices_per_prompt: self.n,
            echoes: self.prompts.iter().map(echo).collect(),
        }
    }
}

fn prompts<'a>(fields: &mut Fields<'a>, stream: bool) -> Result<Vec<Text<'a>>, TranslateError> {
    let refused = |message: &str| Err(TranslateError::at("prompt", message));
    let Some(Input(prompts)) = fields.take("prompt")? else {
        return refused("a string or a list of strings is required");
    };
    if prompts.iter().any(|prompt| prompt.is_empty()) {
        return refused("a prompt may not be empty");
    }
    match prompts.len() {
        0 => refused("at least one prompt is required"),
        1 => Ok(prompts),
        _ if stream => refused("a stream answers one prompt; send one, or `stream`: false"),
        count if count > MAX_PROMPTS => {
            refused(&format!("{count} prompts are too many; {MAX_PROMPTS} are allowed"))
        }
        _ => Ok(prompts),
    }
}

fn refuse_unsupported(fields: &mut Fields<'_>) -> Result<(), TranslateError> {
    if fields.text("suffix")?.is_some_and(|suffix| !suffix.is_empty()) {
        let message = "text cannot be inserted before a suffix; ask in the prompt instead";
        return Err(TranslateError::at("suffix", message));
    }
    if fields.number("logprobs")?.is_some() {
        let message = "log probabilities are given by chat completions only";
        return Err(TranslateError::at("logprobs", message));
    }
    Ok(())
}

fn sampling<'a>(
    fields: &mut Fields<'a>,
    ignored: &mut Vec<String>,
) -> Result<GenerationConfig<'a>, TranslateError> {
    let mut ranged = |name, low, high| {
        let number: Option<Number<'a>> = fields.number(name)?;
        number.map(|number| number.within(name, low, high)).transpose()
    };
    let config = GenerationConfig {
        temperature: ranged("temperature", 0.0, 2.0)?,
        top_p: ranged("top_p", 0.0, 1.0)?,
        presence_penalty: ranged("presence_penalty", -2.0, 2.0)?,
        frequency_penalty: ranged("frequency_penalty", -2.0, 2.0)?,
        ..GenerationConfig::default()
    };
    let max_tokens = fields.number("max_tokens")?;
    let max_tokens = max_tokens.map(|it| it.whole("max_tokens", 1, i64::MAX)).transpose()?;
    let seed = fields.number("seed")?;
    let seed = seed.map(|it| it.whole("seed", i32::MIN.into(), i32::MAX.into())).transpose()?;
    let mut stops = match fields.take("stop")? {
        Some(TextOr::Text(text)) => vec![text],
        Some(TextOr::Other(texts)) => texts,
        None => Vec::new(),
    };
    if stops.len() > MAX_STOPS {
        stops.truncate(MAX_STOPS);
        ignored.push(format!("stop[{MAX_STOPS}..]"));
    }
    Ok(GenerationConfig {
        max_output_tokens: max_tokens.map(|(_, value)| value),
        seed: seed.and_then(|(_, seed)| i32::try_from(seed).ok()),
        stop_sequences: stops,
        ..config
    })
}
