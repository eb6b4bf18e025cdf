//! Tokens: what programs administer with. Each is shown once, when it is made.

use http::StatusCode;
use pollux_store::{
    admins::{Role, Token},
    password::digest,
    secret,
};
use pollux_translate::error::Status;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Admin, access,
    access::unreadable,
    missing,
    read::{self, refused},
    view::{Moment, RoleWord, When, nothing},
};
use crate::{
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
};

/// A token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// What it is for.
    name: String,
    role: RoleWord,
    /// When it ends; never where it is absent.
    expires_at: Option<When>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    tokens: Vec<TokenView>,
}

#[derive(Clone, Serialize, ToSchema)]
pub(super) struct TokenView {
    id: i64,
    name: String,
    role: &'static str,
    last4: String,
    created_at: Moment,
    expires_at: Option<Moment>,
}

/// A token that has just been made.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeToken {
    #[serde(flatten)]
    token: TokenView,
    /// Shown only this once.
    secret: String,
}

/// `GET /admin/api/tokens`
pub(super) async fn list(admin: Admin, _: Incoming) -> Answered {
    let tokens = admin.gateway.shared().store.tokens().await.map_err(unreadable)?;
    written(&Tokens { tokens: tokens.iter().map(show).collect() })
}

/// `POST /admin/api/tokens`
pub(super) async fn make(admin: Admin, incoming: Incoming) -> Answered {
    let NewToken { name, role, expires_at } = read::json(&admin.gateway, incoming.body).await?;
    let now = admin.gateway.now();
    let expires_at = expires_at.map(|when| when.0);
    if expires_at.is_some_and(|at| at <= now) {
        return Err(refused("expires_at", "`expires_at` takes a moment that is to come"));
    }
    let no_randomness = |_| Failure::new(Status::Internal, "no randomness for a token");
    let secret = secret::generate(access::TOKEN).map_err(no_randomness)?;
    let mut token = Token {
        id: 0,
        name: read::name("name", &name)?,
        role: Role::from(role),
        last4: secret.last4().to_owned(),
        created_at: now,
        expires_at,
    };
    let store = &admin.gateway.shared().store;
    token.id = store.add_token(&token, &digest(secret.expose())).await.map_err(unreadable)?;
    let view = show(&token);
    admin.note("token.add", format!("token {}", token.id), (None::<&()>, Some(&view))).await?;
    let mut response = written(&MadeToken { token: view, secret: secret.expose().to_owned() })?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// `DELETE /admin/api/tokens/{id}`
pub(super) async fn remove(admin: Admin, incoming: Incoming) -> Answered {
    let id = read::id(&incoming, "tokens")?;
    let store = &admin.gateway.shared().store;
    let tokens = store.tokens().await.map_err(unreadable)?;
    let token = tokens.iter().find(|token| token.id == id).map(show);
    if !store.remove_token(id).await.map_err(unreadable)? {
        return Err(missing("token", id));
    }
    admin.note("token.remove", format!("token {id}"), (token.as_ref(), None::<&()>)).await?;
    Ok(nothing())
}

fn show(token: &Token) -> TokenView {
    TokenView {
        id: token.id,
        name: token.name.clone(),
        role: token.role.as_str(),
        last4: token.last4.clone(),
        created_at: Moment(token.created_at),
        expires_at: token.expires_at.map(Moment),
    }
}
