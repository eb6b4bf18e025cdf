//! The calls in an answer, in OpenAI's words.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::answer::Extra;
use super::context::Context;
use super::offer::INPUT;
use crate::gemini::content::FunctionCall;
use crate::stream::SignedCall;
use crate::text::compact;

/// One entry of `tool_calls`.
#[derive(Serialize)]
pub(super) struct ToolCall<'p> {
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    id: String,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<Function<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom: Option<Custom<'p>>,
    #[serde(skip_serializing_if = "Extra::is_empty")]
    extra_content: Extra<'p>,
}

/// A function and its arguments; also the old `function_call`.
#[derive(Serialize)]
pub(super) struct Function<'p> {
    name: &'p str,
    arguments: Cow<'p, str>,
}

#[derive(Serialize)]
pub(super) struct Custom<'p> {
    name: &'p str,
    input: String,
}

/// Numbers the calls of one answer, and gathers their signatures.
#[derive(Debug, Default)]
pub(super) struct Calls {
    total: usize,
    /// The upstream answer that is being told.
    pub(super) answer: usize,
    pub(super) signed: Vec<SignedCall>,
}

impl Calls {
    /// Writes a call; `index` is its place among those of its choice, which only streams tell.
    pub(super) fn call<'p>(
        &mut self,
        call: &'p FunctionCall<'p>,
        signature: Option<&'p str>,
        index: Option<usize>,
        context: &'p Context,
    ) -> ToolCall<'p> {
        let given = call.id.as_deref().filter(|id| !id.is_empty()).map(str::to_owned);
        let id = given.unwrap_or_else(|| context.call_id(self.total));
        self.total += 1;
        if let Some(signature) = signature {
            let signature = signature.to_owned();
            self.signed.push(SignedCall { call_id: id.clone(), signature, answer: self.answer });
        }
        let name = context.told.names.client(&call.name);
        let is_custom = context.told.custom.contains(name);
        ToolCall {
            index,
            id,
            r#type: if is_custom { "custom" } else { "function" },
            function: (!is_custom).then(|| function(call, context)),
            custom: is_custom.then(|| Custom { name, input: input(call) }),
            extra_content: Extra::signature(signature),
        }
    }
}

/// Writes a function and its arguments.
pub(super) fn function<'p>(call: &'p FunctionCall<'p>, context: &'p Context) -> Function<'p> {
    let name = context.told.names.client(&call.name);
    Function { name, arguments: arguments(call) }
}

/// Returns the arguments without the space that Google puts between them in whole answers.
fn arguments<'p>(call: &'p FunctionCall<'p>) -> Cow<'p, str> {
    call.args.as_ref().map_or(Cow::Borrowed("{}"), |args| compact(args.get()))
}

/// Returns the one text of a custom tool; all arguments when they are not what was declared.
fn input(call: &FunctionCall<'_>) -> String {
    let args = arguments(call);
    let fields = serde_json::from_str::<BTreeMap<String, String>>(&args);
    let input = fields.ok().and_then(|mut fields| fields.remove(INPUT));
    input.unwrap_or_else(|| args.into_owned())
}
