//! Wrong passwords and tokens, counted by where they come from, so that guessing is slow.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use pollux_pool::time::Timestamp;
use pollux_translate::error::Status;

use crate::failure::Failure;

/// So many wrong ones within [`WINDOW`] close the door for [`PAUSE`].
const GUESSES: usize = 5;
const WINDOW: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_mins(1);
/// Of so many places it is remembered at most.
const PLACES: usize = 4096;

/// What was wrong lately.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    places: Mutex<HashMap<Place, Lately>>,
}

/// A network that one person may have all of; nothing where it is not known.
type Place = Option<IpAddr>;

#[derive(Debug, Default)]
struct Lately {
    /// At most [`GUESSES`].
    wrong: Vec<Timestamp>,
    closed_until: Timestamp,
}

impl Guesses {
    /// # Errors
    /// 429 while the door is closed for those who come from there.
    pub(super) fn check(&self, from: Option<IpAddr>, now: Timestamp) -> Result<(), Failure> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = places.get(&place(from)).map(|lately| lately.closed_until.since(now));
        let Some(wait) = wait.filter(|wait| !wait.is_zero()) else { return Ok(()) };
        Err(too_many(wait))
    }

    pub(super) fn wrong(&self, from: Option<IpAddr>, now: Timestamp) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= PLACES {
            places.retain(|_, lately| !lately.is_over(now));
        }
        if places.len() >= PLACES
            && let Some(oldest) =
                places.iter().min_by_key(|(_, it)| it.last()).map(|(place, _)| *place)
        {
            places.remove(&oldest);
        }
        let lately = places.entry(place(from)).or_default();
        lately.wrong.retain(|at| *at + WINDOW > now);
        lately.wrong.push(now);
        if lately.wrong.len() >= GUESSES {
            lately.wrong.clear();
            lately.closed_until = now + PAUSE;
        }
    }
}

impl Lately {
    fn last(&self) -> Timestamp {
        self.wrong.last().copied().unwrap_or_default().max(self.closed_until)
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.last() + WINDOW <= now
    }
}

/// Who has one address of IPv6 has as many as there are.
fn place(from: Option<IpAddr>) -> Place {
    from.map(|address| match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
    })
}

/// Too much at once, or too often wrong.
pub(super) fn too_many(wait: Duration) -> Failure {
    let mut failure = Failure::new(
        Status::ResourceExhausted,
        "too many wrong passwords were sent; none is looked at for a while",
    );
    failure.error.retry_after = Some(wait);
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(1_780_000_000 + second)
    }

    #[test]
    fn the_sixth_guess_is_not_looked_at_and_others_are_not_held_up() {
        let guesses = Guesses::default();
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|it| Some(it.parse().unwrap()));
        for second in 0..5 {
            guesses.check(one, at(second)).unwrap();
            guesses.wrong(one, at(second));
        }
        let failure = guesses.check(one, at(5)).unwrap_err();
        assert_eq!((failure.error.http, failure.error.retry_after.unwrap().as_secs()), (429, 59));
        guesses.check(other, at(5)).unwrap();
        guesses.check(one, at(64)).unwrap();
    }

    #[test]
    fn a_flood_from_everywhere_takes_little_memory() {
        let guesses = Guesses::default();
        for number in 0..20_000_u32 {
            let from = IpAddr::V4(number.into());
            guesses.wrong(Some(from), at(i64::from(number / 1000)));
        }
        assert_eq!(guesses.places.lock().unwrap().len(), PLACES);
        let near: Vec<Option<IpAddr>> =
            (1..=5).map(|it| Some(format!("2001:db8::{it}").parse().unwrap())).collect();
        for from in &near {
            guesses.wrong(*from, at(30));
        }
        assert!(guesses.check(near[0], at(30)).is_err(), "they are one network");
    }
}
