//! Bindings: which project owns what was made at Google, known by the key it was made with.

use futures_util::future::try_join_all;
use pollux_pool::id::{KeyId, PoolId, ProjectName};
use pollux_pool::lease::Owner;
use pollux_pool::time::Timestamp;

use crate::sql::{Row, SqlError, Statement};
use crate::store::{Store, StoreError};

/// How many names one statement looks for.
const AT_ONCE: usize = 8;

const ADD: &str = "INSERT INTO bindings (pool_id, name, key_id, project, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (pool_id, name) DO UPDATE SET key_id = excluded.key_id,
        project = excluded.project, expires_at = excluded.expires_at";
const FIND: &str = "SELECT pool_id, name, key_id, project, created_at, expires_at FROM bindings
    WHERE pool_id = $1 AND expires_at > $2 AND name IN ($3, $4, $5, $6, $7, $8, $9, $10)
    ORDER BY name";
const FIND_ANYWHERE: &str = "SELECT pool_id, name, key_id, project, created_at, expires_at
    FROM bindings WHERE name = $1 AND expires_at > $2 ORDER BY created_at, pool_id";
const OWNERS: &str = "SELECT DISTINCT key_id, project FROM bindings
    WHERE pool_id = $1 AND expires_at > $2 AND substr(name, 1, length($3)) = $3
    ORDER BY key_id, project";
const REMOVE: &str = "DELETE FROM bindings WHERE pool_id = $1 AND name = $2";
const REMOVE_EXPIRED: &str = "DELETE FROM bindings WHERE expires_at <= $1";

/// A name, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The pool whose users may name it.
    pub pool: PoolId,
    /// What it is called, for example `files/abc`.
    pub name: String,
    /// Whose it is.
    pub owner: Owner,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is gone.
    pub expires_at: Timestamp,
}

impl Store {
    /// Remembers all of them, or none; one whose name is known replaces it.
    pub async fn bind(&self, bindings: &[Binding]) -> Result<(), StoreError> {
        Ok(self.sql.batch(bindings.iter().map(add).collect()).await?)
    }

    /// Returns those of `names` that are bound in a pool, in the order of their names.
    pub async fn bindings(
        &self,
        pool: PoolId,
        names: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Binding>, StoreError> {
        let queries = names.chunks(AT_ONCE).map(|some| self.sql.query(find(pool, some, now)));
        let mut found = try_join_all(queries)
            .await?
            .iter()
            .flatten()
            .map(binding)
            .collect::<Result<Vec<_>, _>>()?;
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// Returns the binding of a name that nobody can guess, whichever pool it is in.
    pub async fn binding_anywhere(
        &self,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<Binding>, StoreError> {
        let query = Statement::new(FIND_ANYWHERE).bind(name).bind(now.as_micros());
        let rows = self.sql.query(query).await?;
        Ok(rows.first().map(binding).transpose()?)
    }

    /// Returns everyone who owns something in a pool whose name begins with `prefix`, once each.
    pub async fn owners(
        &self,
        pool: PoolId,
        prefix: &str,
        now: Timestamp,
    ) -> Result<Vec<Owner>, StoreError> {
        let query = Statement::new(OWNERS).bind(pool.0).bind(now.as_micros()).bind(prefix);
        let rows = self.sql.query(query).await?;
        Ok(rows.iter().map(owner).collect::<Result<_, _>>()?)
    }

    /// Forgets one name of a pool.
    pub async fn unbind(&self, pool: PoolId, name: &str) -> Result<(), StoreError> {
        self.sql.query(Statement::new(REMOVE).bind(pool.0).bind(name)).await?;
        Ok(())
    }

    /// Forgets all that has expired.
    pub async fn remove_expired_bindings(&self, now: Timestamp) -> Result<(), StoreError> {
        self.sql.query(Statement::new(REMOVE_EXPIRED).bind(now.as_micros())).await?;
        Ok(())
    }
}

fn add(binding: &Binding) -> Statement {
    let Binding { pool, name, owner, created_at, expires_at } = binding;
    Statement::new(ADD)
        .bind(pool.0)
        .bind(name.as_str())
        .bind(owner.key.0)
        .bind(project(owner))
        .bind(created_at.as_micros())
        .bind(expires_at.as_micros())
}

/// An absent project is an empty text: `NULL` would have to be bound as some type.
fn project(owner: &Owner) -> &str {
    owner.project.as_ref().map_or("", ProjectName::as_str)
}

/// The last name stands in the places that are left.
fn find(pool: PoolId, names: &[&str], now: Timestamp) -> Statement {
    let statement = Statement::new(FIND).bind(pool.0).bind(now.as_micros());
    let last = names.last().copied().unwrap_or_default();
    let padded = names.iter().copied().chain(std::iter::repeat(last)).take(AT_ONCE);
    padded.fold(statement, Statement::bind)
}

fn binding(row: &Row) -> Result<Binding, SqlError> {
    Ok(Binding {
        pool: PoolId(row.integer("pool_id")?),
        name: row.text("name")?.to_owned(),
        owner: owner(row)?,
        created_at: row.moment("created_at")?,
        expires_at: row.moment("expires_at")?,
    })
}

fn owner(row: &Row) -> Result<Owner, SqlError> {
    let project = Some(row.text("project")?).filter(|name| !name.is_empty());
    Ok(Owner { key: KeyId(row.integer("key_id")?), project: project.map(ProjectName::new) })
}
