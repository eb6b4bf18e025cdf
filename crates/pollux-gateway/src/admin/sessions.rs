//! Signing in and out, and who is signed in.

use axum::response::Response;
use http::{HeaderMap, StatusCode, header, uri::Scheme};
use pollux_store::{
    admins::{NewSession, Session},
    password::digest,
    secret::{self, Secret},
};
use pollux_translate::error::Status;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Admin,
    access::{self, unreadable},
    cookies, missing, read,
    view::{Moment, nothing},
};
use crate::{
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
};

pub(crate) use super::cookies::NAME as COOKIE;

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// Whose password it is; the owner's where it is absent.
    name: Option<String>,
    password: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct SignedIn {
    name: String,
    /// `owner` or `viewer`.
    role: &'static str,
    /// When the session ends if nothing is asked any more; absent for a password or token that came
    /// with the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Moment>,
}

/// All who are signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct Sessions {
    sessions: Vec<SessionView>,
}

#[derive(Serialize, ToSchema)]
struct SessionView {
    id: i64,
    name: String,
    role: &'static str,
    created_at: Moment,
    seen_at: Moment,
    expires_at: Moment,
    /// From where it was begun.
    address: String,
    /// With what program.
    agent: String,
    /// Whether it is the one that asks.
    current: bool,
}

/// A session that has just begun.
pub(crate) struct Begun {
    pub(crate) secret: Secret,
    pub(crate) expires_at: pollux_pool::time::Timestamp,
    name: String,
    role: &'static str,
}

/// `POST /admin/api/session`
pub(super) async fn sign_in(admin: Admin, incoming: Incoming) -> Answered {
    let Incoming { head, body, .. } = incoming;
    cookies::check_origin(&head.method, &head.headers)?;
    let SignIn { name, password } = read::json(&admin.gateway, body).await?;
    let name = name.unwrap_or_else(|| access::OWNER.to_owned());
    let begun = begin(&admin, &name, &password, &head.headers).await?;
    let expires_at = Some(Moment(begun.expires_at));
    let answer = SignedIn { name: begun.name.clone(), role: begun.role, expires_at };
    let mut response = written(&answer)?;
    give(&admin, &mut response, cookies::NAME, &begun, is_https(&head));
    Ok(response)
}

/// Begins a session for whoever knows the password of `name`.
///
/// # Errors
/// 401 when it is not the right one, and 429 after too many that were not.
pub(crate) async fn begin(
    admin: &Admin,
    name: &str,
    password: &str,
    headers: &HeaderMap,
) -> Result<Begun, Failure> {
    let (shared, from) = (admin.gateway.shared(), admin.actor.from);
    let now = shared.clock.now();
    shared.guesses.check(from, now)?;
    let Some(known) = access::by_password(shared, name, password).await? else {
        shared.guesses.wrong(from, now);
        tracing::warn!("somebody tried to sign in with a wrong password");
        let message = "this name and this password do not belong together";
        return Err(Failure::new(Status::Unauthenticated, message));
    };
    let no_randomness = |_| Failure::new(Status::Internal, "no randomness for a session");
    let secret = secret::generate(access::SESSION).map_err(no_randomness)?;
    let expires_at = access::end(shared, now, now);
    let (digest, address) = (digest(secret.expose()), from.map(|it| it.to_string()));
    let new = NewSession {
        digest: &digest,
        admin_id: known.id,
        expires_at,
        address: address.as_deref().unwrap_or_default(),
        agent: &access::agent(headers),
    };
    shared.store.add_session(new, now).await.map_err(unreadable)?;
    Ok(Begun { secret, expires_at, name: known.name, role: known.role.as_str() })
}

/// Puts a session's cookie into a response.
pub(crate) fn give(
    admin: &Admin,
    response: &mut Response,
    cookie: &str,
    begun: &Begun,
    is_https: bool,
) {
    let seconds = begun.expires_at.since(admin.gateway.now()).as_secs();
    if let Some(value) = cookies::set(cookie, &begun.secret, seconds, is_https) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Whether the client reached the server by https, as far as that can be told.
pub(crate) fn is_https(head: &http::request::Parts) -> bool {
    let forwarded = head.headers.get("x-forwarded-proto").is_some_and(|it| it == "https");
    forwarded || head.uri.scheme() == Some(&Scheme::HTTPS)
}

/// `GET /admin/api/session`
pub(super) async fn current(admin: Admin, _: Incoming) -> Answered {
    let (shared, now) = (admin.gateway.shared(), admin.gateway.now());
    let sessions = shared.store.sessions(now).await.map_err(unreadable)?;
    let own = sessions.iter().find(|session| Some(session.id) == admin.actor.session);
    let expires_at = own.map(|session| Moment(session.expires_at));
    let role = admin.actor.role.as_str();
    written(&SignedIn { name: admin.actor.name, role, expires_at })
}

/// `DELETE /admin/api/session`: signs out.
pub(super) async fn sign_out(admin: Admin, _: Incoming) -> Answered {
    if let Some(session) = admin.actor.session {
        admin.gateway.shared().store.remove_session(session).await.map_err(unreadable)?;
    }
    let mut response = nothing();
    *response.status_mut() = StatusCode::NO_CONTENT;
    if let Some(cookie) = cookies::removed(cookies::NAME) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `GET /admin/api/sessions`
pub(super) async fn list(admin: Admin, _: Incoming) -> Answered {
    let (shared, now) = (admin.gateway.shared(), admin.gateway.now());
    let sessions = shared.store.sessions(now).await.map_err(unreadable)?;
    let show = |session: Session| SessionView {
        id: session.id,
        name: session.name,
        role: session.role.as_str(),
        created_at: Moment(session.created_at),
        seen_at: Moment(session.seen_at),
        expires_at: Moment(session.expires_at),
        address: session.address,
        agent: session.agent,
        current: Some(session.id) == admin.actor.session,
    };
    written(&Sessions { sessions: sessions.into_iter().map(show).collect() })
}

/// `DELETE /admin/api/sessions/{id}`
pub(super) async fn end(admin: Admin, incoming: Incoming) -> Answered {
    let id = read::id(&incoming, "sessions")?;
    if !admin.gateway.shared().store.remove_session(id).await.map_err(unreadable)? {
        return Err(missing("session", id));
    }
    admin.note("session.end", format!("session {id}"), (None::<&()>, None::<&()>)).await?;
    Ok(nothing())
}
