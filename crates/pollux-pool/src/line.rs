//! Who waits for a key of one model: a turn for each user in rotation, first come first served within one.

use std::collections::{HashMap, VecDeque};

use crate::id::UserId;

/// Names a waiting request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub(crate) u64);

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Line<T> {
    /// Users who wait, the next one first; each is named once.
    turns: VecDeque<Option<UserId>>,
    waiting: HashMap<Option<UserId>, VecDeque<(Ticket, T)>>,
    len: usize,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self { turns: VecDeque::new(), waiting: HashMap::new(), len: 0 }
    }
}

impl<T> Line<T> {
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Joins the line.
    pub(crate) fn push(&mut self, user: Option<UserId>, ticket: Ticket, want: T) {
        let own = self.waiting.entry(user).or_default();
        if own.is_empty() {
            self.turns.push_back(user);
        }
        own.push_back((ticket, want));
        self.len += 1;
    }

    /// Leaves the line; returns whether the ticket was in it.
    pub(crate) fn remove(&mut self, ticket: Ticket) -> bool {
        let holder = self.waiting.iter().find_map(|(user, own)| {
            own.iter().position(|(other, _)| *other == ticket).map(|place| (*user, place))
        });
        let Some((user, place)) = holder else { return false };
        self.take(user, place);
        if !self.waiting.contains_key(&user) {
            self.turns.retain(|other| *other != user);
        }
        true
    }

    /// Offers a key to those who wait, in their order.
    ///
    /// `offer` says what becomes of a request, or nothing when there is no key for it; then its
    /// user keeps his turn, and the next user is asked. It ends when all were asked in vain, or
    /// so many in a row.
    pub(crate) fn serve<R>(
        &mut self,
        most_misses: usize,
        mut offer: impl FnMut(&T) -> Option<R>,
    ) -> Vec<(Ticket, R)> {
        let mut served = Vec::new();
        let (mut place, mut misses) = (0, 0);
        while misses < most_misses {
            let Some(&user) = self.turns.get(place) else { break };
            let Some((ticket, want)) = self.waiting.get(&user).and_then(VecDeque::front) else {
                self.turns.remove(place);
                continue;
            };
            let ticket = *ticket;
            let Some(answer) = offer(want) else {
                misses += 1;
                place += 1;
                continue;
            };
            misses = 0;
            served.push((ticket, answer));
            self.take(user, 0);
            self.turns.remove(place);
            if self.waiting.contains_key(&user) {
                self.turns.push_back(user);
            }
        }
        served
    }

    fn take(&mut self, user: Option<UserId>, place: usize) {
        let Some(own) = self.waiting.get_mut(&user) else { return };
        if own.remove(place).is_some() {
            self.len -= 1;
        }
        if own.is_empty() {
            self.waiting.remove(&user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(waiting: &[(i64, u64)]) -> Line<u64> {
        let mut line = Line::default();
        for &(user, ticket) in waiting {
            line.push(Some(UserId(user)), Ticket(ticket), ticket);
        }
        line
    }

    fn served(line: &mut Line<u64>, mut keys: usize) -> Vec<u64> {
        let answers = line.serve(4, |_| {
            keys = keys.checked_sub(1)?;
            Some(())
        });
        answers.into_iter().map(|(ticket, ())| ticket.0).collect()
    }

    #[test]
    fn users_take_turns_however_many_requests_each_has() {
        let mut line = line(&[(1, 1), (1, 2), (1, 3), (1, 4), (2, 5), (3, 6), (2, 7)]);
        assert_eq!(served(&mut line, 4), [1, 5, 6, 2]);
        assert_eq!(served(&mut line, 9), [7, 3, 4]);
        assert!(line.is_empty());
    }

    #[test]
    fn who_cannot_be_served_keeps_his_turn_and_holds_up_nobody() {
        let mut line = line(&[(1, 1), (2, 2), (3, 3)]);
        let odd = line.serve(4, |want| (want % 2 == 0).then_some(*want));
        assert_eq!(odd, [(Ticket(2), 2)]);
        assert_eq!(served(&mut line, 1), [1]);
    }

    #[test]
    fn who_leaves_is_not_asked() {
        let mut line = line(&[(1, 1), (1, 2), (2, 3)]);
        assert!(line.remove(Ticket(1)) && line.remove(Ticket(3)));
        assert!(!line.remove(Ticket(3)));
        assert_eq!((line.len(), served(&mut line, 9)), (1, vec![2]));
    }

    #[test]
    fn it_ends_after_a_few_in_vain() {
        let mut line = line(&[(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)]);
        let mut asked = 0;
        assert!(
            line.serve(4, |_| {
                asked += 1;
                None::<()>
            })
            .is_empty()
        );
        assert_eq!((asked, line.len()), (4, 6));
    }
}
