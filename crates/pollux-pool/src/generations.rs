//! What was kept or asked for last, in memory that is bounded.
//!
//! There are two generations of a map. When the younger is full, the older is forgotten and the
//! younger takes its place; whoever is found in the older one becomes young again.

use std::{collections::HashMap, hash::Hash, mem};

/// A map that forgets what was not asked for longest.
#[derive(Debug)]
pub struct Generations<K, V> {
    young: HashMap<K, V>,
    young_weight: usize,
    old: HashMap<K, V>,
    limit: usize,
    weigh: fn(&K, &V) -> usize,
}

impl<K: Hash + Eq, V: Clone> Generations<K, V> {
    /// Makes a map each of whose two generations weighs `limit` at most.
    pub fn new(limit: usize, weigh: fn(&K, &V) -> usize) -> Self {
        let (young, old) = (HashMap::new(), HashMap::new());
        Self { young, young_weight: 0, old, limit, weigh }
    }

    /// Finds a value; one of the old generation becomes young again.
    pub fn get(&mut self, key: &K) -> Option<V> {
        if let Some(value) = self.young.get(key) {
            return Some(value.clone());
        }
        let (key, value) = self.old.remove_entry(key)?;
        self.put(key, value.clone());
        Some(value)
    }

    /// Keeps a value; it is young.
    pub fn put(&mut self, key: K, value: V) {
        self.remove(&key);
        let more = (self.weigh)(&key, &value);
        if self.young_weight + more > self.limit {
            self.old = mem::take(&mut self.young);
            self.young_weight = 0;
        }
        self.young_weight += more;
        self.young.insert(key, value);
    }

    /// Forgets a value.
    pub fn remove(&mut self, key: &K) {
        self.old.remove(key);
        if let Some((key, value)) = self.young.remove_entry(key) {
            self.young_weight -= (self.weigh)(&key, &value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(limit: usize) -> Generations<u32, String> {
        Generations::new(limit, |_, word| word.len())
    }

    #[test]
    fn what_was_not_asked_for_longest_is_forgotten_first() {
        let mut words = words(20);
        words.put(1, "asked".to_owned());
        words.put(2, "not".to_owned());
        for key in 10..100 {
            words.put(key, "some other".to_owned());
            assert_eq!(words.get(&1).as_deref(), Some("asked"), "{key}");
            let held: usize = words.young.values().chain(words.old.values()).map(String::len).sum();
            assert!(held <= 40 && words.young_weight <= 20, "{held}");
        }
        assert_eq!(words.get(&2), None);
    }

    #[test]
    fn the_same_key_again_weighs_once() {
        let mut words = words(10);
        words.put(1, "stays".to_owned());
        for _ in 0..10 {
            words.put(2, "again".to_owned());
        }
        assert_eq!(words.young.len(), 2);
        assert_eq!(words.young_weight, 10);
    }

    #[test]
    fn what_is_removed_is_gone_from_both_generations() {
        let mut words = words(5);
        words.put(1, "older".to_owned());
        words.put(2, "young".to_owned());
        for key in [1, 2] {
            words.remove(&key);
            assert_eq!(words.get(&key), None);
        }
        assert_eq!(words.young_weight, 0);
    }
}
