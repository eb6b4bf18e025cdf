//! `cargo xtask tidy`: sizes, module docs, and what must not stand in a source.

use std::{error::Error, fs, path::Path};

use crate::{shell, source, workspace::Workspace};

/// Lines of code in a file, and in a file of tests.
const MOST: usize = 400;
const MOST_IN_TESTS: usize = 600;
/// How sources begin that are made from others.
const MADE: &str = "// Made by ";
/// Marks of work left undone, which need the number of an issue beside them.
const MARKS: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];
/// The first part of paths that exist on one machine only.
const MACHINE: [&str; 3] = ["root", "tmp", "work"];
/// What is read besides Rust, by the end of its name.
const TEXTS: &[&str] = &[
    ".rs", ".toml", ".md", ".py", ".in", ".sh", ".yml", ".yaml", "/run", ".css", ".js", ".ts",
    ".tsx", ".html",
];

/// Checks every file of the repository and says everything that is wrong.
///
/// # Errors
/// When something is wrong.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Box<dyn Error>> {
    let mut faults = Vec::new();
    let mut count = 0_usize;
    for path in source::files(&workspace.root)? {
        let name = workspace.relative(&path);
        if !TEXTS.iter().any(|end| name.ends_with(end)) || is_given(&name) {
            continue;
        }
        count += 1;
        match String::from_utf8(fs::read(&path)?) {
            Ok(text) => faults.extend(file(&name, &text)),
            Err(_) => faults.push(format!("{name}: is not UTF-8")),
        }
    }
    for member in &workspace.crates {
        let manifest = member.directory.join("Cargo.toml");
        faults.extend(lints(&workspace.relative(&manifest), &fs::read_to_string(&manifest)?));
    }
    if faults.is_empty() {
        shell::say(&format!("tidy: {count} files are in order"));
        return Ok(());
    }
    for fault in &faults {
        shell::say(fault);
    }
    Err(format!("tidy: {} faults", faults.len()).into())
}

/// Whether a file holds what nobody here wrote by hand: recorded, seeded, expected or built bytes.
fn is_given(name: &str) -> bool {
    name.split('/').any(|part| ["dist", "golden", "seeds", "snapshots"].contains(&part))
}

fn file(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (line, number) in text.lines().zip(1_u32..) {
        let mut fault = |what: &str| faults.push(format!("{name}:{number}: {what}"));
        if line.ends_with([' ', '\t', '\r']) {
            fault("space at the end of the line");
        }
        if let Some(mark) = MARKS.iter().find(|mark| is_open(line, mark)) {
            fault(&format!("{mark} without the number of an issue"));
        }
        if MACHINE.iter().any(|part| names_machine(line, part)) {
            fault("a path of one machine");
        }
        if is_rust(name) && !source::is_test(name) && !line.is_ascii() {
            fault("a character beyond ASCII");
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        faults.push(format!("{name}: does not end with a line break"));
    }
    if is_rust(name) {
        faults.extend(rust(name, text));
    }
    if name.starts_with("console/src/") && !text.starts_with(MADE) {
        faults.extend(script(name, text));
    }
    faults
}

/// The same for the console's sources, which open with a comment too.
fn script(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let is_style = Path::new(name).extension().is_some_and(|extension| extension == "css");
    let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
    if lines > MOST {
        faults.push(format!("{name}: {lines} lines, {MOST} at most"));
    }
    if !is_style && !text.starts_with("// ") {
        faults.push(format!("{name}: does not open with what it is (`// `)"));
    }
    faults
}

fn is_rust(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "rs")
}

fn rust(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let most = if source::is_test(name) { MOST_IN_TESTS } else { MOST };
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let lines = text.lines().filter(is_code).count();
    if lines > most {
        faults.push(format!("{name}: {lines} lines of code, {most} at most"));
    }
    if !text.lines().take_while(|line| !line.is_empty()).any(|line| line.starts_with("//! ")) {
        faults.push(format!("{name}: does not open with what it is (`//!`)"));
    }
    faults
}

/// Whether `mark` stands in the line as a word, and no `#12` after it.
fn is_open(line: &str, mark: &str) -> bool {
    let is_letter = |it: char| it.is_alphanumeric() || it == '_';
    line.match_indices(mark).any(|(at, _)| {
        let (before, after) = (line.get(..at), line.get(at + mark.len()..));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        let is_word = !before.ends_with(is_letter) && !after.starts_with(is_letter);
        let issue = after.trim_start_matches(['(', ' ']).strip_prefix('#');
        is_word && !issue.is_some_and(|it| it.starts_with(|digit: char| digit.is_ascii_digit()))
    })
}

/// Whether the line holds a path that begins with `/part/`.
fn names_machine(line: &str, part: &str) -> bool {
    let start = format!("/{part}/");
    line.match_indices(&start).any(|(at, _)| {
        let before = line.get(..at).and_then(|it| it.chars().next_back());
        before.is_none_or(|it| !(it.is_alphanumeric() || "._-/}>*".contains(it)))
    })
}

fn lints(name: &str, manifest: &str) -> Option<String> {
    let mut lines = manifest.lines().map(str::trim).skip_while(|line| *line != "[lints]").skip(1);
    let own = lines.find(|line| !line.is_empty());
    (own != Some("workspace = true"))
        .then(|| format!("{name}: does not take the workspace's lints"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, text: &str, want: &[&str]) {
        assert_eq!(file(name, text), want);
    }

    #[test]
    fn a_source_of_the_console_is_short_and_says_what_it_is() {
        let name = "console/src/a.tsx";
        check(name, "// It is this.\n", &[]);
        check(name, "import a;\n", &["console/src/a.tsx: does not open with what it is (`// `)"]);
        let long = format!("// It is this.\n{}", "a;\n".repeat(MOST));
        check(name, &long, &["console/src/a.tsx: 401 lines, 400 at most"]);
        check(name, &format!("// Made by a tool.\n{}", "a;\n".repeat(MOST)), &[]);
    }

    #[test]
    fn a_tidy_file_has_no_fault() {
        check("a/src/b.rs", "//! It is this.\n\nfn a() {}\n", &[]);
        check("a/b.md", "Plain text, with a dash \u{2013} here.\n", &[]);
    }

    #[test]
    fn a_module_says_what_it_is() {
        check("a/src/b.rs", "fn a() {}\n", &["a/src/b.rs: does not open with what it is (`//!`)"]);
    }

    #[test]
    fn a_file_has_a_size() {
        let lines = |count: usize| format!("//! It.\n{}", "let a = 1;\n\n// b\n".repeat(count));
        check("a/src/b.rs", &lines(400), &[]);
        check("a/src/b.rs", &lines(401), &["a/src/b.rs: 401 lines of code, 400 at most"]);
        check("a/src/b/tests.rs", &lines(600), &[]);
        check("a/tests/it/b.rs", &lines(601), &["a/tests/it/b.rs: 601 lines of code, 600 at most"]);
    }

    #[test]
    fn undone_work_has_an_issue() {
        for mark in MARKS {
            check("b.md", &format!("{mark}(#12): a\n{mark} #3\nmy{mark}\n"), &[]);
            let want = format!("b.md:1: {mark} without the number of an issue");
            check("b.md", &format!("{mark}: a\n"), &[&want]);
        }
    }

    #[test]
    fn no_machine_is_named() {
        for part in MACHINE {
            check("b.md", &format!("see `/{part}/main`\n"), &["b.md:1: a path of one machine"]);
            check("b.md", &format!("see docs/{part}/main and $HOME/{part}/x\n"), &[]);
        }
    }

    #[test]
    fn a_source_is_ascii_and_a_test_need_not_be() {
        let text = "//! It.\nlet a = \"\u{e9}\";\n";
        check("a/src/b.rs", text, &["a/src/b.rs:2: a character beyond ASCII"]);
        check("a/tests/it/b.rs", text, &[]);
    }

    #[test]
    fn lines_end_where_they_end() {
        check("b.md", "a \n", &["b.md:1: space at the end of the line"]);
        check("b.md", "a", &["b.md: does not end with a line break"]);
    }

    #[test]
    fn a_crate_takes_the_lints_of_the_workspace() {
        assert_eq!(lints("a", "[package]\n\n[lints]\nworkspace = true\n"), None);
        for manifest in ["[package]\n", "[lints]\n[lints.rust]\n", "[lints.workspace]\n"] {
            let want = "a: does not take the workspace's lints".to_owned();
            assert_eq!(lints("a", manifest), Some(want));
        }
    }
}
