//! Pollux, the native program: command line, configuration, sockets, TLS, tasks.
//!
//! The gateway itself is `pollux-gateway`; this crate gives it a platform.

pub mod alerts;
pub mod background;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
mod contents;
mod described;
pub mod listener;
mod master_key;
pub mod open;
pub mod policy;
pub mod reload;
pub mod service;
pub mod signals;
pub mod tasks;
pub mod telemetry;
pub mod upstream;
pub mod web;
pub mod workers;
