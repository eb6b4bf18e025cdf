//! Forms as clients send them.

use pollux_testkit::{App, Whole};

const BOUNDARY: &str = "a-boundary-of-the-test";

/// A form in the making.
#[derive(Default)]
pub(super) struct Form(Vec<u8>);

impl Form {
    /// Adds a field of text.
    pub(super) fn text(mut self, name: &str, value: &str) -> Self {
        let head = format!("content-disposition: form-data; name=\"{name}\"");
        self.part(&head, value.as_bytes());
        self
    }

    /// Adds a file; without a media type it has none.
    pub(super) fn file(mut self, name: &str, (file, media): (&str, &str), bytes: &[u8]) -> Self {
        let media =
            if media.is_empty() { String::new() } else { format!("\r\ncontent-type: {media}") };
        let head =
            format!("content-disposition: form-data; name=\"{name}\"; filename=\"{file}\"{media}");
        self.part(&head, bytes);
        self
    }

    fn part(&mut self, head: &str, bytes: &[u8]) {
        self.0.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").into_bytes());
        self.0.extend(bytes);
        self.0.extend(b"\r\n");
    }

    /// Sends it.
    pub(super) async fn post(mut self, app: &App, target: &str) -> Whole {
        self.0.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        app.post(target, self.0).header("content-type", &content_type).whole().await
    }
}
