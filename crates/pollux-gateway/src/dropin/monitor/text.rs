//! The figures as Prometheus reads them.

use std::fmt::Write as _;

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};

use super::show::{Metrics, OneKey, Seen};
use crate::dropin::keys::State;

const KIND: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

pub(super) fn answer(seen: &Seen) -> Response {
    let mut response = Response::new(Body::from(write(seen)));
    response.headers_mut().insert(header::CONTENT_TYPE, KIND);
    response
}

fn write(seen: &Seen) -> String {
    let Metrics { requests, tokens, .. } = seen.metrics();
    let mut text = String::new();
    for (name, help, value) in [
        ("pollux_requests_total", "Requests that clients sent.", requests.total),
        ("pollux_request_failures_total", "Those that ended in an error.", requests.failed),
        ("pollux_attempts_total", "Attempts that they took.", requests.attempts),
        ("pollux_prompt_tokens_total", "Tokens of the prompts.", tokens.prompt),
        ("pollux_output_tokens_total", "Tokens of the answers, thoughts too.", tokens.completion),
    ] {
        head(&mut text, name, help, "counter");
        line(&mut text, format_args!("{name} {value}"));
    }
    let each = [
        of_keys("pollux_key_attempts_total", "Attempts with a key.", "counter", |key| key.requests),
        of_keys("pollux_key_failures_total", "Those that failed.", "counter", |key| key.failures),
        of_keys("pollux_key_usable", "Whether Google takes a key.", "gauge", |key| {
            u64::from(matches!(key.status, State::Healthy | State::RateLimited))
        }),
    ];
    for (name, help, kind, value) in each {
        head(&mut text, name, help, kind);
        for key in &seen.keys {
            let (id, pool, value) = (key.id, key.pool, value(key));
            line(&mut text, format_args!("{name}{{key=\"{id}\",pool=\"{pool}\"}} {value}"));
        }
    }
    text
}

type OfKeys = (&'static str, &'static str, &'static str, fn(&OneKey) -> u64);

const fn of_keys(
    name: &'static str,
    help: &'static str,
    kind: &'static str,
    value: fn(&OneKey) -> u64,
) -> OfKeys {
    (name, help, kind, value)
}

fn head(text: &mut String, name: &str, help: &str, kind: &str) {
    line(text, format_args!("# HELP {name} {help}"));
    line(text, format_args!("# TYPE {name} {kind}"));
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // A string takes all that is written to it.
    let _ = writeln!(text, "{line}");
}
