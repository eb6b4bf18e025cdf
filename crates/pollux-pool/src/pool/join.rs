//! Whose project is whose: keys that turn out to share one, and places that change with the keys.

use foldhash::HashMap;

use super::{Pool, probe_of};
use crate::id::{KeyId, ProjectName};
use crate::key::Tier;
use crate::place::{Place, Slot};
use crate::project::{Project, Projects};

impl Pool {
    /// Learns what Google calls the project of a key, whose owner may have said nothing.
    pub(super) fn learn_consumer(&mut self, slot: Slot, consumer: &ProjectName) {
        let Some(entry) = self.keys.get_mut(slot) else { return };
        if entry.consumer.as_ref() == Some(consumer) {
            return;
        }
        entry.consumer = Some(consumer.clone());
        let (key, named, from) = (entry.key.id, entry.key.project.clone(), entry.place);
        let has_others = self.projects.remove(slot, from);
        let to = self.projects.add(slot, key, named.as_ref(), Some(consumer));
        if let Some(entry) = self.keys.get_mut(slot) {
            entry.place = to;
        }
        if from != to && !has_others {
            self.merge_accounts(from, to);
        }
        self.changed();
    }

    fn merge_accounts(&mut self, from: Place, to: Place) {
        let day_ends = self.when.day_ends;
        for (model, lane) in &mut self.lanes {
            let Some(old) = lane.accounts.remove(&from) else { continue };
            let account = lane.accounts.entry(to).or_default();
            account.merge(&old, day_ends);
            self.unsaved.push((model.clone(), to));
        }
    }

    /// Carries over what is filed by slot and place, now that keys may have others than `before`.
    pub(super) fn follow_slots(&mut self, before: &HashMap<KeyId, Slot>) {
        let moved: HashMap<Slot, Slot> = before
            .iter()
            .filter_map(|(key, &old)| self.slots.get(key).map(|&new| (old, new)))
            .collect();
        let old_projects = self.find_projects();
        self.unsaved.clear();
        for (model, mut old) in std::mem::take(&mut self.lanes) {
            let mut lane = self.fresh_lane(&model);
            for (slot, cooldown) in old.cooldowns() {
                if let Some(&slot) = moved.get(&slot) {
                    lane.hold(slot, Some(cooldown), self.is_open(slot));
                }
            }
            for (place, account) in std::mem::take(&mut old.accounts) {
                let project = old_projects.project(place);
                if let Some(place) = project.and_then(|project| self.projects.find(project)) {
                    lane.adopt(place, self.tier_of(place), account);
                    self.unsaved.push((model.clone(), place));
                }
            }
            for (slot, record) in std::mem::take(&mut old.records) {
                if let Some(&slot) = moved.get(&slot) {
                    lane.records.insert(slot, record);
                }
            }
            (lane.brake, lane.latencies, lane.rate) = (old.brake, old.latencies, old.rate);
            lane.brake.follow(&moved);
            self.lanes.insert(model, lane);
        }
        self.probes = self.keys.iter().enumerate().filter_map(probe_of).collect();
    }

    /// Finds every key's project anew, and returns what the projects were before.
    fn find_projects(&mut self) -> Projects {
        let old = std::mem::take(&mut self.projects);
        // Names first: what only Google named may turn out to be one of them.
        for is_named in [true, false] {
            for (slot, entry) in self.keys.iter_mut().enumerate() {
                if entry.key.project.is_some() == is_named {
                    let (named, consumer) = (entry.key.project.as_ref(), entry.consumer.as_ref());
                    entry.place = self.projects.add(slot, entry.key.id, named, consumer);
                }
            }
        }
        old
    }

    fn tier_of(&self, place: Place) -> Tier {
        let slot = self.projects.members(place).first();
        slot.and_then(|slot| self.keys.get(*slot)).map_or(Tier::Free, |entry| entry.key.tier)
    }

    /// Returns the keys that are known to share a key's project, that key among them.
    pub(super) fn project_of(&self, slot: Slot) -> Vec<Slot> {
        let place = self.keys.get(slot).map(|entry| entry.place);
        place.map_or_else(Vec::new, |place| self.projects.members(place).to_vec())
    }

    /// Returns the first key of a project, which stands for all where only the project matters.
    pub(super) fn slot_of(&self, project: &Project) -> Option<Slot> {
        self.projects.members(self.projects.find(project)?).first().copied()
    }
}
