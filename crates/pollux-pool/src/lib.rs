//! Which key goes next, what each attempt taught, and how much each user may still spend.
//!
//! Everything here is a value or a state machine that is told what time it is:
//! no clock, no waiting, no sockets, and a seed instead of real randomness.
//! [`pool::Pool`] chooses keys and remembers what they answered;
//! [`plan::Plan`] decides for one request whether another attempt is worth it.

pub mod balance;
pub mod budget;
pub mod desk;
pub mod generations;
pub mod health;
pub mod id;
pub mod key;
pub mod lease;
pub mod limit;
pub mod line;
pub mod outcome;
pub mod plan;
pub mod pool;
pub mod project;
pub mod quota;
pub mod survey;
pub mod time;
pub mod word;

mod brake;
mod entry;
mod lane;
mod latency;
mod minute;
mod place;
mod rate;
mod rng;
