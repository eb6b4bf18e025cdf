//! Where a conversation is in the script that its prompt dictates.
//!
//! A prompt is one step, and each line that begins with `then call: ` or
//! `then say: ` begins another one. A step is over when its function responses
//! have come.

use serde_json::Value;

use super::prompt::{field, list};

/// The place of the last turn in which a person speaks; what follows is the current turn.
pub(crate) fn prompt_at(contents: &[Value]) -> Option<usize> {
    contents.iter().rposition(|content| {
        let mut parts = list(field(content, "parts")).iter();
        !is_model(content) && parts.any(|part| field(part, "function_response").is_none())
    })
}

/// Whether a turn is the model's own.
pub(crate) fn is_model(content: &Value) -> bool {
    field(content, "role").and_then(Value::as_str) == Some("model")
}

/// What the model is asked now: a step of the prompt, or after the last one what came back.
pub(super) fn text(contents: &[Value]) -> String {
    let Some(at) = prompt_at(contents) else {
        return contents.last().map(said).unwrap_or_default();
    };
    let (prompt, since) = contents.split_at(at + 1);
    let prompt = prompt.last().map(said).unwrap_or_default();
    let runs = since.chunk_by(|one, next| is_model(one) == is_model(next));
    let done = runs.filter(|run| run.iter().any(|turn| !responses(turn).is_empty())).count();
    let step = steps(&prompt).nth(done).map(str::to_owned);
    step.unwrap_or_else(|| since.last().map(|turn| responses(turn).join("\n")).unwrap_or_default())
}

/// The texts of a turn, one after the other.
pub(super) fn said(turn: &Value) -> String {
    let parts = list(field(turn, "parts"));
    parts.iter().filter_map(|part| field(part, "text")?.as_str()).collect::<Vec<_>>().join("\n")
}

/// What the functions answered, as JSON.
fn responses(turn: &Value) -> Vec<String> {
    let parts = list(field(turn, "parts")).iter();
    let responses = parts.filter_map(|part| field(part, "function_response"));
    responses
        .map(|response| field(response, "response").map(Value::to_string).unwrap_or_default())
        .collect()
}

fn steps(prompt: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(prompt);
    std::iter::from_fn(move || {
        let text = rest?;
        let next = text.match_indices("\nthen ").find(|(at, line)| {
            let after = text.get(at + line.len()..).unwrap_or_default();
            after.starts_with("call: ") || after.starts_with("say: ")
        });
        let Some((at, line)) = next else {
            rest = None;
            return Some(text);
        };
        rest = text.get(at + line.len()..);
        text.get(..at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_divided_where_lines_say_then() {
        let all = |prompt| steps(prompt).collect::<Vec<_>>();
        assert_eq!(all("say: a\nthen b"), ["say: a\nthen b"]);
        assert_eq!(
            all("call: a\ncall: b {}\nthen call: c\nthen say: d\ne"),
            ["call: a\ncall: b {}", "call: c", "say: d\ne"]
        );
    }
}
