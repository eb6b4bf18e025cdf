//! What a request offers the model to call: its shape.

use serde_json::value::RawValue;

use crate::openai::object::{Expected, TextOr, object};
use crate::text::Text;

/// One entry of `tools`, before its type is judged.
#[derive(Clone, Debug, Default)]
pub(super) struct Tool<'a> {
    pub(super) kind: Option<Text<'a>>,
    pub(super) function: Option<Function<'a>>,
    pub(super) custom: Option<Custom<'a>>,
    pub(super) google_search: Option<Options<'a>>,
    pub(super) url_context: Option<Options<'a>>,
    pub(super) code_execution: Option<Options<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(Tool, "a tool", {
    kind: "type",
    function: "function",
    custom: "custom",
    google_search: "google_search" | "googleSearch",
    url_context: "url_context" | "urlContext",
    code_execution: "code_execution" | "codeExecution",
});

/// How to use one of Google's tools; that it is asked for at all is what counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Options<'a> {
    ignored: Vec<Text<'a>>,
}

object!(Options, "an object", {});

#[derive(Clone, Debug, Default)]
pub(super) struct Function<'a> {
    pub(super) name: Option<Text<'a>>,
    pub(super) description: Option<Text<'a>>,
    pub(super) parameters: Option<&'a RawValue>,
    pub(super) strict: Option<bool>,
    ignored: Vec<Text<'a>>,
}

object!(Function, "a function", {
    name: "name",
    description: "description",
    parameters: "parameters",
    strict: "strict",
});

/// A tool that takes one text.
#[derive(Clone, Debug, Default)]
pub(super) struct Custom<'a> {
    pub(super) name: Option<Text<'a>>,
    pub(super) description: Option<Text<'a>>,
    /// The form of the text: any, or what a grammar allows.
    pub(super) format: Option<&'a RawValue>,
    ignored: Vec<Text<'a>>,
}

object!(Custom, "a custom tool", {
    name: "name",
    description: "description",
    format: "format",
});

/// `none`, `auto`, `required`, or something more precise.
pub(super) type Choice<'a> = TextOr<'a, ChoiceObject<'a>>;

#[derive(Clone, Debug, Default)]
pub(super) struct ChoiceObject<'a> {
    pub(super) kind: Option<Text<'a>>,
    pub(super) function: Option<Named<'a>>,
    pub(super) custom: Option<Named<'a>>,
    pub(super) allowed_tools: Option<AllowedTools<'a>>,
    /// The function's name alone, as `function_call` has it.
    pub(super) name: Option<Text<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(ChoiceObject, "an object with a type", {
    kind: "type",
    function: "function",
    custom: "custom",
    allowed_tools: "allowed_tools",
    name: "name",
});

impl Expected for ChoiceObject<'_> {
    const EXPECTED: &'static str = "`none`, `auto`, `required` or an object with a type";
}

/// The tools among which the model is to choose.
#[derive(Clone, Debug, Default)]
pub(super) struct AllowedTools<'a> {
    pub(super) mode: Option<Text<'a>>,
    pub(super) tools: Option<Vec<AllowedTool<'a>>>,
    ignored: Vec<Text<'a>>,
}

object!(AllowedTools, "an object with mode and tools", { mode: "mode", tools: "tools" });

#[derive(Clone, Debug, Default)]
pub(super) struct AllowedTool<'a> {
    pub(super) kind: Option<Text<'a>>,
    pub(super) function: Option<Named<'a>>,
    pub(super) custom: Option<Named<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(AllowedTool, "a tool's type and name", {
    kind: "type",
    function: "function",
    custom: "custom",
});

impl AllowedTool<'_> {
    /// Returns the tool's name, if it says one.
    pub(super) fn name(&self) -> Option<&str> {
        self.function.as_ref().or(self.custom.as_ref())?.name.as_deref()
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Named<'a> {
    pub(super) name: Option<Text<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(Named, "an object with a name", { name: "name" });
