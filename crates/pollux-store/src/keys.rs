//! Gemini keys: sealed in their rows, found again by fingerprint, unique within a pool.

use std::collections::BTreeMap;

use pollux_pool::id::{KeyId, PoolId, ProjectName};
use pollux_pool::key::Tier;
use pollux_pool::time::Timestamp;

use crate::cipher::{Cipher, Fingerprint, Place};
use crate::key_events::switched;
use crate::secret::Secret;
use crate::sql::{Row, Statement};
use crate::store::{Store, StoreError};
use crate::users::{Source, lines};

const KEYS: &str = "SELECT id, pool_id, sealed, last4, weight, project, tier, proxy, enabled,
        source, created_at, name, tags, notes
    FROM gemini_keys WHERE pool_id = $1 ORDER BY id";
const EVERY_KEY: &str = "SELECT id, pool_id, sealed, last4, weight, project, tier, proxy, enabled,
        source, created_at, name, tags, notes
    FROM gemini_keys ORDER BY id";
const KNOWN: &str = "SELECT id, fingerprint, weight, source, project, tier, proxy
    FROM gemini_keys WHERE pool_id = $1";
// What is absent is bound as an empty text: `NULL` would have to be bound as some type.
const ADD: &str = "INSERT INTO gemini_keys
    (id, pool_id, fingerprint, sealed, last4, source, created_at, weight, project, tier, proxy)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULLIF($9, ''), $10, NULLIF($11, ''))
    ON CONFLICT (pool_id, fingerprint) DO NOTHING";
const CHANGE: &str = "UPDATE gemini_keys
    SET weight = $2, project = NULLIF($3, ''), tier = $4, proxy = NULLIF($5, '') WHERE id = $1";
const REMOVE: &str = "DELETE FROM gemini_keys WHERE id = $1";
const EDIT: &str = "UPDATE gemini_keys
    SET weight = $2, project = NULLIF($3, ''), tier = $4, proxy = NULLIF($5, ''), source = $6
    WHERE id = $1";
const REMARK: &str = "UPDATE gemini_keys SET name = $2, tags = $3, notes = $4 WHERE id = $1";
const ENABLE: &str = "UPDATE gemini_keys SET enabled = $2 WHERE id = $1 RETURNING id";

/// A Gemini key as it is kept.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// Which key it is; never given to another key.
    pub id: KeyId,
    /// The pool that uses it.
    pub pool: PoolId,
    /// The key itself.
    pub secret: Secret,
    /// Its last 4 characters, for people.
    pub last4: String,
    /// Whether it may be used at all.
    pub enabled: bool,
    /// Where it came from.
    pub source: Source,
    /// Since when it is known.
    pub created_at: Timestamp,
    /// What is told about it.
    pub about: About,
    /// What people wrote to it.
    pub remarks: Remarks,
}

/// What people write to a key, for themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// What they call it.
    pub name: String,
    /// What they find it by.
    pub tags: Vec<String>,
    /// Anything else.
    pub notes: String,
}

/// What became of a key that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addition {
    /// It is new.
    Added(KeyId),
    /// The pool has it already.
    Known(KeyId),
}

/// What is to be changed of a key; what is absent stays.
#[derive(Clone, Debug)]
pub struct KeyChange {
    /// Which key.
    pub id: KeyId,
    /// Whether it may be used.
    pub enabled: Option<bool>,
    /// What is told about it; from then on the environment does not tell it any more.
    pub about: Option<About>,
    /// What people write to it.
    pub remarks: Option<Remarks>,
}

/// What its owner tells about a Gemini key.
#[derive(Clone, Debug)]
pub struct About {
    /// How often it goes next under a weighted strategy, compared with others; at least 1.
    pub weight: u32,
    /// The Google project that it shares with others of the same name.
    pub project: Option<ProjectName>,
    /// Who pays for its requests.
    pub tier: Tier,
    /// The proxy by which alone it reaches Gemini: a URL, which may hold a password.
    pub proxy: Option<Secret>,
}

impl About {
    /// What is told by a weight alone.
    pub const fn weight(weight: u32) -> Self {
        Self { weight, project: None, tier: Tier::Free, proxy: None }
    }

    fn is_same(&self, other: &Self) -> bool {
        let Self { weight, project, tier, proxy } = self;
        let [one, two] = [proxy, &other.proxy].map(|proxy| proxy.as_ref().map(Secret::expose));
        (*weight, *tier) == (other.weight, other.tier) && *project == other.project && one == two
    }
}

/// What a list of keys changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeySync {
    /// Keys that were not known.
    pub added: usize,
    /// Keys of which something else is told.
    pub updated: usize,
    /// Keys that are not in the list any more.
    pub removed: usize,
}

/// A key that the pool has already.
struct Known {
    id: i64,
    about: About,
    from_environment: bool,
}

impl Store {
    /// Returns the keys of a pool in the order in which they were added.
    pub async fn keys(&self, pool: PoolId) -> Result<Vec<StoredKey>, StoreError> {
        let cipher = self.cipher.read().await;
        let rows = self.sql.query(Statement::new(KEYS).bind(pool.0)).await?;
        rows.iter().map(|row| key(&cipher, row)).collect()
    }

    /// Returns the keys of all pools in the order in which they were added.
    pub async fn every_key(&self) -> Result<Vec<StoredKey>, StoreError> {
        let cipher = self.cipher.read().await;
        let rows = self.sql.query(Statement::new(EVERY_KEY)).await?;
        rows.iter().map(|row| key(&cipher, row)).collect()
    }

    /// Adds keys to a pool, all or none, and says of each what became of it.
    pub async fn add_keys(
        &self,
        pool: PoolId,
        keys: &[(Secret, About, Remarks)],
        now: Timestamp,
    ) -> Result<Vec<Addition>, StoreError> {
        let cipher = self.cipher.read().await;
        let known = self.known_keys(&cipher, pool).await?;
        let mut places: BTreeMap<Fingerprint, KeyId> =
            known.into_iter().map(|(print, known)| (print, KeyId(known.id))).collect();
        let count = i64::try_from(keys.len()).unwrap_or(i64::MAX);
        let mut next = self.next_ids("gemini_keys", count).await?;
        let (mut rows, mut additions) = (Vec::new(), Vec::new());
        for (secret, about, remarks) in keys {
            let fingerprint = cipher.fingerprint(secret.expose().as_bytes());
            if let Some(&id) = places.get(&fingerprint) {
                additions.push(Addition::Known(id));
                continue;
            }
            let id = KeyId(next);
            next += 1;
            rows.push(addition(&cipher, (pool, id), (secret, about, Source::Admin), now)?);
            rows.extend((*remarks != Remarks::default()).then(|| remark(id, remarks)));
            places.insert(fingerprint, id);
            additions.push(Addition::Added(id));
        }
        self.sql.batch(rows).await?;
        Ok(additions)
    }

    /// Changes keys, all or none; those that are gone are passed over.
    pub async fn change_keys(
        &self,
        changes: &[KeyChange],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let switches = changes.iter().filter(|change| change.enabled.is_some()).count();
        let first = self.next_ids("key_events", i64::try_from(switches).unwrap_or(0)).await?;
        let mut events = first..;
        let cipher = self.cipher.read().await;
        let mut rows = Vec::new();
        for KeyChange { id, enabled, about, remarks } in changes {
            if let Some(enabled) = *enabled {
                rows.extend(events.next().map(|event| switched(event, *id, enabled, now)));
                rows.push(Statement::new(ENABLE).bind(id.0).bind(i64::from(enabled)));
            }
            if let Some(about) = about {
                let row = tell(&cipher, Statement::new(EDIT).bind(id.0), id.0, about)?;
                rows.push(row.bind(Source::Admin.as_str()));
            }
            rows.extend(remarks.as_ref().map(|remarks| remark(*id, remarks)));
        }
        Ok(self.sql.batch(rows).await?)
    }

    /// Removes keys, all or none, with all that is held against them.
    pub async fn remove_keys(&self, keys: &[KeyId]) -> Result<(), StoreError> {
        let rows = keys.iter().map(|key| Statement::new(REMOVE).bind(key.0));
        Ok(self.sql.batch(rows.collect()).await?)
    }

    /// Makes the environment's keys of a pool those of `named`, and says what that changed.
    ///
    /// Of a key that is named twice the last counts; a weight of 0 counts as 1.
    /// Keys from elsewhere stay as they are, named or not, and so do those that are not enabled.
    pub async fn sync_environment_keys(
        &self,
        pool: PoolId,
        named: &[(Secret, About)],
        now: Timestamp,
    ) -> Result<KeySync, StoreError> {
        let cipher = self.cipher.read().await;
        let mut known = self.known_keys(&cipher, pool).await?;
        let mut sync = KeySync::default();
        let mut changes = Vec::new();
        let mut fresh = Vec::new();
        for (fingerprint, secret, about) in distinct(&cipher, named) {
            match known.remove(&fingerprint) {
                None => fresh.push((secret, about)),
                Some(key) if key.from_environment && !key.about.is_same(&about) => {
                    let row = Statement::new(CHANGE).bind(key.id);
                    changes.push(tell(&cipher, row, key.id, &about)?);
                }
                Some(_) => {}
            }
        }
        sync.updated = changes.len();
        sync.added = fresh.len();
        let gone = known.values().filter(|key| key.from_environment);
        changes.extend(gone.map(|key| Statement::new(REMOVE).bind(key.id)));
        sync.removed = changes.len() - sync.updated;
        let first = self.next_ids("gemini_keys", i64::try_from(fresh.len()).unwrap_or(0)).await?;
        for (id, (secret, about)) in (first..).zip(fresh) {
            let told = (secret, &about, Source::Environment);
            changes.push(addition(&cipher, (pool, KeyId(id)), told, now)?);
        }
        self.sql.batch(changes).await?;
        Ok(sync)
    }

    /// Lets a key be used or not; says whether there is such a key.
    pub async fn set_key_enabled(&self, key: KeyId, enabled: bool) -> Result<bool, StoreError> {
        let statement = Statement::new(ENABLE).bind(key.0).bind(i64::from(enabled));
        Ok(!self.sql.query(statement).await?.is_empty())
    }

    async fn known_keys(
        &self,
        cipher: &Cipher,
        pool: PoolId,
    ) -> Result<BTreeMap<Fingerprint, Known>, StoreError> {
        let rows = self.sql.query(Statement::new(KNOWN).bind(pool.0)).await?;
        let read = |row: &Row| Ok((row.fingerprint("fingerprint")?, known(cipher, row)?));
        rows.iter().map(read).collect()
    }
}

fn addition(
    cipher: &Cipher,
    (pool, id): (PoolId, KeyId),
    (secret, about, source): (&Secret, &About, Source),
    now: Timestamp,
) -> Result<Statement, StoreError> {
    let fingerprint = cipher.fingerprint(secret.expose().as_bytes()).to_string();
    let row = Statement::new(ADD).bind(id.0).bind(pool.0).bind(fingerprint);
    let row = row.bind(cipher.seal(secret, place(id.0))?).bind(secret.last4());
    tell(cipher, row.bind(source.as_str()).bind(now), id.0, about)
}

/// Binds what is told about the key in a row: weight, project, tier and proxy.
fn tell(
    cipher: &Cipher,
    statement: Statement,
    id: i64,
    about: &About,
) -> Result<Statement, StoreError> {
    let proxy = about.proxy.as_ref().map(|proxy| cipher.seal(proxy, proxy_place(id)));
    let project = about.project.as_ref().map_or("", ProjectName::as_str);
    let statement = statement.bind(about.weight).bind(project).bind(about.tier.as_str());
    Ok(statement.bind(proxy.transpose()?.unwrap_or_default()))
}

/// Returns each secret once, where it is named first, with what is told of it last.
fn distinct<'a>(
    cipher: &Cipher,
    named: &'a [(Secret, About)],
) -> Vec<(Fingerprint, &'a Secret, About)> {
    let mut places = BTreeMap::new();
    let mut distinct: Vec<(Fingerprint, &Secret, About)> = Vec::new();
    for (secret, about) in named {
        let fingerprint = cipher.fingerprint(secret.expose().as_bytes());
        let place = *places.entry(fingerprint).or_insert(distinct.len());
        let about = About { weight: about.weight.max(1), ..about.clone() };
        match distinct.get_mut(place) {
            Some((_, _, last)) => *last = about,
            None => distinct.push((fingerprint, secret, about)),
        }
    }
    distinct
}

fn key(cipher: &Cipher, row: &Row) -> Result<StoredKey, StoreError> {
    let id = row.integer("id")?;
    Ok(StoredKey {
        id: KeyId(id),
        pool: PoolId(row.integer("pool_id")?),
        secret: cipher.open(row.text("sealed")?, place(id))?,
        last4: row.text("last4")?.to_owned(),
        enabled: row.integer("enabled")? != 0,
        source: row.text("source")?.parse()?,
        created_at: row.moment("created_at")?,
        about: about(cipher, row, id)?,
        remarks: Remarks {
            name: row.text("name")?.to_owned(),
            tags: row.lines("tags")?,
            notes: row.text("notes")?.to_owned(),
        },
    })
}

fn known(cipher: &Cipher, row: &Row) -> Result<Known, StoreError> {
    let id = row.integer("id")?;
    let from_environment = row.text("source")? == Source::Environment.as_str();
    Ok(Known { id, about: about(cipher, row, id)?, from_environment })
}

fn about(cipher: &Cipher, row: &Row, id: i64) -> Result<About, StoreError> {
    let proxy = row.optional_text("proxy")?;
    Ok(About {
        weight: row.number("weight")?,
        project: row.optional_text("project")?.map(ProjectName::new),
        tier: row.text("tier")?.parse()?,
        proxy: proxy.map(|sealed| cipher.open(sealed, proxy_place(id))).transpose()?,
    })
}

fn remark(id: KeyId, remarks: &Remarks) -> Statement {
    let Remarks { name, tags, notes } = remarks;
    let row = Statement::new(REMARK).bind(id.0).bind(name.as_str());
    row.bind(lines(tags)).bind(notes.as_str())
}

pub(crate) const fn place(row: i64) -> Place {
    Place { table: "gemini_keys", row, column: "sealed" }
}

pub(crate) const fn proxy_place(row: i64) -> Place {
    Place { table: "gemini_keys", row, column: "proxy" }
}
