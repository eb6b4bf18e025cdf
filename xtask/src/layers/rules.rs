//! Which module may name what, told from the sources.

use crate::source::{self, Named};

/// Names that say nothing: a thing that fits nowhere names a missing concept.
const NAMELESS: &[&str] = &["utils", "util", "common", "helpers", "types"];
/// Crates whose business the environment and the real clock are, and those of tests only.
const EDGES: &[&str] = &["crates/pollux/", "crates/pollux-testkit/", "xtask/"];
/// Where tasks are started.
const SPAWNERS: &[&str] =
    &["crates/pollux/src/tasks.rs", "crates/pollux-simulator/src/server/serve.rs"];
const FACES: &str = "crates/pollux-gateway/src/faces/";

/// Says each line that names what its module may not know; takes paths from the root, and texts.
pub(super) fn faults(sources: &[(String, String)]) -> Vec<String> {
    let faces = faces(sources);
    let mut faults = Vec::new();
    for (path, text) in sources {
        if let Some(name) = NAMELESS.iter().find(|name| is_called(path, name)) {
            faults.push(format!("{path}: no module is called `{name}`"));
        }
        if source::is_test(path) {
            continue;
        }
        for named in source::names(&source::program(text)) {
            let broken = edge(path, &named)
                .or_else(|| spawn(path, &named))
                .or_else(|| face(path, &named, &faces))
                .or_else(|| serialize(path, &named));
            if let Some(why) = broken {
                faults.push(format!("{path}:{}: `{}`: {why}", named.line, named.path.join("::")));
            }
        }
    }
    faults
}

fn is_called(path: &str, name: &str) -> bool {
    path.ends_with(&format!("/{name}.rs")) || path.contains(&format!("/{name}/"))
}

fn edge(path: &str, named: &Named) -> Option<&'static str> {
    if EDGES.iter().any(|edge| path.starts_with(edge)) {
        return None;
    }
    if named.starts_with(&["std", "env"]) {
        return Some("only an edge reads the environment");
    }
    (named.has("SystemTime") || named.has("Instant")).then_some("only an edge reads a clock")
}

fn spawn(path: &str, named: &Named) -> Option<&'static str> {
    if SPAWNERS.contains(&path) || path.starts_with("xtask/") {
        return None;
    }
    let starts = ["spawn", "spawn_blocking", "spawn_local"].iter().any(|name| named.has(name));
    let is_tokio = named.starts_with(&["tokio"]) || named.starts_with(&["task"]);
    (named.has("JoinSet") || (starts && is_tokio)).then_some("only an edge's one place spawns")
}

fn serialize(path: &str, named: &Named) -> Option<&'static str> {
    let in_pool = path.starts_with("crates/pollux-pool/");
    (in_pool && named.has("Serialize")).then_some("the pool's types have no form outside")
}

/// The faces' names: what stands in their directory, but for what they share.
fn faces(sources: &[(String, String)]) -> Vec<String> {
    let names = sources.iter().filter_map(|(path, _)| face_of(path));
    names.filter(|name| !["mod", "respond"].contains(name)).map(str::to_owned).collect()
}

fn face_of(path: &str) -> Option<&str> {
    path.strip_prefix(FACES)?.split('/').next().map(|name| name.trim_end_matches(".rs"))
}

fn face(path: &str, named: &Named, faces: &[String]) -> Option<&'static str> {
    let own = face_of(path).filter(|own| !["mod", "respond"].contains(own))?;
    let resolved = resolve(path, &named.path)?;
    let [area, other, ..] = resolved.as_slice() else { return None };
    let is_other = area == "faces" && other != own && faces.contains(other);
    is_other.then_some("faces do not know each other")
}

/// A path from its crate's root; absent for one that does not say where it begins.
fn resolve(file: &str, path: &[String]) -> Option<Vec<String>> {
    let (_, inside) = file.split_once("/src/")?;
    let mut module: Vec<String> =
        inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    module.pop_if(|last| ["mod", "lib", "main"].contains(&last.as_str()));
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => module.clear(),
        "self" | "super" => {}
        _ => return None,
    }
    while let [first @ ("crate" | "self" | "super"), after @ ..] =
        rest.iter().map(String::as_str).collect::<Vec<_>>().as_slice()
    {
        if *first == "super" {
            module.pop();
        }
        rest = rest.get(rest.len() - after.len()..)?;
    }
    module.extend_from_slice(rest);
    Some(module)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GEMINI: &str = "crates/pollux-gateway/src/faces/gemini/pass.rs";

    #[track_caller]
    fn check(path: &str, text: &str, want: &[&str]) {
        let sources = [
            (path.to_owned(), text.to_owned()),
            ("crates/pollux-gateway/src/faces/openai/mod.rs".to_owned(), String::new()),
            ("crates/pollux-gateway/src/faces/respond.rs".to_owned(), String::new()),
        ];
        assert_eq!(faults(&sources), want);
    }

    #[test]
    fn a_clock_is_for_an_edge() {
        let path = "crates/pollux-pool/src/pool/mod.rs";
        let why = "only an edge reads a clock";
        check(
            path,
            "use std::{\n    sync::Arc,\n    time::{Duration, Instant},\n};",
            &[&format!("{path}:3: `std::time::Instant`: {why}")],
        );
        check("crates/pollux/src/clock.rs", "use std::time::SystemTime;", &[]);
    }

    #[test]
    fn the_environment_is_for_an_edge() {
        let path = "crates/pollux-gateway/src/auth.rs";
        let why = "only an edge reads the environment";
        check(
            path,
            "fn a() { std::env::vars(); }",
            &[&format!("{path}:1: `std::env::vars`: {why}")],
        );
    }

    #[test]
    fn tests_and_comments_may_name_anything() {
        check("crates/pollux-pool/src/pool/tests.rs", "use std::time::Instant;", &[]);
        check("crates/pollux-pool/src/x.rs", "// std::env\nlet a = \"Instant\";", &[]);
        check("crates/pollux-pool/src/x.rs", "a\n#[cfg(test)]\nmod tests {\nuse std::env;\n}", &[]);
    }

    #[test]
    fn tasks_start_in_one_place() {
        let path = "crates/pollux/src/serve.rs";
        let why = "only an edge's one place spawns";
        check(path, "tokio::spawn(x)", &[&format!("{path}:1: `tokio::spawn`: {why}")]);
        check(
            path,
            "use tokio::task::JoinSet;",
            &[&format!("{path}:1: `tokio::task::JoinSet`: {why}")],
        );
        check("crates/pollux/src/tasks.rs", "tokio::spawn(x)", &[]);
        check(path, "tasks.spawn(x)", &[]);
    }

    #[test]
    fn faces_do_not_know_each_other() {
        let why = "faces do not know each other";
        check(
            GEMINI,
            "use crate::faces::{self, openai};",
            &[&format!("{GEMINI}:1: `crate::faces::openai`: {why}")],
        );
        check(
            GEMINI,
            "super::super::openai::chat()",
            &[&format!("{GEMINI}:1: `super::super::openai::chat`: {why}")],
        );
    }

    #[test]
    fn what_faces_share_is_open_to_them() {
        check(GEMINI, "use crate::faces::{gemini, respond::{self, Answered}};", &[]);
        check("crates/pollux-gateway/src/router.rs", "use crate::faces::{gemini, openai};", &[]);
    }

    #[test]
    fn the_pool_has_no_form_outside() {
        let path = "crates/pollux-pool/src/key.rs";
        check(
            path,
            "#[derive(serde::Serialize)]",
            &[&format!("{path}:1: `serde::Serialize`: the pool's types have no form outside")],
        );
    }

    #[test]
    fn a_module_has_a_name_that_says_something() {
        for path in ["crates/pollux/src/utils.rs", "crates/pollux/src/a/common/b.rs"] {
            let name = if path.contains("utils") { "utils" } else { "common" };
            check(path, "", &[&format!("{path}: no module is called `{name}`")]);
        }
    }
}
