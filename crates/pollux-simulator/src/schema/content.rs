//! Turns and their parts.

use super::{Enum, Kind, Message, many, one};

/// One turn.
pub(super) static CONTENT: Message =
    Message::new("Content", &[one("role", Kind::Text), many("parts", Kind::Message(&PART))]);

static PART: Message = Message {
    name: "Part",
    fields: &[
        one("text", Kind::Text),
        one("inline_data", Kind::Message(&BLOB)),
        one("file_data", Kind::Message(&FILE_DATA)),
        one("function_call", Kind::Message(&FUNCTION_CALL)),
        one("function_response", Kind::Message(&FUNCTION_RESPONSE)),
        one("executable_code", Kind::Message(&EXECUTABLE_CODE)),
        one("code_execution_result", Kind::Message(&CODE_EXECUTION_RESULT)),
        one("tool_call", Kind::Message(&TOOL_CALL)),
        one("tool_response", Kind::Message(&TOOL_RESPONSE)),
        one("audio_transcription", Kind::Struct),
        one("thought", Kind::Flag),
        one("thought_signature", Kind::Bytes),
        one("video_metadata", Kind::Message(&VIDEO_METADATA)),
        one("media_resolution", Kind::Message(&MEDIA_RESOLUTION)),
        one("media_processing", Kind::Enum(&MEDIA_PROCESSING)),
        one("part_metadata", Kind::Struct),
        one("speech_metadata", Kind::Struct),
        one("document_metadata", Kind::Message(&DOCUMENT_METADATA)),
        one("spreadsheet_metadata", Kind::Struct),
        one("audio_metadata", Kind::Message(&AUDIO_METADATA)),
    ],
    oneof: &[
        "text",
        "inline_data",
        "file_data",
        "function_call",
        "function_response",
        "executable_code",
        "code_execution_result",
        "tool_call",
        "tool_response",
        "audio_transcription",
    ],
};

static BLOB: Message = Message::new(
    "Blob",
    &[one("mime_type", Kind::Text), one("data", Kind::Bytes), one("display_name", Kind::Text)],
);

static FILE_DATA: Message = Message::new(
    "FileData",
    &[one("mime_type", Kind::Text), one("file_uri", Kind::Text), one("display_name", Kind::Text)],
);

static FUNCTION_CALL: Message = Message::new(
    "FunctionCall",
    &[one("id", Kind::Text), one("name", Kind::Text), one("args", Kind::Struct)],
);

static FUNCTION_RESPONSE: Message = Message::new(
    "FunctionResponse",
    &[
        one("id", Kind::Text),
        one("name", Kind::Text),
        one("response", Kind::Struct),
        many("parts", Kind::Message(&FUNCTION_RESPONSE_PART)),
        one("will_continue", Kind::Flag),
        one("scheduling", Kind::Enum(&SCHEDULING)),
    ],
);

static FUNCTION_RESPONSE_PART: Message = Message::new(
    "FunctionResponsePart",
    &[one("inline_data", Kind::Message(&BLOB)), one("file_data", Kind::Message(&FILE_DATA))],
);

static EXECUTABLE_CODE: Message = Message::new(
    "ExecutableCode",
    &[one("id", Kind::Text), one("language", Kind::Enum(&LANGUAGE)), one("code", Kind::Text)],
);

static CODE_EXECUTION_RESULT: Message = Message::new(
    "CodeExecutionResult",
    &[one("id", Kind::Text), one("outcome", Kind::Enum(&OUTCOME)), one("output", Kind::Text)],
);

static TOOL_CALL: Message = Message::new(
    "ToolCall",
    &[one("id", Kind::Text), one("tool_type", Kind::Enum(&TOOL_TYPE)), one("args", Kind::Struct)],
);

static TOOL_RESPONSE: Message = Message::new(
    "ToolResponse",
    &[
        one("id", Kind::Text),
        one("tool_type", Kind::Enum(&TOOL_TYPE)),
        one("response", Kind::Struct),
    ],
);

static VIDEO_METADATA: Message = Message::new(
    "VideoMetadata",
    &[
        one("start_offset", Kind::Duration),
        one("end_offset", Kind::Duration),
        one("fps", Kind::Real),
        many("content_layers", Kind::Any),
    ],
);

static AUDIO_METADATA: Message = Message::new(
    "AudioMetadata",
    &[one("start_offset", Kind::Duration), one("end_offset", Kind::Duration)],
);

static DOCUMENT_METADATA: Message = Message::new(
    "DocumentMetadata",
    &[
        one("start_page", Kind::Whole(32)),
        one("end_page", Kind::Whole(32)),
        many("content_layers", Kind::Any),
    ],
);

static MEDIA_RESOLUTION: Message = Message::new(
    "MediaResolution",
    &[one("level", Kind::Enum(&RESOLUTION)), one("num_tokens", Kind::Whole(32))],
);

/// How finely media are read.
pub(super) static RESOLUTION: Enum = Enum {
    name: "MediaResolution",
    values: &[
        "MEDIA_RESOLUTION_UNSPECIFIED",
        "MEDIA_RESOLUTION_LOW",
        "MEDIA_RESOLUTION_MEDIUM",
        "MEDIA_RESOLUTION_HIGH",
        "MEDIA_RESOLUTION_ULTRA_HIGH",
    ],
    any_case: false,
};

static MEDIA_PROCESSING: Enum = Enum {
    name: "MediaProcessing",
    values: &["MEDIA_PROCESSING_UNSPECIFIED", "STATIC", "AGENTIC"],
    any_case: false,
};

static SCHEDULING: Enum = Enum {
    name: "Scheduling",
    values: &["SCHEDULING_UNSPECIFIED", "SILENT", "WHEN_IDLE", "INTERRUPT"],
    any_case: false,
};

static LANGUAGE: Enum =
    Enum { name: "Language", values: &["LANGUAGE_UNSPECIFIED", "PYTHON"], any_case: false };

static OUTCOME: Enum = Enum {
    name: "Outcome",
    values: &["OUTCOME_UNSPECIFIED", "OUTCOME_OK", "OUTCOME_FAILED", "OUTCOME_DEADLINE_EXCEEDED"],
    any_case: false,
};

static TOOL_TYPE: Enum = Enum {
    name: "ToolType",
    values: &[
        "TOOL_TYPE_UNSPECIFIED",
        "GOOGLE_SEARCH_WEB",
        "GOOGLE_SEARCH_IMAGE",
        "URL_CONTEXT",
        "GOOGLE_MAPS",
        "FILE_SEARCH",
        "MEDIA_PROCESSING",
    ],
    any_case: false,
};
