//! Tables for spreadsheets (RFC 4180), of which no cell is run.

use std::borrow::Cow;

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};
use pollux_pool::time::Timestamp;

/// One row, with its end.
pub(super) fn line<'a>(cells: impl IntoIterator<Item = Cow<'a, str>>) -> String {
    let mut line = String::new();
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            line.push(',');
        }
        // A spreadsheet takes what begins so for a formula; one behind an apostrophe is a text.
        let is_run = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        if is_run || cell.contains([',', '"', '\n', '\r']) {
            line.push('"');
            line.push_str(if is_run { "'" } else { "" });
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(&cell);
        }
    }
    line.push_str("\r\n");
    line
}

/// A cell of what may be absent.
pub(super) fn cell(value: Option<impl ToString>) -> Cow<'static, str> {
    value.map_or(Cow::Borrowed(""), |value| Cow::Owned(value.to_string()))
}

/// A cell of a moment, as RFC 3339 in UTC.
pub(super) fn moment(at: Option<Timestamp>) -> Cow<'static, str> {
    cell(at.and_then(|at| jiff::Timestamp::from_microsecond(at.as_micros()).ok()))
}

/// A table to be saved under a name.
pub(super) fn table(body: impl Into<Body>, name: &'static str) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    response
}

#[cfg(test)]
mod tests {
    use super::line;

    #[track_caller]
    fn check(cells: &[&str], want: &str) {
        assert_eq!(line(cells.iter().map(|cell| (*cell).into())), format!("{want}\r\n"));
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        check(&["a", "", "b c"], "a,,b c");
        check(&["a,b", "say \"it\"", "one\ntwo"], "\"a,b\",\"say \"\"it\"\"\",\"one\ntwo\"");
    }

    #[test]
    fn no_cell_is_run() {
        check(&["=1+1", "+1", "-1", "@x"], "\"'=1+1\",\"'+1\",\"'-1\",\"'@x\"");
        check(&["\tx", "a=1"], "\"'\tx\",a=1");
        check(&["=A1,\"B1\""], "\"'=A1,\"\"B1\"\"\"");
    }
}
