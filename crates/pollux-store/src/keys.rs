//! Gemini keys: sealed in their rows, found again by fingerprint, unique within a pool.

use std::collections::BTreeMap;

use pollux_pool::id::{KeyId, PoolId, ProjectName};
use pollux_pool::key::Tier;
use pollux_pool::time::Timestamp;

use crate::cipher::{Fingerprint, Place};
use crate::secret::Secret;
use crate::sql::{Row, Statement};
use crate::store::{Store, StoreError};
use crate::users::Source;

const KEYS: &str = "SELECT id, sealed, last4, weight, project, tier, proxy, enabled
    FROM gemini_keys WHERE pool_id = $1 ORDER BY id";
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
const ENABLE: &str = "UPDATE gemini_keys SET enabled = $2 WHERE id = $1 RETURNING id";

/// A Gemini key as it is kept.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// Which key it is; never given to another key.
    pub id: KeyId,
    /// The key itself.
    pub secret: Secret,
    /// Its last 4 characters, for people.
    pub last4: String,
    /// Whether it may be used at all.
    pub enabled: bool,
    /// What is told about it.
    pub about: About,
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
        let rows = self.sql.query(Statement::new(KEYS).bind(pool.0)).await?;
        rows.iter().map(|row| self.key(row)).collect()
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
        let mut known = self.known_keys(pool).await?;
        let mut sync = KeySync::default();
        let mut changes = Vec::new();
        let mut fresh = Vec::new();
        for (fingerprint, secret, about) in self.distinct(named) {
            match known.remove(&fingerprint) {
                None => fresh.push((fingerprint, secret, about)),
                Some(key) if key.from_environment && !key.about.is_same(&about) => {
                    changes.push(self.tell(Statement::new(CHANGE).bind(key.id), key.id, &about)?);
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
        for (id, (fingerprint, secret, about)) in (first..).zip(fresh) {
            let row = Statement::new(ADD).bind(id).bind(pool.0).bind(fingerprint.to_string());
            let row = row.bind(self.cipher.seal(secret, place(id))?).bind(secret.last4());
            let row = row.bind(Source::Environment.as_str()).bind(now.as_micros());
            changes.push(self.tell(row, id, &about)?);
        }
        self.sql.batch(changes).await?;
        Ok(sync)
    }

    /// Lets a key be used or not, from the next start on; says whether there is such a key.
    pub async fn set_key_enabled(&self, key: KeyId, enabled: bool) -> Result<bool, StoreError> {
        let statement = Statement::new(ENABLE).bind(key.0).bind(i64::from(enabled));
        Ok(!self.sql.query(statement).await?.is_empty())
    }

    /// Binds what is told about the key in a row: weight, project, tier and proxy.
    fn tell(&self, statement: Statement, id: i64, about: &About) -> Result<Statement, StoreError> {
        let proxy = about.proxy.as_ref().map(|proxy| self.cipher.seal(proxy, proxy_place(id)));
        let project = about.project.as_ref().map_or("", ProjectName::as_str);
        let statement = statement.bind(about.weight).bind(project).bind(about.tier.as_str());
        Ok(statement.bind(proxy.transpose()?.unwrap_or_default()))
    }

    async fn known_keys(&self, pool: PoolId) -> Result<BTreeMap<Fingerprint, Known>, StoreError> {
        let rows = self.sql.query(Statement::new(KNOWN).bind(pool.0)).await?;
        rows.iter().map(|row| Ok((row.fingerprint("fingerprint")?, self.known(row)?))).collect()
    }

    /// Returns each secret once, where it is named first, with what is told of it last.
    fn distinct<'a>(&self, named: &'a [(Secret, About)]) -> Vec<(Fingerprint, &'a Secret, About)> {
        let mut places = BTreeMap::new();
        let mut distinct: Vec<(Fingerprint, &Secret, About)> = Vec::new();
        for (secret, about) in named {
            let fingerprint = self.cipher.fingerprint(secret.expose().as_bytes());
            let place = *places.entry(fingerprint).or_insert(distinct.len());
            let about = About { weight: about.weight.max(1), ..about.clone() };
            match distinct.get_mut(place) {
                Some((_, _, last)) => *last = about,
                None => distinct.push((fingerprint, secret, about)),
            }
        }
        distinct
    }

    fn key(&self, row: &Row) -> Result<StoredKey, StoreError> {
        let id = row.integer("id")?;
        Ok(StoredKey {
            id: KeyId(id),
            secret: self.cipher.open(row.text("sealed")?, place(id))?,
            last4: row.text("last4")?.to_owned(),
            enabled: row.integer("enabled")? != 0,
            about: self.about(row, id)?,
        })
    }

    fn known(&self, row: &Row) -> Result<Known, StoreError> {
        let id = row.integer("id")?;
        let from_environment = row.text("source")? == Source::Environment.as_str();
        Ok(Known { id, about: self.about(row, id)?, from_environment })
    }

    fn about(&self, row: &Row, id: i64) -> Result<About, StoreError> {
        let proxy = row.optional_text("proxy")?;
        Ok(About {
            weight: row.number("weight")?,
            project: row.optional_text("project")?.map(ProjectName::new),
            tier: row.text("tier")?.parse()?,
            proxy: proxy.map(|sealed| self.cipher.open(sealed, proxy_place(id))).transpose()?,
        })
    }
}

const fn place(row: i64) -> Place {
    Place { table: "gemini_keys", row, column: "sealed" }
}

const fn proxy_place(row: i64) -> Place {
    Place { table: "gemini_keys", row, column: "proxy" }
}
