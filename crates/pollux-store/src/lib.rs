//! Keys, pools, users, settings and usage in portable SQL over a two-method driver.
//!
//! [`store::Store`] is what the rest of Pollux sees; [`sql::Sql`] is all that
//! it asks of a database. Secrets are sealed by [`cipher::Cipher`] before they
//! are written and come out as [`secret::Secret`].

pub mod admins;
pub mod audit;
pub mod bindings;
pub mod cipher;
pub mod conformance;
pub mod driver;
mod exchange;
pub mod health;
pub mod key_events;
pub mod keys;
pub mod limits;
pub mod password;
pub mod pools;
pub mod quotas;
pub mod requests;
pub mod secret;
pub mod settings;
pub mod sql;
pub mod store;
pub mod usage;
pub mod users;
pub mod vault;

mod schema;
