//! Tools, how they may be used, and the schemas of functions.

use super::{Enum, Kind, Message, many, map, one};

/// What the model may use.
pub(super) static TOOL: Message = Message::new(
    "Tool",
    &[
        many("function_declarations", Kind::Message(&FUNCTION_DECLARATION)),
        one("google_search", Kind::Message(&GOOGLE_SEARCH)),
        one("google_search_retrieval", Kind::Message(&GOOGLE_SEARCH_RETRIEVAL)),
        one("url_context", Kind::Message(&URL_CONTEXT)),
        one("code_execution", Kind::Message(&CODE_EXECUTION)),
        one("file_search", Kind::Message(&FILE_SEARCH)),
        one("computer_use", Kind::Message(&COMPUTER_USE)),
        one("google_maps", Kind::Message(&GOOGLE_MAPS)),
        many("mcp_servers", Kind::Message(&MCP_SERVER)),
    ],
);

/// How the model may use its tools.
pub(super) static TOOL_CONFIG: Message = Message::new(
    "ToolConfig",
    &[
        one("function_calling_config", Kind::Message(&FUNCTION_CALLING_CONFIG)),
        one("retrieval_config", Kind::Message(&RETRIEVAL_CONFIG)),
        one("include_server_side_tool_invocations", Kind::Flag),
    ],
);

/// The shape of arguments and answers: a subset of `OpenAPI`.
pub(super) static SCHEMA: Message = Message::new(
    "Schema",
    &[
        one("type", Kind::Enum(&TYPE)),
        one("format", Kind::Text),
        one("title", Kind::Text),
        one("description", Kind::Text),
        one("nullable", Kind::Flag),
        many("enum", Kind::Text),
        one("items", Kind::Message(&SCHEMA)),
        many("prefix_items", Kind::Message(&SCHEMA)),
        one("max_items", Kind::Whole(64)),
        one("min_items", Kind::Whole(64)),
        map("properties", Kind::Message(&SCHEMA)),
        many("required", Kind::Text),
        one("min_properties", Kind::Whole(64)),
        one("max_properties", Kind::Whole(64)),
        one("minimum", Kind::Real),
        one("maximum", Kind::Real),
        one("min_length", Kind::Whole(64)),
        one("max_length", Kind::Whole(64)),
        one("pattern", Kind::Text),
        one("example", Kind::Any),
        many("any_of", Kind::Message(&SCHEMA)),
        many("property_ordering", Kind::Text),
        one("default", Kind::Any),
        one("additional_properties", Kind::Any),
        map("defs", Kind::Message(&SCHEMA)),
        one("ref", Kind::Text),
    ],
);

static FUNCTION_DECLARATION: Message = Message::new(
    "FunctionDeclaration",
    &[
        one("name", Kind::Text),
        one("description", Kind::Text),
        one("behavior", Kind::Enum(&BEHAVIOR)),
        one("parameters", Kind::Message(&SCHEMA)),
        one("parameters_json_schema", Kind::Any),
        one("response", Kind::Message(&SCHEMA)),
        one("response_json_schema", Kind::Any),
    ],
);

static GOOGLE_SEARCH: Message = Message::new(
    "GoogleSearch",
    &[
        one("time_range_filter", Kind::Message(&INTERVAL)),
        one("search_types", Kind::Message(&SEARCH_TYPES)),
    ],
);

static INTERVAL: Message = Message::new(
    "Interval",
    &[one("start_time", Kind::Timestamp), one("end_time", Kind::Timestamp)],
);

static SEARCH_TYPES: Message = Message::new(
    "SearchTypes",
    &[one("web_search", Kind::Struct), one("image_search", Kind::Struct)],
);

static GOOGLE_SEARCH_RETRIEVAL: Message = Message::new(
    "GoogleSearchRetrieval",
    &[one("dynamic_retrieval_config", Kind::Message(&DYNAMIC_RETRIEVAL))],
);

static DYNAMIC_RETRIEVAL: Message = Message::new(
    "DynamicRetrievalConfig",
    &[one("mode", Kind::Enum(&RETRIEVAL_MODE)), one("dynamic_threshold", Kind::Real)],
);

static URL_CONTEXT: Message = Message::new("UrlContext", &[]);

static CODE_EXECUTION: Message = Message::new("CodeExecution", &[]);

static FILE_SEARCH: Message = Message::new(
    "FileSearch",
    &[
        many("file_search_store_names", Kind::Text),
        one("top_k", Kind::Whole(32)),
        one("metadata_filter", Kind::Text),
    ],
);

static COMPUTER_USE: Message = Message::new(
    "ComputerUse",
    &[
        one("environment", Kind::Enum(&ENVIRONMENT)),
        many("excluded_predefined_functions", Kind::Text),
        one("enable_prompt_injection_detection", Kind::Flag),
        many("disabled_safety_policies", Kind::Any),
    ],
);

static GOOGLE_MAPS: Message = Message::new(
    "GoogleMaps",
    &[one("enable_widget", Kind::Flag), one("auth_config", Kind::Struct)],
);

static MCP_SERVER: Message = Message::new(
    "McpServer",
    &[one("name", Kind::Text), one("streamable_http_transport", Kind::Message(&HTTP_TRANSPORT))],
);

static HTTP_TRANSPORT: Message = Message::new(
    "StreamableHttpTransport",
    &[
        one("url", Kind::Text),
        map("headers", Kind::Text),
        one("timeout", Kind::Duration),
        one("sse_read_timeout", Kind::Duration),
        one("terminate_on_close", Kind::Flag),
    ],
);

static FUNCTION_CALLING_CONFIG: Message = Message::new(
    "FunctionCallingConfig",
    &[one("mode", Kind::Enum(&MODE)), many("allowed_function_names", Kind::Text)],
);

static RETRIEVAL_CONFIG: Message = Message::new(
    "RetrievalConfig",
    &[one("lat_lng", Kind::Message(&LAT_LNG)), one("language_code", Kind::Text)],
);

static LAT_LNG: Message =
    Message::new("LatLng", &[one("latitude", Kind::Real), one("longitude", Kind::Real)]);

static TYPE: Enum = Enum {
    name: "Type",
    values: &[
        "TYPE_UNSPECIFIED",
        "STRING",
        "NUMBER",
        "INTEGER",
        "BOOLEAN",
        "ARRAY",
        "OBJECT",
        "NULL",
    ],
    any_case: true,
};

static MODE: Enum = Enum {
    name: "Mode",
    values: &["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"],
    any_case: true,
};

static RETRIEVAL_MODE: Enum =
    Enum { name: "Mode", values: &["MODE_UNSPECIFIED", "MODE_DYNAMIC"], any_case: false };

static BEHAVIOR: Enum = Enum {
    name: "Behavior",
    values: &["UNSPECIFIED", "BLOCKING", "NON_BLOCKING"],
    any_case: false,
};

static ENVIRONMENT: Enum = Enum {
    name: "Environment",
    values: &[
        "ENVIRONMENT_UNSPECIFIED",
        "ENVIRONMENT_BROWSER",
        "ENVIRONMENT_MOBILE",
        "ENVIRONMENT_DESKTOP",
    ],
    any_case: false,
};
