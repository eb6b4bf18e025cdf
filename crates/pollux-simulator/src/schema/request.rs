//! The bodies of the methods.

use super::config::{GENERATION_CONFIG, SAFETY_SETTING};
use super::content::CONTENT;
use super::tool::{TOOL, TOOL_CONFIG};
use super::{Enum, Field, Kind, Message, many, map, one};

/// The fields of a request to generate, wherever it stands.
const GENERATE_FIELDS: &[Field] = &[
    one("model", Kind::Text),
    many("contents", Kind::Message(&CONTENT)),
    one("system_instruction", Kind::Message(&CONTENT)),
    many("tools", Kind::Message(&TOOL)),
    one("tool_config", Kind::Message(&TOOL_CONFIG)),
    many("safety_settings", Kind::Message(&SAFETY_SETTING)),
    one("generation_config", Kind::Message(&GENERATION_CONFIG)),
    one("cached_content", Kind::Text),
    one("service_tier", Kind::Enum(&SERVICE_TIER)),
    map("labels", Kind::Text),
    one("store", Kind::Flag),
    one("continuation_token", Kind::Bytes),
];

/// `generateContent` and `streamGenerateContent`.
pub(crate) static GENERATE: Message = Message::new("GenerateContentRequest", GENERATE_FIELDS);

/// `countTokens`: the turns, or a whole request to generate.
pub(crate) static COUNT: Message = Message::new(
    "CountTokensRequest",
    &[
        one("model", Kind::Text),
        many("contents", Kind::Message(&CONTENT)),
        one("generate_content_request", Kind::Message(&GENERATE)),
    ],
);

/// `embedContent`.
pub(crate) static EMBED: Message = Message::new(
    "EmbedContentRequest",
    &[
        one("model", Kind::Text),
        one("content", Kind::Message(&CONTENT)),
        one("task_type", Kind::Enum(&TASK_TYPE)),
        one("title", Kind::Text),
        one("output_dimensionality", Kind::Whole(32)),
        one("embed_content_config", Kind::Struct),
    ],
);

/// `batchEmbedContents`.
pub(crate) static BATCH_EMBED: Message = Message::new(
    "BatchEmbedContentsRequest",
    &[one("model", Kind::Text), many("requests", Kind::Message(&EMBED))],
);

static SERVICE_TIER: Enum = Enum {
    name: "ServiceTier",
    values: &["unspecified", "standard", "flex", "priority"],
    any_case: true,
};

static TASK_TYPE: Enum = Enum {
    name: "TaskType",
    values: &[
        "TASK_TYPE_UNSPECIFIED",
        "RETRIEVAL_QUERY",
        "RETRIEVAL_DOCUMENT",
        "SEMANTIC_SIMILARITY",
        "CLASSIFICATION",
        "CLUSTERING",
        "QUESTION_ANSWERING",
        "FACT_VERIFICATION",
        "CODE_RETRIEVAL_QUERY",
    ],
    any_case: false,
};
