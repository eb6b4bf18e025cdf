//! Runs programs, and says so.

use std::{
    env,
    error::Error,
    ffi::OsString,
    io::{self, BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

/// Writes a line; that nobody reads it is no reason to stop.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// The Cargo that started this program, or the one on the path.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// Runs a command to its end; anything but success is an error that names it.
pub(crate) fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    say(&format!("$ {}", shown(command)));
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", shown(command)).into()) }
}

/// Runs a command, showing each line of its output, which `read` sees too; says whether it succeeded.
pub(crate) fn watch(
    command: &mut Command,
    mut read: impl FnMut(&str),
) -> Result<bool, Box<dyn Error>> {
    say(&format!("$ {}", shown(command)));
    let started = command.stdout(Stdio::piped()).spawn();
    let mut child = started.map_err(|error| cannot_start(command, &error))?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            say(&line);
            read(&line);
        }
    }
    Ok(child.wait()?.success())
}

/// Runs a command in silence and returns what it wrote to standard output.
pub(crate) fn output(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let output = command.output().map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{}: {}\n{complaint}", shown(command), output.status).into())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

fn cannot_start(command: &Command, error: &io::Error) -> String {
    format!("{} cannot be started: {error}", command.get_program().to_string_lossy())
}
