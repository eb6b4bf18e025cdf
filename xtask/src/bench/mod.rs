//! `cargo xtask bench`: what Pollux costs beside a plain reverse proxy, on this machine.
//!
//! A simulated Gemini stands behind three doors: none (direct), nginx and
//! Pollux. The same requests go through each in turn, round after round, once
//! as fast as answers come back and once at a modest, fixed rate. Latencies at
//! the fixed rate count from when a request was due if all connections were
//! busy then, so that a stall shows.

mod load;
mod programs;
mod report;
mod usage;

use std::{error::Error, time::Duration};

use self::{
    load::{Load, Sample},
    programs::{Door, Programs},
    report::Row,
};
use crate::{shell, workspace::Workspace};

/// Rounds over all cases.
const ROUNDS: u32 = 3;
/// Requests under way at a time when they go as fast as they can.
const CONCURRENCY: usize = 32;
/// How long each case runs in each round, as fast as it can and then at the fixed rate.
const SPAN: Duration = Duration::from_secs(3);
/// Requests per second at the fixed rate.
const RATE: u32 = 200;
const MODEL: &str = "gemini-3.5-flash";
const QUESTION: &str = "What does a gateway cost beside the model that it leads to?";

/// A door and what is asked through it.
struct Case {
    name: &'static str,
    door: Door,
    load: Load,
    /// The direct case that it is compared with.
    baseline: &'static str,
}

/// What all rounds of a case have shown.
struct Figures {
    fast: Sample,
    paced: Sample,
    /// Time on a processor while the fast part ran.
    processor: Duration,
}

impl Figures {
    fn new() -> Result<Self, Box<dyn Error>> {
        Ok(Self { fast: Sample::new()?, paced: Sample::new()?, processor: Duration::ZERO })
    }
}

/// Builds the program, measures, and prints a table in Markdown.
///
/// # Errors
/// When a program cannot be built or started, or a request is not answered.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Box<dyn Error>> {
    let build = ["build", "--release", "--package", "pollux", "--bin", "pollux"];
    shell::run(shell::cargo().args(build).current_dir(&workspace.root))?;
    let programs = Programs::start(&workspace.binary("release"))?;
    let cases = cases(&programs);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;

    for case in &cases {
        runtime.block_on(case.load.fast(CONCURRENCY, Duration::from_millis(300)))?;
    }
    let idle = [programs.usage(Door::Nginx)?.resident, programs.usage(Door::Pollux)?.resident];
    let mut results = cases.iter().map(|_| Figures::new()).collect::<Result<Vec<_>, _>>()?;
    for round in 1..=ROUNDS {
        shell::say(&format!("round {round} of {ROUNDS}"));
        for (case, result) in cases.iter().zip(&mut results) {
            let before = programs.usage(case.door)?;
            result.fast.add(&runtime.block_on(case.load.fast(CONCURRENCY, SPAN))?)?;
            let after = programs.usage(case.door)?;
            result.processor += after.processor.saturating_sub(before.processor);
            result.paced.add(&runtime.block_on(case.load.paced(RATE, SPAN))?)?;
        }
    }
    let after = [programs.usage(Door::Nginx)?.resident, programs.usage(Door::Pollux)?.resident];
    shell::say(&report::table(&rows(&cases, &results), &idle, &after));
    Ok(())
}

fn cases(programs: &Programs) -> Vec<Case> {
    let native = |stream: bool| {
        let method = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
        (
            format!("/v1beta/models/{MODEL}:{method}"),
            format!(r#"{{"contents":[{{"role":"user","parts":[{{"text":"{QUESTION}"}}]}}]}}"#),
        )
    };
    let chat = |stream: bool| {
        let messages = format!(r#"[{{"role":"user","content":"{QUESTION}"}}]"#);
        let body = format!(r#"{{"model":"{MODEL}","messages":{messages},"stream":{stream}}}"#);
        ("/v1/chat/completions".to_owned(), body)
    };
    let case = |name, door, baseline, (path, body): (String, String)| Case {
        name,
        door,
        baseline,
        load: Load::new(programs.address(door), path, Programs::key(door), body),
    };
    let (whole, stream) = ("direct, whole", "direct, stream");
    vec![
        case(whole, Door::None, whole, native(false)),
        case("nginx, whole", Door::Nginx, whole, native(false)),
        case("Pollux native, whole", Door::Pollux, whole, native(false)),
        case("Pollux chat, whole", Door::Pollux, whole, chat(false)),
        case(stream, Door::None, stream, native(true)),
        case("nginx, stream", Door::Nginx, stream, native(true)),
        case("Pollux native, stream", Door::Pollux, stream, native(true)),
        case("Pollux chat, stream", Door::Pollux, stream, chat(true)),
    ]
}

fn rows(cases: &[Case], results: &[Figures]) -> Vec<Row> {
    let latency = |name: &str, quantile: f64| {
        let baseline = cases.iter().zip(results).find(|(case, _)| case.name == name);
        baseline.map_or(0, |(_, result)| result.paced.quantile(quantile))
    };
    let row = |(case, result): (&Case, &Figures)| Row {
        name: case.name,
        fast: result.fast.rate(),
        processor: (case.door != Door::None)
            .then(|| report::share(result.processor, result.fast.count())),
        latency: [0.5, 0.99].map(|quantile| result.paced.quantile(quantile)),
        baseline: (case.door != Door::None)
            .then(|| [0.5, 0.99].map(|quantile| latency(case.baseline, quantile))),
    };
    cases.iter().zip(results).map(row).collect()
}
