//! How to generate, and what to hold back.

use super::content::RESOLUTION;
use super::tool::SCHEMA;
use super::{Enum, Kind, Message, many, one};

/// How to generate.
pub(super) static GENERATION_CONFIG: Message = Message::new(
    "GenerationConfig",
    &[
        one("candidate_count", Kind::Whole(32)),
        many("stop_sequences", Kind::Text),
        one("max_output_tokens", Kind::Whole(32)),
        one("temperature", Kind::Real),
        one("top_p", Kind::Real),
        one("top_k", Kind::Real),
        one("seed", Kind::Whole(32)),
        one("response_mime_type", Kind::Text),
        one("response_schema", Kind::Message(&SCHEMA)),
        one("response_json_schema", Kind::Any),
        one("_response_json_schema", Kind::Any),
        one("presence_penalty", Kind::Real),
        one("frequency_penalty", Kind::Real),
        one("response_logprobs", Kind::Flag),
        one("logprobs", Kind::Whole(32)),
        one("enable_enhanced_civic_answers", Kind::Flag),
        many("response_modalities", Kind::Enum(&MODALITY)),
        one("speech_config", Kind::Message(&SPEECH_CONFIG)),
        one("thinking_config", Kind::Message(&THINKING_CONFIG)),
        one("image_config", Kind::Message(&IMAGE_CONFIG)),
        one("media_resolution", Kind::Enum(&RESOLUTION)),
        one("audio_transcription_config", Kind::Struct),
    ],
);

/// What to hold back.
pub(super) static SAFETY_SETTING: Message = Message::new(
    "SafetySetting",
    &[one("category", Kind::Enum(&HARM_CATEGORY)), one("threshold", Kind::Enum(&THRESHOLD))],
);

static THINKING_CONFIG: Message = Message::new(
    "ThinkingConfig",
    &[
        one("include_thoughts", Kind::Flag),
        one("thinking_budget", Kind::Whole(32)),
        one("thinking_level", Kind::Enum(&THINKING_LEVEL)),
    ],
);

static IMAGE_CONFIG: Message =
    Message::new("ImageConfig", &[one("aspect_ratio", Kind::Text), one("image_size", Kind::Text)]);

static SPEECH_CONFIG: Message = Message::new(
    "SpeechConfig",
    &[
        one("voice_config", Kind::Message(&VOICE_CONFIG)),
        one("multi_speaker_voice_config", Kind::Message(&MULTI_SPEAKER)),
        one("language_code", Kind::Text),
    ],
);

static VOICE_CONFIG: Message = Message::new(
    "VoiceConfig",
    &[
        one("prebuilt_voice_config", Kind::Message(&PREBUILT_VOICE)),
        one("replicated_voice_config", Kind::Struct),
    ],
);

static PREBUILT_VOICE: Message =
    Message::new("PrebuiltVoiceConfig", &[one("voice_name", Kind::Text)]);

static MULTI_SPEAKER: Message = Message::new(
    "MultiSpeakerVoiceConfig",
    &[many("speaker_voice_configs", Kind::Message(&SPEAKER_VOICE))],
);

static SPEAKER_VOICE: Message = Message::new(
    "SpeakerVoiceConfig",
    &[one("speaker", Kind::Text), one("voice_config", Kind::Message(&VOICE_CONFIG))],
);

static MODALITY: Enum = Enum {
    name: "Modality",
    values: &["MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO", "VIDEO"],
    any_case: false,
};

static THINKING_LEVEL: Enum = Enum {
    name: "ThinkingLevel",
    values: &["THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"],
    any_case: true,
};

static HARM_CATEGORY: Enum = Enum {
    name: "HarmCategory",
    values: &[
        "HARM_CATEGORY_UNSPECIFIED",
        "HARM_CATEGORY_HARASSMENT",
        "HARM_CATEGORY_HATE_SPEECH",
        "HARM_CATEGORY_SEXUALLY_EXPLICIT",
        "HARM_CATEGORY_DANGEROUS_CONTENT",
        "HARM_CATEGORY_CIVIC_INTEGRITY",
    ],
    any_case: false,
};

static THRESHOLD: Enum = Enum {
    name: "HarmBlockThreshold",
    values: &[
        "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
        "BLOCK_LOW_AND_ABOVE",
        "BLOCK_MEDIUM_AND_ABOVE",
        "BLOCK_ONLY_HIGH",
        "BLOCK_NONE",
        "OFF",
    ],
    any_case: false,
};
