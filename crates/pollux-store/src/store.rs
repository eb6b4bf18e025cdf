//! The store: opened once, then asked for keys, users, usage and health.

use std::sync::Arc;

use pollux_pool::id::PoolId;
use pollux_pool::limit::NotASubject;
use pollux_pool::project::NotAProject;
use pollux_pool::time::Timestamp;
use pollux_pool::word::UnknownWord;

use tokio::sync::RwLock;

use crate::cipher::{Cipher, CipherError, Place};
use crate::schema;
use crate::secret::Secret;
use crate::sql::{Sql, SqlError, Statement};

/// The pool that is always there.
pub const DEFAULT_POOL: PoolId = PoolId(1);

/// What the master key is checked with; it says nothing to anyone.
const CHECK: &str = "the master key fits";
pub(crate) const CHECK_PLACE: Place = Place { table: "master_key", row: 1, column: "sealed" };

const ADD_CHECK: &str =
    "INSERT INTO master_key (id, sealed) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
const READ_CHECK: &str = "SELECT sealed FROM master_key WHERE id = $1";
const ADD_POOL: &str =
    "INSERT INTO pools (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
const NEXT_IDS: &str = "INSERT INTO sequences (name, last) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET last = sequences.last + excluded.last
    RETURNING last";

/// What survives a restart.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) sql: Arc<dyn Sql>,
    /// Held by whoever seals and opens, until that is written or read: nobody does either while
    /// another cipher takes its place.
    pub(crate) cipher: Arc<RwLock<Cipher>>,
}

impl Store {
    /// Opens a database: brings its tables up to date, and checks the master key.
    pub async fn open(
        sql: Arc<dyn Sql>,
        cipher: Cipher,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        schema::apply(&*sql, now).await?;
        check_master_key(&*sql, &cipher).await?;
        let store = Self { sql, cipher: Arc::new(RwLock::new(cipher)) };
        let pool = Statement::new(ADD_POOL).bind(DEFAULT_POOL.0).bind("default");
        store.sql.query(pool.bind(now.as_micros())).await?;
        Ok(store)
    }

    /// Returns what fingerprints of secrets are made with.
    pub async fn cipher(&self) -> Cipher {
        self.cipher.read().await.clone()
    }

    /// The word for the kind of database that it is in.
    pub fn database(&self) -> &'static str {
        self.sql.kind()
    }

    /// Takes `count` ids that no row of this kind had before, and returns the first of them.
    pub(crate) async fn next_ids(&self, kind: &'static str, count: i64) -> Result<i64, SqlError> {
        let rows = self.sql.query(Statement::new(NEXT_IDS).bind(kind).bind(count)).await?;
        let last = rows.first().ok_or(SqlError::Column { column: "last" })?.integer("last")?;
        Ok(last - count + 1)
    }
}

/// Sees that everything was sealed with `cipher`, of which a new database takes note.
async fn check_master_key(sql: &dyn Sql, cipher: &Cipher) -> Result<(), StoreError> {
    let read = || sql.query(Statement::new(READ_CHECK).bind(CHECK_PLACE.row));
    let mut rows = read().await?;
    if rows.is_empty() {
        let add = Statement::new(ADD_CHECK).bind(CHECK_PLACE.row).bind(check(cipher)?);
        sql.query(add).await?;
        rows = read().await?;
    }
    let row = rows.first().ok_or(SqlError::Column { column: "sealed" })?;
    match cipher.open(row.text("sealed")?, CHECK_PLACE) {
        Ok(_) => Ok(()),
        Err(_) => Err(StoreError::WrongMasterKey),
    }
}

/// What a master key is checked with.
pub(crate) fn check(cipher: &Cipher) -> Result<String, CipherError> {
    cipher.seal(&Secret::new(CHECK), CHECK_PLACE)
}

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused, or holds what it should not.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// A secret could not be sealed or opened.
    #[error(transparent)]
    Cipher(#[from] CipherError),
    /// A row holds a word that this program does not know.
    #[error("a row holds an unknown word: {0}")]
    Word(#[from] UnknownWord),
    /// A row holds a text that names neither a user nor a pool.
    #[error("a row holds a text that is no subject: {0}")]
    Subject(#[from] NotASubject),
    /// A row holds a text that names no project.
    #[error("a row holds a text that is no project: {0}")]
    Project(#[from] NotAProject),
    /// The database was made by a newer program.
    #[error(
        "the database has version {found} and this program knows {known}: \
         use a newer program, or a backup from before the upgrade"
    )]
    Newer {
        /// The version of the database.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The database was sealed under another master key.
    #[error(
        "the database was sealed under another master key: give the one it was made with, \
         or start with an empty database and enter all keys again"
    )]
    WrongMasterKey,
    /// Another one of its kind is called so.
    #[error("another one has this name already")]
    NameTaken,
    /// The name or the access key belongs to another user already.
    #[error("another user has this name or this access key already")]
    UserTaken,
}
