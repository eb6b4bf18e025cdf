//! Thought signatures, as models demand them since Gemini 3.

use serde_json::Value;

use crate::answer::{field, is_model, list, prompt_at};
use crate::mark::{self, Kind};
use crate::{Script, Signatures};

/// What is wrong with the signatures of a request, in Google's words.
pub(super) fn complaint(contents: &[Value], script: &Script, project: &str) -> Option<String> {
    missing(contents).or_else(|| {
        let parts = contents.iter().flat_map(|turn| list(field(turn, "parts")));
        let mut signatures = parts.filter_map(signature);
        let known = |signature: &str| is_known(signature, script.signatures, project);
        let is_foreign = signatures.any(|signature| !known(signature));
        is_foreign.then(|| "Corrupted thought signature.".to_owned())
    })
}

/// The first call of a step in the current turn that is not signed.
fn missing(contents: &[Value]) -> Option<String> {
    let begin = prompt_at(contents).map_or(0, |at| at + 1);
    let current = contents.iter().enumerate().skip(begin).collect::<Vec<_>>();
    let steps = current.chunk_by(|(_, one), (_, next)| is_model(one) == is_model(next));
    let unsigned =
        steps.filter(|step| step.iter().all(|(_, turn)| is_model(turn))).find_map(|step| {
            let parts = step.iter().flat_map(|(at, turn)| {
                list(field(turn, "parts")).iter().map(move |part| (*at, part))
            });
            let mut calls =
                parts.filter_map(|(at, part)| Some((at, part, field(part, "function_call")?)));
            calls.next().filter(|(_, part, _)| signature(part).is_none())
        });
    unsigned.map(|(at, _, call)| {
        let name = field(call, "name").and_then(Value::as_str).unwrap_or_default();
        format!(
            "Function call is missing a thought_signature in functionCall parts. This is required \
             for tools to work correctly, and missing thought_signature may lead to degraded model \
             performance. Additional data, function call `default_api:{name}` , position {}. \
             Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more \
             details.",
            at + 1
        )
    })
}

fn signature(part: &Value) -> Option<&str> {
    field(part, "thought_signature")?.as_str().filter(|signature| !signature.is_empty())
}

fn is_known(signature: &str, taken: Signatures, project: &str) -> bool {
    let mark = || mark::read(Kind::Signature, signature);
    mark::is_sentinel(signature)
        || match taken {
            Signatures::Project => mark().is_some_and(|mark| mark.project == project),
            Signatures::Shared => mark().is_some(),
            Signatures::Any => true,
        }
}
