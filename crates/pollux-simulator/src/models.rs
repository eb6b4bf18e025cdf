//! The models that exist here, with what `models.list` says of them.

use serde::Serialize;

/// A model as the API shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Model {
    /// Its id, without `models/`.
    pub(crate) id: &'static str,
    title: &'static str,
    kind: Kind,
}

/// What a model is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Text from anything, after thinking.
    Thinking,
    /// Text from anything, at once.
    Plain,
    /// Speech, pictures or music in the answer.
    Media,
    /// Vectors of 3,072 numbers from so many tokens.
    Embedding(u32),
    /// A websocket conversation.
    Live,
    /// A long-running operation.
    Operation,
}

/// A method of the API that takes a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Generate,
    Stream,
    Count,
    Embed,
    BatchEmbed,
}

impl Method {
    /// Reads the part of a path after the last colon.
    pub(crate) fn read(name: &str) -> Option<Self> {
        Some(match name {
            "generateContent" => Self::Generate,
            "streamGenerateContent" => Self::Stream,
            "countTokens" => Self::Count,
            "embedContent" => Self::Embed,
            "batchEmbedContents" => Self::BatchEmbed,
            _ => return None,
        })
    }

    /// Its name in a path.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Generate => "generateContent",
            Self::Stream => "streamGenerateContent",
            Self::Count => "countTokens",
            Self::Embed => "embedContent",
            Self::BatchEmbed => "batchEmbedContents",
        }
    }
}

/// Finds a model of a version; `-latest` aliases exist outside `v1` only.
pub(crate) fn find(id: &str, version: &str) -> Option<&'static Model> {
    listed(version).find(|model| model.id == id)
}

/// Every model of a version, in the order of the list.
pub(crate) fn listed(version: &str) -> impl Iterator<Item = &'static Model> {
    let stable_only = version == "v1";
    MODELS.iter().filter(move |model| !(stable_only && model.id.ends_with("-latest")))
}

impl Model {
    /// Whether it has a method.
    pub(crate) fn has(&self, method: Method) -> bool {
        match method {
            Method::Embed | Method::BatchEmbed => matches!(self.kind, Kind::Embedding(_)),
            Method::Generate | Method::Stream => {
                matches!(self.kind, Kind::Thinking | Kind::Plain | Kind::Media)
            }
            Method::Count => !matches!(self.kind, Kind::Live | Kind::Operation),
        }
    }

    /// Whether it thinks before it answers.
    pub(crate) fn thinks(&self) -> bool {
        self.kind == Kind::Thinking
    }

    /// Whether it makes pictures.
    pub(crate) fn draws(&self) -> bool {
        self.kind == Kind::Media && (self.id.contains("-image") || self.id.contains("banana"))
    }

    /// Whether it speaks.
    pub(crate) fn speaks(&self) -> bool {
        self.kind == Kind::Media && self.id.contains("-tts")
    }

    /// Whether it signs its parts, as models since Gemini 3 do.
    pub(crate) fn signs(&self) -> bool {
        let family = self.id.strip_prefix("gemini-").unwrap_or_default();
        let old = ["1", "2"].iter().any(|major| family.starts_with(major));
        self.thinks() && !family.is_empty() && !old
    }

    /// Whether a long answer of it goes on in further requests, as with Gemini 4.
    pub(crate) fn continues(&self) -> bool {
        self.id.starts_with("gemini-4-")
    }

    /// The object that the API shows.
    pub(crate) fn view(&self) -> View {
        let generative = matches!(self.kind, Kind::Thinking | Kind::Plain | Kind::Media);
        let (input, output) = match self.kind {
            Kind::Thinking => (1_048_576, 65_536),
            Kind::Plain => (131_072, 8_192),
            Kind::Media => (32_768, 16_384),
            Kind::Embedding(input) => (input, 1),
            Kind::Live => (131_072, 65_536),
            Kind::Operation => (480, 8_192),
        };
        View {
            name: format!("models/{}", self.id),
            version: "001",
            display_name: self.title,
            description: format!("{}, as the simulator plays it.", self.title),
            input_token_limit: input,
            output_token_limit: output,
            supported_generation_methods: self.methods(),
            temperature: generative.then_some(1),
            top_p: generative.then_some(0.95),
            top_k: generative.then_some(64),
            max_temperature: generative.then_some(2),
            thinking: self.thinks().then_some(true),
        }
    }

    fn methods(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Thinking | Kind::Plain => {
                &["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"]
            }
            Kind::Media => &["generateContent", "countTokens", "batchGenerateContent"],
            Kind::Embedding(_) => {
                &["embedContent", "countTextTokens", "countTokens", "asyncBatchEmbedContent"]
            }
            Kind::Live => &["bidiGenerateContent"],
            Kind::Operation => &["predictLongRunning"],
        }
    }
}

/// A model object on the wire.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    name: String,
    version: &'static str,
    display_name: &'static str,
    description: String,
    input_token_limit: u32,
    output_token_limit: u32,
    supported_generation_methods: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_temperature: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<bool>,
}

const fn model(id: &'static str, title: &'static str, kind: Kind) -> Model {
    Model { id, title, kind }
}

const MODELS: &[Model] = &[
    model("gemini-2.5-flash", "Gemini 2.5 Flash", Kind::Thinking),
    model("gemini-2.5-pro", "Gemini 2.5 Pro", Kind::Thinking),
    model("gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite", Kind::Thinking),
    model("gemini-2.0-flash", "Gemini 2.0 Flash", Kind::Plain),
    model("gemini-2.0-flash-001", "Gemini 2.0 Flash 001", Kind::Plain),
    model("gemini-2.0-flash-lite", "Gemini 2.0 Flash-Lite", Kind::Plain),
    model("gemini-2.5-flash-image", "Gemini 2.5 Flash Image", Kind::Media),
    model("gemini-2.5-flash-preview-09-2025", "Gemini 2.5 Flash Preview", Kind::Thinking),
    model("gemini-2.5-computer-use-preview-10-2025", "Gemini 2.5 Computer Use", Kind::Thinking),
    model("gemini-3-flash-preview", "Gemini 3 Flash Preview", Kind::Thinking),
    model("gemini-3-pro-preview", "Gemini 3 Pro Preview", Kind::Thinking),
    model("gemini-3-pro-image", "Gemini 3 Pro Image", Kind::Media),
    model("gemini-3-pro-image-preview", "Gemini 3 Pro Image Preview", Kind::Media),
    model("gemini-3.1-pro-preview", "Gemini 3.1 Pro Preview", Kind::Thinking),
    model("gemini-3.1-pro-preview-customtools", "Gemini 3.1 Pro Custom Tools", Kind::Thinking),
    model("gemini-3.1-flash-lite", "Gemini 3.1 Flash-Lite", Kind::Thinking),
    model("gemini-3.1-flash-lite-preview", "Gemini 3.1 Flash-Lite Preview", Kind::Thinking),
    model("gemini-3.1-flash-image", "Gemini 3.1 Flash Image", Kind::Media),
    model("gemini-3.1-flash-lite-image", "Gemini 3.1 Flash-Lite Image", Kind::Media),
    model("gemini-3.5-flash", "Gemini 3.5 Flash", Kind::Thinking),
    model("gemini-3.5-flash-lite", "Gemini 3.5 Flash-Lite", Kind::Thinking),
    model("gemini-3.6-flash", "Gemini 3.6 Flash", Kind::Thinking),
    model("gemini-3.7-flash", "Gemini 3.7 Flash", Kind::Thinking),
    model("gemini-3.8-flash", "Gemini 3.8 Flash", Kind::Thinking),
    model("gemini-4-argon", "Gemini 4 Argon", Kind::Thinking),
    model("gemini-4-carbon", "Gemini 4 Carbon", Kind::Thinking),
    model("gemini-4-hydrogen", "Gemini 4 Hydrogen", Kind::Thinking),
    model("gemini-flash-latest", "Gemini Flash Latest", Kind::Thinking),
    model("gemini-flash-lite-latest", "Gemini Flash-Lite Latest", Kind::Thinking),
    model("gemini-pro-latest", "Gemini Pro Latest", Kind::Thinking),
    model("gemini-nano-banana-2.1", "Nano Banana 2.1", Kind::Media),
    model("gemini-omni-1.1-flash", "Gemini Omni 1.1 Flash", Kind::Media),
    model("gemini-2.5-flash-preview-tts", "Gemini 2.5 Flash Preview TTS", Kind::Media),
    model("gemini-3.8-flash-tts", "Gemini 3.8 Flash TTS", Kind::Media),
    model("gemini-3.8-flash-lite-tts", "Gemini 3.8 Flash-Lite TTS", Kind::Media),
    model("gemini-3.5-transcribe", "Gemini 3.5 Transcribe", Kind::Plain),
    model("gemini-3.5-transcribe-live", "Gemini 3.5 Transcribe Live", Kind::Live),
    model("gemini-3.5-live-translate-preview", "Gemini 3.5 Live Translate Preview", Kind::Live),
    model("gemini-3.8-live", "Gemini 3.8 Live", Kind::Live),
    model("gemini-3.8-live-extended-thinking", "Gemini 3.8 Live Extended Thinking", Kind::Live),
    model("gemini-robotics-er-2-preview", "Gemini Robotics-ER 2 Preview", Kind::Thinking),
    model("gemini-embedding-001", "Gemini Embedding 001", Kind::Embedding(2_048)),
    model("gemini-embedding-2", "Gemini Embedding 2", Kind::Embedding(8_192)),
    model("gemini-embedding-2-preview", "Gemini Embedding 2 Preview", Kind::Embedding(8_192)),
    model("gemma-3-1b-it", "Gemma 3 1B", Kind::Plain),
    model("gemma-3-4b-it", "Gemma 3 4B", Kind::Plain),
    model("gemma-3-12b-it", "Gemma 3 12B", Kind::Plain),
    model("gemma-3-27b-it", "Gemma 3 27B", Kind::Plain),
    model("gemma-3n-e2b-it", "Gemma 3n E2B", Kind::Plain),
    model("gemma-3n-e4b-it", "Gemma 3n E4B", Kind::Plain),
    model("gemma-4-26b-a4b-it", "Gemma 4 26B A4B", Kind::Thinking),
    model("gemma-4-31b-it", "Gemma 4 31B", Kind::Thinking),
    model("veo-3.1-generate-preview", "Veo 3.1", Kind::Operation),
    model("veo-3.1-fast-generate-preview", "Veo 3.1 Fast", Kind::Operation),
    model("veo-3.1-lite-generate-preview", "Veo 3.1 Lite", Kind::Operation),
    model("lyria-3.5-clip-preview", "Lyria 3.5 Clip Preview", Kind::Media),
    model("lyria-3.5-pro-preview", "Lyria 3.5 Pro Preview", Kind::Media),
    model("lyria-realtime-exp", "Lyria RealTime", Kind::Live),
    model("deep-research-preview-04-2026", "Deep Research Preview", Kind::Plain),
    model("deep-research-max-preview-04-2026", "Deep Research Max Preview", Kind::Plain),
    model("antigravity-preview-05-2026", "Antigravity Preview", Kind::Plain),
    model("aqa", "Attributed Question Answering", Kind::Operation),
    model("nano-banana-pro-preview", "Nano Banana Pro", Kind::Media),
    model("gemini-3.6-flash-preview-09-2026", "Gemini 3.6 Flash Preview", Kind::Thinking),
];
