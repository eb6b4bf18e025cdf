//! What becomes of keys that Google goes on refusing, where the owner wants something to become of
//! them: they are switched off, or deleted.
//!
//! The last key of a pool stays as it is, whatever Google says of it. Being out of quota is no
//! refusal.

use std::time::Duration;

use pollux_gateway::ledger::Ledger as _;
use pollux_pool::{
    health::{Health, KeyView},
    id::KeyId,
    time::Timestamp,
};
use pollux_store::{audit::Change, keys::KeyChange, store::StoreError};

use crate::open::Instance;

/// How often it is looked for such keys.
const LOOK: Duration = Duration::from_mins(1);
/// Who did it, in the audit log.
const ACTOR: &str = "pollux";

/// When a key is refused for too long, and what follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// For how long it is refused; zero is any time.
    pub after: Duration,
    /// How often in a row it is refused; zero is any number.
    pub refusals: u32,
    /// Whether it is deleted then, instead of being switched off.
    pub deletes: bool,
}

/// When it was looked last.
#[derive(Debug, Default)]
pub(crate) struct Overseer {
    looked: Timestamp,
}

impl Overseer {
    /// Looks for such keys, when it is time to.
    pub(crate) async fn look(&mut self, instance: &Instance, now: Timestamp) {
        let policy = **instance.policy.load();
        if !policy.is_on() || now < self.looked + LOOK {
            return;
        }
        self.looked = now;
        let mut acted = false;
        for pool in &instance.gateway.catalog().pools {
            let overdue = overdue(&instance.ledger.view(pool.id), policy, now);
            if overdue.is_empty() {
                continue;
            }
            match act(instance, policy, &overdue, now).await {
                Ok(()) => acted = true,
                Err(error) => tracing::warn!("refused keys could not be taken out: {error}"),
            }
        }
        if acted {
            instance.gateway.renewal().request();
        }
    }
}

impl Policy {
    const fn is_on(self) -> bool {
        !self.after.is_zero() || self.refusals > 0
    }

    /// Whether so much is more than a key may be refused.
    fn is_reached(self, since: Timestamp, streak: u32, now: Timestamp) -> bool {
        let by_time = !self.after.is_zero() && since + self.after < now;
        by_time || self.refusals > 0 && streak >= self.refusals
    }
}

async fn act(
    instance: &Instance,
    policy: Policy,
    keys: &[KeyId],
    now: Timestamp,
) -> Result<(), StoreError> {
    let action = if policy.deletes {
        instance.store.remove_keys(keys).await?;
        "key.remove"
    } else {
        let off =
            |id: &KeyId| KeyChange { id: *id, enabled: Some(false), about: None, remarks: None };
        instance.store.change_keys(&keys.iter().map(off).collect::<Vec<_>>(), now).await?;
        "key.disable"
    };
    let note = |key: &KeyId| {
        tracing::warn!(key.id = %key, action, "{key} is taken out: Google goes on refusing it");
        Change {
            at: now,
            actor: ACTOR.to_owned(),
            action: action.to_owned(),
            subject: format!("key {}", key.0),
            ..Change::default()
        }
    };
    instance.store.add_changes(&keys.iter().map(note).collect::<Vec<_>>()).await
}

/// Keys that are refused for too long; never all of them: who was refused last stays.
fn overdue(keys: &[KeyView], policy: Policy, now: Timestamp) -> Vec<KeyId> {
    let refused = |key: &KeyView| match key.health {
        Health::Revoked { since, streak, .. } => {
            policy.is_reached(since, streak, now).then_some((since, key.id))
        }
        Health::Active => None,
    };
    let mut overdue: Vec<(Timestamp, KeyId)> = keys.iter().filter_map(refused).collect();
    overdue.sort_unstable();
    if overdue.len() == keys.len() {
        overdue.pop();
    }
    overdue.into_iter().map(|(_, key)| key).collect()
}
