//! What a browser says of what it takes and has.

use http::{HeaderMap, HeaderName, header};

/// Whether a page is asked for, by its own name: what opens pages does so, and what loads their
/// parts does not.
pub(super) fn names_html(headers: &HeaderMap) -> bool {
    weighed(headers, &header::ACCEPT).any(|(kind, is_taken)| kind == "text/html" && is_taken)
}

/// Whether a page would do.
pub(super) fn takes_html(headers: &HeaderMap) -> bool {
    let mut kinds = weighed(headers, &header::ACCEPT).peekable();
    kinds.peek().is_none()
        || kinds.any(|(kind, is_taken)| {
            ["text/html", "text/*", "*/*"].contains(&kind.as_str()) && is_taken
        })
}

pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let said = |name: &str| {
        let mut codings = weighed(headers, &header::ACCEPT_ENCODING);
        codings.find(|(coding, _)| coding == name).map(|(_, is_taken)| is_taken)
    };
    said("gzip").or_else(|| said("*")).unwrap_or_default()
}

/// Whether it has what `tag` names.
pub(super) fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let mut tags = items(headers, &header::IF_NONE_MATCH);
    tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// The items of a list, in small letters, and whether each is wanted at all.
fn weighed<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = (String, bool)> + use<'h> {
    items(headers, name).map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let what = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|it| it.strip_prefix("q=").or_else(|| it.strip_prefix("Q=")));
        let is_taken = weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|it| it > 0.0));
        (what, is_taken)
    })
}

fn items<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> + use<'h> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn with(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_page_is_asked_for_by_its_name() {
        let accepts = |value| with(header::ACCEPT, value);
        let browser = accepts("text/html,application/xhtml+xml,*/*;q=0.8");
        assert!(names_html(&browser) && takes_html(&browser));
        for value in ["*/*", "text/*;q=0.1"] {
            assert!(!names_html(&accepts(value)), "{value}");
            assert!(takes_html(&accepts(value)), "{value}");
        }
        for value in ["application/json", "text/html;q=0", "TEXT/HTML; q=0.0"] {
            assert!(!names_html(&accepts(value)) && !takes_html(&accepts(value)), "{value}");
        }
        assert!(!names_html(&HeaderMap::new()) && takes_html(&HeaderMap::new()));
    }

    #[test]
    fn gzip_is_taken_where_it_is_said() {
        for (value, want) in [
            ("gzip, deflate, br", true),
            ("br;q=1, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0, *", false),
            ("identity", false),
            ("", false),
        ] {
            assert_eq!(takes_gzip(&with(header::ACCEPT_ENCODING, value)), want, "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn a_tag_is_found_in_a_list() {
        let has = |value| knows(&with(header::IF_NONE_MATCH, value), "\"a\"");
        assert!(has("\"a\"") && has("\"b\", \"a\"") && has("W/\"a\"") && has("*"));
        assert!(!has("\"b\"") && !has("a"));
    }
}
