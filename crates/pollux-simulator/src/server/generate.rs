//! The answers of the methods that make something: text, counts, vectors.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use serde::Serialize;
use serde_json::Value;

use super::body::Ending;
use super::reply::{Form, Reply};
use crate::answer::{
    Generated, ModalityCount, Prompt, Speech, chunks, embedded_text, field, list, prompt_tokens,
    vector, whole,
};
use crate::models::Model;
use crate::refusal::Refusal;
use crate::{Behaviour, Script, json};

/// Answers `generateContent` or `streamGenerateContent`.
pub(super) fn generate(
    prompt: Prompt,
    form: Form,
    behaviour: &Behaviour,
    with: (&Model, &Script, &str),
) -> Reply {
    let (model, script, project) = with;
    let speech = Speech::to(prompt, model, script, project);
    if let Some(withheld) = speech.withheld(behaviour) {
        return framed(&[withheld], form);
    }
    if form == Form::Whole {
        return one_piece(speech.whole(), behaviour);
    }
    let mut chunks = chunks(&speech, script.chunking);
    if let Behaviour::NoFinish = behaviour {
        for candidate in chunks.iter_mut().flat_map(|chunk| &mut chunk.candidates) {
            candidate.finish_reason = None;
        }
    }
    broken(framed(&chunks, form), form, behaviour)
}

/// A whole answer; a cut divides it in the middle.
fn one_piece(mut generated: Generated<'_>, behaviour: &Behaviour) -> Reply {
    if let Behaviour::NoFinish = behaviour {
        for candidate in &mut generated.candidates {
            candidate.finish_reason = None;
        }
    }
    let mut reply = Reply::whole(json::pretty(&generated));
    if let Behaviour::Cut { after: Some(after) } = behaviour {
        for piece in &mut reply.pieces {
            piece.truncate(if *after == 0 { 0 } else { piece.len() / 2 });
        }
        reply.pieces.retain(|piece| !piece.is_empty());
        reply.ending = Ending::Cut;
    }
    reply
}

/// Chunks in the framing the client asked for.
fn framed(chunks: &[Generated<'_>], form: Form) -> Reply {
    let last = chunks.len().saturating_sub(1);
    let element = |(at, chunk): (usize, &Generated<'_>)| match form {
        Form::Whole => json::pretty(chunk).into(),
        Form::Events => json::event(chunk),
        Form::Array => array_element(chunk, at == 0, at == last),
    };
    Reply::pieces(form, chunks.iter().enumerate().map(element).collect())
}

/// A piece of the array: `[{`, then `,\r\n{`, and `\n]` after the last.
fn array_element(chunk: &Generated<'_>, first: bool, last: bool) -> Bytes {
    let mut piece = BytesMut::from(if first { &b"["[..] } else { b",\r\n" });
    piece.extend_from_slice(&json::pretty(chunk));
    if last {
        piece.extend_from_slice(b"]");
    }
    piece.freeze()
}

/// Breaks a stream the way the behaviour says.
fn broken(mut reply: Reply, form: Form, behaviour: &Behaviour) -> Reply {
    if let Behaviour::Cut { after: Some(after) } = behaviour {
        reply.pieces.truncate(*after);
        reply.ending = Ending::Cut;
    }
    if let Behaviour::ErrorMidstream { after } = behaviour {
        reply.pieces.truncate(*after);
        reply.pieces.push(match form {
            Form::Whole | Form::Events => json::event(&Refusal::overloaded()),
            Form::Array => element_of_array(*after == 0),
        });
    }
    if let Behaviour::PlainErrorMidstream { after } = behaviour {
        reply.pieces.truncate(*after);
        reply.pieces.push(Refusal::overloaded().whole().into());
    }
    reply
}

fn element_of_array(first: bool) -> Bytes {
    let mut piece = if first { b"[".to_vec() } else { b",\r\n".to_vec() };
    piece.append(&mut Refusal::overloaded().whole());
    piece.push(b']');
    piece.into()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    total_tokens: u64,
    prompt_tokens_details: Vec<ModalityCount>,
}

/// Answers `countTokens`, in either form of its request.
pub(super) fn count(request: &Value) -> Reply {
    let details = prompt_tokens(field(request, "generate_content_request").unwrap_or(request));
    let total_tokens = details.iter().map(|detail| detail.token_count).sum();
    Reply::whole(json::pretty(&Counted { total_tokens, prompt_tokens_details: details }))
}

#[derive(Serialize)]
struct Embedding {
    values: Vec<f32>,
}

#[derive(Serialize)]
struct Embedded {
    embedding: Embedding,
}

#[derive(Serialize)]
struct BatchEmbedded {
    embeddings: Vec<Embedding>,
}

/// Answers `embedContent`.
pub(super) fn embed(request: &Value) -> Reply {
    Reply::whole(json::pretty(&Embedded { embedding: embedding(request) }))
}

/// Answers `batchEmbedContents`.
pub(super) fn embed_all(request: &Value) -> Reply {
    let requests = list(field(request, "requests"));
    let embeddings = requests.iter().map(embedding).collect();
    Reply::whole(json::pretty(&BatchEmbedded { embeddings }))
}

fn embedding(request: &Value) -> Embedding {
    let dimensions = field(request, "output_dimensionality").and_then(whole);
    let dimensions = dimensions.and_then(|wanted| usize::try_from(wanted).ok());
    Embedding { values: vector(&embedded_text(request), dimensions) }
}

/// The id that a request names a file by, for the refusal of a foreign one.
pub(super) fn named_file(request: &Value) -> Cow<'_, str> {
    let turns = list(field(request, "contents"));
    let parts = turns.iter().flat_map(|turn| list(field(turn, "parts")));
    let mut uris = parts.filter_map(|part| field(field(part, "file_data")?, "file_uri")?.as_str());
    match uris.next().and_then(|uri| uri.rsplit('/').next()) {
        Some(id) => Cow::Borrowed(id),
        None => Cow::Borrowed("simulated"),
    }
}
