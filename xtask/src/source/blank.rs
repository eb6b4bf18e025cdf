//! Blanks out what is not code: comments, and what stands between quotes.

/// What the scanner is inside of.
#[derive(Clone, Copy)]
enum Inside {
    Code,
    Line,
    Block(usize),
    Text,
    Raw(usize),
}

/// The source with spaces in place of comments and of the contents of texts; lines stay.
pub(super) fn blank(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut inside = Inside::Code;
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (length, next) = step(inside, rest, out.chars().next_back());
        let (taken, after) = rest.split_at(length.max(first.len_utf8()));
        match (inside, next) {
            (Inside::Code, Inside::Code) => out.push_str(taken),
            _ => out.extend(taken.chars().map(|it| if it == '\n' { '\n' } else { ' ' })),
        }
        (inside, rest) = (next, after);
    }
    out
}

/// How many bytes belong together from here, and where the scanner is after them.
fn step(inside: Inside, rest: &str, before: Option<char>) -> (usize, Inside) {
    match inside {
        Inside::Code => enter(rest, before),
        Inside::Line if rest.starts_with('\n') => (1, Inside::Code),
        Inside::Block(1) if rest.starts_with("*/") => (2, Inside::Code),
        Inside::Block(depth) if rest.starts_with("*/") => (2, Inside::Block(depth - 1)),
        Inside::Block(depth) if rest.starts_with("/*") => (2, Inside::Block(depth + 1)),
        Inside::Text if rest.starts_with("\\\\") || rest.starts_with("\\\"") => (2, inside),
        Inside::Text if rest.starts_with('"') => (1, Inside::Code),
        Inside::Raw(hashes) if rest.starts_with(&format!("\"{}", "#".repeat(hashes))) => {
            (1 + hashes, Inside::Code)
        }
        Inside::Line | Inside::Block(_) | Inside::Text | Inside::Raw(_) => (0, inside),
    }
}

fn enter(rest: &str, before: Option<char>) -> (usize, Inside) {
    if rest.starts_with("//") {
        return (2, Inside::Line);
    }
    if rest.starts_with("/*") {
        return (2, Inside::Block(1));
    }
    if rest.starts_with('"') {
        return (1, Inside::Text);
    }
    let in_word = before.is_some_and(|it| it.is_alphanumeric() || it == '_');
    if let Some(raw) = rest.strip_prefix('r').filter(|_| !in_word || before == Some('b')) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw.get(hashes..).is_some_and(|it| it.starts_with('"')) {
            return (2 + hashes, Inside::Raw(hashes));
        }
    }
    // A quote in single quotes opens no text.
    for character in ["'\"'", "'\\\"'", "'\\\\'", "'/'"] {
        if rest.starts_with(character) {
            return (character.len(), Inside::Code);
        }
    }
    (0, Inside::Code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, want: &str) {
        assert_eq!(blank(source), want);
    }

    #[test]
    fn comments_are_gone_and_lines_stay() {
        check("a // b\nc", "a     \nc");
        check("a /* b\n/* c */ */ d", "a     \n           d");
    }

    #[test]
    fn texts_are_gone() {
        check(r#"a("b \" c", d)"#, "a(        , d)");
        check(r##"a(r#"b " c"#, d)"##, "a(          , d)");
        check(r#"a(br"\", d)"#, "a(b    , d)");
    }

    #[test]
    fn a_comment_in_a_text_opens_none() {
        check("\"http://x\"; a", "          ; a");
    }

    #[test]
    fn a_quote_in_quotes_and_a_lifetime_open_nothing() {
        check("'\"' a 'b \"c\"", "'\"' a 'b    ");
    }
}
