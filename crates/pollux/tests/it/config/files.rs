//! The configuration file.

use std::{error::Error, fs};

use pollux::config::{self, Config, ConfigError, Sources};

use super::pairs;

/// Loads a file with these lines.
fn load(lines: &str) -> Result<Config, ConfigError> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pollux.toml");
    fs::write(&file, lines).unwrap();
    config::load(&Sources { file: Some(file), ..Sources::default() })
}

/// What is said about a file with these lines, its causes included.
#[track_caller]
fn check_refused(lines: &str, says: &[&str]) {
    let error = load(lines).unwrap_err();
    let text = match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    for words in ["pollux.toml"].iter().chain(says) {
        assert!(text.contains(words), "{words:?} is not in: {text}");
    }
}

#[test]
fn values_may_be_written_as_toml_has_them() {
    let config = load(
        "listen = \"127.0.0.1:9\"\n\
         gemini_api_key = [\"first-key:3\", \"second-key\"]\n\
         [pool]\nmax_attempts = 6\nretry_ratio = 0.25\nmax_wait = 3\n\
         [limits]\nbody = 4096\n\
         [log]\nlevel = \"warn\"\n",
    )
    .unwrap();
    assert_eq!(config.listen.port(), 9);
    let keys: Vec<_> =
        config.gemini_api_key.iter().map(|(key, weight)| (key.expose(), *weight)).collect();
    assert_eq!(keys, [("first-key", 3), ("second-key", 1)]);
    assert_eq!((config.gateway.plan.max_attempts, config.gateway.plan.max_wait.as_secs()), (6, 3));
    assert_eq!((config.gateway.max_body_bytes, config.log_level), (4096, tracing::Level::WARN));
}

#[test]
fn a_bad_value_is_refused_with_the_file_and_the_name() {
    check_refused("[pool]\nmax_wait = \"soon\"\n", &["`soon`", "pool.max_wait", "250ms"]);
    check_refused("[limits]\nconnections = true\n", &["`true`", "limits.connections", "from 1"]);
}

#[test]
fn a_bad_secret_is_not_repeated() {
    check_refused("access_key = \"gandalf\"\n", &["***", "access_key"]);
    let error = load("access_key = \"gandalf\"\n").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("gandalf"), "{error:?}");
}

#[test]
fn an_unknown_name_is_refused_with_those_that_exist() {
    check_refused("[pool]\nmax_wiat = 3\n", &["pool.max_wiat", "pool.max_wait", "pool.strategy"]);
    check_refused("listne = \"x\"\n", &["listne", "listen", "data_dir"]);
    check_refused("[nothing]\nx = 1\n", &["nothing.x", "listen", "log.format"]);
    check_refused("[pool.deeper]\nx = 1\n", &["pool.deeper"]);
}

#[test]
fn a_file_that_is_no_toml_is_refused_with_the_line() {
    check_refused("listen = \n", &["is not TOML", "line 1"]);
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let missing = Some("no-such-directory/pollux.toml".into());
    let error = config::load(&Sources { file: missing, ..Sources::default() }).unwrap_err();
    assert!(matches!(error, ConfigError::Read { .. }), "{error}");
}

#[test]
fn the_file_is_found_by_its_variable_and_the_flag_wins() {
    let directory = tempfile::tempdir().unwrap();
    let (one, two) = (directory.path().join("one.toml"), directory.path().join("two.toml"));
    fs::write(&one, "listen = \"127.0.0.1:1\"\n").unwrap();
    fs::write(&two, "listen = \"127.0.0.1:2\"\n").unwrap();
    let environment = pairs([("POLLUX_CONFIG", one.to_str().unwrap())]);
    let mut sources = Sources { environment, ..Sources::default() };
    assert_eq!(config::load(&sources).unwrap().listen.port(), 1);
    sources.file = Some(two);
    assert_eq!(config::load(&sources).unwrap().listen.port(), 2);
}
