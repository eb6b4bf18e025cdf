//! One form for the many paths under which clients look for the same thing.
//!
//! `//` counts as `/`, a trailing `/` as nothing; a product prefix (`/openai`,
//! `/gemini`, `/anthropic`) is dropped, and of two versions in a row the first.

use std::borrow::Cow;

use http::{Uri, uri::PathAndQuery};

const PREFIXES: &[&str] = &["openai", "gemini", "anthropic"];
const VERSIONS: &[&str] = &["v1", "v1beta", "v1alpha"];
/// What stands before the version where bytes go in and out.
const BYTES: &[&str] = &["upload", "download"];

/// Paths of other gateways and of clients that leave the version out.
const ALIASES: &[(&str, &str)] = &[
    ("chat", "/v1/chat/completions"),
    ("chat/completions", "/v1/chat/completions"),
    ("api/chat/completions", "/v1/chat/completions"),
    ("completions", "/v1/completions"),
    ("api/completions", "/v1/completions"),
    ("embeddings", "/v1/embeddings"),
    ("api/embeddings", "/v1/embeddings"),
    ("images/generations", "/v1/images/generations"),
    ("images/edits", "/v1/images/edits"),
    ("images/variations", "/v1/images/variations"),
    ("audio/speech", "/v1/audio/speech"),
    ("audio/transcriptions", "/v1/audio/transcriptions"),
    ("audio/translations", "/v1/audio/translations"),
    ("models", "/v1/models"),
    ("api/models", "/v1/models"),
];

/// Brings the path of `uri` to its one form; the query stays as it is.
pub(super) fn rewrite(uri: &mut Uri) {
    let Cow::Owned(path) = canonical(uri.path()) else { return };
    let path_and_query = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = std::mem::take(uri).into_parts();
    // What was a path stays one when segments are taken out of it.
    parts.path_and_query = PathAndQuery::try_from(path_and_query).ok();
    *uri = Uri::from_parts(parts).unwrap_or_default();
}

fn canonical(path: &str) -> Cow<'_, str> {
    if is_plain(path) {
        return Cow::Borrowed(path);
    }
    let mut segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    while let [first, rest @ ..] = segments.as_slice() {
        let again = rest
            .first()
            .is_some_and(|next| [VERSIONS, PREFIXES, BYTES].iter().any(|set| set.contains(next)));
        if !(PREFIXES.contains(first) || VERSIONS.contains(first) && again) {
            break;
        }
        segments.remove(0);
    }
    let bare = plain_collection(&segments).join("/");
    let alias = ALIASES.iter().find(|(name, _)| *name == bare).map(|(_, target)| *target);
    Cow::Owned(match (alias, segments.first()) {
        (Some(target), _) => target.to_owned(),
        // A model without a version: Gemini's clients end in a method, the others do not.
        (None, Some(&"models")) if bare.contains(':') || bare.contains("%3") => {
            format!("/v1beta/{bare}")
        }
        (None, Some(&"models")) => format!("/v1/{bare}"),
        (None, _) => format!("/{bare}"),
    })
}

/// The segments, of which the one that names a collection shows what follows it: some clients
/// encode the slash or the colon.
fn plain_collection<'a>(segments: &[&'a str]) -> Vec<Cow<'a, str>> {
    let before = |segment: &&&str| BYTES.contains(*segment) || VERSIONS.contains(*segment);
    let place = segments.iter().take_while(before).count();
    let plain = |(at, segment): (usize, &&'a str)| match segment.split_once('%') {
        Some((name, rest)) if at == place && place > 0 => match rest.split_at_checked(2) {
            Some(("2F" | "2f", rest)) => format!("{name}/{rest}").into(),
            Some(("3A" | "3a", rest)) => format!("{name}:{rest}").into(),
            Some(_) | None => (*segment).into(),
        },
        Some(_) | None => (*segment).into(),
    };
    segments.iter().enumerate().map(plain).collect()
}

/// Whether the path begins with a version and has nothing to take out, as nearly all do.
fn is_plain(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let (first, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let second = rest.split('/').next().unwrap_or_default();
    VERSIONS.contains(&first)
        && !VERSIONS.contains(&second)
        && !PREFIXES.contains(&second)
        && !BYTES.contains(&second)
        && !second.contains('%')
        && !path.contains("//")
        && !path.ends_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, want: &str) {
        let mut uri: Uri = from.parse().unwrap();
        rewrite(&mut uri);
        assert_eq!(uri.to_string(), want);
    }

    #[test]
    fn a_plain_path_stays() {
        check("/v1/chat/completions?x=1", "/v1/chat/completions?x=1");
        check("/v1beta/models/m:generateContent", "/v1beta/models/m:generateContent");
        check("/health", "/health");
    }

    #[test]
    fn the_aliases_of_chat_lead_to_it() {
        for path in [
            "/chat",
            "/chat/completions",
            "/api/chat/completions",
            "/v1/v1/chat/completions",
            "/openai/chat/completions",
            "/openai/v1/chat/completions/",
            "//v1//chat/completions",
        ] {
            check(path, "/v1/chat/completions");
        }
    }

    #[test]
    fn the_page_names_every_alias() {
        let page = include_str!("../../../../docs/API.md");
        let (_, rest) = page.split_once("<!-- aliases -->\n").unwrap();
        let (table, _) = rest.split_once("<!-- /aliases -->").unwrap();
        let rows: Vec<&str> = table.lines().skip(2).collect();
        let row = |(name, target): &(&str, &str)| format!("| `/{name}` | `{target}` |");
        assert_eq!(rows, ALIASES.iter().map(row).collect::<Vec<_>>());
    }

    #[test]
    fn the_endpoints_beside_chat_need_no_version() {
        for name in ["embeddings", "completions", "images/edits", "audio/speech"] {
            for prefix in ["", "/openai", "/openai/v1", "/v1beta/openai"] {
                check(&format!("{prefix}/{name}"), &format!("/v1/{name}"));
            }
        }
        check("/api/embeddings", "/v1/embeddings");
        check("/openai/api/chat/completed", "/api/chat/completed");
    }

    #[test]
    fn googles_own_prefix_for_openai_clients_is_one_too() {
        check("/v1beta/openai/chat/completions", "/v1/chat/completions");
        check("/v1beta/openai/models/gemini-3-flash", "/v1/models/gemini-3-flash");
    }

    #[test]
    fn a_native_path_keeps_its_version() {
        check("/gemini/v1beta/models/m:countTokens", "/v1beta/models/m:countTokens");
        check("/v1/v1beta/models?pageSize=3", "/v1beta/models?pageSize=3");
        check("/v1alpha//models/m", "/v1alpha/models/m");
        check("/models/m:generateContent", "/v1beta/models/m:generateContent");
        check("/models/m%3AgenerateContent", "/v1beta/models/m%3AgenerateContent");
    }

    #[test]
    fn a_collection_shows_what_follows_it() {
        check("/v1beta/files%3Aregister", "/v1beta/files:register");
        check("/v1beta/files%2fa%3Adownload?x", "/v1beta/files/a%3Adownload?x");
        check("/v1beta/files/a%2Fb", "/v1beta/files/a%2Fb");
        check("/v1beta/files%41", "/v1beta/files%41");
        check("/v1beta/files%", "/v1beta/files%");
    }

    #[test]
    fn bytes_go_in_and_out_under_their_own_prefixes() {
        check("/upload/v1beta/files?upload_id=x", "/upload/v1beta/files?upload_id=x");
        check("/gemini/upload/v1beta/files", "/upload/v1beta/files");
        check("//upload//v1//files", "/upload/v1/files");
        check("/v1beta/upload/v1beta/files", "/upload/v1beta/files");
        check("/upload/files", "/upload/files");
        check("/upload/v1beta/files%2Fa", "/upload/v1beta/files/a");
        check("/gemini/download/v1/files/a:download", "/download/v1/files/a:download");
    }

    #[test]
    fn a_list_without_version_is_a_list() {
        check("/models", "/v1/models");
        check("/models/m", "/v1/models/m");
        check("/api/models?x", "/v1/models?x");
    }
}
