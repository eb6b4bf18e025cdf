//! The files of the repository, and Rust sources as far as the checks look into them.

mod blank;
mod paths;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub(crate) use self::paths::{Named, names};

/// Directories that hold nothing of ours.
const FOREIGN: &[&str] =
    &[".git", "artifacts", "corpus", "coverage", "dist", "node_modules", "target", "__pycache__"];

/// What stands before a module of tests.
const TESTS: &str = "#[cfg(test)]";

/// Every file below `directory`, in order of path, but for what is built or fetched.
pub(crate) fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let is_foreign = FOREIGN.iter().any(|name| entry.file_name() == *name);
            match entry.file_type()? {
                kind if kind.is_dir() && !is_foreign => open.push(entry.path()),
                kind if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a path, as written from the root, is of a test.
pub(crate) fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').any(|part| part == "tests")
}

/// A Rust source without comments, the contents of its texts, and its modules of tests.
pub(crate) fn program(text: &str) -> String {
    let blank = blank::blank(text);
    let mut program = String::with_capacity(blank.len());
    let mut rest = blank.as_str();
    while let Some(at) = rest.find(TESTS) {
        let (before, from) = rest.split_at(at);
        let length = module(from).unwrap_or(TESTS.len());
        let (tests, after) = from.split_at(length);
        program.push_str(before);
        program.extend(tests.chars().filter(|it| *it == '\n'));
        rest = after;
    }
    program.push_str(rest);
    program
}

/// The length of a module of tests with its body; absent for anything else.
fn module(from: &str) -> Option<usize> {
    let declared = from.get(TESTS.len()..)?.trim_start();
    let open = from.find('{').filter(|_| declared.starts_with("mod "))?;
    if from.find(';').is_some_and(|end| end < open) {
        return None;
    }
    let mut depth = 0_usize;
    for (at, character) in from.char_indices().skip_while(|(at, _)| *at < open) {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &str) {
        assert_eq!(program(text), want);
    }

    #[test]
    fn a_module_of_tests_is_left_out_and_its_lines_stay() {
        check("a\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nc", "a\n\n\n\n\nc");
    }

    #[test]
    fn what_is_only_declared_for_tests_hides_nothing() {
        check("#[cfg(test)]\nmod tests;\nfn a() { b }", "\nmod tests;\nfn a() { b }");
        check("#[cfg(test)]\nfn a() { b }", "\nfn a() { b }");
    }
}
