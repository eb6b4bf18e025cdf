//! Keys that are changed, one or many at a time, and removed.

use pollux_pool::{id::KeyId, id::ProjectName, key::Tier};
use pollux_store::{
    keys::{About, KeyChange, Remarks, StoredKey},
    users::Source,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Told, find, rows::Row, show, words};
use crate::{
    admin::{
        Admin,
        access::unreadable,
        missing,
        read::{self, Field, refused},
        view::{TierWord, nothing},
    },
    catalog::Catalog,
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
    key_text,
};

/// So many keys are changed at once.
const MOST: usize = 20_000;

/// What is to be changed of a key; what is absent stays, and `null` takes away.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    enabled: Option<bool>,
    #[schema(minimum = 1, maximum = 1_000_000)]
    weight: Option<u32>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    project: Field<String>,
    tier: Option<TierWord>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    proxy: Field<String>,
    name: Option<String>,
    tags: Option<Vec<String>>,
    notes: Option<String>,
}

/// What is to be done to many keys.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Bulk {
    ids: Vec<i64>,
    /// Changes each of them so.
    change: Option<Edit>,
    /// Removes each of them.
    #[serde(default)]
    remove: bool,
}

/// What was done to many keys.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "that is what was done")]
pub(crate) struct Changed {
    changed: usize,
    pub(crate) removed: usize,
    /// Those that are not there.
    unknown: Vec<i64>,
    /// Removed ones that the environment or the configuration file names: they come back at the
    /// next start, unless they are taken out there.
    pub(crate) named_elsewhere: usize,
}

/// `PATCH /admin/api/keys/{id}`
pub(in crate::admin) async fn edit(admin: Admin, incoming: Incoming) -> Answered {
    let id = read::id(&incoming, "keys")?;
    let edit: Edit = read::json(&admin.gateway, incoming.body).await?;
    let shared = admin.gateway.shared();
    if find(&shared.catalog.load(), KeyId(id)).is_none() {
        return Err(missing("key", id));
    }
    change(&admin, &[id], &edit).await?;
    let catalog = shared.catalog.load();
    let key = find(&catalog, KeyId(id)).ok_or_else(|| missing("key", id))?;
    let live = shared.ledger.view(key.pool).into_iter().find(|live| live.id == key.id);
    written(&show(Row::of(key, live.as_ref(), &catalog.cipher)))
}

/// `DELETE /admin/api/keys/{id}`
pub(in crate::admin) async fn remove(admin: Admin, incoming: Incoming) -> Answered {
    let id = read::id(&incoming, "keys")?;
    if take_away(&admin, &[id]).await?.removed == 0 {
        return Err(missing("key", id));
    }
    Ok(nothing())
}

/// `POST /admin/api/keys/bulk`
pub(in crate::admin) async fn bulk(admin: Admin, incoming: Incoming) -> Answered {
    let Bulk { mut ids, change, remove } = read::json(&admin.gateway, incoming.body).await?;
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() || ids.len() > MOST {
        return Err(refused("ids", format!("`ids` takes 1 to {MOST} ids of keys")));
    }
    match (change, remove) {
        (Some(edit), false) => written(&self::change(&admin, &ids, &edit).await?),
        (None, true) => written(&take_away(&admin, &ids).await?),
        (Some(_), true) | (None, false) => {
            Err(refused("change", "one of `change` and `remove` says what is to be done"))
        }
    }
}

/// Changes those of the keys that are there.
///
/// # Errors
/// 400 for what cannot be told of a key.
pub(crate) async fn change(admin: &Admin, ids: &[i64], edit: &Edit) -> Result<Changed, Failure> {
    let shared = admin.gateway.shared();
    let catalog = shared.catalog.load_full();
    let (known, unknown) = known(&catalog, ids);
    let changes: Vec<KeyChange> =
        known.iter().map(|key| edit.for_key(key)).collect::<Result<_, _>>()?;
    let now = admin.gateway.now();
    shared.store.change_keys(&changes, now).await.map_err(unreadable)?;
    admin.take_over().await?;
    let new = shared.catalog.load_full();
    let told = known.iter().map(|key| {
        let new = find(&new, key.id).map(Told::of);
        let told = (Some(&Told::of(key)), new.as_ref());
        admin.change("key.change", format!("key {}", key.id.0), told)
    });
    admin.note_all(told.collect()).await?;
    Ok(Changed { changed: known.len(), removed: 0, unknown, named_elsewhere: 0 })
}

/// Removes those of the keys that are there.
///
/// # Errors
/// When they cannot be removed.
pub(crate) async fn take_away(admin: &Admin, ids: &[i64]) -> Result<Changed, Failure> {
    let shared = admin.gateway.shared();
    let catalog = shared.catalog.load_full();
    let (known, unknown) = known(&catalog, ids);
    let gone: Vec<KeyId> = known.iter().map(|key| key.id).collect();
    shared.store.remove_keys(&gone).await.map_err(unreadable)?;
    let told = known.iter().map(|key| {
        let told = (Some(&Told::of(key)), None::<&()>);
        admin.change("key.remove", format!("key {}", key.id.0), told)
    });
    admin.note_all(told.collect()).await?;
    if !known.is_empty() {
        admin.take_over().await?;
    }
    let named_elsewhere = known.iter().filter(|key| key.source == Source::Environment).count();
    Ok(Changed { changed: 0, removed: known.len(), unknown, named_elsewhere })
}

fn known<'a>(catalog: &'a Catalog, ids: &[i64]) -> (Vec<&'a StoredKey>, Vec<i64>) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for id in ids {
        match find(catalog, KeyId(*id)) {
            Some(key) => known.push(key),
            None => unknown.push(*id),
        }
    }
    (known, unknown)
}

impl Edit {
    /// Changes the little that other systems know of keys.
    pub(crate) fn of(name: Option<String>, enabled: Option<bool>, weight: Option<u32>) -> Self {
        Self { enabled, weight, name, ..Self::default() }
    }

    fn for_key(&self, key: &StoredKey) -> Result<KeyChange, Failure> {
        let tells = self.weight.is_some()
            || !self.project.is_same()
            || self.tier.is_some()
            || !self.proxy.is_same();
        let remarks = self.name.is_some() || self.tags.is_some() || self.notes.is_some();
        Ok(KeyChange {
            id: key.id,
            enabled: self.enabled,
            about: tells.then(|| self.about(&key.about)).transpose()?,
            remarks: remarks.then(|| self.remarks(&key.remarks)).transpose()?,
        })
    }

    fn about(&self, old: &About) -> Result<About, Failure> {
        let weight = self.weight.unwrap_or(old.weight);
        if !(1..=key_text::MAX_WEIGHT).contains(&weight) {
            return Err(refused("weight", "`weight` takes a number from 1 to 1000000"));
        }
        let project = match &self.project {
            Field::Same => old.project.clone(),
            Field::Gone => None,
            Field::New(text) => Some(ProjectName::new(&read::name("project", text)?)),
        };
        let proxy = match &self.proxy {
            Field::Same => old.proxy.clone(),
            Field::Gone => None,
            Field::New(url) => Some(words::proxy(url)?),
        };
        Ok(About { weight, project, tier: self.tier.map_or(old.tier, Tier::from), proxy })
    }

    fn remarks(&self, old: &Remarks) -> Result<Remarks, Failure> {
        words::remarks(
            Some(self.name.as_deref().unwrap_or(&old.name)),
            Some(self.tags.as_deref().unwrap_or(&old.tags)),
            Some(self.notes.as_deref().unwrap_or(&old.notes)),
        )
    }
}
