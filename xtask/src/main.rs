//! Checks and chores with logic in them: `cargo xtask COMMAND`.

mod bench;
mod console;
mod fuzz;
mod layers;
mod npm;
mod shell;
mod source;
mod test;
mod tidy;
mod workspace;

use std::{env, error::Error, process::ExitCode};

use self::workspace::Workspace;

const USAGE: &str = "\
cargo xtask COMMAND

  test [--quick]   build the program, run every Rust test, then the tests with real client
                   libraries and those of the web console in a browser; --quick leaves out
                   those that take long
  console [--check]
                   build the web console into console/dist; --check fails when what is
                   committed there is something else
  layers           check which crate and which module may know which
  tidy             check sizes, module docs and what must not stand in a source
  fuzz [SECONDS]   run each fuzz target for so long (10)
  bench            measure Pollux beside nginx and a direct connection";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell::say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    match arguments {
        ["test"] => test::run(&Workspace::read()?, false),
        ["test", "--quick"] => test::run(&Workspace::read()?, true),
        ["console"] => console::run(&Workspace::read()?, false),
        ["console", "--check"] => console::run(&Workspace::read()?, true),
        ["layers"] => layers::run(&Workspace::read()?),
        ["tidy"] => tidy::run(&Workspace::read()?),
        ["fuzz"] => fuzz::run(&Workspace::read()?, 10),
        ["fuzz", seconds] => fuzz::run(&Workspace::read()?, seconds.parse()?),
        ["bench"] => bench::run(&Workspace::read()?),
        [] | ["help" | "--help" | "-h"] => {
            shell::say(USAGE);
            Ok(())
        }
        other => Err(format!("there is no `{}`\n\n{USAGE}", other.join(" ")).into()),
    }
}
