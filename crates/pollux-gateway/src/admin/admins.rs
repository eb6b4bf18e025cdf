//! Who administers: names, what each may do, and passwords, of which nothing is ever shown.

use http::StatusCode;
use pollux_store::{
    admins::{self, Role},
    password,
    secret::Secret,
    store::StoreError,
};
use pollux_translate::error::Status;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Admin,
    access::{self, OWNER, unreadable},
    missing,
    read::{self, refused},
    view::{Moment, RoleWord, nothing},
};
use crate::{
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
    settings::Source,
    shared::Shared,
};

/// So many bytes of a password are hashed at most.
const LONGEST: usize = 1024;

#[derive(Serialize, ToSchema)]
pub(super) struct Admins {
    admins: Vec<AdminView>,
}

#[derive(Clone, Serialize, ToSchema)]
#[schema(as = Admin)]
pub(super) struct AdminView {
    id: i64,
    name: String,
    /// `owner` or `viewer`.
    role: &'static str,
    created_at: Moment,
    /// Whether the configuration names the password, so that it is changed there.
    configured: bool,
}

/// An admin to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAdmin {
    /// By what name he signs in.
    name: String,
    role: RoleWord,
    #[schema(min_length = 12)]
    password: String,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    #[schema(min_length = 12)]
    password: String,
    /// The one before; whoever is no owner has to know it.
    old: Option<String>,
}

/// `GET /admin/api/admins`
pub(super) async fn list(admin: Admin, _: Incoming) -> Answered {
    let shared = admin.gateway.shared();
    let admins = shared.store.admins().await.map_err(unreadable)?;
    written(&Admins { admins: admins.iter().map(|admin| show(shared, admin)).collect() })
}

/// `POST /admin/api/admins`
pub(super) async fn add(admin: Admin, incoming: Incoming) -> Answered {
    let new: NewAdmin = read::json(&admin.gateway, incoming.body).await?;
    let (shared, now) = (admin.gateway.shared(), admin.gateway.now());
    let name = read::name("name", &new.name)?;
    let (role, password) = (Role::from(new.role), checked(&new.password)?);
    let password = shared.passwords.hash(shared, password).await?;
    let id = shared.store.add_admin(&name, role, &password, now).await.map_err(taken)?;
    let made = admins::Admin { id, name, role, password, created_at: now };
    let view = show(shared, &made);
    admin.note("admin.add", format!("admin {id}"), (None::<&()>, Some(&view))).await?;
    let mut response = written(&view)?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// `DELETE /admin/api/admins/{id}`
pub(super) async fn remove(admin: Admin, incoming: Incoming) -> Answered {
    let shared = admin.gateway.shared();
    let found = find(shared, read::id(&incoming, "admins")?).await?;
    // Who is an owner whatever else happens, so that there is always one.
    if found.name == OWNER {
        let message = format!("{OWNER} is the owner whom the server itself makes, and stays");
        return Err(conflict(message));
    }
    shared.store.remove_admin(found.id).await.map_err(unreadable)?;
    let (subject, old) = (format!("admin {}", found.id), show(shared, &found));
    admin.note("admin.remove", subject, (Some(&old), None::<&()>)).await?;
    Ok(nothing())
}

/// `PUT /admin/api/admins/{id}/password`: an owner may for anyone, and anyone for himself who knows
/// the one before. All other sessions of the admin end.
pub(super) async fn set_password(admin: Admin, incoming: Incoming) -> Answered {
    let shared = admin.gateway.shared();
    let id = read::id(&incoming, "admins")?;
    let is_self = Some(id) == admin.actor.admin;
    if admin.actor.role < Role::Owner && !is_self {
        let message = "only an owner may change the password of somebody else";
        return Err(Failure::new(Status::PermissionDenied, message));
    }
    let found = find(shared, id).await?;
    let NewPassword { password, old } = read::json(&admin.gateway, incoming.body).await?;
    let password = checked(&password)?;
    if let Some(place) = configured(shared, &found) {
        let message = format!("{place} names this password: change it there");
        return Err(conflict(message));
    }
    match old {
        Some(old) => prove(&admin, &found, &old).await?,
        None if admin.actor.role == Role::Owner => {}
        None => return Err(refused("old", "`old` takes the password that is to be replaced")),
    }
    let hash = shared.passwords.hash(shared, password).await?;
    let session = admin.actor.session.filter(|_| is_self);
    let known = shared.store.set_admin_password(found.id, &hash, session).await;
    if !known.map_err(unreadable)? {
        return Err(missing("admin", found.id));
    }
    let subject = format!("admin {}", found.id);
    admin.note("admin.password", subject, (None::<&()>, None::<&()>)).await?;
    Ok(nothing())
}

/// Looks whether `old` is the password of `found`; a wrong one is a guess.
async fn prove(admin: &Admin, found: &admins::Admin, old: &str) -> Result<(), Failure> {
    let (shared, from, now) = (admin.gateway.shared(), admin.actor.from, admin.gateway.now());
    shared.guesses.check(from, now)?;
    if access::by_password(shared, &found.name, old).await?.is_some() {
        return Ok(());
    }
    shared.guesses.wrong(from, now);
    let mut failure = Failure::new(Status::PermissionDenied, "`old` is not the right password");
    failure.error.param = Some("old".to_owned());
    Err(failure)
}

async fn find(shared: &Shared, id: i64) -> Result<admins::Admin, Failure> {
    let admins = shared.store.admins().await.map_err(unreadable)?;
    admins.into_iter().find(|admin| admin.id == id).ok_or_else(|| missing("admin", id))
}

/// A password that nobody guesses.
fn checked(text: &str) -> Result<Secret, Failure> {
    if text.len() > LONGEST || password::is_easy(text) {
        let message = format!(
            "`password` takes {} characters or more, and {LONGEST} bytes at most, beside anything \
             that is a product's default",
            password::LEAST
        );
        return Err(refused("password", message));
    }
    Ok(Secret::new(text))
}

/// Where the configuration names an admin's password, if it does.
fn configured(shared: &Shared, admin: &admins::Admin) -> Option<String> {
    let catalog = shared.catalog.load();
    if admin.name != OWNER || catalog.settings.admin_password.is_none() {
        return None;
    }
    let standing = catalog.described.find("admin_password").map(|row| &row.standing);
    let place = standing.filter(|standing| standing.source != Source::Default);
    let place = place.and_then(|standing| standing.origin.clone());
    Some(place.unwrap_or_else(|| "the setting admin_password".to_owned()))
}

fn show(shared: &Shared, admin: &admins::Admin) -> AdminView {
    AdminView {
        id: admin.id,
        name: admin.name.clone(),
        role: admin.role.as_str(),
        created_at: Moment(admin.created_at),
        configured: configured(shared, admin).is_some(),
    }
}

fn taken(error: StoreError) -> Failure {
    if !matches!(error, StoreError::NameTaken) {
        return unreadable(error);
    }
    let mut failure = refused("name", "another admin has this name already");
    failure.error.http = 409;
    failure
}

fn conflict(message: impl Into<String>) -> Failure {
    let mut failure = Failure::new(Status::FailedPrecondition, message);
    failure.error.http = 409;
    failure
}
