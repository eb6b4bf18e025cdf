//! What a model may call, and how it is told to.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::text::{Json, Text};

/// One entry of `tools`: functions of the client, or one of Google's own tools.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Tool<'a> {
    /// Functions that the client runs.
    FunctionDeclarations(Vec<FunctionDeclaration<'a>>),
    /// Google Search.
    GoogleSearch(Empty),
    /// Reading the pages that the prompt names.
    UrlContext(Empty),
    /// Running Python.
    CodeExecution(Empty),
}

/// An object without fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Empty {}

/// A function that the model may call.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionDeclaration<'a> {
    /// Its name: a letter or `_`, then up to 63 of letters, digits and `_.:-`.
    pub name: Cow<'a, str>,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text<'a>>,
    /// Its parameters as JSON Schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters_json_schema: Option<Json<'a>>,
    /// Its parameters in Google's subset; never beside the other form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Json<'a>>,
}

/// How tools are to be used.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolConfig<'a> {
    /// Whether and which functions are to be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_calling_config: Option<FunctionCallingConfig<'a>>,
    /// Asks for the parts that say what Google's own tools did; needed beside functions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_server_side_tool_invocations: Option<bool>,
    /// Where the user is and what he reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retrieval_config: Option<&'a RawValue>,
}

impl ToolConfig<'_> {
    /// Returns whether nothing is set.
    pub fn is_empty(&self) -> bool {
        let Self {
            function_calling_config,
            include_server_side_tool_invocations,
            retrieval_config,
        } = self;
        function_calling_config.is_none()
            && include_server_side_tool_invocations.is_none()
            && retrieval_config.is_none()
    }
}

/// Whether and which functions are to be called.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionCallingConfig<'a> {
    /// The mode.
    pub mode: Mode,
    /// The functions that may be called; only with `ANY` and `VALIDATED`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_function_names: Vec<Cow<'a, str>>,
}

/// Whether functions are to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Mode {
    /// The model decides.
    Auto,
    /// At least one is to be called.
    Any,
    /// None is to be called.
    None,
    /// The model decides, and its calls fit their schemas.
    Validated,
}
