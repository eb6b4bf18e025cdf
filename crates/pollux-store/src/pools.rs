//! Pools: what people call them, and whether they serve.

use pollux_pool::id::PoolId;
use pollux_pool::time::Timestamp;

use crate::sql::{Row, SqlError, Statement};
use crate::store::{DEFAULT_POOL, Store, StoreError};

const POOLS: &str = "SELECT id, name, description, enabled, created_at FROM pools ORDER BY id";
const ADD: &str = "INSERT INTO pools (id, name, created_at, description, enabled)
    VALUES ($1, $2, $3, $4, $5)";
const CHANGE: &str =
    "UPDATE pools SET name = $2, description = $3, enabled = $4 WHERE id = $1 RETURNING id";
const REMOVE: &str = "DELETE FROM pools WHERE id = $1";
const REMOVE_SETTINGS: &str = "DELETE FROM settings WHERE pool_id = $1";

/// A pool as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPool {
    /// Which pool it is; never given to another one.
    pub id: PoolId,
    /// What is told about it.
    pub about: PoolAbout,
    /// Since when there is such a pool.
    pub created_at: Timestamp,
}

/// What its owner tells about a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolAbout {
    /// What people call it; no two have the same.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it serves anyone.
    pub enabled: bool,
}

impl Store {
    /// Returns every pool in the order in which they were made.
    pub async fn pools(&self) -> Result<Vec<StoredPool>, StoreError> {
        let rows = self.sql.query(Statement::new(POOLS)).await?;
        Ok(rows.iter().map(pool).collect::<Result<_, _>>()?)
    }

    /// Makes a pool without keys.
    pub async fn add_pool(&self, about: &PoolAbout, now: Timestamp) -> Result<PoolId, StoreError> {
        // The pool that is always there has the first id without having taken it.
        let mut id = self.next_ids("pools", 1).await?;
        if id == DEFAULT_POOL.0 {
            id = self.next_ids("pools", 1).await?;
        }
        let PoolAbout { name, description, enabled } = about;
        let row = Statement::new(ADD).bind(id).bind(name.as_str()).bind(now);
        let row = row.bind(description.as_str()).bind(i64::from(*enabled));
        self.sql.query(row).await.map_err(taken)?;
        Ok(PoolId(id))
    }

    /// Tells something else about a pool; says whether there is such a one.
    pub async fn change_pool(&self, id: PoolId, about: &PoolAbout) -> Result<bool, StoreError> {
        let PoolAbout { name, description, enabled } = about;
        let row = Statement::new(CHANGE).bind(id.0).bind(name.as_str());
        let row = row.bind(description.as_str()).bind(i64::from(*enabled));
        Ok(!self.sql.query(row).await.map_err(taken)?.is_empty())
    }

    /// Removes a pool with its keys, its own access key, its settings, and all that it remembers.
    pub async fn remove_pool(&self, id: PoolId) -> Result<(), StoreError> {
        let removals = [REMOVE_SETTINGS, REMOVE].map(|it| Statement::new(it).bind(id.0));
        Ok(self.sql.batch(removals.into()).await?)
    }
}

fn taken(error: SqlError) -> StoreError {
    match error {
        SqlError::Conflict(_) => StoreError::NameTaken,
        error @ (SqlError::Column { .. } | SqlError::Engine(_)) => error.into(),
    }
}

fn pool(row: &Row) -> Result<StoredPool, SqlError> {
    Ok(StoredPool {
        id: PoolId(row.integer("id")?),
        about: PoolAbout {
            name: row.text("name")?.to_owned(),
            description: row.text("description")?.to_owned(),
            enabled: row.integer("enabled")? != 0,
        },
        created_at: row.moment("created_at")?,
    })
}
