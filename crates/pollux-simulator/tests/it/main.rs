//! The simulator over real sockets, byte by byte.
#![cfg(test)]

mod answers;
mod connections;
mod control;
mod corpus;
mod endings;
mod keys;
mod owned;
mod quota;
mod requests;
mod streams;
mod wire;
