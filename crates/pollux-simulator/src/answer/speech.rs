//! The answer to one prompt, before it is written as a whole or in chunks.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

use super::evidence::{CodeRun, Evidence};
use super::hop::Hop;
use super::instance::instance;
use super::medium::Medium;
use super::prompt::{Call, Prompt};
use super::wire::{
    Candidate, CodeResult, ExecutableCode, FunctionCall, Generated, ModalityCount, Part,
    PromptFeedback, Usage,
};
use super::{hash, start_of, tokens};
use crate::models::Model;
use crate::{Behaviour, Script, mark};

/// Behaviours that answer without content, and the finish reasons they give.
const WITHHELD: [(Behaviour, Option<&str>); 4] = [
    (Behaviour::Empty, None),
    (Behaviour::EmptyStop, Some("STOP")),
    (Behaviour::AccountLimited, Some("PUP_LIMITED_DISABLED")),
    (Behaviour::Safety, Some("SAFETY")),
];

/// The longest echo of a prompt, in bytes.
const ECHO: usize = 2_000;

/// Everything an answer says.
#[derive(Debug)]
pub(crate) struct Speech {
    pub(super) text: String,
    /// A picture or a sound in place of the text.
    pub(super) medium: Option<Medium>,
    pub(super) thought: Option<String>,
    pub(super) calls: Vec<(Call, Option<String>)>,
    /// Goes with the first call, or with the end of the text.
    pub(super) signature: Option<String>,
    pub(super) candidates: u64,
    pub(super) thoughts: u64,
    pub(super) details: Vec<ModalityCount>,
    /// Whether thinking took all the tokens there were.
    pub(super) is_cut: bool,
    evidence: Evidence,
    code_id: Option<String>,
    /// What the next request must bring to go on.
    token: Option<String>,
    finish: &'static str,
    model: &'static str,
    response_id: String,
}

impl Speech {
    /// Composes the answer to a prompt.
    pub(crate) fn to(prompt: Prompt, model: &Model, script: &Script, project: &str) -> Self {
        let seed = hash(prompt.text.as_bytes()) ^ hash(model.id.as_bytes());
        let thinks = model.thinks() && !prompt.no_thinking;
        let thoughts = if thinks { script.thoughts } else { 0 };
        let room = prompt.max_tokens.map(|max| max.saturating_sub(thoughts));
        let (text, finish) = text(&prompt, room, (model, script));
        let hop = Hop::of(&prompt, model, project, &text);
        let (text, finish, token) = match hop {
            Some(Hop { text, token: Some(token) }) => (text, "CONTINUATION", Some(token)),
            Some(Hop { text, token: None }) => (text, finish, None),
            None => (text, finish, None),
        };
        let evidence = if prompt.calls.is_empty() {
            Evidence::of(&prompt, &text)
        } else {
            Evidence::default()
        };
        let name = prompt.calls.first().map_or("text", |call| &call.name);
        let signature =
            model.signs().then(|| mark::make(mark::Kind::Signature, project, name, seed));
        let is_dictated = prompt.text.contains("say: ");
        let medium = prompt.modality.filter(|_| !is_dictated);
        let calls = prompt.calls.into_iter().enumerate();
        Self {
            is_cut: room == Some(0),
            text,
            medium: medium.map(|modality| Medium::of(modality, seed)),
            thought: (thinks && prompt.include_thoughts).then(|| {
                "**Reading the request**\n\nI look at what is asked and how.\n\n".to_owned()
            }),
            calls: calls
                .map(|(at, call)| (call, model.signs().then(|| call_id(seed, at))))
                .collect(),
            signature,
            candidates: prompt.candidates,
            thoughts: prompt.max_tokens.map_or(thoughts, |max| thoughts.min(max)),
            details: prompt.details,
            evidence,
            code_id: model.signs().then(|| call_id(seed, usize::MAX)),
            token,
            finish,
            model: model.id,
            response_id: response_id(seed),
        }
    }

    /// The whole answer.
    pub(crate) fn whole(&self) -> Generated<'_> {
        if self.is_cut {
            return self.generated(&[], Some(self.finish), self.usage(0));
        }
        let mut parts: Vec<_> = self.thought.iter().map(|text| Part::thought(text)).collect();
        parts.extend(self.code_parts().into_iter().flatten());
        match &self.medium {
            Some(medium) => parts.push(Part::medium(&medium.blob)),
            None if self.calls.is_empty() => {
                parts.push(Part::text(&self.text, self.signature.as_deref()));
            }
            None => {}
        }
        parts.extend(self.call_parts());
        self.generated(&parts, Some(self.finish), self.usage(self.answer_tokens()))
    }

    /// The answer of a behaviour that withholds the content; absent for others.
    pub(crate) fn withheld(&self, behaviour: &Behaviour) -> Option<Generated<'_>> {
        let usage = Usage::of(&self.details, 0, self.thoughts);
        if *behaviour == Behaviour::BlockedPrompt {
            let mut blocked = self.generated(&[], None, usage);
            blocked.candidates.clear();
            blocked.prompt_feedback = Some(PromptFeedback { block_reason: "PROHIBITED_CONTENT" });
            blocked.usage_metadata = Usage::of(&self.details, 0, 0);
            return Some(blocked);
        }
        let (_, reason) = WITHHELD.iter().find(|(known, _)| known == behaviour)?;
        Some(self.generated(&[], *reason, usage))
    }

    /// An answer or chunk with these parts in every candidate.
    pub(super) fn generated<'a>(
        &'a self,
        parts: &[Part<'a>],
        finish: Option<&'static str>,
        usage: Usage<'a>,
    ) -> Generated<'a> {
        let called = finish.is_some() && parts.iter().any(|part| part.function_call.is_some());
        let candidate = |index| Candidate {
            content: parts.to_vec().into(),
            finish_reason: finish,
            index,
            finish_message: called.then_some("Model generated function call(s)."),
            grounding_metadata: self.evidence.grounding.as_ref().filter(|_| finish.is_some()),
            url_context_metadata: self.evidence.pages.as_ref().filter(|_| finish.is_some()),
            continuation_token: self.token.as_deref().filter(|_| finish.is_some()),
        };
        Generated {
            candidates: (0..self.candidates).map(candidate).collect(),
            prompt_feedback: None,
            usage_metadata: usage,
            model_version: self.model,
            response_id: &self.response_id,
        }
    }

    pub(super) fn call_parts(&self) -> impl Iterator<Item = Part<'_>> {
        self.calls.iter().enumerate().map(|(at, (call, id))| Part {
            function_call: Some(FunctionCall {
                name: &call.name,
                args: &call.args,
                id: id.as_deref(),
            }),
            thought_signature: self.signature.as_deref().filter(|_| at == 0),
            ..Part::default()
        })
    }

    /// Code that was run and what it printed, where there is any.
    pub(super) fn code_parts(&self) -> Option<[Part<'_>; 2]> {
        let CodeRun { code, output } = self.evidence.code.as_ref()?;
        let id = self.code_id.as_deref();
        let written = ExecutableCode { language: "PYTHON", code, id };
        let printed = CodeResult { outcome: "OUTCOME_OK", output, id };
        let signature = self.signature.as_deref();
        Some([
            Part {
                executable_code: Some(written),
                thought_signature: signature,
                ..Part::default()
            },
            Part { code_execution_result: Some(printed), ..Part::default() },
        ])
    }

    /// The usage after `answer` tokens of every candidate.
    pub(super) fn usage(&self, answer: u64) -> Usage<'_> {
        Usage::of(&self.details, answer * self.candidates, self.thoughts)
            .with_tools(self.evidence.tokens())
    }

    pub(super) fn finish(&self) -> &'static str {
        self.finish
    }

    pub(super) fn answer_tokens(&self) -> u64 {
        let call = |(call, _): &(Call, _)| tokens(&call.name) + tokens(&call.args.to_string());
        match (&self.medium, self.calls.as_slice()) {
            (Some(medium), _) => medium.tokens,
            (None, []) => tokens(&self.text),
            (None, calls) => calls.iter().map(call).sum(),
        }
    }
}

/// The text and why it ends.
fn text(
    prompt: &Prompt,
    room: Option<u64>,
    (model, script): (&Model, &Script),
) -> (String, &'static str) {
    let said = prompt.text.split_once("say: ").map(|(_, said)| said);
    let schema = prompt.schema.as_ref().filter(|_| prompt.json);
    let mut text = match (said, &script.answer) {
        (Some(said), _) => match schema {
            Some(schema) if serde_json::from_str::<Value>(said).is_err() => {
                instance(schema, said).to_string()
            }
            Some(_) | None => said.to_owned(),
        },
        (None, Some(fixed)) => fixed.clone(),
        (None, None) if prompt.json => match schema {
            Some(schema) => instance(schema, start_of(&prompt.text, ECHO)).to_string(),
            None => echo_in_json(prompt, model),
        },
        (None, None) => echo(prompt, model),
    };
    let stops = prompt.stop_sequences.iter().filter(|stop| !stop.is_empty());
    if let Some(at) = stops.filter_map(|stop| text.find(stop.as_str())).min() {
        text.truncate(at);
    }
    match room {
        Some(max) if max == 0 || tokens(&text) > max => {
            let bytes = usize::try_from(max.saturating_mul(4)).unwrap_or(usize::MAX);
            (start_of(&text, bytes).to_owned(), "MAX_TOKENS")
        }
        Some(_) | None => (text, "STOP"),
    }
}

fn echo(prompt: &Prompt, model: &Model) -> String {
    let heard = start_of(&prompt.text, ECHO);
    format!(
        "This is {}, simulated, with {} prompt tokens. You said: {heard}",
        model.id,
        prompt.tokens()
    )
}

fn echo_in_json(prompt: &Prompt, model: &Model) -> String {
    let heard = Value::from(start_of(&prompt.text, ECHO));
    format!("{{\"answer\":{heard},\"model\":\"{}\"}}", model.id)
}

/// Bytes made from a seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let words = (0..).map(|at: u64| hash(&seed.wrapping_add(at).to_be_bytes()).to_le_bytes());
    words.flatten().take(length).collect()
}

fn response_id(seed: u64) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(noise(seed ^ 0x1d, 17))
}

fn call_id(seed: u64, at: usize) -> String {
    let digit = |byte: u8| char::from_digit(u32::from(byte % 36), 36).unwrap_or('0');
    let nth = u64::try_from(at).unwrap_or_default();
    noise(seed.wrapping_add(nth << 32) ^ 0xca, 8).into_iter().map(digit).collect()
}
