//! Which source wins: a flag, the program's own variable, a known one, the file, the default.

use std::{fs, path::Path, time::Duration};

use pollux::config::{self, Sources, settings};

use super::{from_variable, pairs};

#[test]
fn the_nearest_source_wins() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pollux.toml");
    fs::write(&file, "gemini_base_url = \"http://file.test\"\n").unwrap();
    let mut sources = Sources {
        flags: pairs([("gemini_base_url", "http://flag.test")]),
        environment: pairs([
            ("POLLUX_GEMINI_BASE_URL", "http://own.test"),
            ("GEMINI_BASE_URL", "http://known.test"),
        ]),
        file: Some(file),
    };
    let base = |sources: &Sources| config::load(sources).unwrap().gemini_base_url.to_string();
    assert_eq!(base(&sources), "http://flag.test/");
    sources.flags.clear();
    assert_eq!(base(&sources), "http://own.test/");
    sources.environment.insert("POLLUX_GEMINI_BASE_URL".to_owned(), String::new());
    assert_eq!(base(&sources), "http://known.test/");
    sources.environment.clear();
    assert_eq!(base(&sources), "http://file.test/");
    sources.file = None;
    assert_eq!(base(&sources), "https://generativelanguage.googleapis.com/");
}

#[test]
fn of_two_names_of_other_gateways_the_first_wins() {
    let environment = pairs([("AUTH_TOKEN", "sk-the-first"), ("AUTH_KEY", "sk-the-second")]);
    let config = config::load(&Sources { environment, ..Sources::default() }).unwrap();
    assert_eq!(config.access_key.unwrap().expose(), "sk-the-first");
}

#[test]
fn variables_of_other_gateways_are_known_or_named() {
    let names = [
        ("ADMIN_PASSWORD", "admin_password"),
        ("HOME_ACCESS_KEY", "admin_password"),
        ("AUTH_KEY", "access_key"),
        ("AUTH_TOKEN", "access_key"),
        ("FORWARD_CLIENT_KEY_ENABLED", "pass_through"),
        ("GEMINI_API_KEY", "gemini_api_key"),
        ("GEMINI_BASE_URL", "gemini_base_url"),
        ("GEMINI_API_VERSION", "gemini_api_version"),
        ("LOG_LEVEL", "log.level"),
    ];
    for (variable, name) in names {
        let setting = settings::ALL.iter().find(|setting| setting.also.contains(&variable));
        assert_eq!(setting.unwrap().name, name);
    }
    for level in ["ERROR", "WARN", "INFO", "debug"] {
        assert!(from_variable("LOG_LEVEL", level).is_ok(), "{level}");
    }
    let environment = pairs([
        ("KEY_MANAGER_MIN_WEIGHT", "0.1"),
        ("KEY_MANAGER_MAX_ATTEMPTS", ""),
        ("LOG_LEVEL", "INFO"),
    ]);
    let sources = Sources { environment, ..Sources::default() };
    let unsupported: Vec<_> = config::unsupported_variables(&sources).collect();
    assert_eq!(unsupported.len(), 1);
    assert_eq!(unsupported[0].0, "KEY_MANAGER_MIN_WEIGHT");
}

#[test]
fn known_defaults_of_other_gateways_are_refused_with_the_reason() {
    for variable in ["ADMIN_PASSWORD", "HOME_ACCESS_KEY", "AUTH_KEY", "AUTH_TOKEN"] {
        for secret in ["admin-key", "gandalf", "ajielu", "admin-1", "admin-12", "7b18e5abc458d"] {
            let why = from_variable(variable, secret).unwrap_err().to_string();
            assert!(why.starts_with(variable), "{why}");
            assert!(why.contains("everyone knows it"), "{why}");
            assert!(!why.contains(secret), "{why}");
        }
    }
}

#[test]
fn an_empty_variable_counts_as_absent() {
    for setting in settings::ALL {
        let config = from_variable(&setting.variable(), "");
        assert!(config.is_ok(), "{}: {config:?}", setting.name);
    }
    assert!(from_variable("POLLUX_CONFIG", "").is_ok());
}

#[test]
fn names_follow_from_the_settings_name() {
    for (name, variable, flag) in [
        ("listen", "POLLUX_LISTEN", "listen"),
        ("gemini_api_key", "POLLUX_GEMINI_API_KEY", "gemini-api-key"),
        ("pool.max_wait", "POLLUX_POOL__MAX_WAIT", "pool-max-wait"),
    ] {
        let setting = settings::ALL.iter().find(|setting| setting.name == name).unwrap();
        assert_eq!((setting.variable().as_str(), setting.flag().as_str()), (variable, flag));
    }
}

#[test]
fn state_lies_where_the_system_keeps_such_things() {
    for (environment, want) in [
        (pairs([("HOME", "/home/a")]), "/home/a/.local/share/pollux"),
        (pairs([("HOME", "/home/a"), ("XDG_DATA_HOME", "/data")]), "/data/pollux"),
        (pairs([("HOME", "/home/a"), ("XDG_DATA_HOME", "")]), "/home/a/.local/share/pollux"),
        (pairs([]), "pollux-data"),
        (pairs([("HOME", "/home/a"), ("POLLUX_DATA_DIR", "/srv")]), "/srv"),
    ] {
        let config = config::load(&Sources { environment, ..Sources::default() }).unwrap();
        assert_eq!(config.data_dir, Path::new(want));
    }
}

#[test]
fn without_anything_it_serves_this_machine_only() {
    let config = config::load(&Sources::default()).unwrap();
    assert!(config.listen.ip().is_loopback());
    assert_eq!((config.gemini_api_key.len(), config.access_key.is_none()), (0, true));
    assert_eq!(config.gateway.plan.max_wait, Duration::from_secs(5));
}

#[test]
fn a_misspelt_variable_is_found() {
    let environment = pairs([
        ("POLLUX_POOL__STRATGY", "random"),
        ("POLLUX_POOL__STRATEGY", "random"),
        ("POLLUX_CONFIG", "x"),
        ("HOME", "/home"),
    ]);
    let sources = Sources { environment, ..Sources::default() };
    assert_eq!(config::unknown_variables(&sources), ["POLLUX_POOL__STRATGY"]);
}
