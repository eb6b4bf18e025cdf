//! The paths that a source names, `use` trees spelled out.

/// A path as it is written, and its line, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}

impl Named {
    /// Whether it begins with these segments.
    pub(crate) fn starts_with(&self, segments: &[&str]) -> bool {
        self.path.len() >= segments.len() && self.path.iter().zip(segments).all(|(a, b)| a == b)
    }

    /// Whether one of its segments is `name`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.path.iter().any(|segment| segment == name)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Colons,
    Open,
    Close,
    Comma,
    Semicolon,
    Other,
}

/// Every path in a program without comments and texts; a single word is a path too.
pub(crate) fn names(program: &str) -> Vec<Named> {
    let mut tokens = Tokens { rest: program, line: 1 };
    let mut names = Vec::new();
    let mut path = Vec::new();
    let mut joined = false;
    while let Some(token) = tokens.next() {
        match token {
            Token::Word("use") => tree(&mut tokens, &[], &mut names),
            Token::Word(word) => {
                if !joined {
                    keep(&mut path, tokens.line, &mut names);
                }
                path.push(word.to_owned());
                joined = false;
            }
            Token::Colons => joined = true,
            Token::Open | Token::Close | Token::Comma | Token::Semicolon | Token::Other => {
                keep(&mut path, tokens.line, &mut names);
                joined = false;
            }
        }
    }
    keep(&mut path, tokens.line, &mut names);
    names
}

fn keep(path: &mut Vec<String>, line: usize, names: &mut Vec<Named>) {
    if !path.is_empty() {
        names.push(Named { path: std::mem::take(path), line });
    }
}

/// Reads one level of a `use` tree, to its semicolon or its closing brace.
fn tree(tokens: &mut Tokens<'_>, prefix: &[String], names: &mut Vec<Named>) {
    let mut path = prefix.to_vec();
    let (mut has_name, mut is_renamed) = (false, false);
    loop {
        let Some(token) = tokens.next() else { return };
        match token {
            Token::Word("as") => is_renamed = true,
            Token::Word("self") if !prefix.is_empty() => has_name = true,
            Token::Word(word) if !is_renamed => {
                path.push(word.to_owned());
                has_name = true;
            }
            Token::Word(_) | Token::Colons | Token::Other => {}
            Token::Open => {
                tree(tokens, &path, names);
                has_name = false;
            }
            Token::Comma | Token::Close | Token::Semicolon => {
                if has_name {
                    keep(&mut path, tokens.line, names);
                }
                path = prefix.to_vec();
                (has_name, is_renamed) = (false, false);
                if token != Token::Comma {
                    return;
                }
            }
        }
    }
}

struct Tokens<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let text = self.rest.trim_start();
        let (space, _) = self.rest.split_at(self.rest.len() - text.len());
        self.line += space.matches('\n').count();
        let first = text.chars().next()?;
        let is_word = |it: char| it.is_alphanumeric() || it == '_';
        let (token, length) = match first {
            _ if is_word(first) => {
                let end = text.find(|it| !is_word(it)).unwrap_or(text.len());
                (Token::Word(text.get(..end)?), end)
            }
            ':' if text.starts_with("::") => (Token::Colons, 2),
            '{' => (Token::Open, 1),
            '}' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            ';' => (Token::Semicolon, 1),
            _ => (Token::Other, first.len_utf8()),
        };
        self.rest = text.get(length..)?;
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(program: &str, want: &[(&str, usize)]) {
        let found: Vec<(String, usize)> =
            names(program).into_iter().map(|it| (it.path.join("::"), it.line)).collect();
        let want: Vec<(String, usize)> =
            want.iter().map(|(path, line)| ((*path).to_owned(), *line)).collect();
        assert_eq!(found, want);
    }

    #[test]
    fn a_use_tree_is_spelled_out() {
        check(
            "use std::{\n    env,\n    time::{self, Instant as Now},\n};\nx",
            &[("std::env", 2), ("std::time", 3), ("std::time::Instant", 3), ("x", 5)],
        );
    }

    #[test]
    fn a_path_in_code_is_one_name() {
        check("let a = std::env::args();", &[("let", 1), ("a", 1), ("std::env::args", 1)]);
    }
}
