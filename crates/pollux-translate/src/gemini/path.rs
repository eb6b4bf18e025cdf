//! Native paths: what a client asks for, and where Pollux sends its own calls.
//!
//! A path is untrusted. It is decoded once and cut at slashes; doubled slashes count as one. A name
//! that could reach another resource (`..`, control characters, `?`, `#`, a second encoding) is refused.

use std::borrow::Cow;
use std::fmt::Write;

use crate::error::TranslateError;

/// What a native path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// The API version, for example `v1beta`.
    pub version: Cow<'a, str>,
    /// The collection, for example `models` or `cachedContents`.
    pub collection: Cow<'a, str>,
    /// The name inside the collection, decoded; a model's stands without `models/`.
    pub resource: Option<Cow<'a, str>>,
    /// The word after the last colon, for example `generateContent`.
    pub method: Option<Cow<'a, str>>,
}

/// The methods that the gateway treats in ways of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `generateContent`.
    GenerateContent,
    /// `streamGenerateContent`.
    StreamGenerateContent,
    /// `countTokens`.
    CountTokens,
    /// `embedContent`.
    EmbedContent,
    /// `batchEmbedContents`.
    BatchEmbedContents,
    /// Any other.
    Other,
}

impl Method {
    /// Reads a method's name.
    pub fn parse(name: &str) -> Self {
        match name {
            "generateContent" => Self::GenerateContent,
            "streamGenerateContent" => Self::StreamGenerateContent,
            "countTokens" => Self::CountTokens,
            "embedContent" => Self::EmbedContent,
            "batchEmbedContents" => Self::BatchEmbedContents,
            _ => Self::Other,
        }
    }
}

impl<'a> Target<'a> {
    /// Reads a path as it arrives, for example `/v1beta/models/gemini-3-flash:generateContent`.
    ///
    /// A query that is still attached is left out of account.
    pub fn parse(path: &'a str) -> Result<Self, TranslateError> {
        let path = path.split('?').next().unwrap_or_default();
        let clean = normal(path)?;
        match clean {
            Cow::Borrowed(path) => Self::split(path),
            Cow::Owned(path) => Target::split(&path).map(Target::into_owned),
        }
    }

    /// Returns which of the methods is called; `None` when the path names none.
    pub fn call(&self) -> Option<Method> {
        self.method.as_deref().map(Method::parse)
    }

    fn split(path: &'a str) -> Result<Self, TranslateError> {
        let (version, rest) = path.split_once('/').unwrap_or((path, ""));
        if !is_version(version) {
            return Err(TranslateError::whole(format!(
                "no API version in the path `{}`",
                shown(path)
            )));
        }
        let (rest, method) = match rest.rsplit_once(':') {
            Some((name, method)) if !method.contains('/') => (name, Some(method)),
            Some(_) | None => (rest, None),
        };
        let (collection, resource) = match rest.split_once('/') {
            Some((collection, resource)) => (collection, Some(resource)),
            None => (rest, None),
        };
        if collection.is_empty() || method == Some("") || resource == Some("") {
            return Err(TranslateError::whole(format!(
                "the path `{}` names no resource",
                shown(path)
            )));
        }
        let resource = match collection {
            "models" => resource.map(|name| name.strip_prefix("models/").unwrap_or(name)),
            _ => resource,
        };
        Ok(Self {
            version: version.into(),
            collection: collection.into(),
            resource: resource.map(Cow::Borrowed),
            method: method.map(Cow::Borrowed),
        })
    }

    /// Returns the same without borrowing from the path.
    pub fn into_owned(self) -> Target<'static> {
        let own = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        Target {
            version: own(self.version),
            collection: own(self.collection),
            resource: self.resource.map(own),
            method: self.method.map(own),
        }
    }
}

/// Returns the path and query that ask `model` for an answer; it must have passed [`check_model`].
pub fn generate(version: &str, model: &str, streaming: bool) -> String {
    let method = if streaming { "streamGenerateContent?alt=sse" } else { "generateContent" };
    call(version, model, method)
}

/// Returns the path that calls a method of `model`, which must have passed [`check_model`].
///
/// Names under `tunedModels/` and `dynamic/` keep their collection.
pub fn call(version: &str, model: &str, method: &str) -> String {
    let model = model.strip_prefix("models/").unwrap_or(model);
    let has_collection = ["tunedModels/", "dynamic/"].iter().any(|it| model.starts_with(it));
    let collection = if has_collection { "" } else { "models/" };
    let mut path = format!("/{version}/{collection}");
    for byte in model.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/@:".contains(&byte) {
            path.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(path, "%{byte:02X}");
        }
    }
    path.push(':');
    path.push_str(method);
    path
}

/// Refuses a model name that could reach anything but a model.
pub fn check_model(model: &str) -> Result<(), TranslateError> {
    let named = !model.is_empty() && model.len() <= 256;
    if named && model.split('/').all(is_safe_segment) {
        return Ok(());
    }
    Err(TranslateError::at("model", format!("`{}` is not a model name", shown(model))))
}

/// Returns the path decoded, without leading, trailing and doubled slashes.
fn normal(path: &str) -> Result<Cow<'_, str>, TranslateError> {
    let refused = || TranslateError::whole(format!("the path `{}` is refused", shown(path)));
    let trimmed = path.trim_matches('/');
    let decoded = decode(trimmed).ok_or_else(refused)?;
    let decoded = match decoded {
        Cow::Owned(text) => Cow::Owned(text.trim_matches('/').to_owned()),
        borrowed @ Cow::Borrowed(_) => borrowed,
    };
    if !decoded.split('/').filter(|segment| !segment.is_empty()).all(is_safe_segment) {
        return Err(refused());
    }
    if !decoded.contains("//") {
        return Ok(decoded);
    }
    let segments: Vec<_> = decoded.split('/').filter(|segment| !segment.is_empty()).collect();
    Ok(Cow::Owned(segments.join("/")))
}

/// Undoes percent-encoding once; `None` when it is broken or hides text that is not UTF-8.
fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        let plain = match byte {
            b'%' => hex(bytes.next()?)? * 16 + hex(bytes.next()?)?,
            other => other,
        };
        decoded.push(plain);
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Returns the beginning of a text that a client sent, fit to be shown.
fn shown(text: &str) -> String {
    text.chars().take(100).flat_map(char::escape_debug).collect()
}

fn is_safe_segment(segment: &str) -> bool {
    // `..:generateContent` would be a parent directory once the method is cut off.
    let name = segment.split(':').next().unwrap_or_default();
    !matches!(name, "" | "." | "..")
        && !segment.contains(|c: char| c.is_control() || c.is_whitespace() || "?#%\\".contains(c))
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_digit())
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Expected<'a> = (&'a str, &'a str, Option<&'a str>, Option<&'a str>);

    #[track_caller]
    fn check(path: &str, (version, collection, resource, method): Expected<'_>) {
        let target = Target::parse(path).unwrap();
        assert_eq!(target.version, version);
        assert_eq!(target.collection, collection);
        assert_eq!(target.resource.as_deref(), resource);
        assert_eq!(target.method.as_deref(), method);
    }

    #[test]
    fn a_model_call_is_taken_apart() {
        let want = ("v1beta", "models", Some("gemini-3-flash"), Some("streamGenerateContent"));
        check("/v1beta/models/gemini-3-flash:streamGenerateContent", want);
        check("/v1beta/models/gemini-3-flash%3AstreamGenerateContent", want);
        check("//v1beta//models/gemini-3-flash%3astreamGenerateContent/", want);
        check("/v1beta/models/models/gemini-3-flash:streamGenerateContent?alt=sse", want);
        check("/v1beta/models/models%2Fgemini-3-flash:streamGenerateContent", want);
    }

    #[test]
    fn other_resources_keep_their_names() {
        check("/v1/models", ("v1", "models", None, None));
        check("/v1/models/gemini-3-flash", ("v1", "models", Some("gemini-3-flash"), None));
        check(
            "/v1alpha/tunedModels/x:generateContent",
            ("v1alpha", "tunedModels", Some("x"), Some("generateContent")),
        );
        check("/v1beta/files:register", ("v1beta", "files", None, Some("register")));
        check(
            "/v1beta/models/m/operations/id",
            ("v1beta", "models", Some("m/operations/id"), None),
        );
        check(
            "/v1beta/models/gemma:2b:countTokens",
            ("v1beta", "models", Some("gemma:2b"), Some("countTokens")),
        );
    }

    #[test]
    fn a_path_that_leads_elsewhere_is_refused() {
        for path in [
            "",
            "/",
            "/models/gemini-3-flash:generateContent",
            "/v1beta",
            "/v1beta/models/..:generateContent",
            "/v1beta/models/../files/x",
            "/v1beta/models/%2e%2e/files/x",
            "/v1beta/models/%252e%252e/files/x",
            "/v1beta/models/a%3Fkey=x:generateContent",
            "/v1beta/models/a%23b",
            "/v1beta/models/a%0Ab",
            "/v1beta/models/a%zz",
            "/v1beta/models/a%ff",
            "/v1beta/models/a\\b",
            "/v1beta/models/:generateContent",
            "/v1beta/models/a:",
            "/upload/v1beta/files",
        ] {
            assert!(Target::parse(path).is_err(), "{path}");
        }
    }

    #[test]
    fn a_call_is_addressed_to_its_collection() {
        assert_eq!(generate("v1beta", "m", false), "/v1beta/models/m:generateContent");
        assert_eq!(
            generate("v1beta", "models/m", true),
            "/v1beta/models/m:streamGenerateContent?alt=sse"
        );
        assert_eq!(generate("v1", "tunedModels/x", false), "/v1/tunedModels/x:generateContent");
        assert_eq!(generate("v1", "a?b c", false), "/v1/models/a%3Fb%20c:generateContent");
    }

    #[test]
    fn a_model_name_may_not_be_a_path() {
        for model in ["", "..", "a/../b", "a//b", "a?b", "a#b", "a\nb", "a%2e", "a b"] {
            assert!(check_model(model).is_err(), "{model}");
        }
        for model in ["gemini-3-flash", "tunedModels/x", "models/gemini-2.5-pro", "gemma:2b"] {
            assert!(check_model(model).is_ok(), "{model}");
        }
    }

    #[test]
    fn the_methods_with_ways_of_their_own_are_known() {
        let call = |path| Target::parse(path).unwrap().call();
        assert_eq!(call("/v1/models/m:generateContent"), Some(Method::GenerateContent));
        assert_eq!(call("/v1/models/m:predict"), Some(Method::Other));
        assert_eq!(call("/v1/models/m"), None);
    }
}
