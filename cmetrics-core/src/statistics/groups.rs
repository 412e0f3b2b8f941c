//! What belongs together by a key.

use std::collections::HashMap;
use std::hash::Hash;

/// Something for each key, fast where keys come as they came before: containers have the same
/// intervals one after another.
#[derive(Clone, Debug)]
pub(super) struct Groups<K, T> {
    pairs: Vec<(K, T)>,
    places: HashMap<K, usize>,
    last: usize,
}

impl<K, T> Default for Groups<K, T> {
    fn default() -> Self {
        Self { pairs: Vec::new(), places: HashMap::new(), last: 0 }
    }
}

impl<K: Clone + Eq + Hash + Ord, T: Default> Groups<K, T> {
    /// Does `change` to what belongs to a key.
    pub(super) fn at(&mut self, key: &K, change: impl FnOnce(&mut T)) {
        let is_at = |place: &usize| self.pairs.get(*place).is_some_and(|(known, _)| known == key);
        let place = [self.last, self.last + 1].into_iter().find(is_at);
        let place = place.or_else(|| self.places.get(key).copied());
        self.last = place.unwrap_or(self.pairs.len());
        if place.is_none() {
            self.places.insert(key.clone(), self.last);
            self.pairs.push((key.clone(), T::default()));
        }
        if let Some((_, one)) = self.pairs.get_mut(self.last) {
            change(one);
        }
    }

    /// All of them, in order of their keys.
    pub(super) fn by_key(self) -> Vec<(K, T)> {
        let mut pairs = self.pairs;
        pairs.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        pairs
    }
}
