//! `docs/CONFIG.md` says what there is to set; `POLLUX_UPDATE=1` writes its table anew.

use std::{fmt::Write as _, fs, path::Path};

use pollux::config::settings;

const BEGIN: &str = "<!-- settings -->\n";
const END: &str = "<!-- /settings -->";

fn table() -> String {
    let mut table = String::from("| in the file | flag | environment | default | what it is |\n");
    table.push_str("| --- | --- | --- | --- | --- |\n");
    for setting in settings::ALL {
        let variables: Vec<String> = std::iter::once(setting.variable())
            .chain(setting.also.iter().map(|name| (*name).to_owned()))
            .map(|name| format!("`{name}`"))
            .collect();
        let default = match setting.default {
            "" => "none".to_owned(),
            words if words.contains(' ') => words.to_owned(),
            value => format!("`{value}`"),
        };
        let (name, flag, help) = (setting.name, setting.flag(), setting.help);
        let restart = if setting.needs_restart { " Needs a restart." } else { "" };
        let of_pools = if setting.is_of_pools() { " Pools may have their own." } else { "" };
        let variables = variables.join(", ");
        writeln!(
            table,
            "| `{name}` | `--{flag}` | {variables} | {default} | {help}{restart}{of_pools} |"
        )
        .unwrap();
    }
    table
}

#[expect(clippy::disallowed_methods, reason = "the environment says whether to write the page")]
fn is_update() -> bool {
    std::env::var("POLLUX_UPDATE").is_ok_and(|value| value == "1")
}

#[test]
fn the_page_lists_every_setting_as_it_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/CONFIG.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let want = format!("{before}{BEGIN}{}{END}{after}", table());
    if is_update() {
        fs::write(&path, want).unwrap();
        return;
    }
    for (line, wanted) in page.lines().zip(want.lines()) {
        assert_eq!(line, wanted, "POLLUX_UPDATE=1 writes the table anew");
    }
    assert_eq!(page.lines().count(), want.lines().count());
}
