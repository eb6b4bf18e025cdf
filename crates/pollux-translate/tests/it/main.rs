//! The translations from outside: golden files, properties and recorded traffic.

#[cfg(test)]
mod api;
#[cfg(test)]
mod beside;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod facts;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod layout;
#[cfg(test)]
mod mended;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod returns;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod run;
