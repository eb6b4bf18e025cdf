//! Every setting as the admin sees it: what it means, what it is, and what made it so.

use pollux_gateway::settings::{Described, Row, Source, Standing};
use pollux_store::settings::StoredSetting;

use crate::config::{
    Given, Origin,
    settings::{self, Setting},
};

/// A text that no setting takes which does not take any.
const NONSENSE: &str = "\u{0}";

/// Describes all settings as they were given, and what pools have instead.
pub(crate) fn described(given: &Given, kept: &[StoredSetting]) -> Described {
    let rows = settings::ALL.iter().map(|setting| row(setting, given, kept)).collect();
    Described { rows, check }
}

fn check(name: &str, text: &str) -> Result<(), String> {
    let setting = settings::ALL.iter().find(|setting| setting.name == name);
    setting.map_or_else(|| Err("no such setting".to_owned()), |setting| setting.check(text))
}

fn row(setting: &Setting, given: &Given, kept: &[StoredSetting]) -> Row {
    let shown = |text: &str| if setting.secret { String::new() } else { text.to_owned() };
    let of_pools = kept.iter().filter(|it| it.name == setting.name);
    let pools = of_pools.filter_map(|it| Some((it.pool?, shown(it.value.expose()))));
    Row {
        name: setting.name,
        help: setting.help,
        default: setting.default,
        variable: setting.variable(),
        kind: setting.kind(),
        allowed: setting.check(NONSENSE).err(),
        is_secret: setting.secret,
        is_changeable: setting.is_changeable(),
        is_of_pools: setting.is_of_pools(),
        standing: standing(setting, given),
        pools: pools.collect(),
    }
}

fn standing(setting: &Setting, given: &Given) -> Standing {
    let Some((origin, text)) = given.text(setting.name) else {
        return Standing { source: Source::Default, origin: None, value: None };
    };
    let source = match origin {
        Origin::Flag(_) => Source::Flag,
        Origin::Variable(_) => Source::Environment,
        Origin::File(_) => Source::File,
        Origin::Database | Origin::Pool => Source::Database,
    };
    let value = (!setting.secret).then(|| text.expose().to_owned());
    Standing { source, origin: Some(origin.to_string()), value }
}
