//! Settings that were changed while the server ran; sealed, since some of them are secrets.

use pollux_pool::id::PoolId;

use crate::cipher::{Cipher, Place};
use crate::secret::Secret;
use crate::sql::{Row, Statement};
use crate::store::{Store, StoreError};

/// What stands for the server itself, since no pool has this id.
const SERVER: i64 = 0;

const SETTINGS: &str = "SELECT id, pool_id, name, sealed FROM settings ORDER BY pool_id, name";
const REMOVE: &str = "DELETE FROM settings WHERE pool_id = $1 AND name = $2";
const ADD: &str = "INSERT INTO settings (id, pool_id, name, sealed) VALUES ($1, $2, $3, $4)";

/// A setting as it is kept.
#[derive(Clone, Debug)]
pub struct StoredSetting {
    /// Whose it is: a pool's, or the server's where there is none.
    pub pool: Option<PoolId>,
    /// Which one.
    pub name: String,
    /// Its value, as it would be written in a file.
    pub value: Secret,
}

impl Store {
    /// Returns every setting that is kept.
    pub async fn settings(&self) -> Result<Vec<StoredSetting>, StoreError> {
        let cipher = self.cipher.read().await;
        let rows = self.sql.query(Statement::new(SETTINGS)).await?;
        rows.iter().map(|row| setting(&cipher, row)).collect()
    }

    /// Keeps values for settings of a pool or of the server, and forgets those without one; all or
    /// none.
    pub async fn set_settings(
        &self,
        pool: Option<PoolId>,
        values: &[(&str, Option<Secret>)],
    ) -> Result<(), StoreError> {
        let cipher = self.cipher.read().await;
        let pool = pool.map_or(SERVER, |pool| pool.0);
        let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
        let first = self.next_ids("settings", count).await?;
        let mut changes = Vec::new();
        for (id, (name, value)) in (first..).zip(values) {
            changes.push(Statement::new(REMOVE).bind(pool).bind(*name));
            if let Some(value) = value {
                let sealed = cipher.seal(value, place(id))?;
                let row = Statement::new(ADD).bind(id).bind(pool);
                changes.push(row.bind(*name).bind(sealed));
            }
        }
        Ok(self.sql.batch(changes).await?)
    }
}

fn setting(cipher: &Cipher, row: &Row) -> Result<StoredSetting, StoreError> {
    let pool = row.integer("pool_id")?;
    Ok(StoredSetting {
        pool: (pool != SERVER).then_some(PoolId(pool)),
        name: row.text("name")?.to_owned(),
        value: cipher.open(row.text("sealed")?, place(row.integer("id")?))?,
    })
}

pub(crate) const fn place(row: i64) -> Place {
    Place { table: "settings", row, column: "sealed" }
}
