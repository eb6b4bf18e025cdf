//! JSON on one line, as the data of an event has to be.

/// Returns the document without the white space between its tokens.
///
/// What is inside strings stays as it is; a text that is no JSON comes back in some shape.
pub fn compact(json: &[u8]) -> Vec<u8> {
    let mut line = Vec::with_capacity(json.len());
    let (mut inside, mut escaped) = (false, false);
    for &byte in json {
        if inside {
            inside = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if byte == b'"' {
            inside = true;
        } else if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            continue;
        }
        line.push(byte);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_between_tokens_goes() {
        for (json, want) in [
            ("{\n  \"a b\": [1,\r\n\t2 ],\n \"c\": null }\n", r#"{"a b":[1,2],"c":null}"#),
            (r#"{"q": "a \" b \\", "r": " \\\" "}"#, r#"{"q":"a \" b \\","r":" \\\" "}"#),
            (r#" "\\" "#, r#""\\""#),
            ("\"h\u{e9} \u{2028}x\" ", "\"h\u{e9} \u{2028}x\""),
            ("", ""),
        ] {
            assert_eq!(String::from_utf8(compact(json.as_bytes())).unwrap(), want);
        }
    }
}
