//! Keys that are pasted: each is looked at by itself, and the answer says what became of it.

use std::collections::{HashMap, HashSet};

use http::StatusCode;
use pollux_pool::{
    id::{KeyId, PoolId, ProjectName},
    key::Tier,
};
use pollux_store::{
    keys::{About, Addition, Remarks},
    secret::Secret,
    store::DEFAULT_POOL,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::words;
use crate::{
    admin::{
        Admin,
        access::unreadable,
        read::{self, refused},
        schema,
        view::TierWord,
    },
    catalog::Catalog,
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
    key_text::{self, NotAKey},
};

/// What stands for the id of a key that is not there yet.
const NOT_YET: KeyId = KeyId(0);
/// How many keys are taken at once.
const MOST: usize = 20_000;
/// Google issues none that is shorter.
const SHORTEST: usize = 8;

/// Keys to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct NewKeys {
    /// The pool that is to use them; the first one where it is absent.
    pool: Option<i64>,
    /// A text with `key` or `key:weight` by commas, spaces or lines; or a list of such, and of
    /// objects like `defaults` that have a `key`.
    #[schema(schema_with = schema::text_or_list)]
    keys: Value,
    /// What is told of each that does not say otherwise.
    #[serde(default)]
    defaults: ToldKey,
    /// Says what would become of them, and adds none.
    #[serde(default)]
    dry_run: bool,
}

/// What may be told of a key.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ToldKey {
    key: Option<String>,
    #[schema(minimum = 1, maximum = 1_000_000)]
    weight: Option<u32>,
    /// The Google project that it shares with all of the same name.
    project: Option<String>,
    tier: Option<TierWord>,
    /// A proxy by which alone it reaches Gemini, as `http://user:password@host:port`.
    proxy: Option<String>,
    name: Option<String>,
    tags: Option<Vec<String>>,
    notes: Option<String>,
}

/// What became of keys.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "that is what became of them")]
pub(crate) struct Added {
    pub(crate) added: usize,
    pub(crate) duplicates: usize,
    pub(crate) refused: usize,
    pub(crate) results: Vec<AddedKey>,
}

/// What became of one of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct AddedKey {
    /// Which of those that were sent, from 1.
    number: usize,
    last4: String,
    /// `added`, `duplicate` or `refused`.
    pub(crate) result: &'static str,
    /// Of the new key, or of the one that is there already.
    pub(crate) id: Option<i64>,
    /// Why it was refused.
    pub(crate) why: Option<String>,
}

/// A key that can be added.
pub(crate) type Ready = (Secret, About, Remarks);

/// `POST /admin/api/keys`
pub(in crate::admin) async fn add(admin: Admin, incoming: Incoming) -> Answered {
    let new: NewKeys = read::json(&admin.gateway, incoming.body).await?;
    answer(&admin, new).await
}

impl NewKeys {
    /// Keys that tell everything of themselves.
    pub(super) fn of(pool: Option<i64>, keys: Value, dry_run: bool) -> Self {
        Self { pool, keys, defaults: ToldKey::default(), dry_run }
    }
}

/// Adds keys and tells what became of them.
pub(super) async fn answer(admin: &Admin, new: NewKeys) -> Answered {
    let pool = pool(&admin.gateway.shared().catalog.load(), new.pool)?;
    let read = read_all(new.keys, &new.defaults)?;
    let added = keep(admin, pool, read, new.dry_run).await?;
    let mut response = written(&added)?;
    if added.added > 0 && !new.dry_run {
        *response.status_mut() = StatusCode::CREATED;
    }
    Ok(response)
}

/// Adds those that can be, and tells what became of all.
///
/// # Errors
/// When they cannot be written.
pub(crate) async fn keep(
    admin: &Admin,
    pool: PoolId,
    read: Vec<Result<Ready, Refusal>>,
    is_dry: bool,
) -> Result<Added, Failure> {
    let shared = admin.gateway.shared();
    let ready: Vec<Ready> = read.iter().filter_map(|it| it.as_ref().ok().cloned()).collect();
    let additions = if is_dry {
        foretell(&shared.catalog.load(), pool, &ready)
    } else {
        shared.store.add_keys(pool, &ready, admin.gateway.now()).await.map_err(unreadable)?
    };
    let mut additions = additions.into_iter();
    let mut report = Added { added: 0, duplicates: 0, refused: 0, results: Vec::new() };
    for (number, read) in (1..).zip(&read) {
        let one = match read {
            Ok((secret, ..)) => told(number, secret, additions.next()),
            Err((last4, why)) => {
                let (last4, why) = (last4.clone(), Some(why.clone()));
                AddedKey { number, last4, result: "refused", id: None, why }
            }
        };
        match one.result {
            "added" => report.added += 1,
            "duplicate" => report.duplicates += 1,
            _ => report.refused += 1,
        }
        report.results.push(one);
    }
    if report.added > 0 && !is_dry {
        let added = report.results.iter().filter(|it| it.result == "added");
        let ids: Vec<Option<i64>> = added.map(|it| it.id).collect();
        admin.note("key.add", format!("pool {}", pool.0), (None::<&()>, Some(&ids))).await?;
        admin.take_over().await?;
    }
    Ok(report)
}

fn told(number: usize, secret: &Secret, addition: Option<Addition>) -> AddedKey {
    let (result, id) = match addition {
        Some(Addition::Known(id)) => ("duplicate", Some(id)),
        Some(Addition::Added(id)) => ("added", Some(id)),
        None => ("added", None),
    };
    let id = id.filter(|id| *id != NOT_YET).map(|id| id.0);
    AddedKey { number, last4: secret.last4().to_owned(), result, id, why: None }
}

/// What the store would answer.
fn foretell(catalog: &Catalog, pool: PoolId, ready: &[Ready]) -> Vec<Addition> {
    let of_pool = catalog.stored.keys.iter().filter(|key| key.pool == pool);
    let known: HashMap<&str, KeyId> = of_pool.map(|key| (key.secret.expose(), key.id)).collect();
    let mut fresh = HashSet::new();
    ready
        .iter()
        .map(|(secret, ..)| {
            let secret = secret.expose();
            match known.get(secret) {
                Some(id) => Addition::Known(*id),
                None if fresh.insert(secret) => Addition::Added(NOT_YET),
                None => Addition::Known(NOT_YET),
            }
        })
        .collect()
}

/// The pool that keys are for.
fn pool(catalog: &Catalog, id: Option<i64>) -> Result<PoolId, Failure> {
    let id = id.map_or(DEFAULT_POOL, PoolId);
    let known = catalog.pool(id).map(|pool| pool.id);
    known.ok_or_else(|| refused("pool", format!("`pool` is {}, and there is no such pool", id.0)))
}

/// Reads each key by itself: one that cannot be used does not keep the others out.
fn read_all(keys: Value, defaults: &ToldKey) -> Result<Vec<Result<Ready, Refusal>>, Failure> {
    if defaults.key.is_some() {
        return Err(refused("defaults.key", "`defaults` says what keys have in common"));
    }
    // They have to be right even where every key says otherwise.
    About::try_from(defaults).map_err(|why| refused("defaults", why))?;
    let items = match keys {
        Value::String(text) => return few(key_text::keys(&text).map(|it| plain(it, defaults))),
        Value::Array(items) => items,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            let message = "`keys` takes a text with keys by commas or lines, or a list";
            return Err(refused("keys", message));
        }
    };
    few(items.into_iter().map(|item| match item {
        Value::String(text) => plain(key_text::key(&text), defaults),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            told_one(item, defaults)
        }
    }))
}

/// The last characters of a key, for people, and why it was refused.
pub(crate) type Refusal = (String, String);

fn few<T>(items: impl Iterator<Item = T>) -> Result<Vec<T>, Failure> {
    let items: Vec<T> = items.take(MOST + 1).collect();
    match items.len() {
        0 => Err(refused("keys", "`keys` holds no key")),
        1..=MOST => Ok(items),
        _ => Err(refused("keys", format!("`keys` takes {MOST} keys at once"))),
    }
}

/// Reads one key with what little other systems tell of it.
///
/// # Errors
/// Why it cannot be used.
pub(crate) fn pasted(
    text: &str,
    name: Option<&str>,
    weight: Option<u32>,
) -> Result<Ready, Refusal> {
    let told = ToldKey { name: name.map(str::to_owned), weight, ..ToldKey::default() };
    plain(key_text::key(text), &told)
}

fn plain(
    read: Result<(Secret, Option<u32>), NotAKey>,
    defaults: &ToldKey,
) -> Result<Ready, Refusal> {
    let (secret, weight) = read.map_err(|why| (String::new(), why.to_string()))?;
    let told = ToldKey { weight: weight.or(defaults.weight), ..defaults.clone() };
    ready(secret, &told)
}

fn told_one(item: Value, defaults: &ToldKey) -> Result<Ready, Refusal> {
    let unnamed = |why: String| (String::new(), why);
    let told = ToldKey::deserialize(item)
        .map_err(|_| unnamed("it takes a text, or an object with `key`, `weight`, ...".into()))?;
    let key = told.key.as_deref().unwrap_or_default();
    let (secret, weight) = key_text::key(key).map_err(|why| unnamed(why.to_string()))?;
    let told = ToldKey {
        key: None,
        weight: told.weight.or(weight).or(defaults.weight),
        project: told.project.or_else(|| defaults.project.clone()),
        tier: told.tier.or(defaults.tier),
        proxy: told.proxy.or_else(|| defaults.proxy.clone()),
        name: told.name.or_else(|| defaults.name.clone()),
        tags: told.tags.or_else(|| defaults.tags.clone()),
        notes: told.notes.or_else(|| defaults.notes.clone()),
    };
    ready(secret, &told)
}

fn ready(secret: Secret, told: &ToldKey) -> Result<Ready, Refusal> {
    let refuse = |why: String| (secret.last4().to_owned(), why);
    if secret.expose().len() < SHORTEST {
        return Err(refuse(format!("it is shorter than {SHORTEST} characters")));
    }
    let about = About::try_from(told).map_err(refuse)?;
    let remarks = Remarks::try_from(told).map_err(refuse)?;
    Ok((secret, about, remarks))
}

impl TryFrom<&ToldKey> for About {
    type Error = String;

    fn try_from(told: &ToldKey) -> Result<Self, String> {
        let weight = told.weight.unwrap_or(1);
        if !(1..=key_text::MAX_WEIGHT).contains(&weight) {
            return Err(NotAKey::Weight.to_string());
        }
        let project = told.project.as_deref().filter(|it| !it.is_empty());
        let project = project.map(|it| read::name("project", it)).transpose();
        let project = project.map_err(|failure| failure.error.message)?;
        let proxy = told.proxy.as_deref().filter(|it| !it.is_empty());
        let proxy = proxy.map(words::proxy).transpose();
        let proxy = proxy.map_err(|failure| failure.error.message)?;
        Ok(Self {
            weight,
            project: project.as_deref().map(ProjectName::new),
            tier: told.tier.map_or(Tier::Free, Tier::from),
            proxy,
        })
    }
}

impl TryFrom<&ToldKey> for Remarks {
    type Error = String;

    fn try_from(told: &ToldKey) -> Result<Self, String> {
        words::remarks(told.name.as_deref(), told.tags.as_deref(), told.notes.as_deref())
            .map_err(|failure| failure.error.message)
    }
}
