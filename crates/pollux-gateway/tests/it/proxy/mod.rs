//! From a call to its answer, whatever Gemini does on the way.

mod aftermath;
mod alive;
mod broken;
mod classify;
mod coalesce;
mod cooling;
mod crowd;
mod deserted;
mod failover;
mod faults;
mod hang_up;
mod hedge;
mod mend;
mod pacing;
mod pieces;
mod rows;
mod secrets;
mod silence;
mod streams;
mod usage;
mod whole;
