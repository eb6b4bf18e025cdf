//! What belongs to a project: files, caches, batches, operations, stores, interactions.
//!
//! Another project's key is refused in Google's words. Names that were never made here are taken
//! on trust in a prompt, so that recorded requests can be played.

mod files;
mod interactions;
mod naming;
mod resources;
mod upload;
mod view;

use bytes::Bytes;
use http::request::Parts;
use serde_json::Value;

pub(super) use self::naming::foreign;
use super::call::Decision;
use super::reply::{Form, Reply};
use super::{Credential, Shared};
use crate::refusal::{Refusal, not_owned};
use crate::state::{Ask, Owned};

/// Where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Plain,
    Upload,
    Download,
}

/// What is wanted of which resource.
#[derive(Debug, PartialEq)]
pub(super) struct Want {
    door: Door,
    version: &'static str,
    verb: http::Method,
    /// The path after the version, without the method at its end.
    name: String,
    call: Option<String>,
}

/// A request by a project.
#[derive(Debug)]
struct Asked<'a> {
    want: &'a Want,
    project: &'a str,
    parts: &'a Parts,
    body: &'a Bytes,
    now: i64,
}

const COLLECTIONS: &[&str] = &[
    "files",
    "cachedContents",
    "batches",
    "operations",
    "fileSearchStores",
    "corpora",
    "tunedModels",
    "interactions",
    "generatedFiles",
    "agents",
    "environments",
];
/// Methods of models that make a resource.
const MAKERS: &[&str] = &["predictLongRunning", "batchGenerateContent", "asyncBatchEmbedContent"];

impl Want {
    pub(super) fn read(verb: &http::Method, path: &str) -> Option<Self> {
        let doors = [("/upload/", Door::Upload), ("/download/", Door::Download)];
        let inside =
            doors.iter().find_map(|(prefix, door)| Some((path.strip_prefix(prefix)?, *door)));
        let (path, door) = inside.unwrap_or((path.strip_prefix('/')?, Door::Plain));
        let versions = ["v1beta", "v1", "v1alpha"].into_iter();
        let mut versions = versions.filter_map(|known| Some((known, path.strip_prefix(known)?)));
        let versioned = versions.find_map(|(known, rest)| Some((known, rest.strip_prefix('/')?)));
        let (version, path) = match versioned {
            Some(found) => found,
            None if door == Door::Upload => ("v1beta", path),
            None => return None,
        };
        let (name, call) = match path.rsplit_once(':') {
            Some((name, call)) => (name, Some(call.to_owned())),
            None => (path, None),
        };
        let collection = name.split('/').next().unwrap_or_default();
        let makes = call.as_deref().is_some_and(|call| MAKERS.contains(&call));
        let is_model = collection == "models" && (makes || name.contains("/operations/"));
        // A tuned model's answers are not simulated.
        let is_known =
            COLLECTIONS.contains(&collection) && (collection != "tunedModels" || call.is_none());
        (is_known || is_model).then(|| Self {
            door,
            version,
            verb: verb.clone(),
            name: name.to_owned(),
            call,
        })
    }
}

impl Asked<'_> {
    fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    fn header(&self, name: &str) -> &str {
        self.parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON; null when it is none.
    fn json(&self) -> Value {
        serde_json::from_slice(self.body).unwrap_or_default()
    }
}

/// Goes on with an upload, for which its id is all that is asked; absent for everything else.
pub(super) fn resume(shared: &Shared, want: &Want, with: (&Parts, &Bytes)) -> Option<Decision> {
    let (parts, body) = with;
    let id = upload::id_of(parts).filter(|_| want.door == Door::Upload)?;
    let mut state = shared.state();
    let owned = state.owned();
    let project = owned.upload(&id).map(|upload| upload.project.clone())?;
    let asked = Asked { want, project: &project, parts, body, now: shared.clock.now() };
    let reply = upload::resume(owned, &asked, &id);
    Some(Decision { project: Some(project), ..Decision::of(settle(reply), "ok") })
}

/// Answers a request that carries a key.
pub(super) fn decide(
    shared: &Shared,
    want: &Want,
    with: (&Parts, &Bytes),
    credential: &Credential,
) -> Decision {
    let (parts, body) = with;
    let now = shared.clock.now();
    let ask = Ask { key: &credential.key, model: None, valid: true, tokens: None };
    let mut state = shared.state();
    let verdict = state.decide(ask, now);
    let (name, project) = (verdict.behaviour.name(), verdict.project);
    if let Some(refusal) = Refusal::of_key(&verdict.behaviour, &credential.key, &project) {
        let reply = Reply::refusal(&refusal, Form::Whole);
        return Decision { project: Some(project), ..Decision::of(reply, name) };
    }
    let asked = Asked { want, project: &project, parts, body, now };
    let answer = answer(state.owned(), &asked);
    let name = if answer.is_err() { "rejected" } else { name };
    Decision { project: Some(project), ..Decision::of(settle(answer), name) }
}

fn answer(owned: &mut Owned, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    match asked.want.door {
        Door::Upload => upload::begin(owned, asked),
        Door::Download => files::content(owned, asked),
        Door::Plain => match asked.want.name.split('/').next() {
            Some("files") => files::answer(owned, asked),
            Some("interactions") => Ok(interactions::answer(owned, asked)),
            _ => resources::answer(owned, asked),
        },
    }
}

fn settle(answer: Result<Reply, Refusal>) -> Reply {
    answer.unwrap_or_else(|refusal| Reply::refusal(&refusal, Form::Whole))
}

/// A name that leads to nothing of the asking project.
fn refuse(name: &str) -> Refusal {
    not_owned(name)
}
