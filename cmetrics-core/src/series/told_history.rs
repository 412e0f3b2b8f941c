//! What documents tell of a container besides samples, over time: limits and labels.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use crate::container::{Labels, Limits};
use crate::time::Timestamp;

/// The limits of a container over time.
pub(crate) type LimitHistory = ToldHistory<Limits>;
/// The labels of a container over time.
pub(crate) type LabelHistory = ToldHistory<Arc<Labels>>;

/// What a document tells of a container besides samples.
pub(crate) trait Told: Clone + PartialEq {
    /// What counts of two documents that end with the same sample, whichever was read first.
    fn of_both(self, other: Self) -> Self;
}

impl Told for Limits {
    fn of_both(self, other: Self) -> Self {
        self.larger(other)
    }
}

impl Told for Arc<Labels> {
    fn of_both(self, other: Self) -> Self {
        self.max(other)
    }
}

/// What a container's documents tell, by the time of the last sample of each document.
#[derive(Clone, Debug)]
pub(crate) struct ToldHistory<T> {
    known: BTreeMap<Timestamp, T>,
    /// The last document that is forgotten, and how many changes there were up to the next one.
    forgotten: Option<(Timestamp, u64)>,
}

impl LimitHistory {
    /// The limits of the newest document.
    pub(crate) fn limits(&self) -> Limits {
        self.newest().map(|(_, limits)| *limits).unwrap_or_default()
    }
}

impl<T> Default for ToldHistory<T> {
    fn default() -> Self {
        Self { known: BTreeMap::new(), forgotten: None }
    }
}

impl<T: Told> ToldHistory<T> {
    /// Adds what a document tells. Of several documents that end with the same sample, the larger
    /// limit counts, or the labels that are last in their order.
    pub(crate) fn note(&mut self, last_sample: Timestamp, told: T) {
        if self.forgotten.is_some_and(|(until, _)| last_sample <= until) {
            return;
        }
        match self.known.entry(last_sample) {
            Entry::Vacant(free) => drop(free.insert(told)),
            Entry::Occupied(mut known) => {
                let both = known.get().clone().of_both(told);
                known.insert(both);
            }
        }
    }

    /// Adds what other documents tell.
    pub(crate) fn absorb(&mut self, other: Self) {
        other.known.into_iter().for_each(|(last_sample, told)| self.note(last_sample, told));
    }

    /// What the newest document tells, and the time of its last sample.
    pub(crate) fn newest(&self) -> Option<(Timestamp, &T)> {
        self.known.last_key_value().map(|(time, told)| (*time, told))
    }

    /// What the first document tells, and the time of its last sample.
    #[cfg(feature = "store")]
    pub(crate) fn first(&self) -> Option<(Timestamp, &T)> {
        self.known.first_key_value().map(|(time, told)| (*time, told))
    }

    /// What the document tells whose last sample has this time.
    #[cfg(feature = "store")]
    pub(crate) fn at(&self, last_sample: Timestamp) -> Option<&T> {
        self.known.get(&last_sample)
    }

    /// What each document tells, by the time of its last sample.
    #[cfg(feature = "store")]
    pub(crate) fn documents(&self) -> impl Iterator<Item = (Timestamp, &T)> {
        self.known.iter().map(|(time, told)| (*time, told))
    }

    /// What documents tell that differs from the document before, by the time of their last samples.
    #[cfg(feature = "store")]
    pub(crate) fn each_change(&self) -> impl Iterator<Item = (Timestamp, T)> {
        let pairs = self.known.values().zip(self.known.iter().skip(1));
        let changes = pairs.filter(|(before, (_, told))| before != told);
        changes.map(|(_, (time, told))| (*time, told.clone()))
    }

    /// How often it changed from one document to the next.
    pub(crate) fn changes(&self) -> u64 {
        let pairs = self.known.values().zip(self.known.values().skip(1));
        let changes = pairs.filter(|(one, next)| one != next).count() as u64;
        changes + self.forgotten.map_or(0, |(_, changes)| changes)
    }

    /// Forgets the documents before `time`, except the newest. The changes between them still
    /// count.
    pub(crate) fn forget_before(&mut self, time: Timestamp) {
        while self.known.len() > 1
            && let Some(first) = self.known.first_entry().filter(|first| *first.key() < time)
        {
            let (until, told) = first.remove_entry();
            let before = self.forgotten.map_or(0, |(_, changes)| changes);
            let differs = self.known.values().next().is_some_and(|next| *next != told);
            self.forgotten = Some((until, before + u64::from(differs)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_document_counts_and_of_equals_the_larger() {
        let at = |nanos| Timestamp::from_nanos(nanos).unwrap();
        let memory = |bytes| Limits { memory_bytes: Some(bytes), ..Limits::default() };
        let mut history = LimitHistory::default();
        history.note(at(20), memory(2));
        history.note(at(10), memory(9));
        assert_eq!((history.limits(), history.changes()), (memory(2), 1));
        history.note(at(20), Limits { cpu_cores: Some(0.5), ..memory(1) });
        assert_eq!(history.limits(), Limits { cpu_cores: Some(0.5), ..memory(2) });
        history.note(at(30), history.limits());
        assert_eq!(history.changes(), 1);
    }

    #[test]
    fn of_labels_at_one_time_the_same_count_whichever_were_read_first() {
        let at = |nanos| Timestamp::from_nanos(nanos).unwrap();
        let app = |value: &str| Arc::new(Labels::from([("app".to_owned(), value.to_owned())]));
        for [one, other] in [["web", "db"], ["db", "web"]] {
            let mut history = LabelHistory::default();
            history.note(at(20), app(one));
            history.note(at(20), app(other));
            history.note(at(10), app("old"));
            assert_eq!(history.newest(), Some((at(20), &app("web"))));
            assert_eq!(history.changes(), 1);
        }
    }

    #[test]
    fn forgetting_documents_forgets_no_change_and_no_newest_limits() {
        let at = |nanos| Timestamp::from_nanos(nanos).unwrap();
        let memory = |bytes| Limits { memory_bytes: Some(bytes), ..Limits::default() };
        let mut history = LimitHistory::default();
        for (time, bytes) in [(10, 1), (20, 2), (30, 2), (40, 3)] {
            history.note(at(time), memory(bytes));
        }
        history.forget_before(at(35));
        assert_eq!((history.known.len(), history.changes()), (1, 2));
        history.note(at(20), memory(9));
        history.forget_before(at(1_000));
        assert_eq!((history.limits(), history.changes()), (memory(3), 2));
    }
}
