//! Users: everyone who may call, what he may, and his access key.

use std::{collections::HashSet, time::Duration};

use http::StatusCode;
use pollux_pool::{
    id::{PoolId, UserId},
    limit::{Limits, Subject},
};
use pollux_store::{
    secret,
    store::StoreError,
    users::{Source, StoredUser, UserAbout},
};
use pollux_translate::error::Status;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Admin,
    access::unreadable,
    limits::{self, Named, StandingView},
    missing,
    pools::Revealed,
    read::{self, Field, Page, given, refused},
    view::{Moment, When, nothing},
};
use crate::{
    catalog::Catalog,
    client::Network,
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
    shared::Shared,
};

const MOST_ITEMS: usize = 100;
/// For how long the access key before is good as well, at most: 30 days.
const LONGEST_OVERLAP: u64 = 30 * 24 * 60 * 60;

/// Which users.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    pool: Option<i64>,
    label: Option<String>,
    /// A part of the name, of a label, or the last 4 characters of the access key.
    search: Option<String>,
    enabled: Option<bool>,
    #[param(minimum = 1)]
    page: Option<usize>,
    #[param(minimum = 1, maximum = 1000)]
    page_size: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct UserPage {
    users: Vec<UserView>,
    page: usize,
    page_size: usize,
    total: usize,
}

/// Somebody who may call.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserView {
    id: i64,
    name: String,
    /// The pool whose own access key it is; absent for a person or a program.
    of_pool: Option<i64>,
    enabled: bool,
    created_at: Moment,
    expires_at: Option<Moment>,
    labels: Vec<String>,
    /// The pools that may serve it; the first does where a request names none.
    pools: Vec<i64>,
    /// The models it may ask, exactly or with `*`; none is any.
    models: Vec<String>,
    /// The networks it may call from; none is any.
    addresses: Vec<String>,
    limits: Named,
    standing: Vec<StandingView>,
    /// Of its access key.
    last4: String,
    /// `environment`, `generated` or `admin`: where the access key came from.
    source: &'static str,
    /// Until when the access key before is good as well.
    previous_until: Option<Moment>,
}

/// A user to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    name: String,
    enabled: Option<bool>,
    expires_at: Option<When>,
    #[serde(default)]
    labels: Vec<String>,
    /// The first pool where it is absent.
    #[serde(default)]
    pools: Vec<i64>,
    #[serde(default)]
    models: Vec<String>,
    #[serde(default)]
    addresses: Vec<String>,
    #[serde(default)]
    limits: Named,
}

/// A user whose access key has just been made.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeUser {
    #[serde(flatten)]
    user: UserView,
    secret: String,
}

/// What is to be changed of a user; what is absent stays, and lists are replaced whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserEdit {
    name: Option<String>,
    enabled: Option<bool>,
    /// `null` is never.
    #[serde(default)]
    #[schema(value_type = Option<When>)]
    expires_at: Field<When>,
    labels: Option<Vec<String>>,
    pools: Option<Vec<i64>>,
    models: Option<Vec<String>>,
    addresses: Option<Vec<String>>,
    limits: Option<Named>,
}

/// How an access key is replaced.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotation {
    /// For how long the one before is good as well; 0 where it is absent.
    #[serde(default)]
    #[schema(maximum = 2_592_000)]
    keep_seconds: u64,
}

/// What is told of a user, for the audit log.
#[derive(Serialize)]
struct Told<'a> {
    name: &'a str,
    enabled: bool,
    expires_at: Option<Moment>,
    labels: &'a [String],
    pools: Vec<i64>,
    models: &'a [String],
    addresses: &'a [String],
    limits: Named,
}

/// `GET /admin/api/users`
pub(super) async fn list(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let wanted: Wanted = read::query(&incoming.head.uri)?;
    let page = Page::of(wanted.page, wanted.page_size)?;
    let shared = gateway.shared();
    let catalog = shared.catalog.load();
    let search = given(wanted.search.as_ref()).map(str::to_lowercase);
    let label = given(wanted.label.as_ref());
    let fits = |user: &&StoredUser| {
        wanted.pool.is_none_or(|pool| user.about.pools.iter().any(|it| it.0 == pool))
            && wanted.enabled.is_none_or(|enabled| enabled == user.about.enabled)
            && label.is_none_or(|label| user.about.labels.iter().any(|it| it == label))
            && search.as_deref().is_none_or(|text| is_found(user, text))
    };
    let users: Vec<&StoredUser> = catalog.stored.users.iter().filter(fits).collect();
    let total = users.len();
    let users = page.cut(users).map(|user| show(shared, &catalog, user)).collect();
    written(&UserPage { users, page: page.number, page_size: page.size, total })
}

/// `GET /admin/api/users/{id}`
pub(super) async fn one(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let catalog = gateway.shared().catalog.load();
    written(&show(gateway.shared(), &catalog, find(&catalog, &incoming)?))
}

/// `POST /admin/api/users`
pub(super) async fn add(admin: Admin, incoming: Incoming) -> Answered {
    let new: NewUser = read::json(&admin.gateway, incoming.body).await?;
    let limits = limits::read(&new.limits)?;
    let about = UserAbout {
        name: new.name,
        enabled: new.enabled.unwrap_or(true),
        expires_at: new.expires_at.map(|when| when.0),
        labels: new.labels,
        models: new.models,
        addresses: new.addresses,
        pools: new.pools.into_iter().map(PoolId).collect(),
    };
    let (id, secret) = create(&admin, &about, &limits).await?;
    let catalog = admin.gateway.shared().catalog.load();
    let user = catalog.stored.users.iter().find(|user| user.id == id);
    let user = user.ok_or_else(|| missing("user", id.0))?;
    let user = show(admin.gateway.shared(), &catalog, user);
    let mut response = written(&MadeUser { user, secret: secret.expose().to_owned() })?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// Adds a user, and makes his access key.
///
/// # Errors
/// 400 for what cannot be told of one, 409 when another user has the name.
pub(crate) async fn create(
    admin: &Admin,
    about: &UserAbout,
    limits: &Limits,
) -> Result<(UserId, secret::Secret), Failure> {
    let (shared, now) = (admin.gateway.shared(), admin.gateway.now());
    let about = checked(&shared.catalog.load(), about)?;
    let secret = secret::generate_access_key().map_err(no_randomness)?;
    let added = shared.store.add_user(&about, &secret, Source::Generated, now).await;
    let id = added.map_err(taken)?;
    shared.store.set_limits(Subject::User(id), limits).await.map_err(unreadable)?;
    let told = (None::<&()>, Some(&tell(&about, limits)));
    admin.note("user.add", format!("user {}", id.0), told).await?;
    admin.take_over().await?;
    Ok((id, secret))
}

/// `PATCH /admin/api/users/{id}`
pub(super) async fn edit(admin: Admin, incoming: Incoming) -> Answered {
    let shared = admin.gateway.shared();
    let catalog = shared.catalog.load_full();
    let old = find(&catalog, &incoming)?;
    let edit: UserEdit = read::json(&admin.gateway, incoming.body).await?;
    if old.of_pool.is_some() && (edit.name.is_some() || edit.pools.is_some()) {
        return Err(refused(
            "name",
            "a pool's own access key is called by the pool, and serves it",
        ));
    }
    let limits = edit.limits.as_ref().map(limits::read).transpose()?;
    let about = checked(&catalog, &edit.of(&old.about))?;
    shared.store.change_user(old.id, &about).await.map_err(taken)?;
    if let Some(limits) = &limits {
        shared.store.set_limits(Subject::User(old.id), limits).await.map_err(unreadable)?;
    }
    let before = catalog.stored.limits_of(Subject::User(old.id));
    let new = tell(&about, limits.as_ref().unwrap_or(&before));
    let told = (Some(&tell(&old.about, &before)), Some(&new));
    admin.note("user.change", format!("user {}", old.id.0), told).await?;
    admin.take_over().await?;
    let catalog = shared.catalog.load();
    let user = catalog.stored.users.iter().find(|user| user.id == old.id);
    written(&show(shared, &catalog, user.ok_or_else(|| missing("user", old.id.0))?))
}

/// `DELETE /admin/api/users/{id}`
pub(super) async fn remove(admin: Admin, incoming: Incoming) -> Answered {
    let shared = admin.gateway.shared();
    let catalog = shared.catalog.load_full();
    let user = find(&catalog, &incoming)?;
    shared.store.remove_user(user.id).await.map_err(unreadable)?;
    let old = tell(&user.about, &catalog.stored.limits_of(Subject::User(user.id)));
    let subject = format!("user {}", user.id.0);
    admin.note("user.remove", subject, (Some(&old), None::<&()>)).await?;
    admin.take_over().await?;
    Ok(nothing())
}

/// `POST /admin/api/users/{id}/rotate`: another access key, beside which the one before may be good
/// for a while.
pub(super) async fn rotate(admin: Admin, incoming: Incoming) -> Answered {
    let (shared, now) = (admin.gateway.shared(), admin.gateway.now());
    let id = find(&shared.catalog.load(), &incoming)?.id;
    let Rotation { keep_seconds } = read::json(&admin.gateway, incoming.body).await?;
    if keep_seconds > LONGEST_OVERLAP {
        let message = format!("`keep_seconds` takes {LONGEST_OVERLAP} at most");
        return Err(refused("keep_seconds", message));
    }
    let secret = secret::generate_access_key().map_err(no_randomness)?;
    let until = now + Duration::from_secs(keep_seconds);
    let rotated = shared.store.rotate_user(id, &secret, Source::Generated, until).await;
    rotated.map_err(unreadable)?;
    let subject = format!("user {}", id.0);
    admin.note("user.rotate", subject, (None::<&()>, None::<&()>)).await?;
    admin.take_over().await?;
    let mut response = written(&Revealed::of(&secret))?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// `GET /admin/api/users/{id}/access-key`: shown whole, which is written down.
pub(super) async fn reveal(admin: Admin, incoming: Incoming) -> Answered {
    let shared = admin.gateway.shared();
    let id = find(&shared.catalog.load(), &incoming)?.id;
    let subject = format!("user {}", id.0);
    admin.note("user.access_key.reveal", subject, (None::<&()>, None::<&()>)).await?;
    let secret = shared.store.access_key(id).await.map_err(unreadable)?;
    written(&Revealed::of(&secret.ok_or_else(|| missing("user", id.0))?))
}

impl UserEdit {
    fn of(&self, old: &UserAbout) -> UserAbout {
        let list = |new: &Option<Vec<String>>, old: &Vec<String>| {
            new.clone().unwrap_or_else(|| old.clone())
        };
        let pools = self.pools.as_ref();
        UserAbout {
            name: self.name.clone().unwrap_or_else(|| old.name.clone()),
            enabled: self.enabled.unwrap_or(old.enabled),
            expires_at: self.expires_at.clone().over(old.expires_at.map(When)).map(|it| it.0),
            labels: list(&self.labels, &old.labels),
            models: list(&self.models, &old.models),
            addresses: list(&self.addresses, &old.addresses),
            pools: pools.map_or_else(
                || old.pools.clone(),
                |pools| pools.iter().copied().map(PoolId).collect(),
            ),
        }
    }
}

/// What is told of a user, as it is kept.
fn checked(catalog: &Catalog, about: &UserAbout) -> Result<UserAbout, Failure> {
    for pool in &about.pools {
        if catalog.pool(*pool).is_none() {
            let message = format!("`pools` names {}, and there is no such pool", pool.0);
            return Err(refused("pools", message));
        }
    }
    let addresses = read::names("addresses", &about.addresses, MOST_ITEMS)?;
    for address in &addresses {
        address.parse::<Network>().map_err(|why| refused("addresses", why.to_string()))?;
    }
    let mut pools = about.pools.clone();
    let mut seen = HashSet::new();
    pools.retain(|pool| seen.insert(*pool));
    Ok(UserAbout {
        name: read::name("name", &about.name)?,
        enabled: about.enabled,
        expires_at: about.expires_at,
        labels: read::names("labels", &about.labels, MOST_ITEMS)?,
        models: read::names("models", &about.models, MOST_ITEMS)?,
        addresses,
        pools,
    })
}

fn find<'c>(catalog: &'c Catalog, incoming: &Incoming) -> Result<&'c StoredUser, Failure> {
    let id = UserId(read::id(incoming, "users")?);
    let user = catalog.stored.users.iter().find(|user| user.id == id);
    user.ok_or_else(|| missing("user", id.0))
}

fn is_found(user: &StoredUser, text: &str) -> bool {
    let texts = [user.about.name.as_str(), &user.last4].into_iter();
    let labels = user.about.labels.iter().map(String::as_str);
    texts.chain(labels).any(|it| it.to_lowercase().contains(text))
}

fn tell<'a>(about: &'a UserAbout, limits: &Limits) -> Told<'a> {
    let UserAbout { name, enabled, expires_at, labels, models, addresses, pools } = about;
    Told {
        name,
        enabled: *enabled,
        expires_at: expires_at.map(Moment),
        labels,
        pools: pools.iter().map(|pool| pool.0).collect(),
        models,
        addresses,
        limits: limits::show(limits),
    }
}

fn show(shared: &Shared, catalog: &Catalog, user: &StoredUser) -> UserView {
    let subject = Subject::User(user.id);
    let pool = |id: PoolId| catalog.pool(id).map(|pool| pool.name.clone());
    let own = user.of_pool.and_then(pool);
    let UserAbout { name, enabled, expires_at, labels, models, addresses, pools } = &user.about;
    UserView {
        id: user.id.0,
        name: own.unwrap_or_else(|| name.clone()),
        of_pool: user.of_pool.map(|pool| pool.0),
        enabled: *enabled,
        created_at: Moment(user.created_at),
        expires_at: expires_at.map(Moment),
        labels: labels.clone(),
        pools: pools.iter().map(|pool| pool.0).collect(),
        models: models.clone(),
        addresses: addresses.clone(),
        limits: limits::show(&catalog.stored.limits_of(subject)),
        standing: limits::standing(shared, subject),
        last4: user.last4.clone(),
        source: user.source.as_str(),
        previous_until: user
            .previous
            .map(|(_, until)| until)
            .filter(|until| *until > shared.clock.now())
            .map(Moment),
    }
}

fn taken(error: StoreError) -> Failure {
    if !matches!(error, StoreError::UserTaken) {
        return unreadable(error);
    }
    let mut failure = refused("name", "another user has this name already");
    failure.error.http = 409;
    failure
}

fn no_randomness(_: impl std::error::Error) -> Failure {
    Failure::new(Status::Internal, "no randomness for an access key")
}
