//! From Gemini's grounding to OpenAI's `url_citation` annotations.
//!
//! Gemini counts bytes of UTF-8 in its own text; OpenAI counts characters in what the client got. A
//! segment is looked for where Gemini says it is, and else by its text.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::gemini::grounding::{GroundingMetadata, Segment};

/// One annotation.
#[derive(Serialize)]
pub(super) struct Annotation {
    r#type: &'static str,
    url_citation: UrlCitation,
}

#[derive(Serialize)]
struct UrlCitation {
    start_index: usize,
    end_index: usize,
    url: String,
    title: String,
}

/// Returns the citations in `content`, which is all the text that the client got.
pub(super) fn annotations(content: &str, metadata: &RawValue) -> Vec<Annotation> {
    let Ok(metadata) = serde_json::from_str::<GroundingMetadata<'_>>(metadata.get()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for support in &metadata.grounding_supports {
        let Some((start, end)) = place(content, &support.segment) else { continue };
        let start_index = content.get(..start).map_or(0, |before| before.chars().count());
        let length = content.get(start..end).map_or(0, |inside| inside.chars().count());
        let sources = support.grounding_chunk_indices.iter().filter_map(|at| {
            let source = metadata.grounding_chunks.get(*at)?.source()?;
            Some((source.uri.as_deref()?, source.title.as_deref().unwrap_or_default()))
        });
        found.extend(sources.map(|(url, title)| Annotation {
            r#type: "url_citation",
            url_citation: UrlCitation {
                start_index,
                end_index: start_index + length,
                url: url.to_owned(),
                title: title.to_owned(),
            },
        }));
    }
    found
}

/// Returns where a segment stands in the content, in bytes.
fn place(content: &str, segment: &Segment<'_>) -> Option<(usize, usize)> {
    let start = usize::try_from(segment.start_index.unwrap_or(0)).ok()?;
    let end = segment.end_index.and_then(|end| usize::try_from(end).ok());
    let said = end.and_then(|end| content.get(start..end).map(|inside| (end, inside)));
    match (&segment.text, said) {
        (None, Some((end, _))) => Some((start, end)),
        (Some(text), Some((end, inside))) if text.as_str() == inside => Some((start, end)),
        (Some(text), _) if !text.is_empty() => {
            let at = content.find(text.as_str())?;
            Some((at, at + text.len()))
        }
        (Some(_) | None, _) => None,
    }
}
