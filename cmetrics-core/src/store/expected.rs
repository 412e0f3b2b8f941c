//! The containers of the last batch: the next one usually has the same, in the same order.

use std::sync::Arc;

use super::catalog::Catalog;
use super::memory::{Memory, Recent};
use super::stored::StoredContainer;

/// A position among the expected containers, and the number of the container that is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    position: usize,
    number: u32,
}

/// Saves looking up each container by name and by number.
#[derive(Debug, Default)]
pub(super) struct ExpectedContainers {
    /// In the order of the last batch.
    order: Vec<Expected>,
    /// The number of batches that were planned.
    plans: u64,
    /// The log in which containers have these numbers.
    log: u64,
}

#[derive(Debug)]
struct Expected {
    container: Arc<StoredContainer>,
    /// A copy of its number.
    number: u32,
    /// Its items in the memory that is being written, if they were looked up and are not lent.
    recent: Option<Arc<Recent>>,
    /// Its number in the log that is being written, if that was looked up.
    in_log: Option<u64>,
}

impl ExpectedContainers {
    /// Begins a plan, and returns its number.
    pub(super) fn begin_plan(&mut self) -> u64 {
        /// More are not worth keeping from batch to batch.
        const MOST: usize = 1 << 16;
        self.order.truncate(MOST);
        self.plans += 1;
        self.plans
    }

    /// Whether the container of this name is expected at this position.
    pub(super) fn has(&self, position: usize, name: &Arc<str>) -> bool {
        self.order.get(position).is_some_and(|expected| {
            let known = &expected.container.name;
            Arc::ptr_eq(known, name) || known == name
        })
    }

    /// The container at this position of a batch. All before it must have been looked up.
    pub(super) fn container(
        &mut self,
        position: usize,
        name: &Arc<str>,
        catalog: &Catalog,
    ) -> Option<&Arc<StoredContainer>> {
        if !self.has(position, name) {
            let container = catalog.get_or_insert(name);
            let number = container.number;
            let found = Expected { container, number, recent: None, in_log: None };
            match self.order.get_mut(position) {
                Some(expected) => *expected = found,
                None => self.order.push(found),
            }
        }
        self.order.get(position).map(|expected| &expected.container)
    }

    /// The number in the log of the container at this position. `number` is asked the first time.
    pub(super) fn in_log(
        &mut self,
        position: usize,
        number: impl FnOnce(&StoredContainer) -> u64,
    ) -> Option<u64> {
        let Expected { container, in_log, .. } = self.order.get_mut(position)?;
        Some(*in_log.get_or_insert_with(|| number(container)))
    }

    /// Lends the items that the memory that is being written has of the container at this position.
    /// They are not shared, which would touch each of them one time more.
    pub(super) fn lend(
        &mut self,
        position: usize,
        memory: &Memory,
    ) -> Option<(Place, Arc<Recent>)> {
        let Expected { container, number, recent, .. } = self.order.get_mut(position)?;
        let lent = recent.take().unwrap_or_else(|| memory.get_or_insert(container));
        Some((Place { position, number: *number }, lent))
    }

    /// Takes back what was lent, unless another container is at its place by now.
    pub(super) fn take_back(&mut self, place: Place, recent: Arc<Recent>) {
        let expected = self.order.get_mut(place.position);
        if let Some(expected) = expected.filter(|expected| expected.number == place.number) {
            expected.recent = Some(recent);
        }
    }

    /// Forgets all: containers may have left the catalog.
    pub(super) fn forget(&mut self) {
        self.order.clear();
    }

    /// Begins a batch of this log.
    pub(super) fn begin_batch(&mut self, log: u64) {
        if std::mem::replace(&mut self.log, log) != log {
            self.forget_log();
        }
    }

    /// Forgets the numbers of containers in the log, as some were not written.
    pub(super) fn forget_log(&mut self) {
        self.order.iter_mut().for_each(|expected| expected.in_log = None);
    }

    /// Forgets what belongs to a memory, as another one begins.
    pub(super) fn forget_memory(&mut self) {
        self.order.iter_mut().for_each(|expected| expected.recent = None);
    }
}
