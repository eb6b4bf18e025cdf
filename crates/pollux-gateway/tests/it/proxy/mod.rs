//! From a call to its answer, whatever Gemini does on the way.

mod classify;
mod cooling;
mod crowd;
mod failover;
mod faults;
mod hang_up;
mod mend;
mod pieces;
mod rows;
mod secrets;
mod silence;
mod streams;
mod usage;
