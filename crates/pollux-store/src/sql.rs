//! All that Pollux asks of a database: run one statement, or several as one.
//!
//! There are no transactions that stay open between calls, so that databases
//! behind HTTP fit too. SQL is one dialect: `$1` placeholders, `BIGINT` and
//! `TEXT` columns only, `ON CONFLICT .. DO UPDATE`, `RETURNING`.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use pollux_pool::time::Timestamp;

use crate::cipher::Fingerprint;

/// A database.
pub trait Sql: fmt::Debug + Send + Sync {
    /// Runs one statement and returns its rows, all of them.
    fn query(&self, statement: Statement) -> BoxFuture<'_, Result<Vec<Row>, SqlError>>;

    /// Runs every statement in order, or none: also when the future is dropped half-way.
    fn batch(&self, statements: Vec<Statement>) -> BoxFuture<'_, Result<(), SqlError>>;

    /// The word for its kind, for people.
    fn kind(&self) -> &'static str;
}

/// A statement and the values of its placeholders.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    sql: &'static str,
    values: Vec<Value>,
}

impl Statement {
    /// Takes a statement in which `$1`, `$2`, .. stand for the values to be bound.
    pub const fn new(sql: &'static str) -> Self {
        Self { sql, values: Vec::new() }
    }

    /// Binds the next value.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Returns the text.
    pub const fn sql(&self) -> &'static str {
        self.sql
    }

    /// Returns whether it only reads, as its first word says.
    pub fn reads(&self) -> bool {
        self.sql.trim_start().starts_with("SELECT")
    }

    /// Returns the bound values.
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }
}

impl fmt::Debug for Statement {
    /// Shows the text and how many values were bound, not the values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statement")
            .field("sql", &self.sql)
            .field("values", &self.values.len())
            .finish()
    }
}

/// A value that a column can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A `BIGINT`.
    Integer(i64),
    /// A `TEXT`.
    Text(String),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl From<Timestamp> for Value {
    /// In microseconds since the Unix epoch.
    fn from(value: Timestamp) -> Self {
        Self::Integer(value.as_micros())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A row of an answer.
#[derive(Clone, Debug)]
pub struct Row {
    columns: Arc<[String]>,
    values: Vec<Value>,
}

impl Row {
    /// Takes the names of the columns, shared by all rows, and as many values.
    pub const fn new(columns: Arc<[String]>, values: Vec<Value>) -> Self {
        Self { columns, values }
    }

    /// Returns a number.
    pub fn integer(&self, column: &'static str) -> Result<i64, SqlError> {
        self.optional_integer(column)?.ok_or(SqlError::Column { column })
    }

    /// Returns a number, or nothing for `NULL`.
    pub fn optional_integer(&self, column: &'static str) -> Result<Option<i64>, SqlError> {
        match self.value(column)? {
            Value::Integer(value) => Ok(Some(*value)),
            Value::Null => Ok(None),
            Value::Text(_) => Err(SqlError::Column { column }),
        }
    }

    /// Returns a text.
    pub fn text(&self, column: &'static str) -> Result<&str, SqlError> {
        self.optional_text(column)?.ok_or(SqlError::Column { column })
    }

    /// Returns a text, or nothing for `NULL`.
    pub fn optional_text(&self, column: &'static str) -> Result<Option<&str>, SqlError> {
        match self.value(column)? {
            Value::Text(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            Value::Integer(_) => Err(SqlError::Column { column }),
        }
    }

    /// Returns a number that fits what the caller needs, or says which column does not.
    pub fn number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, SqlError> {
        T::try_from(self.integer(column)?).map_err(|_| SqlError::Column { column })
    }

    /// Returns a moment, which is kept in microseconds since the Unix epoch.
    pub(crate) fn moment(&self, column: &'static str) -> Result<Timestamp, SqlError> {
        self.integer(column).map(Timestamp::from_micros)
    }

    /// Returns a moment, or nothing for `NULL`.
    pub(crate) fn optional_moment(
        &self,
        column: &'static str,
    ) -> Result<Option<Timestamp>, SqlError> {
        Ok(self.optional_integer(column)?.map(Timestamp::from_micros))
    }

    /// Returns a list, which is kept as lines.
    pub(crate) fn lines(&self, column: &'static str) -> Result<Vec<String>, SqlError> {
        Ok(self.text(column)?.lines().map(str::to_owned).collect())
    }

    /// Returns a fingerprint, which is kept in hexadecimal digits.
    pub(crate) fn fingerprint(&self, column: &'static str) -> Result<Fingerprint, SqlError> {
        Fingerprint::from_text(self.text(column)?).ok_or(SqlError::Column { column })
    }

    fn value(&self, column: &'static str) -> Result<&Value, SqlError> {
        let place = self.columns.iter().position(|name| name == column);
        place.and_then(|place| self.values.get(place)).ok_or(SqlError::Column { column })
    }
}

/// What a database can answer instead of rows.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// Another row has the value that must be unique.
    #[error("a row with this value exists already")]
    Conflict(#[source] Box<dyn Error + Send + Sync>),
    /// The answer lacks the column, or it holds another kind of value.
    #[error("column `{column}` is missing or does not hold what it should")]
    Column {
        /// Which column.
        column: &'static str,
    },
    /// Anything else that the database complains about.
    #[error("the database refused: {0}")]
    Engine(#[source] Box<dyn Error + Send + Sync>),
}
