//! What callers ask: every face and every kind of mistake, with a credential in one place.

use http::Method;
use pollux_testkit::{MODEL, Request, Whole, chat, native};

use super::{
    SAID,
    world::{UPLOAD, World},
};

/// Where a credential may stand: a header and what comes before it there, or a parameter.
pub(super) const PLACES: [(&str, &str); 7] = [
    ("authorization", "Bearer "),
    ("authorization", ""),
    ("x-api-key", ""),
    ("api-key", ""),
    ("x-goog-api-key", ""),
    ("?key", ""),
    ("?apikey", ""),
];

/// Somebody with a credential, and where he puts it.
pub(super) struct Caller<'a> {
    world: &'a World,
    place: (&'a str, &'a str),
    credential: &'a str,
}

impl<'a> Caller<'a> {
    pub(super) fn new(world: &'a World, place: (&'a str, &'a str), credential: &'a str) -> Self {
        Self { world, place, credential }
    }

    fn request(&self, method: Method, target: &str, body: &str) -> Request {
        let (name, before) = self.place;
        let Some(parameter) = name.strip_prefix('?') else {
            let value = format!("{before}{}", self.credential);
            return self.world.request(method, target, body).header(name, &value);
        };
        let credential = self.credential.replace('%', "%25").replace('+', "%2B");
        let sign = if target.contains('?') { '&' } else { '?' };
        self.world.request(method, &format!("{target}{sign}{parameter}={credential}"), body)
    }

    async fn post(&self, target: &str, body: &str) -> Whole {
        self.world.call(&self.request(Method::POST, target, body)).await
    }

    pub(super) async fn ask_everything(&self) {
        for text in [format!("say: {SAID}"), SAID.to_owned()] {
            for stream in [false, true] {
                self.post("/v1/chat/completions", &chat(MODEL, &text, stream)).await;
            }
            for call in
                ["generateContent", "streamGenerateContent", "streamGenerateContent?alt=sse"]
            {
                self.post(&format!("/v1beta/models/{MODEL}:{call}"), &native(&text)).await;
            }
        }
        self.ask_beside_chat().await;
        self.ask_natively().await;
        self.ask_wrongly().await;
        self.upload().await;
    }

    async fn ask_beside_chat(&self) {
        let model = |model: &str, rest: &str| format!(r#"{{"model":"{model}",{rest}}}"#);
        for (target, body) in [
            ("/v1/completions", model(MODEL, &format!(r#""prompt":"{SAID}""#))),
            ("/v1/embeddings", model("gemini-embedding-001", &format!(r#""input":"{SAID}""#))),
            (
                "/v1/images/generations",
                model("gemini-2.5-flash-image", &format!(r#""prompt":"{SAID}""#)),
            ),
            (
                "/v1/audio/speech",
                model(
                    "gemini-2.5-flash-preview-tts",
                    &format!(r#""input":"{SAID}","voice":"alloy""#),
                ),
            ),
            ("/api/chat/completed", chat(MODEL, SAID, false)),
        ] {
            self.post(target, &body).await;
        }
        let form = format!(
            "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\n{MODEL}\r\n--b\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\
             content-type: audio/wav\r\n\r\n{SAID}\r\n--b--\r\n"
        );
        for target in ["/v1/audio/transcriptions", "/v1/audio/translations", "/v1/images/edits"] {
            let request = self.request(Method::POST, target, &form);
            let request = request.header("content-type", "multipart/form-data; boundary=b");
            self.world.call(&request).await;
        }
    }

    async fn ask_natively(&self) {
        for target in [
            "/v1/models",
            "/v1beta/models",
            "/v1/models/gemini-2.5-flash",
            "/v1beta/files",
            "/v1beta/cachedContents",
            "/verify",
            "/health",
            "/healthz",
            "/readyz",
            "/status",
        ] {
            self.world.call(&self.request(Method::GET, target, "")).await;
        }
        let content = format!(r#"{{"parts":[{{"text":"{SAID}"}}]}}"#);
        let embed = format!(r#"{{"content":{content}}}"#);
        self.post("/v1beta/models/gemini-embedding-001:embedContent", &embed).await;
        self.post(&format!("/v1beta/models/{MODEL}:countTokens"), &native(SAID)).await;
        let cached = format!(
            r#"{{"model":"models/{MODEL}","ttl":"300s","contents":[{{"role":"user","parts":[{{"text":"{SAID}"}}]}}]}}"#
        );
        self.post("/v1beta/cachedContents", &cached).await;
        let interaction = format!(r#"{{"model":"{MODEL}","input":"{SAID}"}}"#);
        self.post("/v1beta/interactions", &interaction).await;
    }

    async fn ask_wrongly(&self) {
        let image = format!(
            r#"{{"model":"{MODEL}","messages":[{{"role":"user","content":[{{"type":"image_url",
            "image_url":{{"url":"http://127.0.0.1:1/{SAID}"}}}}]}}]}}"#
        );
        let generate = format!("/v1beta/models/{MODEL}:generateContent");
        for (target, body) in [
            ("/v1/chat/completions", format!("{{ {SAID}")),
            ("/v1/chat/completions", format!(r#"{{"model":"{MODEL}","messages":"{SAID}"}}"#)),
            ("/v1/chat/completions", chat("no-such-model", SAID, false)),
            ("/v1/chat/completions", image),
            (generate.as_str(), format!(r#"{{"contents":[],"unknown":"{SAID}"}}"#)),
            (generate.as_str(), format!("[{SAID}")),
            ("/v1beta/models/no-such-model:generateContent", native(SAID)),
            ("/v1beta/nowhere", native(SAID)),
            ("/nowhere/at/all", native(SAID)),
            ("/health", native(SAID)),
            ("/admin", native(SAID)),
            ("/admin/api/keys", native(SAID)),
        ] {
            self.post(target, &body).await;
        }
        self.world.call(&self.request(Method::DELETE, "/v1/chat/completions", "")).await;
        self.world.call(&self.request(Method::OPTIONS, "/v1/chat/completions", "")).await;
    }

    /// The address for the rest of an upload admits whoever has it, so that it is a secret too.
    async fn upload(&self) {
        let body = format!(r#"{{"file":{{"displayName":"{SAID}"}}}}"#);
        let start = self.request(Method::POST, "/upload/v1beta/files", &body);
        let start = start
            .header("x-goog-upload-protocol", "resumable")
            .header("x-goog-upload-command", "start")
            .header("x-goog-upload-header-content-type", "text/plain");
        let started = start.whole().await;
        let url = started.header("x-goog-upload-url").to_owned();
        let shown: &[&str] = if url.is_empty() { &[] } else { &[UPLOAD] };
        self.world.keep_answer("a started upload", &started, shown);
        let Some((_, target)) = url.split_once("/upload/") else { return };
        let id = target.split(['?', '&']).find_map(|it| it.strip_prefix("upload_id=")).unwrap();
        self.world.know(UPLOAD, id);
        let rest = self.world.request(Method::POST, &format!("/upload/{target}"), SAID);
        let rest = rest
            .header("x-goog-upload-offset", "0")
            .header("x-goog-upload-command", "upload, finalize");
        self.world.call(&rest).await;
    }
}
