//! Databases behind [`Sql`](crate::sql::Sql): one module each, one feature each.

#[cfg(feature = "sqlite")]
pub mod sqlite;
