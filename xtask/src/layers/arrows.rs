//! Which crate of the workspace may need which other one.

use crate::workspace::Crate;

/// A crate, and those it may need at most.
const ARROWS: &[(&str, &[&str])] = &[
    ("pollux-translate", &[]),
    ("pollux-pool", &[]),
    ("pollux-store", &["pollux-pool"]),
    ("pollux-gateway", &["pollux-pool", "pollux-store", "pollux-translate"]),
    ("pollux-simulator", &["pollux-translate"]),
    (
        "pollux",
        &["pollux-gateway", "pollux-pool", "pollux-simulator", "pollux-store", "pollux-translate"],
    ),
    (
        "pollux-testkit",
        &[
            "pollux",
            "pollux-gateway",
            "pollux-pool",
            "pollux-simulator",
            "pollux-store",
            "pollux-translate",
        ],
    ),
    ("xtask", &[]),
];

/// Says each need that no arrow allows.
pub(super) fn faults(crates: &[Crate]) -> Vec<String> {
    let is_ours = |name: &str| crates.iter().any(|member| member.name == name);
    let mut faults = Vec::new();
    for member in crates {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == member.name) else {
            faults
                .push(format!("{}: a new crate needs a decision record and an arrow", member.name));
            continue;
        };
        for need in member.needs.iter().filter(|need| is_ours(need)) {
            if !allowed.contains(&need.as_str()) {
                faults.push(format!("{}: may not need {need}", member.name));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[track_caller]
    fn check(crates: &[(&str, &[&str])], want: &[&str]) {
        let crates: Vec<Crate> = crates
            .iter()
            .map(|(name, needs)| Crate {
                name: (*name).to_owned(),
                directory: PathBuf::new(),
                needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            })
            .collect();
        assert_eq!(faults(&crates), want);
    }

    #[test]
    fn translate_and_pool_never_meet() {
        check(
            &[("pollux-translate", &["pollux-pool", "bytes"]), ("pollux-pool", &[])],
            &["pollux-translate: may not need pollux-pool"],
        );
    }

    #[test]
    fn a_crate_without_an_arrow_is_refused() {
        check(
            &[("pollux-extra", &[])],
            &["pollux-extra: a new crate needs a decision record and an arrow"],
        );
    }

    #[test]
    fn the_arrows_themselves_are_allowed() {
        check(&[("pollux-store", &["pollux-pool"]), ("pollux-pool", &["jiff"])], &[]);
    }
}
