//! What is to become of a pool: read, checked whole before anything is done, then done.

use std::collections::{BTreeMap, HashSet};

use pollux_pool::id::PoolId;
use pollux_store::{keys::StoredKey, pools::PoolAbout};
use serde::Deserialize;

use super::{ALLOWED, show::id_of};
use crate::{
    admin::{
        Admin,
        keys::{Edit, Ready, change, keep, pasted, take_away},
        pools::LONGEST_DESCRIPTION,
        read::{self, refused},
    },
    catalog::Catalog,
    failure::Failure,
};

/// What stands in a key of which only the ends are shown.
const MASK: &str = "...";

/// A pool as it is sent; what else its pages send back is not for them to change.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sent {
    name: Option<String>,
    description: Option<String>,
    gemini_keys: Option<Vec<SentKey>>,
    allowed_models: Option<Vec<String>>,
    enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a key takes a text, or an object with `key`, `id`, `name`, `enabled` and `weight`"
)]
enum SentKey {
    Text(String),
    Told(Told),
}

#[derive(Default, Deserialize)]
struct Told {
    /// Of one that is in the pool.
    id: Option<String>,
    key: Option<String>,
    name: Option<String>,
    enabled: Option<bool>,
    weight: Option<u32>,
}

/// What is to be done to a pool's keys.
#[derive(Default)]
pub(super) struct Plan {
    gone: Vec<i64>,
    /// Those that are changed alike, together.
    changed: BTreeMap<Change, Vec<i64>>,
    fresh: Vec<Ready>,
    /// Which of the fresh ones are to be off.
    off: Vec<bool>,
}

#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    name: Option<String>,
    enabled: Option<bool>,
    weight: Option<u32>,
}

impl Sent {
    /// What is told of a new pool.
    ///
    /// # Errors
    /// 400 that names the field.
    pub(super) fn about_new(&self) -> Result<PoolAbout, Failure> {
        if self.name.is_none() {
            return Err(refused("name", "`name` is missing: it takes what the pool is called"));
        }
        self.about(&PoolAbout { name: String::new(), description: String::new(), enabled: true })
    }

    /// What is told of a pool from now on.
    ///
    /// # Errors
    /// 400 that names the field.
    pub(super) fn about(&self, old: &PoolAbout) -> Result<PoolAbout, Failure> {
        let name = self.name.as_deref().map(|name| read::name("name", name)).transpose()?;
        let description = self.description.as_deref();
        let description =
            description.map(|text| read::text("description", text, LONGEST_DESCRIPTION));
        Ok(PoolAbout {
            name: name.unwrap_or_else(|| old.name.clone()),
            description: description.transpose()?.unwrap_or_else(|| old.description.clone()),
            enabled: self.enabled.unwrap_or(old.enabled),
        })
    }

    /// The setting that the list of models becomes.
    ///
    /// # Errors
    /// 400 when they cannot be used.
    pub(super) fn allowed(
        &self,
        catalog: &Catalog,
    ) -> Result<Vec<(String, Option<String>)>, Failure> {
        let Some(models) = &self.allowed_models else { return Ok(Vec::new()) };
        if models.iter().any(|model| model.contains(',') || model.trim().is_empty()) {
            return Err(refused("allowedModels", "`allowedModels` takes a list of models' names"));
        }
        if catalog.described.find(ALLOWED).is_none() {
            if models.is_empty() {
                return Ok(Vec::new());
            }
            let message = "`allowedModels` has to be empty here: tell each user what it may ask";
            return Err(refused("allowedModels", message));
        }
        let text = (!models.is_empty()).then(|| models.join(","));
        if let Some(text) = &text {
            (catalog.described.check)(ALLOWED, text).map_err(|allowed| {
                refused("allowedModels", format!("`allowedModels` takes {allowed}"))
            })?;
        }
        Ok(vec![(ALLOWED.to_owned(), text)])
    }

    /// The keys of a new pool, of which there has to be one.
    ///
    /// # Errors
    /// 400 that says which cannot be used, and why.
    pub(super) fn keys_of_new(&self) -> Result<Plan, Failure> {
        match self.gemini_keys.as_deref() {
            None | Some([]) => {
                let message = "`geminiKeys` takes a list of at least one key: {\"key\": \"...\"}";
                Err(refused("geminiKeys", message))
            }
            Some(keys) => plan(&[], keys),
        }
    }

    /// What becomes of a pool's keys when these take their place; nothing where none were sent.
    ///
    /// # Errors
    /// 400 that says which cannot be used, and why.
    pub(super) fn keys(&self, catalog: &Catalog, pool: PoolId) -> Result<Plan, Failure> {
        let Some(sent) = &self.gemini_keys else { return Ok(Plan::default()) };
        let old: Vec<&StoredKey> =
            catalog.stored.keys.iter().filter(|key| key.pool == pool).collect();
        plan(&old, sent)
    }
}

/// Those that are known by their ids or their texts stay, the others are new, and what is not named
/// goes.
fn plan(old: &[&StoredKey], sent: &[SentKey]) -> Result<Plan, Failure> {
    let (mut plan, mut kept) = (Plan::default(), HashSet::new());
    for (at, sent) in sent.iter().enumerate() {
        let refuse = |why: &str| {
            let field = format!("geminiKeys[{at}]");
            refused(&field, format!("`{field}`: {why}"))
        };
        let nothing = Told::default();
        let (told, text) = match sent {
            SentKey::Text(text) => (&nothing, text.as_str()),
            SentKey::Told(told) => (told, told.key.as_deref().unwrap_or_default()),
        };
        let text = text.trim();
        let is_whole = !text.is_empty() && !text.contains(MASK);
        let known = old.iter().find(|key| {
            let is_named = || told.id.as_deref() == Some(&id_of(key.id.0));
            if is_whole { key.secret.expose() == text } else { is_named() }
        });
        if let Some(key) = known {
            kept.insert(key.id);
            let change = told.change(key).map_err(|why| refuse(&why))?;
            if change != Change::default() {
                plan.changed.entry(change).or_default().push(key.id.0);
            }
        } else if is_whole {
            let ready = pasted(text, told.name.as_deref(), told.weight);
            plan.fresh.push(ready.map_err(|(_, why)| refuse(&why))?);
            plan.off.push(told.enabled == Some(false));
        } else {
            return Err(refuse("send the whole `key`, or the `id` of one that is in the pool"));
        }
    }
    let gone = old.iter().filter(|key| !kept.contains(&key.id));
    plan.gone = gone.map(|key| key.id.0).collect();
    Ok(plan)
}

impl Told {
    /// What is to be different about a key.
    fn change(&self, key: &StoredKey) -> Result<Change, String> {
        // It is checked as that of a new key would be.
        pasted(key.secret.expose(), self.name.as_deref(), self.weight).map_err(|(_, why)| why)?;
        let name = self.name.as_deref().map(str::trim).filter(|it| !it.is_empty());
        let name = name.filter(|name| *name != key.remarks.name);
        Ok(Change {
            // A number stands there for a name that was never given.
            name: name.filter(|name| !is_numbered(name)).map(str::to_owned),
            enabled: self.enabled.filter(|enabled| *enabled != key.enabled),
            weight: self.weight.filter(|weight| *weight != key.about.weight),
        })
    }
}

fn is_numbered(name: &str) -> bool {
    let number = name.strip_prefix("Key ");
    number.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Plan {
    /// Does it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) async fn carry_out(self, admin: &Admin, pool: PoolId) -> Result<(), Failure> {
        let Self { gone, changed, fresh, off } = self;
        if !gone.is_empty() {
            take_away(admin, &gone).await?;
        }
        for (Change { name, enabled, weight }, ids) in changed {
            let edit = Edit::of(name, enabled, weight);
            change(admin, &ids, &edit).await?;
        }
        if fresh.is_empty() {
            return Ok(());
        }
        let added = keep(admin, pool, fresh.into_iter().map(Ok).collect(), false).await?;
        let ids = added.results.iter().zip(off).filter(|(_, is_off)| *is_off);
        let ids: Vec<i64> = ids.filter_map(|(one, _)| one.id).collect();
        if !ids.is_empty() {
            let edit = Edit::of(None, Some(false), None);
            change(admin, &ids, &edit).await?;
        }
        Ok(())
    }
}
