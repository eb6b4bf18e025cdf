//! From a client's request to its answer: auth, faces, proxying.
//!
//! Portable: nothing here opens a socket, reads a clock or spawns. The edge
//! hands in an [`proxy::upstream::Upstream`], a [`ledger::Ledger`] and a
//! [`clock::Clock`], and serves [`router::server`].

mod admin;
pub mod app;
mod auth;
mod bindings;
pub mod catalog;
mod checks;
pub mod client;
pub mod clock;
mod console;
mod dropin;
pub mod egress;
mod event_stream;
mod events;
mod extract;
mod faces;
pub mod failure;
pub mod fetch;
pub mod forecasts;
mod gather;
mod history;
pub mod key_text;
pub mod ledger;
mod models;
pub mod offload;
mod own_keys;
pub mod proxy;
pub mod recorder;
pub mod renewal;
mod request_log;
pub mod router;
pub mod scrub;
pub mod settings;
mod shared;
mod trace;
pub mod vault;
mod visit;

pub use admin::access::OWNER;
