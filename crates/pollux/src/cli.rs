//! The command line: a command, and a flag for every setting.

use std::{collections::BTreeMap, path::PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::config::{Sources, settings};

/// What the program is asked to do.
#[derive(Clone, Debug)]
pub enum Task {
    /// Serve clients.
    Serve(Sources),
    /// Show it working, without any key.
    Demo {
        /// Where the demonstration's gateway listens.
        listen: String,
        /// Whether to end after the first answers instead of staying up.
        once: bool,
    },
    /// Play Gemini.
    Simulate {
        /// Where it listens.
        listen: String,
        /// The keys and what they do, in the simulator's notation.
        keys: String,
        /// A script in JSON, in place of `keys`.
        script: Option<PathBuf>,
        /// A recorded exchange that every key replays.
        replay: Option<PathBuf>,
    },
    /// Say what was used.
    Usage(Sources),
}

/// Reads the command line.
///
/// # Errors
/// What clap has to say, help and version included.
pub fn read(
    arguments: impl IntoIterator<Item = std::ffi::OsString>,
    environment: BTreeMap<String, String>,
) -> Result<Task, clap::Error> {
    let matches = command().try_get_matches_from(arguments)?;
    let text = |matches: &ArgMatches, name: &str| {
        matches.get_one::<String>(name).cloned().unwrap_or_default()
    };
    let path = |matches: &ArgMatches, name: &str| matches.get_one::<String>(name).map(Into::into);
    Ok(match matches.subcommand() {
        Some(("demo", demo)) => {
            Task::Demo { listen: text(demo, "listen"), once: demo.get_flag("once") }
        }
        Some(("simulate", simulate)) => Task::Simulate {
            listen: text(simulate, "listen"),
            keys: text(simulate, "keys"),
            script: path(simulate, "script"),
            replay: path(simulate, "replay"),
        },
        Some(("usage", usage)) => Task::Usage(sources(usage, environment)),
        Some((_, serve)) => Task::Serve(sources(serve, environment)),
        None => Task::Serve(Sources { environment, ..Sources::default() }),
    })
}

fn sources(matches: &ArgMatches, environment: BTreeMap<String, String>) -> Sources {
    let flags = settings::ALL
        .iter()
        .filter_map(|setting| {
            let value = matches.get_one::<String>(setting.name)?;
            Some((setting.name.to_owned(), value.clone()))
        })
        .collect();
    Sources { flags, environment, file: matches.get_one::<String>("config").map(Into::into) }
}

fn command() -> Command {
    Command::new("pollux")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A gateway for Google's Gemini API: many keys in, one endpoint out")
        .after_help("Every setting has a flag, a variable and a name in the file: docs/CONFIG.md")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("serve")
                .about("Serve clients with the Gemini keys that are configured")
                .args(setting_flags()),
        )
        .subcommand(
            Command::new("usage")
                .about("Show requests, failures and tokens per key, model and access key")
                .args(setting_flags()),
        )
        .subcommand(demo())
        .subcommand(simulate())
}

fn setting_flags() -> Vec<Arg> {
    let flag = |name: &'static str, long: String| Arg::new(name).long(long).action(ArgAction::Set);
    let config = flag("config", "config".to_owned())
        .value_name("FILE")
        .help("Configuration file, TOML [env: POLLUX_CONFIG]");
    let settings = settings::ALL.iter().map(|setting| {
        let variables: Vec<String> = std::iter::once(setting.variable())
            .chain(setting.also.iter().map(|name| (*name).to_owned()))
            .collect();
        let default = if setting.default.is_empty() { "none" } else { setting.default };
        flag(setting.name, setting.flag()).value_name("VALUE").help(format!(
            "{} [default: {default}] [env: {}]",
            setting.help,
            variables.join(", ")
        ))
    });
    std::iter::once(config).chain(settings).collect()
}

fn demo() -> Command {
    Command::new("demo")
        .about("Show it working without any key: a simulated Gemini, a gateway, one chat per face")
        .arg(
            Arg::new("listen")
                .long("listen")
                .value_name("ADDRESS")
                .default_value("127.0.0.1:8080")
                .help("Where the gateway listens"),
        )
        .arg(
            Arg::new("once")
                .long("once")
                .action(ArgAction::SetTrue)
                .help("End after the first answers instead of staying up"),
        )
}

fn simulate() -> Command {
    Command::new("simulate")
        .about("Play Gemini, with keys that are out of quota, slow, cut off or suspended")
        .arg(
            Arg::new("listen")
                .long("listen")
                .value_name("ADDRESS")
                .default_value("127.0.0.1:9090")
                .help("Where it listens"),
        )
        .arg(
            Arg::new("keys")
                .long("keys")
                .value_name("SCRIPT")
                .default_value("simulated-key-1,simulated-key-2")
                .help(
                    "Keys and what they do, such as `good-key,bad-key=invalid`: docs/SIMULATOR.md",
                ),
        )
        .arg(
            Arg::new("script")
                .long("script")
                .value_name("FILE")
                .conflicts_with("keys")
                .help("The same as a JSON document"),
        )
        .arg(
            Arg::new("replay")
                .long("replay")
                .value_name("FILE")
                .conflicts_with("script")
                .help("A recorded exchange that every key answers with"),
        )
}
