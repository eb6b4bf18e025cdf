//! Users: everyone who may call, each with one access key, or two while one takes over.

use std::str::FromStr;

use pollux_pool::id::{PoolId, UserId};
use pollux_pool::time::Timestamp;
use pollux_pool::word::UnknownWord;

use crate::cipher::{Cipher, Fingerprint, Place};
use crate::secret::Secret;
use crate::sql::{Row, SqlError, Statement};
use crate::store::{Store, StoreError};

const USERS: &str = "SELECT id, name, fingerprint, last4, source, created_at, pool_id, enabled,
        expires_at, labels, models, addresses, previous_fingerprint, previous_until
    FROM users ORDER BY id";
const POOLS: &str = "SELECT user_id, pool_id FROM user_pools ORDER BY user_id, place";
const NAMED: &str = "SELECT id, fingerprint FROM users WHERE name = $1";
const SEALED: &str = "SELECT sealed FROM users WHERE id = $1";
const ADD: &str = "INSERT INTO users (id, name, fingerprint, sealed, last4, source, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const ADD_OF_POOL: &str = "INSERT INTO users
    (id, name, fingerprint, sealed, last4, source, created_at, pool_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const CHANGE: &str = "UPDATE users SET fingerprint = $2, sealed = $3, last4 = $4, source = $5,
        previous_fingerprint = NULL, previous_sealed = NULL, previous_until = NULL
    WHERE id = $1 RETURNING id";
const ROTATE: &str = "UPDATE users SET previous_fingerprint = fingerprint,
        previous_sealed = sealed, previous_until = $2,
        fingerprint = $3, sealed = $4, last4 = $5, source = $6
    WHERE id = $1";
const TELL: &str = "UPDATE users SET name = $2, enabled = $3, expires_at = NULLIF($4, 0),
        labels = $5, models = $6, addresses = $7
    WHERE id = $1";
const LEAVE_POOLS: &str = "DELETE FROM user_pools WHERE user_id = $1";
const JOIN_POOL: &str = "INSERT INTO user_pools (user_id, place, pool_id) VALUES ($1, $2, $3)";
const REMOVE: &str = "DELETE FROM users WHERE id = $1";

/// Where a key came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The environment or the configuration named it.
    Environment,
    /// Pollux made it.
    Generated,
    /// An admin gave it.
    Admin,
}

impl Source {
    /// Returns the stable word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Generated => "generated",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Source {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let all = [Self::Environment, Self::Generated, Self::Admin];
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
    /// The pool whose own access key it is; nothing for a person or a program.
    pub of_pool: Option<PoolId>,
    /// What the access key is recognised by.
    pub fingerprint: Fingerprint,
    /// The last 4 characters of the access key, for people.
    pub last4: String,
    /// Where the access key came from.
    pub source: Source,
    /// Since when.
    pub created_at: Timestamp,
    /// The access key before this one, and until when it is good.
    pub previous: Option<(Fingerprint, Timestamp)>,
    /// What is told about it.
    pub about: UserAbout,
}

/// What an admin tells about a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserAbout {
    /// What people call the user; no two have the same.
    pub name: String,
    /// Whether it may call at all.
    pub enabled: bool,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
    /// Whatever helps to find it again.
    pub labels: Vec<String>,
    /// Which models it may ask, exactly or with `*`; none is any.
    pub models: Vec<String>,
    /// From which networks it may call, as `10.0.0.0/8`; none is any.
    pub addresses: Vec<String>,
    /// The pools that may serve it, the one first that does where it names none.
    pub pools: Vec<PoolId>,
}

impl Store {
    /// Returns every user in the order in which they were added.
    pub async fn users(&self) -> Result<Vec<StoredUser>, StoreError> {
        let rows = self.sql.query(Statement::new(USERS)).await?;
        let mut users: Vec<StoredUser> = rows.iter().map(user).collect::<Result<_, _>>()?;
        for row in self.sql.query(Statement::new(POOLS)).await? {
            let id = UserId(row.integer("user_id")?);
            if let Ok(at) = users.binary_search_by_key(&id, |user| user.id)
                && let Some(user) = users.get_mut(at)
            {
                user.about.pools.push(PoolId(row.integer("pool_id")?));
            }
        }
        Ok(users)
    }

    /// Adds a user with an access key that nobody else has.
    pub async fn add_user(
        &self,
        about: &UserAbout,
        secret: &Secret,
        source: Source,
        now: Timestamp,
    ) -> Result<UserId, StoreError> {
        let cipher = self.cipher.read().await;
        let id = self.next_ids("users", 1).await?;
        let row = Statement::new(ADD).bind(id).bind(about.name.as_str());
        let row = present(&cipher, row, id, (secret, source))?.bind(now);
        self.write(std::iter::once(row).chain(tell(UserId(id), about)).collect()).await?;
        Ok(UserId(id))
    }

    /// Adds a pool's own access key.
    pub async fn add_pool_user(
        &self,
        pool: PoolId,
        secret: &Secret,
        now: Timestamp,
    ) -> Result<UserId, StoreError> {
        let cipher = self.cipher.read().await;
        let id = self.next_ids("users", 1).await?;
        let row = Statement::new(ADD_OF_POOL).bind(id).bind(format!("{pool}"));
        let row = present(&cipher, row, id, (secret, Source::Generated))?.bind(now).bind(pool.0);
        let join = Statement::new(JOIN_POOL).bind(id).bind(0_i64).bind(pool.0);
        self.write(vec![row, join]).await?;
        Ok(UserId(id))
    }

    /// Tells something else about a user.
    pub async fn change_user(&self, id: UserId, about: &UserAbout) -> Result<(), StoreError> {
        self.write(tell(id, about)).await
    }

    /// Gives a user another access key; the one before is good until `until` as well.
    pub async fn rotate_user(
        &self,
        id: UserId,
        secret: &Secret,
        source: Source,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let cipher = self.cipher.read().await;
        let row = Statement::new(ROTATE).bind(id.0).bind(until);
        self.write(vec![present(&cipher, row, id.0, (secret, source))?]).await
    }

    /// Removes a user.
    pub async fn remove_user(&self, id: UserId) -> Result<(), StoreError> {
        Ok(self.sql.batch(vec![Statement::new(REMOVE).bind(id.0)]).await?)
    }

    /// Makes `secret` the access key of the user with this name, whom it adds if there is none.
    pub async fn ensure_user(
        &self,
        name: &str,
        secret: &Secret,
        source: Source,
        now: Timestamp,
    ) -> Result<UserId, StoreError> {
        let cipher = self.cipher.read().await;
        let fingerprint = cipher.fingerprint(secret.expose().as_bytes());
        let rows = self.sql.query(Statement::new(NAMED).bind(name)).await?;
        let (id, row) = match rows.first() {
            Some(row) if row.fingerprint("fingerprint")? == fingerprint => {
                return Ok(UserId(row.integer("id")?));
            }
            Some(row) => {
                let id = row.integer("id")?;
                (id, present(&cipher, Statement::new(CHANGE).bind(id), id, (secret, source))?)
            }
            None => {
                let id = self.next_ids("users", 1).await?;
                let row = Statement::new(ADD).bind(id).bind(name);
                (id, present(&cipher, row, id, (secret, source))?.bind(now))
            }
        };
        self.write(vec![row]).await?;
        Ok(UserId(id))
    }

    /// Opens a user's access key, or returns nothing if there is no such user.
    pub async fn access_key(&self, user: UserId) -> Result<Option<Secret>, StoreError> {
        let cipher = self.cipher.read().await;
        let rows = self.sql.query(Statement::new(SEALED).bind(user.0)).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(cipher.open(row.text("sealed")?, place(user.0))?))
    }

    /// Writes rows of users, of which names and access keys are nobody else's.
    async fn write(&self, rows: Vec<Statement>) -> Result<(), StoreError> {
        match self.sql.batch(rows).await {
            Ok(()) => Ok(()),
            Err(SqlError::Conflict(_)) => Err(StoreError::UserTaken),
            Err(error @ (SqlError::Column { .. } | SqlError::Engine(_))) => Err(error.into()),
        }
    }
}

/// Binds what an access key is known by and kept as: fingerprint, sealed, end and source.
fn present(
    cipher: &Cipher,
    row: Statement,
    id: i64,
    (secret, source): (&Secret, Source),
) -> Result<Statement, StoreError> {
    let fingerprint = cipher.fingerprint(secret.expose().as_bytes());
    let row = row.bind(fingerprint.to_string()).bind(cipher.seal(secret, place(id))?);
    Ok(row.bind(secret.last4()).bind(source.as_str()))
}

fn tell(id: UserId, about: &UserAbout) -> Vec<Statement> {
    let UserAbout { name, enabled, expires_at, labels, models, addresses, pools } = about;
    let row = Statement::new(TELL).bind(id.0).bind(name.as_str()).bind(i64::from(*enabled));
    let row = row.bind(expires_at.map_or(0, Timestamp::as_micros));
    let row = row.bind(lines(labels)).bind(lines(models)).bind(lines(addresses));
    let join = |(place, pool): (i64, &PoolId)| {
        Statement::new(JOIN_POOL).bind(id.0).bind(place).bind(pool.0)
    };
    let joins = (0..).zip(pools).map(join);
    [row, Statement::new(LEAVE_POOLS).bind(id.0)].into_iter().chain(joins).collect()
}

fn user(row: &Row) -> Result<StoredUser, StoreError> {
    let previous = row.optional_text("previous_fingerprint")?.map(Fingerprint::from_text);
    let until = row.optional_moment("previous_until")?;
    Ok(StoredUser {
        id: UserId(row.integer("id")?),
        of_pool: row.optional_integer("pool_id")?.map(PoolId),
        fingerprint: row.fingerprint("fingerprint")?,
        last4: row.text("last4")?.to_owned(),
        source: row.text("source")?.parse()?,
        created_at: row.moment("created_at")?,
        previous: previous.flatten().zip(until),
        about: UserAbout {
            name: row.text("name")?.to_owned(),
            enabled: row.integer("enabled")? != 0,
            expires_at: row.optional_moment("expires_at")?,
            labels: row.lines("labels")?,
            models: row.lines("models")?,
            addresses: row.lines("addresses")?,
            pools: Vec::new(),
        },
    })
}

/// A list as one text: none of its items has line breaks.
pub(crate) fn lines(items: &[String]) -> String {
    items.join("\n")
}

pub(crate) const fn place(row: i64) -> Place {
    Place { table: "users", row, column: "sealed" }
}
