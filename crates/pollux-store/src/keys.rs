//! Gemini keys: sealed in their rows, found again by fingerprint, unique within a pool.

use std::collections::BTreeMap;

use pollux_pool::id::{KeyId, PoolId};
use pollux_pool::time::Timestamp;

use crate::cipher::{Fingerprint, Place};
use crate::secret::Secret;
use crate::sql::{Row, Statement};
use crate::store::{Store, StoreError};
use crate::users::Source;

const KEYS: &str = "SELECT id, sealed, last4, weight FROM gemini_keys
    WHERE pool_id = $1 ORDER BY id";
const KNOWN: &str = "SELECT id, fingerprint, weight, source FROM gemini_keys WHERE pool_id = $1";
const ADD: &str = "INSERT INTO gemini_keys
    (id, pool_id, fingerprint, sealed, last4, weight, source, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (pool_id, fingerprint) DO NOTHING";
const WEIGH: &str = "UPDATE gemini_keys SET weight = $2 WHERE id = $1";
const REMOVE: &str = "DELETE FROM gemini_keys WHERE id = $1";

/// A Gemini key as it is kept.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// Which key it is; never given to another key.
    pub id: KeyId,
    /// The key itself.
    pub secret: Secret,
    /// How often it goes next under a weighted strategy, compared with others; at least 1.
    pub weight: u32,
    /// Its last 4 characters, for people.
    pub last4: String,
}

/// What a list of keys changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeySync {
    /// Keys that were not known.
    pub added: usize,
    /// Keys whose weight changed.
    pub updated: usize,
    /// Keys that are not in the list any more.
    pub removed: usize,
}

/// A key that the pool has already.
struct Known {
    id: i64,
    weight: u32,
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
    /// A key that is named twice has its last weight; a weight of 0 counts as 1.
    /// Keys from elsewhere stay as they are, named or not.
    pub async fn sync_environment_keys(
        &self,
        pool: PoolId,
        named: &[(Secret, u32)],
        now: Timestamp,
    ) -> Result<KeySync, StoreError> {
        let mut known = self.known_keys(pool).await?;
        let mut sync = KeySync::default();
        let mut changes = Vec::new();
        let mut fresh = Vec::new();
        for (fingerprint, secret, weight) in self.distinct(named) {
            match known.remove(&fingerprint) {
                None => fresh.push((fingerprint, secret, weight)),
                Some(key) if key.from_environment && key.weight != weight => {
                    changes.push(Statement::new(WEIGH).bind(key.id).bind(weight));
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
        for (id, (fingerprint, secret, weight)) in (first..).zip(fresh) {
            let row = Statement::new(ADD).bind(id).bind(pool.0).bind(fingerprint.to_string());
            let row = row.bind(self.cipher.seal(secret, place(id))?).bind(secret.last4());
            let row = row.bind(weight).bind(Source::Environment.as_str()).bind(now.as_micros());
            changes.push(row);
        }
        self.sql.batch(changes).await?;
        Ok(sync)
    }

    async fn known_keys(&self, pool: PoolId) -> Result<BTreeMap<Fingerprint, Known>, StoreError> {
        let rows = self.sql.query(Statement::new(KNOWN).bind(pool.0)).await?;
        rows.iter().map(known).collect()
    }

    /// Returns each secret once, where it is named first, with its last weight.
    fn distinct<'a>(&self, named: &'a [(Secret, u32)]) -> Vec<(Fingerprint, &'a Secret, u32)> {
        let mut places = BTreeMap::new();
        let mut distinct: Vec<(Fingerprint, &Secret, u32)> = Vec::new();
        for (secret, weight) in named {
            let fingerprint = self.cipher.fingerprint(secret.expose().as_bytes());
            let place = *places.entry(fingerprint).or_insert(distinct.len());
            let weight = (*weight).max(1);
            match distinct.get_mut(place) {
                Some((_, _, last)) => *last = weight,
                None => distinct.push((fingerprint, secret, weight)),
            }
        }
        distinct
    }

    fn key(&self, row: &Row) -> Result<StoredKey, StoreError> {
        let id = row.integer("id")?;
        Ok(StoredKey {
            id: KeyId(id),
            secret: self.cipher.open(row.text("sealed")?, place(id))?,
            weight: row.number("weight")?,
            last4: row.text("last4")?.to_owned(),
        })
    }
}

fn known(row: &Row) -> Result<(Fingerprint, Known), StoreError> {
    let known = Known {
        id: row.integer("id")?,
        weight: row.number("weight")?,
        from_environment: row.text("source")? == Source::Environment.as_str(),
    };
    Ok((row.fingerprint("fingerprint")?, known))
}

const fn place(row: i64) -> Place {
    Place { table: "gemini_keys", row, column: "sealed" }
}
