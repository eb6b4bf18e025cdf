//! Caches, batches, operations, stores and whatever else can be made, looked at and deleted.

use bytes::Bytes;
use http::Method;
use serde_json::Value;

use super::view::{empty, moment, object, page, whole, with};
use super::{Asked, files, refuse, upload};
use crate::answer::{field, list};
use crate::refusal::{Refusal, precondition};
use crate::server::reply::Reply;
use crate::server::route::parameter;
use crate::state::{Item, Owned};

/// How long a cache lives when nobody says.
const CACHE: i64 = 3600;

/// Answers everything that has no rules of its own.
pub(super) fn answer(owned: &mut Owned, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let want = asked.want;
    let name = want.name.as_str();
    let is_collection = name.split('/').count() % 2 == 1 && !name.contains("/operations/");
    match (&want.verb, want.call.as_deref()) {
        (&Method::POST, Some("predictLongRunning")) => Ok(operation(owned, asked)),
        (&Method::POST, Some("batchGenerateContent" | "asyncBatchEmbedContent")) => {
            batch(owned, asked)
        }
        (&Method::POST, Some("importFile")) => import(owned, asked),
        (&Method::POST, Some("cancel")) => {
            mine(owned, asked)?;
            Ok(empty())
        }
        (&Method::POST, None) if is_collection => create(owned, asked),
        (&Method::GET, None) if is_collection => {
            if let Some((parent, _)) = name.rsplit_once('/') {
                owned.get(asked.project, parent).map_err(|_| refuse(parent))?;
            }
            let list = if name == "batches" { "operations" } else { last(name) };
            page(owned.members(asked.project, name), asked.query(), list)
        }
        (&Method::GET, None) => read(owned, asked),
        (&Method::PATCH, None) => patch(owned, asked),
        (&Method::DELETE, None) => delete(owned, asked),
        _ => Err(Refusal::argument("* The method is not supported for this resource.\n")),
    }
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn mine<'o>(owned: &'o mut Owned, asked: &Asked<'_>) -> Result<&'o mut Item, Refusal> {
    owned.get(asked.project, &asked.want.name).map_err(|_| refuse(&asked.want.name))
}

fn put(owned: &mut Owned, asked: &Asked<'_>, name: &str, view: Value) {
    let project = asked.project.to_owned();
    owned.put(name, Item { project, view, bytes: Bytes::new() });
}

fn create(owned: &mut Owned, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let collection = asked.want.name.as_str();
    let given = asked.json();
    let name = format!("{collection}/{}", owned.id("made-"));
    let mut view = object([
        ("name", name.as_str().into()),
        ("createTime", moment(asked.now, 0)),
        ("updateTime", moment(asked.now, 0)),
    ]);
    view = with(view, &given, &["displayName", "model"]);
    if collection == "cachedContents" {
        if field(&given, "model").is_none() {
            return Err(Refusal::argument(
                "* CreateCachedContentRequest.model: model is required.\n",
            ));
        }
        let lived = object([
            ("expireTime", moment(asked.now, seconds(&given).unwrap_or(CACHE))),
            ("usageMetadata", object([("totalTokenCount", 1090.into())])),
        ]);
        view = with(view, &lived, &["expireTime", "usageMetadata"]);
    }
    put(owned, asked, &name, view.clone());
    Ok(whole(&view))
}

/// The seconds of a `ttl`.
fn seconds(given: &Value) -> Option<i64> {
    let ttl = field(given, "ttl")?.as_str()?.strip_suffix('s')?;
    ttl.split('.').next()?.parse().ok()
}

fn patch(owned: &mut Owned, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let given = asked.json();
    let (now, ttl) = (asked.now, seconds(&given));
    let item = mine(owned, asked)?;
    let changed = object([("updateTime", moment(now, 0))]);
    let mut view = with(item.view.take(), &changed, &["updateTime"]);
    view = with(view, &given, &["displayName", "expireTime"]);
    if let Some(ttl) = ttl {
        view = with(view, &object([("expireTime", moment(now, ttl))]), &["expireTime"]);
    }
    item.view = view.clone();
    Ok(whole(&view))
}

fn delete(owned: &mut Owned, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let name = asked.want.name.as_str();
    mine(owned, asked)?;
    let full = !owned.members(asked.project, &format!("{name}/documents")).is_empty();
    let force = parameter(asked.query(), "force");
    if full && !force.is_some_and(|force| force.eq_ignore_ascii_case("true")) {
        return Err(precondition("Cannot delete non-empty FileSearchStore."));
    }
    owned.remove(name);
    Ok(empty())
}

fn import(owned: &mut Owned, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    mine(owned, asked)?;
    let given = asked.json();
    let file = field(&given, "file_name").and_then(Value::as_str).unwrap_or_default();
    owned.get(asked.project, file).map_err(|_| refuse(file))?;
    Ok(whole(&upload::document(owned, asked, &asked.want.name, "text/plain")))
}

/// A video, which is there when it is first asked for.
fn operation(owned: &mut Owned, asked: &Asked<'_>) -> Reply {
    let name = format!("{}/operations/{}", asked.want.name, owned.id("operation-"));
    let view = object([("name", name.as_str().into())]);
    put(owned, asked, &name, view.clone());
    whole(&view)
}

fn batch(owned: &mut Owned, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let given = asked.json();
    let batch = field(&given, "batch").unwrap_or(&Value::Null);
    let input = field(batch, "input_config").unwrap_or(&Value::Null);
    if let Some(file) = field(input, "file_name").and_then(Value::as_str) {
        owned.get(asked.project, file).map_err(|_| refuse(file))?;
    }
    let name = format!("batches/{}", owned.id("batch-"));
    let view = with(
        object([("name", name.as_str().into()), ("metadata", state(&name, "PENDING"))]),
        &object([("input", input.clone())]),
        &["input"],
    );
    put(owned, asked, &name, view);
    Ok(whole(&object([("name", name.as_str().into()), ("metadata", state(&name, "PENDING"))])))
}

fn state(name: &str, state: &str) -> Value {
    object([
        (
            "@type",
            "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch".into(),
        ),
        ("name", name.into()),
        ("state", format!("BATCH_STATE_{state}").into()),
    ])
}

/// Looks at a resource; what was under way is done when it is first looked at.
fn read(owned: &mut Owned, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let name = asked.want.name.clone();
    let item = mine(owned, asked)?;
    let view = item.view.clone();
    if field(&view, "done").is_some() {
        return Ok(whole(&view));
    }
    let done = if name.starts_with("batches/") {
        batch_done(owned, asked, &view)?
    } else if name.starts_with("models/") {
        video_done(owned, asked)?
    } else {
        view
    };
    put(owned, asked, &name, done.clone());
    Ok(whole(&done))
}

fn batch_done(owned: &mut Owned, asked: &Asked<'_>, view: &Value) -> Result<Value, Refusal> {
    let name = asked.want.name.as_str();
    let input = field(view, "input").unwrap_or(&Value::Null);
    let output = if field(input, "file_name").is_some() {
        let lines = Bytes::from_static(b"{\"key\":\"1\",\"response\":{}}\n");
        let kind = ("application/jsonl", "GENERATED");
        let file = files::store(owned, asked, &Value::Null, kind, lines)?;
        object([("responsesFile", field(&file, "name").cloned().unwrap_or_default())])
    } else {
        let requests = field(input, "requests").and_then(|inner| field(inner, "requests"));
        let answers: Vec<Value> = list(requests).iter().map(answered).collect();
        object([("inlinedResponses", object([("inlinedResponses", answers.into())]))])
    };
    let metadata =
        with(state(name, "SUCCEEDED"), &object([("output", output.clone())]), &["output"]);
    Ok(object([
        ("name", name.into()),
        ("metadata", metadata),
        ("done", true.into()),
        ("response", output),
    ]))
}

fn answered(request: &Value) -> Value {
    let part = object([("text", "done".into())]);
    let content = object([("role", "model".into()), ("parts", vec![part].into())]);
    let candidate = object([("content", content), ("finishReason", "STOP".into())]);
    let response = object([("candidates", vec![candidate].into())]);
    with(object([("response", response)]), request, &["metadata"])
}

fn video_done(owned: &mut Owned, asked: &Asked<'_>) -> Result<Value, Refusal> {
    let video = Bytes::from_static(b"\0\0\0\x18ftypmp42 a simulated video");
    let file = files::store(owned, asked, &Value::Null, ("video/mp4", "GENERATED"), video)?;
    let uri = field(&file, "uri").and_then(Value::as_str).unwrap_or_default();
    let video = object([("uri", format!("{uri}:download?alt=media").into())]);
    let samples = vec![object([("video", video)])];
    let response = object([("generatedSamples", samples.into())]);
    Ok(object([
        ("name", asked.want.name.as_str().into()),
        ("done", true.into()),
        ("response", object([("generateVideoResponse", response)])),
    ]))
}
