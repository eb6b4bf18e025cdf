//! What the hot paths of the translators cost: `cargo bench -p pollux-translate`.
//!
//! A stream is a thousand chunks, so that its milliseconds are a chunk's microseconds.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to report")]

use std::fmt::Write as _;
use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use criterion::Criterion;
use mimalloc::MiMalloc;
use pollux_translate::gemini::response::Response;
use pollux_translate::gemini::{reference, signature};
use pollux_translate::openai::chat::{self, Context, Known, Policy, Request, Stream, Wanted};
use pollux_translate::sse;
use pollux_translate::stream::{Source, StreamTranslator as _};

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How many chunks a stream has.
const CHUNKS: usize = 1000;
/// How large the picture is, before base64.
const PICTURE: usize = 5_000_000;

const ASKED: &str = r#""model":"gemini-3-flash","stream":true,
    "messages":[{"role":"user","content":"Which lakes are the largest?"}]"#;

/// What a chunk of each kind has in it; all are framed alike. A chunk of text has 357 bytes.
const TEXT: &str = r#"{"text": " covers 82,103"}"#;
const ESCAPED: &str = r#"{"text": "\"lake\"\n\n"}"#;
const THOUGHT: &str = r#"{"text": "By area.","thought": true}"#;
const CALL: &str = r#"{"functionCall": {"name": "look_up","args": {"lake": "Superior","unit": "km2"}},
    "thoughtSignature": "CiQBcsjafOqTtWzM2pVYk0q3SvJgYyL9s1dpbHVtZQpU"}"#;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    streams(&mut criterion);
    whole(&mut criterion);
    picture(&mut criterion);
    criterion.final_summary();
}

/// Decoding, reading and translating the chunks of a stream, each as it comes from the network.
fn streams(criterion: &mut Criterion) {
    let tools = r#","tools":[{"type":"function","function":{"name":"look_up"}}]"#;
    let cases = [
        ("text", TEXT, ""),
        ("text with escapes", ESCAPED, ""),
        ("text, usage wanted", TEXT, r#","stream_options":{"include_usage":true}"#),
        ("text that may cite", TEXT, r#","web_search_options":{}"#),
        ("thoughts", THOUGHT, ""),
        ("calls", CALL, tools),
    ];
    let mut group = criterion.benchmark_group("chat stream");
    for (name, part, rest) in cases {
        let context = context(&format!("{{{ASKED}{rest}}}"));
        let chunk = Bytes::from(chunk(part));
        group.bench_function(name, |bencher| bencher.iter(|| stream(&context, &chunk)));
    }
    group.finish();
}

/// One chunk as Google frames it today.
fn chunk(part: &str) -> String {
    let part = part.replace("\n    ", "");
    format!(
        "data: {{\"candidates\": [{{\"content\": {{\"parts\": [{part}],\"role\": \"model\"}},\
         \"index\": 0}}],\"usageMetadata\": {{\"promptTokenCount\": 9,\"candidatesTokenCount\": 21,\
         \"totalTokenCount\": 72,\"promptTokensDetails\": [{{\"modality\": \"TEXT\",\
         \"tokenCount\": 9}}],\"thoughtsTokenCount\": 42}},\"modelVersion\": \"gemini-3-flash\",\
         \"responseId\": \"mZUaac2FLvSlkdUP3sqK0QY\"}}\r\n\r\n"
    )
}

fn context(body: &str) -> Context {
    let (request, known) = (Request::parse(body.as_bytes()).unwrap(), Known::default());
    let wanted = Wanted::plain(request.model());
    let translated = chat::to_gemini(&request, &wanted, &Policy::default(), &known).unwrap();
    Context::of(&request, &translated, "chatcmpl-Bx3PmcY4pRz8tQwL".to_owned(), 1_790_000_000)
}

fn stream(context: &Context, chunk: &Bytes) -> usize {
    let (mut decoder, mut out) = (sse::Decoder::default(), BytesMut::new());
    let mut stream = Stream::new(context.clone());
    let mut written = 0;
    for _ in 0..CHUNKS {
        decoder.push(chunk.clone());
        while let Some(event) = decoder.next_event().unwrap() {
            let response = Response::parse(&event.data).unwrap();
            stream.event(Source::default(), &response, &mut out);
            black_box(stream.signed());
        }
        written += out.split().freeze().len();
    }
    stream.finish(&mut out);
    written + out.len()
}

/// Reading and translating a whole answer of some four kilobytes.
fn whole(criterion: &mut Criterion) {
    let mut text = String::new();
    for number in 0..40 {
        write!(
            text,
            "{number}. \\\"Lake Superior\\\" covers 82,103 km2, and more than that.\\n\\n"
        )
        .unwrap();
    }
    let answer = chunk(&format!("{{\"text\": \"{text}\"}}"));
    let body = answer.trim_start_matches("data: ").trim_end().as_bytes();
    let context = context(&format!("{{{ASKED}}}"));
    criterion.bench_function("chat answer", |bencher| {
        bencher.iter(|| {
            let response = Response::parse(body).unwrap();
            chat::from_gemini(&[response], &context).unwrap().body.len()
        });
    });
}

/// What a request with one large picture costs on its way.
fn picture(criterion: &mut Criterion) {
    let base64 = "iVBORw0KGgo+".repeat(PICTURE.div_ceil(9));
    let asked = format!(
        "{{\"model\":\"gemini-3-flash\",\"messages\":[{{\"role\":\"user\",\"content\":[{{\"type\":\"image_url\",\
         \"image_url\":{{\"url\":\"data:image/png;base64,{base64}\"}}}}]}}]}}"
    );
    let (plain, known) = (Policy::default(), Known::default());
    let mut group = criterion.benchmark_group("picture");
    group.sample_size(20);
    let encode = |body: &[u8]| {
        let request = Request::parse(body).unwrap();
        let wanted = Wanted::plain(request.model());
        chat::to_gemini(&request, &wanted, &plain, &known).unwrap().request.encode()
    };
    group.bench_function("chat request", |bencher| bencher.iter(|| encode(asked.as_bytes())));
    let escaped = asked.replace('/', "\\/");
    group.bench_function("chat request with escapes", |bencher| {
        bencher.iter(|| encode(escaped.as_bytes()));
    });
    let body = encode(asked.as_bytes());
    group.bench_function("reference::in_request", |bencher| {
        bencher.iter(|| reference::in_request(&body));
    });
    group.bench_function("signature::with_sentinels", |bencher| {
        bencher.iter(|| signature::with_sentinels(&body));
    });
    group.finish();
}
