//! The audit log: who changed what, and what it was before; never a secret.

use pollux_pool::time::Timestamp;

use crate::sql::{Row, SqlError, Statement};
use crate::store::{Store, StoreError};

const ADD: &str = "INSERT INTO audit (id, at, actor, address, action, subject, old, new)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const LIST: &str = "SELECT id, at, actor, address, action, subject, old, new FROM audit
    WHERE id < $1 AND (subject = $2 OR substr(subject, 1, length($2) + 1) = $2 || ' ' OR $2 = '')
    ORDER BY id DESC LIMIT $3";
const REMOVE_OLD: &str = "DELETE FROM audit WHERE at < $1";

/// A change, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Later changes have larger ones.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who: a name of an admin, or of his program's token.
    pub actor: String,
    /// From where, as far as that is known.
    pub address: String,
    /// What was done, in stable words like `key.add`.
    pub action: String,
    /// To what, as `pool 3`.
    pub subject: String,
    /// What it was before, as JSON; empty for what was not there.
    pub old: String,
    /// What it is now, as JSON; empty for what is gone.
    pub new: String,
}

impl Store {
    /// Writes changes down, all or none; their `id`s are not looked at.
    pub async fn add_changes(&self, changes: &[Change]) -> Result<(), StoreError> {
        let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
        let first = self.next_ids("audit", count).await?;
        let row = |(id, change): (i64, &Change)| {
            let Change { id: _, at, actor, address, action, subject, old, new } = change;
            let row = Statement::new(ADD).bind(id).bind(*at);
            let texts = [actor, address, action, subject, old, new];
            texts.into_iter().fold(row, |row, text| row.bind(text.as_str()))
        };
        Ok(self.sql.batch((first..).zip(changes).map(row).collect()).await?)
    }

    /// Returns up to `limit` changes before the one with the id `before`, the latest first.
    ///
    /// A `subject` is one thing, as `pool 3`, or all of a kind, as `pool`; an empty one is any.
    pub async fn changes(
        &self,
        before: i64,
        subject: &str,
        limit: u32,
    ) -> Result<Vec<Change>, StoreError> {
        let list = Statement::new(LIST).bind(before).bind(subject).bind(limit);
        let rows = self.sql.query(list).await?;
        Ok(rows.iter().map(change).collect::<Result<_, _>>()?)
    }

    /// Forgets changes from before `at`.
    pub async fn remove_old_changes(&self, at: Timestamp) -> Result<(), StoreError> {
        self.sql.query(Statement::new(REMOVE_OLD).bind(at)).await?;
        Ok(())
    }
}

fn change(row: &Row) -> Result<Change, SqlError> {
    let text = |column| row.text(column).map(str::to_owned);
    Ok(Change {
        id: row.integer("id")?,
        at: row.moment("at")?,
        actor: text("actor")?,
        address: text("address")?,
        action: text("action")?,
        subject: text("subject")?,
        old: text("old")?,
        new: text("new")?,
    })
}
