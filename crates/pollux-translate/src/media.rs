//! Media that travels inside a request.

/// Media that were fetched for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// The media type, for example `image/png`.
    pub mime_type: String,
    /// The bytes in base64.
    pub data: String,
}

/// A `data:` URL in base64, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DataUrl<'a> {
    /// The media type without parameters, for example `image/png`.
    pub(crate) mime_type: &'a str,
    /// The bytes in base64.
    pub(crate) data: &'a str,
}

impl<'a> DataUrl<'a> {
    /// Reads a URL; `None` when it is no `data:` URL, not in base64, or names no media type.
    pub(crate) fn parse(url: &'a str) -> Option<Self> {
        let scheme = url.get(..5)?;
        let rest = url.get(5..).filter(|_| scheme.eq_ignore_ascii_case("data:"))?;
        let (head, data) = rest.split_once(',')?;
        let mut attributes = head.split(';').map(str::trim);
        let mime_type = attributes.next().filter(|mime| mime.contains('/'))?;
        let is_base64 = attributes.any(|attribute| attribute.eq_ignore_ascii_case("base64"));
        (is_base64 && !data.is_empty()).then(|| Self { mime_type: canonical(mime_type), data })
    }
}

/// Gemini knows JPEG by its registered name only.
fn canonical(mime_type: &str) -> &str {
    if mime_type.eq_ignore_ascii_case("image/jpg") { "image/jpeg" } else { mime_type }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, want: Option<(&str, &str)>) {
        let got = DataUrl::parse(url).map(|url| (url.mime_type, url.data));
        assert_eq!(got, want);
    }

    #[test]
    fn a_base64_url_is_taken_apart() {
        check("data:image/png;base64,AAAA", Some(("image/png", "AAAA")));
        check("DATA:image/jpg;charset=x;BASE64,A-_=", Some(("image/jpeg", "A-_=")));
        check("data:application/pdf;base64,JVBE", Some(("application/pdf", "JVBE")));
    }

    #[test]
    fn any_other_url_is_not() {
        for url in [
            "https://example.com/a.png",
            "data:image/png,AAAA",
            "data:;base64,AAAA",
            "data:image/png;base64,",
            "data:image/png;base64",
            "dat",
            "",
            "\u{fffd}\u{fffd}:",
        ] {
            check(url, None);
        }
    }
}
