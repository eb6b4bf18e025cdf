//! How keys have come to stand otherwise, for whoever keeps their history.

use super::Pool;
use super::learn::{BRIEF, is_long};
use crate::health::{Cooldown, Health};
use crate::id::{KeyId, ModelName};
use crate::outcome::Revocation;
use crate::place::Slot;
use crate::time::Timestamp;

/// More turns than these are not kept until they are taken.
const MOST: usize = 1 << 16;

/// A key stands otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which key.
    pub key: KeyId,
    /// For which model; for all where there is none.
    pub model: Option<ModelName>,
    /// How it stands now.
    pub to: Stance,
}

/// How a key stands since a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stance {
    /// It serves, before its time where something was held against it.
    Active,
    /// Google refuses it.
    Revoked(Revocation),
    /// It, or its project, is out of a model.
    Held(Cooldown),
}

impl Pool {
    /// Takes the turns since they were last taken; that a cooldown is over in its time is none.
    pub fn take_turns(&mut self) -> Vec<Turn> {
        std::mem::take(&mut self.turns)
    }

    /// The health of a key was another one before.
    pub(super) fn turned(&mut self, slot: Slot, before: Health) {
        let Some(entry) = self.keys.get(slot) else { return };
        let to = match (before, entry.health) {
            (Health::Active, Health::Revoked { reason, .. }) => Stance::Revoked(reason),
            (Health::Revoked { .. }, Health::Active) => Stance::Active,
            (Health::Active, Health::Active) | (Health::Revoked { .. }, Health::Revoked { .. }) => {
                return;
            }
        };
        let turn = Turn { key: entry.key.id, model: None, to };
        if self.turns.len() < MOST {
            self.turns.push(turn);
        }
    }

    /// Something else than `before` is held against keys for a model.
    pub(super) fn turned_for(
        &mut self,
        slots: &[Slot],
        model: &ModelName,
        (before, after): (Option<Cooldown>, Option<Cooldown>),
        now: Timestamp,
    ) {
        let before = before.filter(|held| held.is_on(now));
        let to = match (before, after.filter(|held| held.is_on(now))) {
            (Some(before), Some(after)) if !is_news(before, after) => return,
            (_, Some(after)) => Stance::Held(after),
            (Some(before), None) if is_long(before, now) => Stance::Active,
            (Some(_) | None, None) => return,
        };
        let ids = slots.iter().filter_map(|slot| self.keys.get(*slot)).map(|entry| entry.key.id);
        let room = MOST.saturating_sub(self.turns.len());
        self.turns.extend(ids.take(room).map(|key| Turn { key, model: Some(model.clone()), to }));
    }
}

/// Whether a cooldown is another one, and not the same as told by one more answer of a burst.
fn is_news(before: Cooldown, after: Cooldown) -> bool {
    match (before, after) {
        (
            Cooldown::Exhausted { window: was, until, .. },
            Cooldown::Exhausted { window, until: later, .. },
        ) => was != window || later > until + BRIEF,
        (Cooldown::Unserved, Cooldown::Unserved) => false,
        (Cooldown::Unserved, Cooldown::Exhausted { .. })
        | (Cooldown::Exhausted { .. }, Cooldown::Unserved) => true,
    }
}
