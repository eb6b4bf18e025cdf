//! Switches off keys that Google has refused for days on end, where the owner wants that.
//!
//! A key that is switched off is not loaded at the next start. One that comes back before that is
//! switched on again. The last key that is on stays so, whatever Google says of it.

use std::{collections::BTreeSet, time::Duration};

use pollux_gateway::ledger::Ledger as _;
use pollux_pool::{
    health::{Health, KeyView},
    id::KeyId,
    time::Timestamp,
};
use pollux_store::store::DEFAULT_POOL;

use crate::open::Instance;

/// How often it is looked for such keys.
const LOOK: Duration = Duration::from_hours(1);

/// Which keys were switched off since the start.
#[derive(Debug, Default)]
pub(crate) struct Disabling {
    off: BTreeSet<KeyId>,
    looked: Timestamp,
}

impl Disabling {
    /// Looks for keys to be switched off or on again, when it is time to.
    pub(crate) async fn look(&mut self, instance: &Instance, now: Timestamp) {
        let after = **instance.disable_after.load();
        if after.is_zero() || now < self.looked + LOOK {
            return;
        }
        self.looked = now;
        let keys = instance.ledger.view(DEFAULT_POOL);
        // One that is not loaded any more is not back.
        self.off.retain(|off| keys.iter().any(|key| key.id == *off));
        let overdue = overdue(&keys, after, now);
        let (off, on): (Vec<KeyId>, Vec<KeyId>) = (
            overdue.difference(&self.off).copied().collect(),
            self.off.difference(&overdue).copied().collect(),
        );
        for (key, enabled) in
            off.into_iter().map(|key| (key, false)).chain(on.into_iter().map(|key| (key, true)))
        {
            self.switch(instance, key, enabled).await;
        }
    }

    async fn switch(&mut self, instance: &Instance, key: KeyId, enabled: bool) {
        if let Err(error) = instance.store.set_key_enabled(key, enabled).await {
            return tracing::warn!(key.id = %key, "{key} could not be switched off or on: {error}");
        }
        if enabled {
            self.off.remove(&key);
            tracing::info!(key.id = %key, "{key} is back, and stays on over the next start");
        } else {
            self.off.insert(key);
            let days = instance.disable_after.load().as_secs() / 86_400;
            tracing::warn!(key.id = %key, days, "{key} is off from the next start on: Google has refused it for {days} days");
        }
    }
}

/// Keys that were refused for longer than `after`; never all of them: who was refused last stays.
fn overdue(keys: &[KeyView], after: Duration, now: Timestamp) -> BTreeSet<KeyId> {
    let refused = |key: &KeyView| match key.health {
        Health::Revoked { since, .. } => Some((since, key.id)),
        Health::Active => None,
    };
    let mut overdue: Vec<(Timestamp, KeyId)> =
        keys.iter().filter_map(refused).filter(|(since, _)| *since + after < now).collect();
    overdue.sort_unstable();
    if overdue.len() == keys.len() {
        overdue.pop();
    }
    overdue.into_iter().map(|(_, key)| key).collect()
}
