//! Checks of keys on request: ordered, followed, and cancelled.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use bytes::Bytes;
use futures_util::stream;
use http::StatusCode;
use pollux_pool::id::{KeyId, ModelName};
use pollux_translate::{error::Status, gemini::path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Admin, missing, read::refused, view::Moment};
use crate::{
    app::Gateway,
    checks::{Checked, Job, Question, State, Target, Verdict},
    event_stream,
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
};

const PATH: &str = "/admin/api/checks/";

/// Keys to be tried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    /// Their ids, or the word `all`.
    keys: Keys,
    /// The model of a tiny generation; without one nothing is generated.
    generate: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
enum Keys {
    These(Vec<i64>),
    Word(String),
}

/// How a check goes.
#[derive(Serialize, ToSchema)]
pub(super) struct Check {
    id: u64,
    at: Moment,
    state: &'static str,
    generate: Option<String>,
    total: usize,
    done: usize,
    /// How many keys had which result.
    counts: BTreeMap<&'static str, usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<Vec<Told>>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Checks {
    checks: Vec<Check>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CheckResult)]
struct Told {
    key: i64,
    result: &'static str,
    sentence: String,
    /// What Google said.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// `POST /admin/api/checks`
pub(super) async fn order(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let body = gateway.body(incoming.body).await?;
    let Order { keys, generate } = serde_json::from_slice(&body).map_err(|error| {
        let takes = r#"{"keys":[1,2]} or {"keys":"all"}, and with "generate":"MODEL" uses quota"#;
        refused("keys", format!("the body is not an order of checks ({error}): it takes {takes}"))
    })?;
    let targets = targets(&gateway, keys)?;
    let question = match generate {
        None => Question::List,
        Some(model) => {
            path::check_model(&model).map_err(|_| {
                refused("generate", "`generate` takes the name of a model, as in gemini-2.5-flash")
            })?;
            Question::Generate(ModelName::new(&model))
        }
    };
    let job = gateway.shared().checks.order(question, targets, gateway.now());
    let job = job.map_err(|_| {
        let message = "too many checks are under way: wait for one to end, or cancel one";
        Failure::new(Status::ResourceExhausted, message)
    })?;
    let mut response = written(&show(&job, true))?;
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

/// `GET /admin/api/checks`
pub(super) async fn list(Admin { gateway, .. }: Admin, _: Incoming) -> Answered {
    let jobs = gateway.shared().checks.all();
    written(&Checks { checks: jobs.iter().rev().map(|job| show(job, false)).collect() })
}

/// `GET /admin/api/checks/{id}`
pub(super) async fn one(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    written(&show(&*find(&gateway, &incoming)?, true))
}

/// `DELETE /admin/api/checks/{id}`: what is under way ends, nothing more begins.
pub(super) async fn cancel(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let job = find(&gateway, &incoming)?;
    job.cancel();
    written(&show(&job, true))
}

/// `GET /admin/api/checks/{id}/events`: each result as it comes, at last the sums.
pub(super) async fn events(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let job = find(&gateway, &incoming)?;
    let events = stream::unfold(Some((job, 0)), |following| async move {
        let (job, told) = following?;
        let (event, state, told) = news(&job, told).await;
        Some((event, (state == State::Running).then_some((job, told))))
    });
    Ok(event_stream::watched(gateway.shared(), events))
}

/// What has come since `told` results were; waits until there is any.
async fn news(job: &Arc<Job>, told: usize) -> (Bytes, State, usize) {
    loop {
        let changed = job.listen();
        let (state, checked) = job.progress(told);
        if checked.is_empty() && state == State::Running {
            changed.cancelled().await;
            continue;
        }
        let count = told + checked.len();
        let mut events: String =
            checked.into_iter().map(tell).map(|it| event("result", &it)).collect();
        if state != State::Running {
            events.push_str(&event("end", &show(job, false)));
        }
        return (events.into(), state, count);
    }
}

fn event(name: &str, value: &impl Serialize) -> String {
    // Numbers and texts alone cannot fail to be written.
    let json = serde_json::to_string(value).unwrap_or_default();
    format!("event: {name}\ndata: {json}\n\n")
}

fn targets(gateway: &Gateway, keys: Keys) -> Result<Vec<Target>, Failure> {
    let catalog = gateway.shared().catalog.load();
    let known = || catalog.pools.iter().flat_map(|it| it.keys.iter().map(|key| (it.id, key.id)));
    let targets: Vec<Target> = match keys {
        Keys::Word(word) if word == "all" => known().collect(),
        Keys::Word(word) => {
            let message = format!("`keys` is `{word}`, and takes a list of key ids or \"all\"");
            return Err(refused("keys", message));
        }
        Keys::These(ids) => {
            let wanted: HashSet<KeyId> = ids.into_iter().map(KeyId).collect();
            let targets: Vec<Target> = known().filter(|(_, key)| wanted.contains(key)).collect();
            let found: HashSet<KeyId> = targets.iter().map(|(_, key)| *key).collect();
            if let Some(unknown) = wanted.difference(&found).min() {
                let message = format!("`keys` names {}, and there is no such key", unknown.0);
                return Err(refused("keys", message));
            }
            targets
        }
    };
    if targets.is_empty() {
        return Err(refused("keys", "there is no key to check"));
    }
    Ok(targets)
}

fn find(gateway: &Gateway, incoming: &Incoming) -> Result<Arc<Job>, Failure> {
    let path = incoming.head.uri.path();
    let name = path.strip_prefix(PATH).unwrap_or_default();
    let name = name.split('/').next().unwrap_or_default();
    let job = name.parse().ok().and_then(|id| gateway.shared().checks.find(id));
    job.ok_or_else(|| missing("check", name))
}

fn show(job: &Job, in_full: bool) -> Check {
    let (state, checked) = job.progress(0);
    let mut counts: BTreeMap<_, _> = Verdict::ALL.map(|it| (it.as_str(), 0)).into();
    for checked in &checked {
        *counts.entry(checked.finding.verdict().as_str()).or_default() += 1;
    }
    let generate = match &job.question {
        Question::List => None,
        Question::Generate(model) => Some(model.as_str().to_owned()),
    };
    let done = checked.len();
    let results = in_full.then(|| checked.into_iter().map(tell).collect());
    let (id, at, total) = (job.id, Moment(job.at), job.total);
    Check { id, at, state: state.as_str(), generate, total, done, counts, results }
}

fn tell(checked: Checked) -> Told {
    let Checked { key, finding } = checked;
    let (result, sentence) = (finding.verdict().as_str(), finding.sentence());
    Told { key: key.0, result, sentence, message: finding.message }
}
