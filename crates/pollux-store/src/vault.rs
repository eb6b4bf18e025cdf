//! Thought signatures by the id of the call they belong to, until they expire.

use pollux_pool::id::{KeyId, PoolId};
use pollux_pool::time::Timestamp;

use crate::sql::Statement;
use crate::store::{Store, StoreError};

/// How many ids one statement asks for.
const AT_ONCE: usize = 8;

// A pool may have been removed since the signature came; then there is nothing to insert.
const ADD: &str = "INSERT INTO signatures (pool_id, call_id, signature, key_id, expires_at)
    SELECT id, CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT), CAST($5 AS BIGINT) FROM pools WHERE id = $1
    ON CONFLICT (pool_id, call_id) DO UPDATE
    SET signature = excluded.signature, key_id = excluded.key_id,
        expires_at = excluded.expires_at";
const FIND: &str = "SELECT call_id, signature, key_id, expires_at FROM signatures
    WHERE pool_id = $1 AND expires_at > $2 AND call_id IN ($3, $4, $5, $6, $7, $8, $9, $10)";
const REMOVE_EXPIRED: &str = "DELETE FROM signatures WHERE expires_at <= $1";

/// A signature that came with a function call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureRow {
    /// The pool that was asked.
    pub pool: PoolId,
    /// The call that it belongs to.
    pub call_id: String,
    /// The signature: opaque text that goes back as it came.
    pub signature: String,
    /// The key that was asked.
    pub key: KeyId,
    /// From when on it is forgotten.
    pub expires_at: Timestamp,
}

impl Store {
    /// Keeps all of them, or none; one for the same call takes the place of the one before.
    pub async fn add_signatures(&self, rows: &[SignatureRow]) -> Result<(), StoreError> {
        Ok(self.sql.batch(rows.iter().map(add).collect()).await?)
    }

    /// Finds those that are known for `call_ids` and have not expired, in no order.
    pub async fn signatures(
        &self,
        pool: PoolId,
        call_ids: &[&str],
        now: Timestamp,
    ) -> Result<Vec<SignatureRow>, StoreError> {
        let mut found = Vec::new();
        for ids in call_ids.chunks(AT_ONCE) {
            let ask = Statement::new(FIND).bind(pool.0).bind(now.as_micros());
            // Placeholders that are left over repeat an id.
            let padded = ids.iter().chain(ids.iter().cycle()).take(AT_ONCE);
            let ask = padded.fold(ask, |ask, id| ask.bind(*id));
            for row in self.sql.query(ask).await? {
                found.push(SignatureRow {
                    pool,
                    call_id: row.text("call_id")?.to_owned(),
                    signature: row.text("signature")?.to_owned(),
                    key: KeyId(row.integer("key_id")?),
                    expires_at: row.moment("expires_at")?,
                });
            }
        }
        Ok(found)
    }

    /// Forgets those that have expired.
    pub async fn remove_expired_signatures(&self, now: Timestamp) -> Result<(), StoreError> {
        self.sql.query(Statement::new(REMOVE_EXPIRED).bind(now.as_micros())).await?;
        Ok(())
    }
}

fn add(row: &SignatureRow) -> Statement {
    let SignatureRow { pool, call_id, signature, key, expires_at } = row;
    Statement::new(ADD)
        .bind(pool.0)
        .bind(call_id.as_str())
        .bind(signature.as_str())
        .bind(key.0)
        .bind(expires_at.as_micros())
}
