//! The admin API of the balancer on Cloudflare Workers: keys, access keys, settings and figures of
//! the first pool, in the envelope `{success, message, data}`.

mod config;
mod show;

use http::Method;
use pollux_pool::limit::Limits;
use pollux_store::{keys::StoredKey, store::DEFAULT_POOL, users::UserAbout};
use pollux_translate::error::ApiError;
use serde::{Deserialize, Serialize};

use super::Table;
use crate::{
    admin::{
        Admin, access,
        keys::{keep, pasted, take_away},
        missing,
        read::{self, refused},
        sessions, users,
        view::{Moment, millis},
    },
    app::Gateway,
    catalog::Catalog,
    faces::respond::{Answered, Incoming, written},
};

pub(super) fn rows(table: Table) -> Table {
    table
        .open(&Method::POST, "/admin/login", login)
        .reads("/admin/status", show::status)
        .reads("/admin/stats", show::stats)
        .reads("/admin/keys/gemini", show::keys)
        .changes(&Method::POST, "/admin/keys/gemini", add_key)
        .changes(&Method::DELETE, "/admin/keys/gemini/{id}", remove_key)
        .changes(&Method::POST, "/admin/keys/user", add_user)
        .reads("/admin/config", config::show)
        .changes(&Method::POST, "/admin/config", config::change)
}

/// Everything but `/admin/status` stands in one.
#[derive(Serialize)]
struct Envelope<'a, T> {
    success: bool,
    message: &'a str,
    data: T,
}

fn done(message: &str, data: impl Serialize) -> Answered {
    written(&Envelope { success: true, message, data })
}

/// An error, as it is told under `/admin`.
pub(super) fn error(error: &ApiError) -> Answered {
    #[derive(Serialize)]
    struct Told<'a> {
        error: Inner<'a>,
    }
    #[derive(Serialize)]
    struct Inner<'a> {
        message: &'a str,
        r#type: &'a str,
        code: String,
    }
    let code = format!("http_{}", error.http);
    let r#type = "invalid_request_error";
    written(&Told { error: Inner { message: &error.message, r#type, code } })
}

#[derive(Serialize)]
struct Awake {
    status: &'static str,
    timestamp: Moment,
    wake_time_ms: u64,
    operations: Vec<String>,
    message: &'static str,
}

/// `GET /wake`: there is nothing to wake, since the server does not sleep.
pub(super) async fn wake(gateway: Gateway, _: Incoming) -> Answered {
    let begun = gateway.now();
    let keys: usize = gateway.shared().catalog.load().pools.iter().map(|it| it.keys.len()).sum();
    written(&Awake {
        status: "awake",
        timestamp: Moment(begun),
        wake_time_ms: millis(gateway.now().since(begun)),
        operations: vec![format!("{keys} keys at hand")],
        message: "the server does not sleep, and answers at once",
    })
}

#[derive(Deserialize)]
struct SignIn {
    password: String,
}

#[derive(Serialize)]
struct SignedIn<'a> {
    success: bool,
    token: &'a str,
    message: &'static str,
}

/// `POST /admin/login`: the token is a session, which `Authorization` takes as well as the cookie.
async fn login(admin: Admin, incoming: Incoming) -> Answered {
    let Incoming { head, body, .. } = incoming;
    let SignIn { password } = read::json(&admin.gateway, body).await?;
    let begun = sessions::begin(&admin, access::OWNER, &password, &head.headers).await?;
    let message = "Login successful";
    let data = SignedIn { success: true, token: begun.secret.expose(), message };
    let mut response = done(message, data)?;
    sessions::give(&admin, &mut response, sessions::COOKIE, &begun, sessions::is_https(&head));
    Ok(response)
}

#[derive(Deserialize)]
struct NewKey {
    key: String,
}

/// `POST /admin/keys/gemini`
async fn add_key(admin: Admin, incoming: Incoming) -> Answered {
    let NewKey { key } = read::json(&admin.gateway, incoming.body).await?;
    let added = keep(&admin, DEFAULT_POOL, vec![pasted(&key, None, None)], false).await?;
    match added.results.into_iter().next().map(|one| (one.result, one.why)) {
        Some(("added", _)) => done("Gemini key added successfully", None::<()>),
        Some(("duplicate", _)) => Err(refused("key", "this key is in the pool already")),
        other => {
            let why = other.and_then(|(_, why)| why).unwrap_or_default();
            Err(refused("key", format!("`key` cannot be used: {why}")))
        }
    }
}

/// `DELETE /admin/keys/gemini/{id}`
async fn remove_key(admin: Admin, incoming: Incoming) -> Answered {
    let name = incoming.head.uri.path().rsplit('/').next().unwrap_or_default();
    let id: i64 =
        name.parse().map_err(|_| refused("id", "the path ends in the number of a key"))?;
    let catalog = admin.gateway.shared().catalog.load_full();
    let is_ours = |key: &StoredKey| key.id.0 == id && key.pool == DEFAULT_POOL;
    if !catalog.stored.keys.iter().any(is_ours) {
        return Err(missing("key", id));
    }
    let changed = take_away(&admin, &[id]).await?;
    match (changed.removed, changed.named_elsewhere) {
        (0, _) => Err(missing("key", id)),
        (_, 0) => done("Gemini key deleted successfully", None::<()>),
        (_, _) => {
            let message = "Gemini key deleted successfully; the configuration names it, so that it \
                           is back at the next start unless it is taken out there";
            done(message, None::<()>)
        }
    }
}

#[derive(Deserialize)]
struct NewUser {
    name: Option<String>,
}

#[derive(Serialize)]
struct MadeUser<'a> {
    key: &'a str,
    name: &'a str,
}

/// `POST /admin/keys/user`: shown this once.
async fn add_user(admin: Admin, incoming: Incoming) -> Answered {
    let NewUser { name } = read::json(&admin.gateway, incoming.body).await?;
    let name = read::name("name", name.as_deref().unwrap_or("API User"))?;
    let about = UserAbout {
        name: free_name(&admin.gateway.shared().catalog.load(), name),
        enabled: true,
        expires_at: None,
        labels: Vec::new(),
        models: Vec::new(),
        addresses: Vec::new(),
        pools: Vec::new(),
    };
    let (_, secret) = users::create(&admin, &about, &Limits::default()).await?;
    let data = MadeUser { key: secret.expose(), name: &about.name };
    done("User key generated successfully", data)
}

/// A name that no user has: several may be asked for by one.
fn free_name(catalog: &Catalog, name: String) -> String {
    let users = &catalog.stored.users;
    let is_free = |name: &str| users.iter().all(|user| user.about.name != name);
    if is_free(&name) {
        return name;
    }
    let mut numbered = (2_u32..).map(|number| format!("{name} {number}"));
    numbered.find(|it| is_free(it)).unwrap_or(name)
}
