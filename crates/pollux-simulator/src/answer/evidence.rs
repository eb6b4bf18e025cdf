//! What an answer rests on when Google's own tools were used: pages found, pages read, code run.

use serde::Serialize;

use super::{Prompt, tokens};

/// Tokens of a page that was read.
const PAGE: u64 = 258;

/// What Google's own tools brought to an answer.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) grounding: Option<Grounding>,
    pub(super) pages: Option<Pages>,
    pub(super) code: Option<CodeRun>,
}

/// Which parts of the text rest on which pages.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Grounding {
    #[serde(skip_serializing_if = "Option::is_none")]
    search_entry_point: Option<EntryPoint>,
    #[serde(rename = "groundingChunks")]
    chunks: Vec<Chunk>,
    #[serde(rename = "groundingSupports")]
    supports: Vec<Support>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    web_search_queries: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryPoint {
    rendered_content: String,
}

#[derive(Debug, Serialize)]
struct Chunk {
    web: Web,
}

#[derive(Debug, Serialize)]
struct Web {
    uri: String,
    title: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Support {
    segment: Segment,
    grounding_chunk_indices: [usize; 1],
}

/// A stretch of the text in bytes; a beginning at 0 is left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Segment {
    #[serde(skip_serializing_if = "Option::is_none")]
    start_index: Option<usize>,
    end_index: usize,
    text: String,
}

/// The pages that were read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pages {
    url_metadata: Vec<Page>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    retrieved_url: String,
    url_retrieval_status: &'static str,
}

/// Code that was run, and what it printed.
#[derive(Debug)]
pub(super) struct CodeRun {
    pub(super) code: String,
    pub(super) output: String,
}

impl Evidence {
    /// What the tools of a request bring to the text that answers it.
    pub(super) fn of(prompt: &Prompt, text: &str) -> Self {
        let urls = if prompt.has_tool("url_context") { urls(&prompt.text) } else { Vec::new() };
        let code = prompt.has_tool("code_execution").then(|| prompt.line("run: ")).flatten();
        let searched = prompt.has_tool("google_search");
        Self {
            grounding: (searched || !urls.is_empty()).then(|| ground(text, &urls, searched)),
            pages: (!urls.is_empty()).then(|| read(&urls)),
            code: code.map(|code| CodeRun {
                output: format!("simulated output of {code}\n"),
                code: code.to_owned(),
            }),
        }
    }

    /// Tokens of what the tools brought.
    pub(super) fn tokens(&self) -> u64 {
        let pages = self.pages.iter().flat_map(|pages| &pages.url_metadata).map(|_| PAGE);
        let code = self.code.iter().map(|run| tokens(&run.code) + tokens(&run.output));
        pages.chain(code).sum()
    }
}

fn urls(text: &str) -> Vec<&str> {
    let words = text.split_whitespace();
    words.filter(|word| word.starts_with("https://") || word.starts_with("http://")).collect()
}

fn ground(text: &str, urls: &[&str], searched: bool) -> Grounding {
    let found = |at: usize| Chunk {
        web: Web {
            uri: format!("https://vertexaisearch.cloud.google.com/grounding-api-redirect/{at}"),
            title: format!("source-{at}.example"),
        },
    };
    let read =
        |url: &&str| Chunk { web: Web { uri: (*url).to_owned(), title: "A page".to_owned() } };
    let mut chunks: Vec<_> = urls.iter().map(read).collect();
    if searched {
        chunks.extend((0..2).map(found));
    }
    let sentences = sentences(text).enumerate();
    let supports = sentences
        .map(|(at, segment)| Support { segment, grounding_chunk_indices: [at % chunks.len()] })
        .collect();
    Grounding {
        search_entry_point: searched.then(|| EntryPoint {
            rendered_content: "<div class=\"container\">Search suggestions</div>".to_owned(),
        }),
        supports,
        chunks,
        web_search_queries: if searched {
            vec!["a simulated search".to_owned()]
        } else {
            Vec::new()
        },
    }
}

fn sentences(text: &str) -> impl Iterator<Item = Segment> {
    let ends = ['.', '!', '?', '\n', '\u{3002}'];
    let mut begin = 0;
    text.split_inclusive(ends).filter_map(move |sentence| {
        let start = begin + (sentence.len() - sentence.trim_start().len());
        begin += sentence.len();
        let text = sentence.trim().to_owned();
        let end_index = start + text.len();
        (!text.is_empty()).then(|| Segment {
            start_index: (start > 0).then_some(start),
            end_index,
            text,
        })
    })
}

fn read(urls: &[&str]) -> Pages {
    let page = |url: &&str| Page {
        retrieved_url: (*url).to_owned(),
        url_retrieval_status: "URL_RETRIEVAL_STATUS_SUCCESS",
    };
    Pages { url_metadata: urls.iter().map(page).collect() }
}
