//! The limits of a container over time.

use std::collections::BTreeMap;

use crate::container::Limits;
use crate::time::Timestamp;

/// The limits in a container's documents, by the time of the last sample of each document.
#[derive(Clone, Debug, Default)]
pub(crate) struct LimitHistory {
    known: BTreeMap<Timestamp, Limits>,
    /// The last document that is forgotten, and how many changes there were up to the next one.
    forgotten: Option<(Timestamp, u64)>,
}

impl LimitHistory {
    /// Adds the limits of a document. If several documents end with the same sample, the larger
    /// limit counts.
    pub(crate) fn note(&mut self, last_sample: Timestamp, limits: Limits) {
        if self.forgotten.is_some_and(|(until, _)| last_sample <= until) {
            return;
        }
        let known = self.known.entry(last_sample).or_insert(limits);
        *known = known.larger(limits);
    }

    /// Adds the limits of other documents.
    pub(crate) fn absorb(&mut self, other: Self) {
        other.known.into_iter().for_each(|(last_sample, limits)| self.note(last_sample, limits));
    }

    /// The limits of the newest document.
    pub(crate) fn newest(&self) -> Limits {
        self.known.last_key_value().map(|(_, limits)| *limits).unwrap_or_default()
    }

    /// How often the limits changed from one document to the next.
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
            let (until, limits) = first.remove_entry();
            let before = self.forgotten.map_or(0, |(_, changes)| changes);
            let differs = self.known.values().next().is_some_and(|next| *next != limits);
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
        assert_eq!((history.newest(), history.changes()), (memory(2), 1));
        history.note(at(20), Limits { cpu_cores: Some(0.5), ..memory(1) });
        assert_eq!(history.newest(), Limits { cpu_cores: Some(0.5), ..memory(2) });
        history.note(at(30), history.newest());
        assert_eq!(history.changes(), 1);
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
        assert_eq!((history.newest(), history.changes()), (memory(3), 2));
    }
}
