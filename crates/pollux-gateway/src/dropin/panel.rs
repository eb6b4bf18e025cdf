//! The key panel of the balancer in a Durable Object: a door that gives the cookie `auth-key`, and a
//! table of keys, which are the first pool's.

use std::{collections::HashMap, sync::Arc};

use axum::body::Body;
use http::{HeaderValue, Method, StatusCode, header};
use pollux_pool::id::KeyId;
use pollux_store::{keys::StoredKey, secret::Secret, store::DEFAULT_POOL};
use pollux_translate::error::{ApiError, Status};
use serde::{Deserialize, Serialize};

use super::{
    Table,
    keys::{self, Known, State},
};
use crate::{
    admin::{
        Admin, access,
        keys::{AddedKey, keep, pasted, take_away},
        read::{self, Page, refused},
        sessions,
    },
    app::Gateway,
    catalog::Catalog,
    checks::{Checked, Job, Question, State as JobState, Verdict},
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
};

/// The cookie that the panel knows.
const COOKIE: &str = "auth-key";
const PAGE: usize = 50;
const MAX_PAGE: usize = 1000;
/// "API keys added.", as the panel shows it.
const ADDED: &str = "API\u{5bc6}\u{94a5}\u{6dfb}\u{52a0}\u{6210}\u{529f}\u{3002}";
/// "API keys deleted.", as the panel shows it.
const DELETED: &str = "API\u{5bc6}\u{94a5}\u{5220}\u{9664}\u{6210}\u{529f}\u{3002}";

pub(super) fn rows(table: Table) -> Table {
    table
        .open(&Method::GET, "/", door)
        .open(&Method::POST, "/", enter)
        .reads("/api/keys", list)
        .changes(&Method::POST, "/api/keys", add)
        .changes(&Method::DELETE, "/api/keys", remove)
        // It changes nothing that is kept, but asks Google.
        .changes(&Method::GET, "/api/keys/check", check_all)
        .changes(&Method::POST, "/api/keys/check", check)
}

/// An error, as it is told under `/api/keys`.
pub(super) fn error(error: &ApiError) -> Answered {
    #[derive(Serialize)]
    struct Told<'a> {
        error: &'a str,
        message: &'a str,
    }
    let short = if error.http == 401 { "Unauthorized" } else { error.message.as_str() };
    written(&Told { error: short, message: &error.message })
}

/// An error, as the door tells it.
pub(super) fn door_error(error: &ApiError) -> Answered {
    #[derive(Serialize)]
    struct Told<'a> {
        success: bool,
        message: &'a str,
    }
    written(&Told { success: false, message: &error.message })
}

/// `GET /robots.txt` and `GET /favicon.ico`, which browsers and robots ask of everybody.
pub(super) async fn nothing_here(_: Gateway, _: Incoming) -> Answered {
    let mut response = axum::response::Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

/// `GET /`: what this is.
async fn door(_: Admin, _: Incoming) -> Answered {
    let text = concat!(
        "Pollux ",
        env!("CARGO_PKG_VERSION"),
        ", a gateway for Google's Gemini API, is running.\n\n",
        "OpenAI clients    base URL of this server with /v1\n",
        "Gemini clients    base URL of this server\n",
        "Web console       /console/\n",
        "Admin API         /admin/api, behind the admin password\n",
        "Health            /health, /readyz\n",
    );
    let mut response = axum::response::Response::new(Body::from(text));
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    Ok(response)
}

#[derive(Deserialize)]
struct Enter {
    key: String,
}

#[derive(Serialize)]
struct Entered {
    success: bool,
}

/// `POST /`: the cookie is a session, never the password.
async fn enter(admin: Admin, incoming: Incoming) -> Answered {
    let Incoming { head, body, .. } = incoming;
    let Enter { key } = read::json(&admin.gateway, body).await?;
    match sessions::begin(&admin, access::OWNER, &key, &head.headers).await {
        Ok(begun) => {
            let mut response = written(&Entered { success: true })?;
            sessions::give(&admin, &mut response, COOKIE, &begun, sessions::is_https(&head));
            Ok(response)
        }
        Err(failure) if failure.error.http == 401 => {
            let mut response = written(&Entered { success: false })?;
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            Ok(response)
        }
        Err(failure) => Err(failure),
    }
}

#[derive(Deserialize)]
struct Wanted {
    page: Option<usize>,
    #[serde(rename = "pageSize")]
    page_size: Option<usize>,
}

#[derive(Serialize)]
struct Listed {
    keys: Vec<Row>,
    total: usize,
}

#[derive(Serialize)]
struct Row {
    id: i64,
    api_key: String,
    status: &'static str,
    key_group: &'static str,
    /// In milliseconds; known of keys that Google refused.
    last_checked_at: Option<i64>,
    failed_count: u32,
}

/// `GET /api/keys`
async fn list(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let wanted: Wanted = read::query(&incoming.head.uri)?;
    let size = wanted.page_size.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&size) {
        let message = format!("`pageSize` takes a number from 1 to {MAX_PAGE}");
        return Err(refused("pageSize", message));
    }
    let page = Page::of(wanted.page, Some(size))?;
    let catalog = gateway.shared().catalog.load();
    let live = keys::live(&gateway, &catalog);
    let own: Vec<Known<'_>> = keys::of_pool(&catalog, &live, DEFAULT_POOL).collect();
    let total = own.len();
    written(&Listed { keys: page.cut(own).map(row).collect(), total })
}

fn row(known: Known<'_>) -> Row {
    let state = known.state();
    let word = |is_normal| if is_normal { "normal" } else { "abnormal" };
    let is_taken = matches!(state, State::Healthy | State::RateLimited);
    Row {
        id: known.key.id.0,
        api_key: known.masked(),
        status: word(is_taken),
        key_group: word(state == State::Healthy),
        last_checked_at: known.refused_at().map(|at| at.as_micros() / 1000),
        failed_count: known.refusals(),
    }
}

#[derive(Deserialize)]
struct Named {
    keys: Vec<String>,
}

async fn named(admin: &Admin, body: Body) -> Result<Vec<String>, Failure> {
    let Named { keys } = read::json(&admin.gateway, body).await?;
    if keys.is_empty() {
        return Err(refused("keys", "`keys` takes a list of at least one key"));
    }
    Ok(keys)
}

#[derive(Serialize)]
struct WereAdded {
    message: &'static str,
    added: usize,
    duplicates: usize,
    refused: usize,
    /// What became of each, in their order.
    results: Vec<AddedKey>,
}

/// `POST /api/keys`
async fn add(admin: Admin, incoming: Incoming) -> Answered {
    let keys = named(&admin, incoming.body).await?;
    let read = keys.iter().map(|key| pasted(key, None, None)).collect();
    let added = keep(&admin, DEFAULT_POOL, read, false).await?;
    if added.refused == keys.len() {
        let why = added.results.into_iter().find_map(|one| one.why).unwrap_or_default();
        return Err(refused("keys", format!("none of `keys` can be used: {why}")));
    }
    written(&WereAdded {
        message: ADDED,
        added: added.added,
        duplicates: added.duplicates,
        refused: added.refused,
        results: added.results,
    })
}

#[derive(Serialize)]
struct WereRemoved {
    message: &'static str,
    removed: usize,
    /// Keys that are not in the pool.
    unknown: usize,
}

/// `DELETE /api/keys`
async fn remove(admin: Admin, incoming: Incoming) -> Answered {
    let keys = named(&admin, incoming.body).await?;
    let catalog = admin.gateway.shared().catalog.load_full();
    let known = by_text(&catalog);
    let mut ids: Vec<i64> =
        keys.iter().filter_map(|key| known.get(key.trim())).map(|key| key.id.0).collect();
    let unknown = keys.len() - ids.len();
    ids.sort_unstable();
    ids.dedup();
    let removed = take_away(&admin, &ids).await?.removed;
    written(&WereRemoved { message: DELETED, removed, unknown })
}

fn by_text(catalog: &Catalog) -> HashMap<&str, &StoredKey> {
    let own = catalog.stored.keys.iter().filter(|key| key.pool == DEFAULT_POOL);
    own.map(|key| (key.secret.expose(), key)).collect()
}

#[derive(Serialize)]
struct Tried {
    /// Absent for a key that is not in the pool.
    id: Option<i64>,
    key: String,
    valid: bool,
    error: Option<String>,
}

/// `GET /api/keys/check`: all of them.
async fn check_all(admin: Admin, _: Incoming) -> Answered {
    let catalog = admin.gateway.shared().catalog.load_full();
    let own = catalog.stored.keys.iter().filter(|key| key.pool == DEFAULT_POOL);
    let all: Vec<_> = own.map(|key| (key.secret.clone(), Some(key))).collect();
    tried(&admin, &all).await
}

/// `POST /api/keys/check`: those that are named, in their order.
async fn check(admin: Admin, incoming: Incoming) -> Answered {
    let keys = named(&admin, incoming.body).await?;
    let catalog = admin.gateway.shared().catalog.load_full();
    let known = by_text(&catalog);
    let these = keys.iter().map(|key| {
        let key = key.trim();
        (Secret::new(key), known.get(key).copied())
    });
    tried(&admin, &these.collect::<Vec<_>>()).await
}

/// Has keys tried without using quota, and waits for what comes of it; none is removed for it.
async fn tried(admin: &Admin, keys: &[(Secret, Option<&StoredKey>)]) -> Answered {
    let shared = admin.gateway.shared();
    let mut targets: Vec<KeyId> =
        keys.iter().filter_map(|(_, key)| *key).filter(|it| it.enabled).map(|it| it.id).collect();
    targets.sort_unstable();
    targets.dedup();
    let mut found = HashMap::new();
    if !targets.is_empty() {
        let targets = targets.into_iter().map(|key| (DEFAULT_POOL, key)).collect();
        let job = shared.checks.order(Question::List, targets, admin.gateway.now());
        let job = job.map_err(|_| {
            let message = "too many checks are under way: wait for one to end";
            Failure::new(Status::ResourceExhausted, message)
        })?;
        found.extend(ended(&job).await.into_iter().map(|checked| (checked.key, checked)));
    }
    let told: Vec<Tried> = keys.iter().map(|(secret, key)| tell(secret, *key, &found)).collect();
    written(&told)
}

/// What came of a job, once it has ended.
async fn ended(job: &Arc<Job>) -> Vec<Checked> {
    loop {
        let changed = job.listen();
        let (state, checked) = job.progress(0);
        if state != JobState::Running {
            return checked;
        }
        changed.cancelled().await;
    }
}

fn tell(secret: &Secret, key: Option<&StoredKey>, found: &HashMap<KeyId, Checked>) -> Tried {
    let tried = |valid, error| Tried {
        id: key.map(|key| key.id.0),
        key: keys::masked(secret.last4()),
        valid,
        error,
    };
    let Some(known) = key else {
        let message = "this key is not in the pool: add it, or send it to /verify";
        return tried(false, Some(message.to_owned()));
    };
    match found.get(&known.id) {
        None => tried(
            false,
            Some(
                "this key was not tried: it is switched off, or the check was cancelled".to_owned(),
            ),
        ),
        Some(Checked { finding, .. }) => match finding.verdict() {
            Verdict::Good => tried(true, None),
            // Being out of quota, or nobody's fault, makes no key invalid.
            Verdict::RateLimited | Verdict::Unserved | Verdict::Unknown => {
                tried(true, Some(finding.sentence()))
            }
            Verdict::Revoked => tried(false, Some(finding.sentence())),
        },
    }
}
