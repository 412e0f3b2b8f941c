//! When a container was created and started, and on how many CPUs it may run, from all of its
//! documents.

use std::sync::Arc;

use super::described::Container;
use crate::time::Timestamp;

/// The number of CPUs that is assumed where no document has it.
const MOST_CPUS: u64 = 4096;

/// The starts and the number of CPUs of a container. Documents may be added in any order, with
/// samples or without.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Life {
    /// In rising order, nanoseconds since the epoch.
    starts: Vec<u64>,
    /// The largest number of CPUs.
    cpus: Option<u64>,
    /// The last creation, in nanoseconds since the epoch. It decides nothing about points.
    created: Option<u64>,
}

impl Life {
    pub(crate) fn of(mut starts: Vec<u64>, cpus: Option<u64>) -> Self {
        starts.sort_unstable();
        starts.dedup();
        Self { starts, cpus, created: None }
    }

    /// The same, created at a time in nanoseconds.
    #[cfg(feature = "store")]
    pub(crate) fn created_at(self, created: Option<u64>) -> Self {
        Self { created, ..self }
    }

    /// Adds what a document says, and returns whether anything of it was new.
    pub(crate) fn describe(life: &mut Arc<Self>, container: &Container) -> bool {
        let created = container.created.map(Timestamp::nanos);
        let is_created_later = created > life.created;
        if is_created_later {
            Arc::make_mut(life).created = created;
        }
        Self::update(life, container.started, container.cpus) || is_created_later
    }

    /// Adds a start or a number of CPUs, and returns whether any of them was new.
    pub(crate) fn update(
        life: &mut Arc<Self>,
        started: Option<Timestamp>,
        cpus: Option<u64>,
    ) -> bool {
        let is_new = !life.knows(started, cpus);
        if is_new {
            Arc::make_mut(life).add(started, cpus);
        }
        is_new
    }

    /// Whether nothing of what a document says is new.
    fn knows(&self, started: Option<Timestamp>, cpus: Option<u64>) -> bool {
        cpus <= self.cpus
            && started.is_none_or(|start| {
                self.starts.last() == Some(&start.nanos())
                    || self.starts.binary_search(&start.nanos()).is_ok()
            })
    }

    fn add(&mut self, started: Option<Timestamp>, cpus: Option<u64>) {
        self.cpus = self.cpus.max(cpus);
        if let Some(start) = started
            && let Err(index) = self.starts.binary_search(&start.nanos())
        {
            self.starts.insert(index, start.nanos());
        }
    }

    /// Adds what other documents say.
    pub(crate) fn absorb(&mut self, other: &Self) {
        self.cpus = self.cpus.max(other.cpus);
        self.created = self.created.max(other.created);
        if !other.starts.is_empty() {
            self.starts.extend_from_slice(&other.starts);
            self.starts.sort_unstable();
            self.starts.dedup();
        }
    }

    /// Forgets the starts before a time, in nanoseconds, but for the last of them: it still matters
    /// that the container was started before. A few starts are not worth forgetting.
    pub(crate) fn forget_before(life: &mut Arc<Self>, time: u64) {
        const FEW: usize = 16;
        let before = life.starts.partition_point(|start| *start < time);
        if before > FEW {
            Arc::make_mut(life).starts.drain(..before - 1);
        }
    }

    /// Forgets the first starts where there are very many.
    pub(crate) fn forget_excess(life: &mut Arc<Self>) {
        const MOST: usize = 256;
        if life.starts.len() > MOST {
            let excess = life.starts.len() - MOST / 2;
            Arc::make_mut(life).starts.drain(..excess);
        }
    }

    pub(crate) fn starts(&self) -> &[u64] {
        &self.starts
    }

    pub(crate) fn created(&self) -> Option<u64> {
        self.created
    }

    pub(crate) fn known_cpus(&self) -> Option<u64> {
        self.cpus
    }

    /// The largest number of CPUs that it may run on.
    pub(crate) fn cpus(&self) -> u64 {
        self.cpus.unwrap_or(MOST_CPUS)
    }

    /// The first start after a time.
    pub(crate) fn first_after(&self, time: u64) -> Option<u64> {
        self.starts.get(self.starts.partition_point(|start| *start <= time)).copied()
    }

    /// The starts from one time to another, both inclusive, the latest first.
    pub(crate) fn latest_within(&self, from: u64, to: u64) -> impl Iterator<Item = u64> {
        let first = self.starts.partition_point(|start| *start < from);
        let end = self.starts.partition_point(|start| *start <= to).max(first);
        self.starts.get(first..end).unwrap_or_default().iter().rev().copied()
    }

    /// Whether it is known to have been started at or before a time.
    pub(crate) fn began_by(&self, time: u64) -> bool {
        self.starts.first().is_some_and(|start| *start <= time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> Option<Timestamp> {
        Timestamp::from_nanos(nanos)
    }

    #[test]
    fn documents_add_up_in_any_order() {
        let (mut one, mut other) = (Life::default(), Life::default());
        for (start, cpus) in [(30, None), (10, Some(4)), (30, Some(2)), (20, None)] {
            one.add(at(start), cpus);
        }
        assert_eq!((one.starts(), one.cpus()), ([10, 20, 30].as_slice(), 4));
        assert!(one.knows(at(10), Some(4)) && one.knows(None, None));
        assert!(!one.knows(at(11), None) && !one.knows(None, Some(5)));
        other.add(at(15), Some(8));
        assert_eq!(Life::default().cpus(), MOST_CPUS);
        other.absorb(&one);
        assert_eq!((other.starts(), other.cpus()), ([10, 15, 20, 30].as_slice(), 8));
    }

    #[test]
    fn the_last_creation_counts_whichever_document_was_read_first() {
        for order in [[10, 20], [20, 10]] {
            let mut life = Arc::new(Life::default());
            let news = order.map(|created| {
                let mut container = Container::at_path("/a");
                container.created = at(created);
                Life::describe(&mut life, &container)
            });
            assert_eq!((life.created(), news), (Some(20), [true, order[1] > order[0]]));
        }
    }

    #[test]
    fn starts_are_found_by_time_and_the_last_before_a_time_is_kept() {
        let life = Life::of(vec![30, 10, 20, 10], None);
        assert_eq!(life.first_after(10), Some(20));
        assert_eq!(life.first_after(30), None);
        assert!(life.latest_within(11, 30).eq([30, 20]));
        assert!(life.latest_within(10, 10).eq([10]));
        assert_eq!(life.latest_within(20, 5).count(), 0);
        assert!(life.began_by(10) && !life.began_by(9));
    }

    #[test]
    fn of_many_starts_those_are_forgotten_that_do_not_matter() {
        let mut life = Arc::new(Life::of((1..=400).collect(), None));
        Life::forget_before(&mut life, 17);
        assert_eq!(life.starts().first(), Some(&1));
        Life::forget_before(&mut life, 18);
        assert_eq!(life.starts().first(), Some(&17));
        Life::forget_excess(&mut life);
        assert!(life.starts().iter().copied().eq(273..=400));
        Life::forget_excess(&mut life);
        assert_eq!(life.starts().len(), 128);
    }
}
