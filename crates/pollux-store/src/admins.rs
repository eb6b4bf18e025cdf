//! Admins: who administers, their sessions, and the tokens of their programs.

use pollux_pool::time::Timestamp;
use pollux_pool::word::UnknownWord;

use crate::sql::{Row, SqlError, Statement};
use crate::store::{Store, StoreError};

const ADMINS: &str = "SELECT id, name, role, password, created_at FROM admins ORDER BY id";
const ADD: &str =
    "INSERT INTO admins (id, name, role, password, created_at) VALUES ($1, $2, $3, $4, $5)";
const SET_PASSWORD: &str = "UPDATE admins SET password = $2 WHERE id = $1 RETURNING id";
const REMOVE: &str = "DELETE FROM admins WHERE id = $1 RETURNING id";

const SESSIONS: &str = "SELECT s.id, s.admin_id, a.name, a.role, s.created_at, s.seen_at,
        s.expires_at, s.address, s.agent
    FROM admin_sessions s JOIN admins a ON a.id = s.admin_id
    WHERE s.expires_at > $1 ORDER BY s.seen_at DESC, s.id DESC";
const SESSION: &str = "SELECT s.id, s.admin_id, a.name, a.role, s.created_at, s.seen_at,
        s.expires_at, s.address, s.agent
    FROM admin_sessions s JOIN admins a ON a.id = s.admin_id
    WHERE s.digest = $1 AND s.expires_at > $2";
const ADD_SESSION: &str = "INSERT INTO admin_sessions
    (id, digest, admin_id, created_at, seen_at, expires_at, address, agent)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const SEEN: &str = "UPDATE admin_sessions SET seen_at = $2, expires_at = $3 WHERE id = $1";
const REMOVE_SESSION: &str = "DELETE FROM admin_sessions WHERE id = $1 RETURNING id";
const REMOVE_OTHER_SESSIONS: &str = "DELETE FROM admin_sessions WHERE admin_id = $1 AND id <> $2";
/// What stands for no session, since none has this id.
const NO_SESSION: i64 = 0;
const REMOVE_EXPIRED: &str = "DELETE FROM admin_sessions WHERE expires_at <= $1";

const TOKENS: &str = "SELECT id, name, role, last4, created_at, expires_at FROM admin_tokens
    ORDER BY id";
const TOKEN: &str = "SELECT id, name, role, last4, created_at, expires_at FROM admin_tokens
    WHERE digest = $1 AND (expires_at IS NULL OR expires_at > $2)";
const ADD_TOKEN: &str = "INSERT INTO admin_tokens
    (id, name, role, digest, last4, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, NULLIF($7, 0))";
const REMOVE_TOKEN: &str = "DELETE FROM admin_tokens WHERE id = $1 RETURNING id";

/// What an admin may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Look.
    Viewer,
    /// Look and change.
    Owner,
}

impl Role {
    /// Returns the stable word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Owner => "owner",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let all = [Self::Viewer, Self::Owner];
        all.into_iter().find(|role| role.as_str() == word).ok_or_else(|| UnknownWord {
            given: word.to_owned(),
            allowed: all.iter().map(|role| role.as_str()).collect(),
        })
    }
}

/// Somebody who administers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// Who it is; never given to another one.
    pub id: i64,
    /// By what name he signs in; no two have the same.
    pub name: String,
    /// What he may do.
    pub role: Role,
    /// The hash of his password; empty where the configuration names it.
    pub password: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Which session it is; no secret.
    pub id: i64,
    /// Whose.
    pub admin_id: i64,
    /// His name.
    pub name: String,
    /// What he may do.
    pub role: Role,
    /// Since when he is signed in.
    pub created_at: Timestamp,
    /// When he last asked something, to the minute.
    pub seen_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// From where he signed in.
    pub address: String,
    /// With what program.
    pub agent: String,
}

/// A session that begins.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// What its secret is found by.
    pub digest: &'a str,
    /// Whose.
    pub admin_id: i64,
    /// When it ends.
    pub expires_at: Timestamp,
    /// From where he signed in.
    pub address: &'a str,
    /// With what program.
    pub agent: &'a str,
}

/// What a program administers with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Which one; no secret.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// What it admits to.
    pub role: Role,
    /// The last 4 characters of it, for people.
    pub last4: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
}

impl Store {
    /// Returns every admin in the order in which they were added.
    pub async fn admins(&self) -> Result<Vec<Admin>, StoreError> {
        let rows = self.sql.query(Statement::new(ADMINS)).await?;
        rows.iter().map(admin).collect()
    }

    /// Adds an admin, with the hash of his password.
    pub async fn add_admin(
        &self,
        name: &str,
        role: Role,
        password: &str,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let id = self.next_ids("admins", 1).await?;
        let row = Statement::new(ADD).bind(id).bind(name).bind(role.as_str());
        match self.sql.query(row.bind(password).bind(now)).await {
            Ok(_) => Ok(id),
            Err(SqlError::Conflict(_)) => Err(StoreError::NameTaken),
            Err(error @ (SqlError::Column { .. } | SqlError::Engine(_))) => Err(error.into()),
        }
    }

    /// Gives an admin another password, of which this is the hash, and ends his sessions but for
    /// the one that may go on; says whether there was such an admin.
    pub async fn set_admin_password(
        &self,
        id: i64,
        password: &str,
        session: Option<i64>,
    ) -> Result<bool, StoreError> {
        let change = Statement::new(SET_PASSWORD).bind(id).bind(password);
        let others = Statement::new(REMOVE_OTHER_SESSIONS).bind(id);
        let known = !self.sql.query(change).await?.is_empty();
        self.sql.query(others.bind(session.unwrap_or(NO_SESSION))).await?;
        Ok(known)
    }

    /// Removes an admin, whose sessions end with it; says whether there was such a one.
    pub async fn remove_admin(&self, id: i64) -> Result<bool, StoreError> {
        Ok(!self.sql.query(Statement::new(REMOVE).bind(id)).await?.is_empty())
    }

    /// Returns every session that has not ended, the latest first.
    pub async fn sessions(&self, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let rows = self.sql.query(Statement::new(SESSIONS).bind(now)).await?;
        rows.iter().map(session).collect()
    }

    /// Returns the session whose secret has this digest, unless it has ended.
    pub async fn session(
        &self,
        digest: &str,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let rows = self.sql.query(Statement::new(SESSION).bind(digest).bind(now)).await?;
        rows.first().map(session).transpose()
    }

    /// Begins a session and returns its id.
    pub async fn add_session(
        &self,
        new: NewSession<'_>,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let id = self.next_ids("admin_sessions", 1).await?;
        let row = Statement::new(ADD_SESSION).bind(id).bind(new.digest).bind(new.admin_id);
        let row = row.bind(now).bind(now).bind(new.expires_at).bind(new.address).bind(new.agent);
        self.sql.query(row).await?;
        Ok(id)
    }

    /// Notes that a session was used, and when it ends now.
    pub async fn see_session(
        &self,
        id: i64,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql.query(Statement::new(SEEN).bind(id).bind(now).bind(expires_at)).await?;
        Ok(())
    }

    /// Ends a session; says whether there was such a one.
    pub async fn remove_session(&self, id: i64) -> Result<bool, StoreError> {
        Ok(!self.sql.query(Statement::new(REMOVE_SESSION).bind(id)).await?.is_empty())
    }

    /// Forgets sessions that have ended.
    pub async fn remove_expired_sessions(&self, now: Timestamp) -> Result<(), StoreError> {
        self.sql.query(Statement::new(REMOVE_EXPIRED).bind(now)).await?;
        Ok(())
    }

    /// Returns every token, also those that have ended.
    pub async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let rows = self.sql.query(Statement::new(TOKENS)).await?;
        rows.iter().map(token).collect()
    }

    /// Returns the token with this digest, unless it has ended.
    pub async fn token(&self, digest: &str, now: Timestamp) -> Result<Option<Token>, StoreError> {
        let rows = self.sql.query(Statement::new(TOKEN).bind(digest).bind(now)).await?;
        rows.first().map(token).transpose()
    }

    /// Adds a token, known by its digest; its `id` is not looked at.
    pub async fn add_token(&self, new: &Token, digest: &str) -> Result<i64, StoreError> {
        let id = self.next_ids("admin_tokens", 1).await?;
        let row = Statement::new(ADD_TOKEN).bind(id).bind(new.name.as_str());
        let row = row.bind(new.role.as_str()).bind(digest).bind(new.last4.as_str());
        let expires = new.expires_at.map_or(0, Timestamp::as_micros);
        self.sql.query(row.bind(new.created_at).bind(expires)).await?;
        Ok(id)
    }

    /// Removes a token; says whether there was such a one.
    pub async fn remove_token(&self, id: i64) -> Result<bool, StoreError> {
        Ok(!self.sql.query(Statement::new(REMOVE_TOKEN).bind(id)).await?.is_empty())
    }
}

fn admin(row: &Row) -> Result<Admin, StoreError> {
    Ok(Admin {
        id: row.integer("id")?,
        name: row.text("name")?.to_owned(),
        role: row.text("role")?.parse()?,
        password: row.text("password")?.to_owned(),
        created_at: row.moment("created_at")?,
    })
}

fn session(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.integer("id")?,
        admin_id: row.integer("admin_id")?,
        name: row.text("name")?.to_owned(),
        role: row.text("role")?.parse()?,
        created_at: row.moment("created_at")?,
        seen_at: row.moment("seen_at")?,
        expires_at: row.moment("expires_at")?,
        address: row.text("address")?.to_owned(),
        agent: row.text("agent")?.to_owned(),
    })
}

fn token(row: &Row) -> Result<Token, StoreError> {
    Ok(Token {
        id: row.integer("id")?,
        name: row.text("name")?.to_owned(),
        role: row.text("role")?.parse()?,
        last4: row.text("last4")?.to_owned(),
        created_at: row.moment("created_at")?,
        expires_at: row.optional_moment("expires_at")?,
    })
}
