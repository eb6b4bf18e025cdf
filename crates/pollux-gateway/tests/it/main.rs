//! The gateway over real sockets, in front of a scripted Gemini.
#![cfg(test)]

mod account;
mod admin;
mod api;
mod auth;
mod bare;
mod checks;
mod console;
mod dropin;
mod faces;
mod fetch;
mod limits;
mod own_keys;
mod paced;
mod pool;
mod proxy;
mod scripted;
mod users;
