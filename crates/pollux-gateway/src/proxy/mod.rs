//! From a call to its answer: choose a key, send, judge, fail over, hand the body on.

pub(crate) mod alive;
mod allowed;
pub(crate) mod body;
pub mod call;
pub mod classify;
pub(crate) mod coalesce;
pub(crate) mod commit;
pub(crate) mod framing;
pub mod headers;
pub(crate) mod hedge;
pub(crate) mod mend;
pub(crate) mod pacing;
pub(crate) mod pipe;
pub(crate) mod relay;
pub(crate) mod rest;
pub(crate) mod route;
pub(crate) mod send;
pub(crate) mod settle;
pub(crate) mod translated;
pub mod upload;
pub mod upstream;
pub(crate) mod whole;
pub(crate) mod wish;
