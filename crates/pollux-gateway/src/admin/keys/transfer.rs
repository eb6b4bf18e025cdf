//! Keys on their way from one server to another: sealed under a passphrase or, where it is asked for
//! in so many words, in clear.

use std::collections::HashSet;

use pollux_store::{
    cipher::parcel,
    keys::{About, Remarks, StoredKey},
    secret::Secret,
};
use pollux_translate::error::Status;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::add;
use crate::{
    admin::{
        Admin,
        read::{self, refused},
    },
    catalog::Catalog,
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
};

const SHORTEST: usize = 12;
/// So many keys are named at once.
const MOST: usize = 20_000;

/// What is to be exported.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Export {
    /// Only the keys of this pool.
    pool: Option<i64>,
    /// Only these keys.
    ids: Option<Vec<i64>>,
    /// Seals them; 12 characters or more.
    passphrase: Option<String>,
    /// Gives them out unsealed, if there is no passphrase.
    #[serde(default)]
    in_clear: bool,
}

/// Keys that are exported.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct Exported {
    count: usize,
    /// A text to be given to the import, with the same passphrase.
    #[serde(skip_serializing_if = "Option::is_none")]
    parcel: Option<String>,
    /// Keys as `POST /keys` takes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<Vec<Carried>>,
}

/// A key with all that is told of it.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportedKey)]
struct Carried {
    key: String,
    weight: u32,
    tier: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    notes: String,
}

/// A parcel to be imported.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Import {
    /// The pool that is to use the keys; the first one where it is absent.
    pool: Option<i64>,
    passphrase: String,
    parcel: String,
    /// Says what would become of them, and adds none.
    #[serde(default)]
    dry_run: bool,
}

/// `POST /admin/api/keys/export`
pub(in crate::admin) async fn export(admin: Admin, incoming: Incoming) -> Answered {
    let Export { pool, ids, passphrase, in_clear } =
        read::json(&admin.gateway, incoming.body).await?;
    let passphrase = passphrase.filter(|text| !text.is_empty());
    if passphrase.is_some() == in_clear {
        let message = "`passphrase` seals the keys, or `in_clear` is true; one of the two";
        return Err(refused("passphrase", message));
    }
    if passphrase.as_ref().is_some_and(|text| text.chars().count() < SHORTEST) {
        let message = format!("`passphrase` takes {SHORTEST} characters or more");
        return Err(refused("passphrase", message));
    }
    let keys: Vec<Carried> = {
        let catalog = admin.gateway.shared().catalog.load();
        chosen(&catalog, pool, ids.as_deref())?.into_iter().map(carry).collect()
    };
    let count = keys.len();
    note(
        &admin,
        if in_clear { "key.export.clear" } else { "key.export.sealed" },
        (pool, ids),
        count,
    )
    .await?;
    let Some(passphrase) = passphrase else {
        return written(&Exported { count, parcel: None, keys: Some(keys) });
    };
    let text = Secret::new(serde_json::to_string(&keys).map_err(|_| unsealed())?);
    let passphrase = Secret::new(passphrase);
    let sealed = admin.gateway.shared().offload.run(move || parcel::seal(&passphrase, &text)).await;
    let parcel = sealed.and_then(Result::ok).ok_or_else(unsealed)?;
    written(&Exported { count, parcel: Some(parcel), keys: None })
}

/// `POST /admin/api/keys/import`
pub(in crate::admin) async fn import(admin: Admin, incoming: Incoming) -> Answered {
    let Import { pool, passphrase, parcel, dry_run } =
        read::json(&admin.gateway, incoming.body).await?;
    let passphrase = Secret::new(passphrase);
    let opened = move || parcel::open(&passphrase, &parcel);
    let opened = admin.gateway.shared().offload.run(opened).await;
    let text = opened.and_then(Result::ok).ok_or_else(|| {
        refused("parcel", "the parcel is not whole, or was sealed under another passphrase")
    })?;
    let keys = serde_json::from_str(text.expose())
        .map_err(|_| refused("parcel", "the parcel holds something that is no list of keys"))?;
    add::answer(&admin, add::NewKeys::of(pool, keys, dry_run)).await
}

/// The keys that are to be exported, in the order of their ids.
fn chosen<'a>(
    catalog: &'a Catalog,
    pool: Option<i64>,
    ids: Option<&[i64]>,
) -> Result<Vec<&'a StoredKey>, Failure> {
    let of_pool = |key: &&StoredKey| pool.is_none_or(|pool| pool == key.pool.0);
    let keys = catalog.stored.keys.iter().filter(of_pool);
    let Some(ids) = ids else { return Ok(keys.collect()) };
    if ids.is_empty() || ids.len() > MOST {
        return Err(refused("ids", format!("`ids` takes 1 to {MOST} ids of keys")));
    }
    let mut wanted: HashSet<i64> = ids.iter().copied().collect();
    let chosen = keys.filter(|key| wanted.remove(&key.id.0)).collect();
    match (wanted.iter().min(), pool) {
        (None, _) => Ok(chosen),
        (Some(id), None) => {
            Err(refused("ids", format!("`ids` names {id}, and there is no such key")))
        }
        (Some(id), Some(pool)) => {
            Err(refused("ids", format!("`ids` names {id}, which is no key of pool {pool}")))
        }
    }
}

/// Writes down what was given out.
async fn note(
    admin: &Admin,
    how: &str,
    (pool, ids): (Option<i64>, Option<Vec<i64>>),
    count: usize,
) -> Result<(), Failure> {
    match (ids.as_deref(), pool) {
        (Some([id]), _) => admin.note(how, format!("key {id}"), (None::<&()>, Some(&1))).await,
        (Some(ids), _) => admin.note(how, "keys", (None::<&()>, Some(&ids))).await,
        (None, Some(pool)) => {
            admin.note(how, format!("pool {pool}"), (None::<&()>, Some(&count))).await
        }
        (None, None) => admin.note(how, "pool", (None::<&()>, Some(&count))).await,
    }
}

fn carry(key: &StoredKey) -> Carried {
    let About { weight, project, tier, proxy } = &key.about;
    let Remarks { name, tags, notes } = &key.remarks;
    Carried {
        key: key.secret.expose().to_owned(),
        weight: *weight,
        tier: tier.as_str(),
        project: project.as_ref().map(|project| project.as_str().to_owned()),
        proxy: proxy.as_ref().map(|proxy| proxy.expose().to_owned()),
        name: name.clone(),
        tags: tags.clone(),
        notes: notes.clone(),
    }
}

fn unsealed() -> Failure {
    Failure::new(Status::Internal, "the keys could not be sealed")
}
