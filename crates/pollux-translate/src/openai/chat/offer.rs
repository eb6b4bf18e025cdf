//! What the model is offered to call, in Gemini's words.
//!
//! | asked for | becomes |
//! | --- | --- |
//! | a function | a declaration with `parametersJsonSchema` (a pruned schema where the family needs it) |
//! | a custom tool | a function of one text, `input`; its format goes into the description |
//! | `google_search`, `web_search`, `web_search_options`, a suffix | `googleSearch` |
//! | `url_context`, `code_execution`, `code_interpreter` | the tool of that name |
//! | `tool_choice` none, auto, required, named | mode NONE, AUTO (VALIDATED when a tool is strict), ANY |
//! | allowed tools | required: ANY with their names; auto: only they are declared |
//! | Google's tools beside functions, on a model that takes only one kind | the functions alone |

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::names::Names;
use super::request::Request;
use super::tool::{Choice, ChoiceObject, Custom, Function, Tool as Asked};
use crate::error::TranslateError;
use crate::gemini::family::Family;
use crate::gemini::tool::{
    Empty, FunctionCallingConfig, FunctionDeclaration, Mode, Tool, ToolConfig,
};
use crate::schema;
use crate::text::{Text, compact};

/// The one parameter of a custom tool.
pub(super) const INPUT: &str = "input";
const INPUT_SCHEMA: &str = concat!(
    r#"{"type":"object","properties":{"input":{"type":"string","#,
    r#""description":"The whole input of the tool, as plain text."}},"required":["input"]}"#,
);

/// What is offered, and what has to be remembered of it for the answer.
#[derive(Debug, Default)]
pub(super) struct Offer<'r> {
    pub(super) tools: Vec<Tool<'r>>,
    pub(super) config: ToolConfig<'r>,
    pub(super) names: Names,
    /// The names of custom tools, as the client knows them.
    pub(super) custom: BTreeSet<String>,
    /// Whether any function is declared.
    pub(super) has_functions: bool,
    /// Whether Google searches.
    pub(super) searches: bool,
    /// What could not be offered.
    pub(super) ignored: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GoogleTool {
    Search,
    UrlContext,
    CodeExecution,
}

struct Builder<'r> {
    family: &'r Family,
    offer: Offer<'r>,
    declared: Vec<FunctionDeclaration<'r>>,
    google: Vec<(GoogleTool, String)>,
    strict: bool,
}

/// Reads everything that says what the model may call.
pub(super) fn offer<'r>(
    request: &'r Request<'_>,
    family: &'r Family,
    search: bool,
) -> Result<Offer<'r>, TranslateError> {
    let mut builder = Builder {
        family,
        offer: Offer::default(),
        declared: Vec::new(),
        google: Vec::new(),
        strict: false,
    };
    for (at, tool) in request.tools.as_deref().unwrap_or_default().iter().enumerate() {
        builder.tool(tool, &format!("tools[{at}]"))?;
    }
    for (at, function) in request.functions.as_deref().unwrap_or_default().iter().enumerate() {
        builder.function(function, &format!("functions[{at}]"))?;
    }
    if search {
        builder.google.push((GoogleTool::Search, "model".to_owned()));
    }
    if request.web_search_options.is_some() {
        builder.google.push((GoogleTool::Search, "web_search_options".to_owned()));
    }
    if let Some(choice) = &request.tool_choice {
        builder.choice(choice, "tool_choice")?;
    } else if let Some(choice) = &request.function_call {
        builder.choice(choice, "function_call")?;
    }
    let mut offer = builder.finish();
    offer.config.retrieval_config = request.google().and_then(|google| google.retrieval_config);
    Ok(offer)
}

impl<'r> Builder<'r> {
    fn tool(&mut self, tool: &'r Asked<'_>, field: &str) -> Result<(), TranslateError> {
        let kind = tool.kind.as_deref();
        let google = match kind {
            Some("google_search" | "googleSearch" | "web_search" | "web_search_preview") => {
                Some(GoogleTool::Search)
            }
            Some("url_context" | "urlContext") => Some(GoogleTool::UrlContext),
            Some("code_execution" | "codeExecution" | "code_interpreter") => {
                Some(GoogleTool::CodeExecution)
            }
            None if tool.google_search.is_some() => Some(GoogleTool::Search),
            None if tool.url_context.is_some() => Some(GoogleTool::UrlContext),
            None if tool.code_execution.is_some() => Some(GoogleTool::CodeExecution),
            Some(_) | None => None,
        };
        if let Some(google) = google {
            self.google.push((google, field.to_owned()));
            return Ok(());
        }
        match (kind, &tool.function, &tool.custom) {
            (Some("function") | None, Some(function), _) => {
                self.function(function, &format!("{field}.function"))
            }
            (Some("custom"), _, Some(custom)) => self.custom(custom, &format!("{field}.custom")),
            (Some("function"), None, _) => Err(required(field, "function")),
            (Some("custom"), _, None) => Err(required(field, "custom")),
            (Some(other), ..) => Err(TranslateError::at(
                format!("{field}.type"),
                format!(
                    "`{other}` is not supported; expected `function`, `custom`, `web_search`, \
                     `google_search`, `url_context` or `code_execution`"
                ),
            )),
            (None, None, _) => Err(required(field, "type")),
        }
    }

    fn function(&mut self, function: &'r Function<'_>, field: &str) -> Result<(), TranslateError> {
        let name = function.name.as_deref().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| required(field, "name"))?;
        // A function by this name without parameters is how some clients ask for the search.
        if matches!(name, "googleSearch" | "google_search") && is_empty(function) {
            self.google.push((GoogleTool::Search, field.to_owned()));
            return Ok(());
        }
        if let Some(parameters) = function.parameters
            && !parameters.get().starts_with('{')
        {
            let text = "expected a JSON Schema, which is an object";
            return Err(TranslateError::at(format!("{field}.parameters"), text));
        }
        let mut declaration = FunctionDeclaration {
            name: self.offer.names.upstream(name),
            description: function.description.as_deref().map(Text::from),
            parameters_json_schema: None,
            parameters: None,
        };
        match function.parameters {
            Some(parameters) if self.family.json_schema => {
                declaration.parameters_json_schema = Some(schema::adapted(parameters));
            }
            Some(parameters) => declaration.parameters = schema::pruned(parameters),
            None => {}
        }
        self.strict |= function.strict == Some(true);
        self.declared.push(declaration);
        Ok(())
    }

    fn custom(&mut self, custom: &'r Custom<'_>, field: &str) -> Result<(), TranslateError> {
        let name = custom.name.as_deref().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| required(field, "name"))?;
        let mut description = custom.description.as_deref().unwrap_or_default().to_owned();
        if let Some(format) = custom.format.filter(|format| format.get().contains("\"grammar\"")) {
            description.push_str("\n\nThe input has to fit this grammar: ");
            description.push_str(&compact(format.get()));
        }
        self.offer.custom.insert(name.to_owned());
        let schema = || serde_json::from_str(INPUT_SCHEMA).ok();
        self.declared.push(FunctionDeclaration {
            name: self.offer.names.upstream(name),
            description: Some(description.into()).filter(|text: &Text<'_>| !text.is_empty()),
            parameters_json_schema: schema().filter(|_| self.family.json_schema),
            parameters: schema().filter(|_| !self.family.json_schema),
        });
        Ok(())
    }

    fn choice(&mut self, choice: &'r Choice<'_>, field: &str) -> Result<(), TranslateError> {
        match choice {
            Choice::Text(word) => match word.as_str() {
                "auto" => Ok(()),
                "none" => {
                    // Google's tools have no such mode, and are not offered then.
                    self.google.retain(|(_, asked)| !asked.contains('['));
                    self.mode(Mode::None, Vec::new(), field)
                }
                "required" | "any" => self.mode(Mode::Any, Vec::new(), field),
                other => Err(TranslateError::at(
                    field,
                    format!(
                        "`{other}` is not known; expected `none`, `auto`, `required` or an object"
                    ),
                )),
            },
            Choice::Other(object) => self.named(object, field),
        }
    }

    fn named(&mut self, object: &'r ChoiceObject<'_>, field: &str) -> Result<(), TranslateError> {
        if let Some(allowed) = &object.allowed_tools {
            let tools = allowed.tools.as_deref().unwrap_or_default();
            let names: Vec<&str> = tools.iter().filter_map(|tool| tool.name()).collect();
            if allowed.mode.as_deref() == Some("required") {
                return self.mode(Mode::Any, names, field);
            }
            let names = self.declared_names(names, field)?;
            self.declared.retain(|declared| names.contains(&declared.name));
            return Ok(());
        }
        let named = object.function.as_ref().or(object.custom.as_ref());
        let name = named.and_then(|named| named.name.as_deref()).or(object.name.as_deref());
        match name {
            Some(name) => self.mode(Mode::Any, vec![name], field),
            None if matches!(object.kind.as_deref(), Some("web_search" | "google_search")) => {
                Ok(())
            }
            None => Err(required(field, "function")),
        }
    }

    /// Returns what functions are called upstream; each has to be among those that are offered.
    fn declared_names(
        &mut self,
        names: Vec<&'r str>,
        field: &str,
    ) -> Result<Vec<Cow<'r, str>>, TranslateError> {
        let mut found = Vec::new();
        for name in names {
            let upstream = self.offer.names.upstream(name);
            if !self.declared.iter().any(|declared| declared.name == upstream) {
                let text = format!("`{name}` is not among the tools of the request");
                return Err(TranslateError::at(field, text));
            }
            found.push(upstream);
        }
        Ok(found)
    }

    fn mode(&mut self, mode: Mode, names: Vec<&'r str>, field: &str) -> Result<(), TranslateError> {
        let allowed = self.declared_names(names, field)?;
        if mode == Mode::Any && self.declared.is_empty() {
            let text = "a call is required, but the request offers no function";
            return Err(TranslateError::at(field, text));
        }
        if !self.declared.is_empty() {
            let config = FunctionCallingConfig { mode, allowed_function_names: allowed };
            self.offer.config.function_calling_config = Some(config);
        }
        Ok(())
    }

    fn finish(self) -> Offer<'r> {
        let Self { family, mut offer, declared, google, strict } = self;
        offer.has_functions = !declared.is_empty();
        if offer.has_functions {
            if strict && offer.config.function_calling_config.is_none() {
                let mode = Mode::Validated;
                let config = FunctionCallingConfig { mode, allowed_function_names: Vec::new() };
                offer.config.function_calling_config = Some(config);
            }
            offer.tools.push(Tool::FunctionDeclarations(declared));
        }
        if offer.has_functions && !google.is_empty() && !family.mixes_tools {
            offer.ignored.extend(google.into_iter().map(|(_, field)| field));
            return offer;
        }
        if offer.has_functions && !google.is_empty() {
            offer.config.include_server_side_tool_invocations = Some(true);
        }
        for (kind, tool) in [
            (GoogleTool::Search, Tool::GoogleSearch(Empty {})),
            (GoogleTool::UrlContext, Tool::UrlContext(Empty {})),
            (GoogleTool::CodeExecution, Tool::CodeExecution(Empty {})),
        ] {
            if google.iter().any(|(asked, _)| *asked == kind) {
                offer.searches |= kind == GoogleTool::Search;
                offer.tools.push(tool);
            }
        }
        offer
    }
}

fn is_empty(function: &Function<'_>) -> bool {
    function.parameters.is_none_or(|schema| !schema.get().contains("\"properties\""))
}

fn required(field: &str, name: &str) -> TranslateError {
    TranslateError::at(format!("{field}.{name}"), format!("`{name}` is required"))
}
