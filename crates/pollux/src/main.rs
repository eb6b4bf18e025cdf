//! The program: reads what it is asked to do, and does it.

use std::{
    collections::BTreeMap,
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use pollux::{
    cli::{self, Task},
    commands::{demo, serve, simulate, usage, with_causes},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let task = match cli::read(std::env::args_os(), environment) {
        Ok(task) => task,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(run(task)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

async fn run(task: Task) -> Result<(), Box<dyn Error>> {
    match task {
        Task::Serve(sources) => serve::run(&sources).await,
        Task::Demo { listen, once } => demo::run(&listen, once).await,
        Task::Simulate { listen, keys, script, replay } => {
            simulate::run(&listen, &keys, script, replay).await
        }
        Task::Usage(sources) => usage::run(&sources).await,
    }
}

/// Prints the error and what lies beneath it.
fn fail(error: &dyn Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "pollux: {}", with_causes(error));
    ExitCode::FAILURE
}
