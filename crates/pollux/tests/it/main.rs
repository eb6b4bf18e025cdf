//! The program around the gateway: its configuration, its state on disk, its end.
#![cfg(test)]

mod alerts;
mod config;
mod connections;
mod egress;
mod exchange;
mod forgetting;
#[cfg(unix)]
mod kills;
mod listener;
#[cfg(unix)]
mod load;
mod page;
#[cfg(unix)]
mod program;
mod quota;
#[cfg(unix)]
mod reload;
mod restart;
#[cfg(unix)]
mod secrets;
#[cfg(unix)]
mod smuggling;
mod spending;
mod ssrf;
mod stop;
mod upstream;
mod web;
