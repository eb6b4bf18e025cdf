//! Gemini keys as tables of the configuration file.

use std::fs;

use pollux::config::{self, Config, ConfigError, Sources};
use pollux_pool::{id::ProjectName, key::Tier};
use pollux_store::{keys::About, secret::Secret};

use super::pairs;

const ONE: &str = "AIzaSy-the-first-key-of-them-all-0000001";

/// Loads a file with these lines, and a key in the environment.
fn load(lines: &str) -> Result<Config, ConfigError> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pollux.toml");
    fs::write(&file, lines).unwrap();
    let environment = pairs([("GEMINI_API_KEY", "key-of-the-environment:4")]);
    config::load(&Sources { file: Some(file), environment, ..Sources::default() })
}

/// A key and what is told about it, as texts.
fn told((key, about): &(Secret, About)) -> (&str, u32, Option<&str>, Tier, Option<&str>) {
    let project = about.project.as_ref().map(ProjectName::as_str);
    (key.expose(), about.weight, project, about.tier, about.proxy.as_ref().map(Secret::expose))
}

#[test]
fn tables_join_the_keys_of_the_other_sources() {
    let config = load(&format!(
        "[[keys]]\nkey = \"{ONE}\"\nweight = 7\nproject = \"team a\"\ntier = \"paid\"\n\
         proxy = \"socks5h://user:secret@proxy.test\"\n\
         [[keys]]\nkey = \"AQ.second:10\"\n\
         [pool]\nstrategy = \"random\"\n",
    ))
    .unwrap();
    let keys = config.named_keys();
    let told: Vec<_> = keys.iter().map(told).collect();
    let proxy = Some("socks5h://user:secret@proxy.test");
    assert_eq!(
        told,
        [
            ("key-of-the-environment", 4, None, Tier::Free, None),
            (ONE, 7, Some("team a"), Tier::Paid, proxy),
            ("AQ.second:10", 1, None, Tier::Free, None),
        ]
    );
    let shown = format!("{config:?} {config:#?}");
    assert!(!shown.contains(ONE) && !shown.contains("user:secret"), "{shown}");
}

#[test]
fn a_table_that_cannot_be_used_is_named_without_its_key() {
    let good = format!("[[keys]]\nkey = \"{ONE}\"\n");
    let fields = "key, weight, project, tier, proxy";
    for (second, problem) in [
        ("tiers = 1", format!("there is no field tiers; there are {fields}")),
        (&format!("{ONE} = 1"), format!("there is no field ***; there are {fields}")),
        ("weight = 1", "key takes visible ASCII without spaces and commas".to_owned()),
        ("key = \"two words\"", "key takes visible ASCII without spaces and commas".to_owned()),
        ("key = 7", "key takes visible ASCII without spaces and commas".to_owned()),
        (&format!("key = \"{ONE}\""), "it is the same key as in number 1".to_owned()),
        ("key = \"k\"\nweight = 0", "weight takes a number from 1 to 1000000".to_owned()),
        ("key = \"k\"\nweight = \"9\"", "weight takes a number from 1 to 1000000".to_owned()),
        ("key = \"k\"\nproject = \"\"", "project takes a name of 100 bytes at most".to_owned()),
        ("key = \"k\"\ntier = \"gold\"", "tier takes free or paid".to_owned()),
        ("key = \"k\"\nproxy = \"ftp://u:secret@x\"", "proxy takes one of addresses".to_owned()),
    ] {
        let error = load(&format!("{good}[[keys]]\n{second}\n")).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("pollux.toml: [[keys]] number 2: {problem}")), "{text}");
        let said = format!("{error} {error:?}");
        assert!(!said.contains(ONE) && !said.contains("secret"), "{said}");
    }
    for lines in ["keys = \"k\"", "keys = [\"k\"]", "[keys]\nkey = \"k\""] {
        let text = load(lines).unwrap_err().to_string();
        assert!(text.contains("[[keys]] number 1: "), "{text}");
    }
    let text = load("[[key]]\nkey = \"k\"").unwrap_err().to_string();
    assert!(text.contains("there is no setting key") && text.contains(", keys"), "{text}");
}

#[test]
fn a_line_that_is_no_toml_is_not_repeated() {
    let error = load(&format!("[[keys]]\nkey = {ONE}\n")).unwrap_err();
    let said = format!("{error} {error:?}");
    assert!(said.contains("is not TOML") && said.contains("line 2"), "{said}");
    assert!(!said.contains(ONE), "{said}");
}
