//! JSON laid out for people without a byte of its values changed, so that golden files are exact.

/// Breaks compact JSON into indented lines; order, numbers and escapes stay as they are.
pub(crate) fn layout(json: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for c in json.chars() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '{' | '[' => {
                depth += 1;
                out.push(c);
                line(&mut out, depth);
            }
            '}' | ']' => {
                depth -= 1;
                if out.trim_end().ends_with(['{', '[']) {
                    out.truncate(out.trim_end().len());
                } else {
                    line(&mut out, depth);
                }
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                in_string = c == '"';
                out.push(c);
            }
        }
    }
    out.push('\n');
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}

#[test]
fn only_the_space_between_values_changes() {
    let laid = layout(r#"{"a":[1.0,"x: [\"{"],"b":{}}"#);
    assert_eq!(laid, "{\n  \"a\": [\n    1.0,\n    \"x: [\\\"{\"\n  ],\n  \"b\": {}\n}\n");
}
