//! From Gemini's answer to a transcript.

use serde::{Deserialize, Serialize};

use super::captions::{srt, vtt};
use super::request::{Format, Request, Task};
use crate::error::{ApiError, Status};
use crate::gemini::finish::FinishReason;
use crate::gemini::response::{Candidate, Response};
use crate::openai::finish;
use crate::text::{Text, json};
use crate::usage::Usage;

const JSON: &str = "application/json";
const PLAIN: &str = "text/plain; charset=utf-8";

/// A transcript as the client wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// The media type.
    pub media_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// What was said in a stretch of time.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Segment<'a> {
    /// Its beginning, in seconds.
    pub(super) start: f64,
    /// Its end, in seconds.
    pub(super) end: f64,
    /// The words.
    #[serde(borrow)]
    pub(super) text: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Timed<'a> {
    #[serde(borrow)]
    language: Text<'a>,
    #[serde(borrow)]
    segments: Vec<Segment<'a>>,
}

impl Transcript {
    /// Reads Gemini's answer.
    ///
    /// # Errors
    /// When it was withheld, or is not what the schema asks for.
    pub fn read(request: &Request<'_>, body: &[u8]) -> Result<Self, ApiError> {
        let response = Response::parse(body)
            .map_err(|_| failed("the upstream sent something that is not an answer"))?;
        if let Some(refusal) = withheld(&response) {
            return Err(refusal);
        }
        let parts = response.candidates.iter().take(1).flat_map(Candidate::parts);
        let said = parts.filter(|part| !part.is_thought()).filter_map(|part| part.text.as_deref());
        let said: String = said.collect();
        if !request.format.is_timed() {
            let usage = response.usage().map(UsageBody::of);
            return Ok(Self::plain(request.format, said.trim(), usage));
        }
        let mut timed: Timed<'_> =
            serde_json::from_str(&said).map_err(|_| unfinished(response.finish_reason()))?;
        put_in_order(&mut timed.segments);
        Ok(Self::timed(request, &timed))
    }

    fn plain(format: Format, text: &str, usage: Option<UsageBody>) -> Self {
        if format == Format::Text {
            return Self { media_type: PLAIN, body: format!("{text}\n").into() };
        }
        Self { media_type: JSON, body: json(&Plain { text, usage }) }
    }

    fn timed(request: &Request<'_>, timed: &Timed<'_>) -> Self {
        let segments = timed.segments.as_slice();
        match request.format {
            Format::Srt => Self { media_type: PLAIN, body: srt(segments).into() },
            Format::Vtt => {
                Self { media_type: "text/vtt; charset=utf-8", body: vtt(segments).into() }
            }
            Format::VerboseJson | Format::Json | Format::Text => {
                Self { media_type: JSON, body: json(&verbose(request.task, timed)) }
            }
        }
    }
}

fn failed(message: impl Into<String>) -> ApiError {
    ApiError::new(Status::Internal, message)
}

pub(super) fn withheld(response: &Response<'_>) -> Option<ApiError> {
    let reason = response.finish_reason();
    let filtered = || reason.filter(|_| finish::reason(reason) == finish::CONTENT_FILTER);
    let told = response.block_reason().or_else(|| filtered().map(FinishReason::as_str))?;
    let message = format!("Gemini withheld the transcript: {told}");
    let code = Some("content_policy_violation");
    Some(ApiError { code, ..ApiError::new(Status::InvalidArgument, message) })
}

/// Why an answer is not whole JSON.
fn unfinished(reason: Option<&FinishReason>) -> ApiError {
    let told = reason.map_or("no reason was given", FinishReason::as_str);
    failed(format!("the upstream's segments could not be read to their end: {told}"))
}

/// Times that a model made up may run backwards, which no player takes.
fn put_in_order(segments: &mut Vec<Segment<'_>>) {
    segments.retain(|segment| !segment.text.trim().is_empty());
    let mut now = 0.0;
    for segment in segments {
        segment.start = segment.start.max(now);
        segment.end = segment.end.max(segment.start);
        now = segment.start;
    }
}

fn verbose<'t>(task: Task, timed: &'t Timed<'_>) -> Verbose<'t> {
    let texts: Vec<_> = timed.segments.iter().map(|segment| segment.text.trim()).collect();
    let segment = |(id, segment): (usize, &'t Segment<'_>)| VerboseSegment {
        id,
        seek: 0,
        start: segment.start,
        end: segment.end,
        text: segment.text.trim(),
        tokens: [],
        temperature: 0.0,
        avg_logprob: 0.0,
        compression_ratio: 0.0,
        no_speech_prob: 0.0,
    };
    Verbose {
        task: match task {
            Task::Transcribe => "transcribe",
            Task::Translate => "translate",
        },
        language: &timed.language,
        duration: timed.segments.iter().fold(0.0, |end, segment| segment.end.max(end)),
        text: texts.join(" "),
        segments: timed.segments.iter().enumerate().map(segment).collect(),
    }
}

#[derive(Serialize)]
struct Plain<'t> {
    text: &'t str,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageBody>,
}

#[derive(Serialize)]
struct Verbose<'t> {
    task: &'static str,
    language: &'t str,
    /// The end of the last segment: Gemini does not say how long the recording is.
    duration: f64,
    text: String,
    segments: Vec<VerboseSegment<'t>>,
}

/// A segment with all that typed clients insist on; what Gemini does not tell is 0.
#[derive(Serialize)]
struct VerboseSegment<'t> {
    id: usize,
    seek: u32,
    start: f64,
    end: f64,
    text: &'t str,
    tokens: [u32; 0],
    temperature: f64,
    avg_logprob: f64,
    compression_ratio: f64,
    no_speech_prob: f64,
}

/// Token counts in OpenAI's words.
#[derive(Serialize)]
pub(super) struct UsageBody {
    r#type: &'static str,
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: u64,
}

impl UsageBody {
    pub(super) fn of(usage: Usage) -> Self {
        let (input_tokens, output_tokens) = (usage.input(), usage.generated());
        let total_tokens = input_tokens + output_tokens;
        Self { r#type: "tokens", input_tokens, output_tokens, total_tokens }
    }
}
