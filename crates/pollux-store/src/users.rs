//! Users: everyone who may call, each with one access key.

use std::str::FromStr;

use pollux_pool::id::UserId;
use pollux_pool::time::Timestamp;
use pollux_pool::word::UnknownWord;

use crate::cipher::{Fingerprint, Place};
use crate::secret::Secret;
use crate::sql::{Row, SqlError, Statement};
use crate::store::{Store, StoreError};

const USERS: &str = "SELECT id, name, fingerprint, last4, source FROM users ORDER BY id";
const NAMED: &str = "SELECT id, fingerprint FROM users WHERE name = $1";
const SEALED: &str = "SELECT sealed FROM users WHERE id = $1";
const ADD: &str = "INSERT INTO users (id, name, fingerprint, sealed, last4, source, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const CHANGE: &str = "UPDATE users SET fingerprint = $2, sealed = $3, last4 = $4, source = $5
    WHERE id = $1 RETURNING id";

/// Where a key came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The environment or the configuration named it.
    Environment,
    /// Pollux made it.
    Generated,
}

impl Source {
    /// Returns the stable word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Generated => "generated",
        }
    }
}

impl FromStr for Source {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let all = [Self::Environment, Self::Generated];
        all.into_iter().find(|source| source.as_str() == word).ok_or_else(|| UnknownWord {
            given: word.to_owned(),
            allowed: all.iter().map(|source| source.as_str()).collect(),
        })
    }
}

/// A user as kept; the access key itself is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredUser {
    /// Who it is; never given to another user.
    pub id: UserId,
    /// What people call the user; no two have the same.
    pub name: String,
    /// What the access key is recognised by.
    pub fingerprint: Fingerprint,
    /// The last 4 characters of the access key, for people.
    pub last4: String,
    /// Where the access key came from.
    pub source: Source,
}

impl Store {
    /// Returns every user in the order in which they were added.
    pub async fn users(&self) -> Result<Vec<StoredUser>, StoreError> {
        let rows = self.sql.query(Statement::new(USERS)).await?;
        rows.iter().map(user).collect()
    }

    /// Makes `secret` the access key of the user with this name, whom it adds if there is none.
    pub async fn ensure_user(
        &self,
        name: &str,
        secret: &Secret,
        source: Source,
        now: Timestamp,
    ) -> Result<UserId, StoreError> {
        let fingerprint = self.cipher.fingerprint(secret.expose().as_bytes());
        let rows = self.sql.query(Statement::new(NAMED).bind(name)).await?;
        let (id, statement) = match rows.first() {
            Some(row) if row.fingerprint("fingerprint")? == fingerprint => {
                return Ok(UserId(row.integer("id")?));
            }
            Some(row) => {
                let id = row.integer("id")?;
                (id, Statement::new(CHANGE).bind(id))
            }
            None => {
                let id = self.next_ids("users", 1).await?;
                (id, Statement::new(ADD).bind(id).bind(name))
            }
        };
        let sealed = self.cipher.seal(secret, place(id))?;
        let statement = statement.bind(fingerprint.to_string()).bind(sealed);
        let statement = statement.bind(secret.last4()).bind(source.as_str());
        let statement = if rows.is_empty() { statement.bind(now.as_micros()) } else { statement };
        match self.sql.query(statement).await {
            Ok(_) => Ok(UserId(id)),
            Err(SqlError::Conflict(_)) => Err(StoreError::AccessKeyTaken),
            Err(error @ (SqlError::Column { .. } | SqlError::Engine(_))) => Err(error.into()),
        }
    }

    /// Opens a user's access key, or returns nothing if there is no such user.
    pub async fn access_key(&self, user: UserId) -> Result<Option<Secret>, StoreError> {
        let rows = self.sql.query(Statement::new(SEALED).bind(user.0)).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(self.cipher.open(row.text("sealed")?, place(user.0))?))
    }
}

fn user(row: &Row) -> Result<StoredUser, StoreError> {
    Ok(StoredUser {
        id: UserId(row.integer("id")?),
        name: row.text("name")?.to_owned(),
        fingerprint: row.fingerprint("fingerprint")?,
        last4: row.text("last4")?.to_owned(),
        source: row.text("source")?.parse()?,
    })
}

const fn place(row: i64) -> Place {
    Place { table: "users", row, column: "sealed" }
}
