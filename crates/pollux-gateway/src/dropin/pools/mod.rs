//! The admin API of the system of key pools: each pool with its own access key, Gemini keys and
//! models, as `{success, ...}`. `sent` reads what is to become of a pool, `show` writes how it is.

mod sent;
mod show;

use http::{Method, StatusCode};
use pollux_pool::{id::PoolId, limit::Limits};
use pollux_store::{pools::StoredPool, secret::Secret};
use pollux_translate::error::ApiError;
use serde::{Deserialize, Serialize};

use self::{
    sent::Sent,
    show::{Figured, Pool},
};
use super::{Table, figures::PoolFigures};
use crate::{
    admin::{
        Admin, access, missing,
        pools::{alter, create, destroy, renew},
        read, sessions, settings,
        view::Moment,
    },
    catalog::Catalog,
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
    models,
};

/// The cookie that its pages know.
const COOKIE: &str = "session";
/// "Wrong password", as its page shows it.
const WRONG: &str = "\u{5bc6}\u{7801}\u{9519}\u{8bef}";
/// The setting that is a pool's list of models.
const ALLOWED: &str = "models.allowed";

pub(super) fn rows(table: Table) -> Table {
    table
        .open(&Method::POST, "/api/login", login)
        .reads("/api/pools", list)
        .changes(&Method::POST, "/api/pools", make)
        .reads("/api/pools/{id}", one)
        .changes(&Method::PUT, "/api/pools/{id}", edit)
        .changes(&Method::DELETE, "/api/pools/{id}", remove)
        .changes(&Method::PUT, "/api/pools/{id}/keys", edit)
        .changes(&Method::POST, "/api/pools/{id}/regenerate-auth", regenerate)
        .reads("/api/pools/{id}/stats", stats)
        .reads("/api/pools/{id}/models", list_models)
}

/// An error, as it is told under `/api/pools` and `/api/login`.
pub(super) fn error(error: &ApiError) -> Answered {
    #[derive(Serialize)]
    struct Told<'a> {
        success: bool,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        errors: Option<[&'a str; 1]>,
    }
    let message = error.message.as_str();
    let errors = (error.http == 400).then_some([message]);
    written(&Told { success: false, message, errors })
}

#[derive(Deserialize)]
struct SignIn {
    password: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignedIn<'a> {
    success: bool,
    session_token: &'a str,
    expires_at: Moment,
}

/// `POST /api/login`: the session stands in a cookie and in the answer.
async fn login(admin: Admin, incoming: Incoming) -> Answered {
    let Incoming { head, body, .. } = incoming;
    let SignIn { password } = read::json(&admin.gateway, body).await?;
    let begun = sessions::begin(&admin, access::OWNER, &password, &head.headers).await;
    let begun = begun.map_err(|mut failure| {
        if failure.error.http == 401 {
            WRONG.clone_into(&mut failure.error.message);
        }
        failure
    })?;
    let (session_token, expires_at) = (begun.secret.expose(), Moment(begun.expires_at));
    let mut response = written(&SignedIn { success: true, session_token, expires_at })?;
    sessions::give(&admin, &mut response, COOKIE, &begun, sessions::is_https(&head));
    Ok(response)
}

#[derive(Serialize)]
struct Listed {
    success: bool,
    pools: Vec<Pool>,
    total: usize,
}

/// What becomes of one pool.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct One {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
    /// Whole, where it has just been made.
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pool: Option<Pool>,
}

/// `GET /api/pools`
async fn list(admin: Admin, _: Incoming) -> Answered {
    let catalog = admin.gateway.shared().catalog.load_full();
    let figures = PoolFigures::read(&admin.gateway).await?;
    let pools = catalog.stored.pools.iter();
    let pools: Vec<Pool> = pools.map(|it| show::pool(&catalog, &figures, it, None)).collect();
    written(&Listed { success: true, total: pools.len(), pools })
}

/// `GET /api/pools/{id}`
async fn one(admin: Admin, incoming: Incoming) -> Answered {
    let id = find(&admin.gateway.shared().catalog.load(), &incoming)?.id;
    told(&admin, id, None, None).await
}

/// `POST /api/pools`
async fn make(admin: Admin, incoming: Incoming) -> Answered {
    let sent: Sent = read::json(&admin.gateway, incoming.body).await?;
    let catalog = admin.gateway.shared().catalog.load_full();
    let about = sent.about_new()?;
    let plan = sent.keys_of_new()?;
    let allowed = sent.allowed(&catalog)?;
    let (id, secret) = create(&admin, &about, &Limits::default()).await?;
    settings::set(&admin, Some(id), allowed).await?;
    plan.carry_out(&admin, id).await?;
    let mut response = told(&admin, id, Some("the pool is made"), Some(&secret)).await?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// `PUT /api/pools/{id}` and `PUT /api/pools/{id}/keys`: what is absent stays.
async fn edit(admin: Admin, incoming: Incoming) -> Answered {
    let catalog = admin.gateway.shared().catalog.load_full();
    let old = find(&catalog, &incoming)?;
    let sent: Sent = read::json(&admin.gateway, incoming.body).await?;
    let about = sent.about(&old.about)?;
    let plan = sent.keys(&catalog, old.id)?;
    let allowed = sent.allowed(&catalog)?;
    if about != old.about {
        alter(&admin, old.id, &about, None).await?;
    }
    settings::set(&admin, Some(old.id), allowed).await?;
    plan.carry_out(&admin, old.id).await?;
    told(&admin, old.id, Some("the pool is changed"), None).await
}

/// `DELETE /api/pools/{id}`
async fn remove(admin: Admin, incoming: Incoming) -> Answered {
    let id = find(&admin.gateway.shared().catalog.load(), &incoming)?.id;
    destroy(&admin, id).await?;
    let message = Some("the pool is removed");
    written(&One { success: true, message, auth_key: None, pool: None })
}

/// `POST /api/pools/{id}/regenerate-auth`: the one before is refused at once.
async fn regenerate(admin: Admin, incoming: Incoming) -> Answered {
    let id = find(&admin.gateway.shared().catalog.load(), &incoming)?.id;
    let secret = renew(&admin, id).await?;
    told(&admin, id, Some("the access key is another one"), Some(&secret)).await
}

#[derive(Serialize)]
struct Statistics {
    success: bool,
    stats: Figured,
}

/// `GET /api/pools/{id}/stats`
async fn stats(admin: Admin, incoming: Incoming) -> Answered {
    let catalog = admin.gateway.shared().catalog.load_full();
    let pool = find(&catalog, &incoming)?;
    let figures = PoolFigures::read(&admin.gateway).await?;
    let stats = show::stats(&catalog, &figures, pool);
    written(&Statistics { success: true, stats })
}

#[derive(Serialize)]
struct Reached {
    success: bool,
    models: Vec<Model>,
    total: usize,
}

#[derive(Serialize)]
struct Model {
    id: String,
    name: String,
    object: &'static str,
    owned_by: &'static str,
}

/// `GET /api/pools/{id}/models`: what its keys can reach, of which a pool may allow some.
async fn list_models(admin: Admin, incoming: Incoming) -> Answered {
    let id = find(&admin.gateway.shared().catalog.load(), &incoming)?.id;
    let listed = models::of_pool(&admin.gateway, id).await?;
    let model = |model: &models::cache::ListedModel| Model {
        id: model.id.clone(),
        name: model.display_name.clone(),
        object: "model",
        owned_by: "google",
    };
    let models: Vec<Model> = listed.models.iter().map(model).collect();
    written(&Reached { success: true, total: models.len(), models })
}

/// A pool as it is now, with its access key where that was made for this answer.
async fn told(
    admin: &Admin,
    id: PoolId,
    message: Option<&'static str>,
    secret: Option<&Secret>,
) -> Answered {
    let catalog = admin.gateway.shared().catalog.load_full();
    let pool = catalog.stored.pools.iter().find(|pool| pool.id == id);
    let pool = pool.ok_or_else(|| missing("pool", id.0))?;
    let figures = PoolFigures::read(&admin.gateway).await?;
    let pool = show::pool(&catalog, &figures, pool, secret);
    let auth_key = secret.map(|secret| secret.expose().to_owned());
    written(&One { success: true, message, auth_key, pool: Some(pool) })
}

/// The pool that a path names, as `pool-3` or by its number alone.
fn find<'c>(catalog: &'c Catalog, incoming: &Incoming) -> Result<&'c StoredPool, Failure> {
    let mut segments = incoming.head.uri.path().split('/');
    let name = segments.nth(3).unwrap_or_default();
    let number = name.strip_prefix("pool-").unwrap_or(name).parse().ok();
    let pool = catalog.stored.pools.iter().find(|pool| Some(pool.id.0) == number);
    pool.ok_or_else(|| missing("pool", name))
}
