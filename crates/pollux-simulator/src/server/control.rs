//! The simulator's own interface, under `/_simulator/`.
//!
//! `GET requests`, `DELETE requests`, `GET summary`, `PUT script` (JSON form),
//! `PUT keys/{key}` (JSON or compact form). These are not logged.

use http::{Method, StatusCode};
use serde::Serialize;

use super::Simulator;
use super::reply::Reply;
use crate::{KeyScript, Script, ScriptError, json};

#[derive(Serialize)]
struct Requests {
    requests: Vec<crate::Exchange>,
}

#[derive(Serialize)]
struct Complaint {
    error: String,
}

/// Answers a request of the simulator's own interface.
pub(super) fn answer(simulator: &Simulator, method: &Method, path: &str, body: &[u8]) -> Reply {
    match (method.as_str(), path) {
        ("GET", "requests") => ok(&Requests { requests: simulator.requests() }),
        ("DELETE", "requests") => {
            simulator.clear();
            done(Ok(()))
        }
        ("GET", "summary") => ok(&simulator.summary()),
        ("PUT", "script") => done(Script::from_json(body).map(|script| simulator.replace(script))),
        ("PUT", key) if key.starts_with("keys/") => {
            let key = key.trim_start_matches("keys/");
            let text = String::from_utf8_lossy(body);
            done(KeyScript::read(&text).map(|script| simulator.set(key, script)))
        }
        _ => complain(StatusCode::NOT_FOUND, "there is nothing here".to_owned()),
    }
}

fn ok(value: &impl Serialize) -> Reply {
    Reply::control(StatusCode::OK, json::pretty(value))
}

fn done(result: Result<(), ScriptError>) -> Reply {
    match result {
        Ok(()) => Reply::control(StatusCode::OK, b"{}\n".to_vec()),
        Err(error) => complain(StatusCode::BAD_REQUEST, error.to_string()),
    }
}

fn complain(status: StatusCode, error: String) -> Reply {
    Reply::control(status, json::pretty(&Complaint { error }))
}
