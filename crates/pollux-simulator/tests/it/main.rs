//! The simulator over real sockets, byte by byte.
#![cfg(test)]

mod answers;
mod connections;
mod control;
mod corpus;
mod endings;
mod evidence;
mod hops;
mod keys;
mod media;
mod owned;
mod quota;
mod requests;
mod streams;
mod thinking;
mod tools;
mod wire;
