//! Grouping by a key.

use std::collections::HashMap;
use std::hash::Hash;

/// A value for each key. A key is found fastest where keys come in the same order again, as the
/// intervals of one container after another do.
#[derive(Clone, Debug)]
pub(super) struct Groups<K, T> {
    pairs: Vec<(K, T)>,
    index_by_key: HashMap<K, usize>,
    /// The index of the key that came last.
    last: usize,
}

impl<K, T> Default for Groups<K, T> {
    fn default() -> Self {
        Self { pairs: Vec::new(), index_by_key: HashMap::new(), last: 0 }
    }
}

impl<K: Clone + Eq + Hash + Ord, T: Default> Groups<K, T> {
    /// Calls `change` with the value of a key.
    pub(super) fn update(&mut self, key: &K, change: impl FnOnce(&mut T)) {
        let is_at = |index: &usize| self.pairs.get(*index).is_some_and(|(known, _)| known == key);
        let index = [self.last, self.last + 1].into_iter().find(is_at);
        let index = index.or_else(|| self.index_by_key.get(key).copied());
        self.last = index.unwrap_or(self.pairs.len());
        if index.is_none() {
            self.index_by_key.insert(key.clone(), self.last);
            self.pairs.push((key.clone(), T::default()));
        }
        if let Some((_, value)) = self.pairs.get_mut(self.last) {
            change(value);
        }
    }

    /// All keys with their values, sorted by key.
    pub(super) fn into_sorted(self) -> Vec<(K, T)> {
        let mut pairs = self.pairs;
        pairs.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        pairs
    }
}
