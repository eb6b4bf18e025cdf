//! One page of any list: whether it is empty, and its token, exchanged without touching the rest.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::proto::Presence;
use crate::text::{Text, json};

/// A page as it was read.
#[derive(Debug)]
pub struct Page<'a> {
    body: &'a [u8],
    token: Option<&'a RawValue>,
    next: Option<Text<'a>>,
    empty: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(borrow)]
    next_page_token: Option<&'a RawValue>,
}

impl<'a> Page<'a> {
    /// Reads a page whose members are in the list called `collection`.
    pub fn parse(body: &'a [u8], collection: &str) -> Result<Self, serde_json::Error> {
        let fields: Fields<'a> = serde_json::from_slice(body)?;
        let lists: std::collections::BTreeMap<Text<'a>, Presence> = serde_json::from_slice(body)?;
        let holds = |name: &str| lists.iter().any(|(field, members)| &**field == name && members.0);
        // Operations and batches are listed under one name or the other.
        let empty = ![collection, "operations"].into_iter().any(holds);
        let token = fields.next_page_token;
        let next = token.and_then(|raw| serde_json::from_str::<Option<Text<'a>>>(raw.get()).ok());
        let next = next.flatten().filter(|next| !next.is_empty());
        Ok(Self { body, token, next, empty })
    }

    /// Returns what asks for the next page; `None` on the last.
    pub fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// Returns whether it has no members.
    pub fn is_empty(&self) -> bool {
        self.empty
    }

    /// Returns the page with another token, or with none; every other byte is as it was.
    pub fn with_next(&self, next: Option<&str>) -> Vec<u8> {
        let value = json(&next.unwrap_or_default());
        if let Some(token) = self.token {
            let (before, after) = self.around(token.get());
            return [before, &value, after].concat();
        }
        let end = self.body.iter().rposition(|byte| *byte == b'}');
        let (Some(end), Some(_)) = (end, next) else { return self.body.to_vec() };
        let (before, after) = self.body.split_at(end);
        let members = before.trim_ascii_end();
        let comma: &[u8] = if members.ends_with(b"{") { b"" } else { b"," };
        [members, comma, b"\"nextPageToken\":", &value, after].concat()
    }

    /// The body before and after a slice of itself.
    fn around(&self, part: &str) -> (&'a [u8], &'a [u8]) {
        let begin = (part.as_ptr() as usize).saturating_sub(self.body.as_ptr() as usize);
        let (before, rest) = self.body.split_at(begin.min(self.body.len()));
        (before, rest.get(part.len()..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, next: Option<&str>, want: &str) {
        let page = Page::parse(body.as_bytes(), "files").unwrap();
        assert_eq!(String::from_utf8(page.with_next(next)).unwrap(), want);
    }

    #[test]
    fn only_the_token_is_exchanged() {
        check(
            "{ \"x\" :1.0,\"nextPageToken\": \"a\\/b\" ,\"files\":[ {} ]}\n",
            Some("t"),
            "{ \"x\" :1.0,\"nextPageToken\": \"t\" ,\"files\":[ {} ]}\n",
        );
        check("{\"nextPageToken\":\"a\",\"n\":2}", None, "{\"nextPageToken\":\"\",\"n\":2}");
    }

    #[test]
    fn a_token_is_added_where_there_was_none() {
        check("{\n  \"n\": 1\n}\n", Some("t"), "{\n  \"n\": 1,\"nextPageToken\":\"t\"}\n");
        check("{}\n", Some("t"), "{\"nextPageToken\":\"t\"}\n");
        check("{}\n", None, "{}\n");
    }

    #[test]
    fn a_page_says_whether_it_has_members_and_a_next_one() {
        let page = |body: &'static str| Page::parse(body.as_bytes(), "files").unwrap();
        assert_eq!(page("{\"nextPageToken\":\"a\\/b\"}").next(), Some("a/b"));
        assert_eq!(page("{\"nextPageToken\":\"\"}").next(), None);
        assert_eq!(page("{\"nextPageToken\":null}").next(), None);
        assert!(page("{}").is_empty());
        assert!(page("{\"files\":[]}").is_empty());
        assert!(!page("{\"files\":[{}]}").is_empty());
        assert!(!page("{\"operations\":[{}]}").is_empty());
        assert!(Page::parse(b"[]", "files").is_err());
    }
}
