//! The containers of the last batch: the next one usually has the same, in the same order.

use std::sync::Arc;

use super::catalog::Catalog;
use super::memory::{Memory, Recent};
use super::stored::StoredContainer;

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
    /// Its items in the memory that is being written, if they were looked up.
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

    /// The container at this position of a batch. All before it must have been looked up. `None` for
    /// one that was not expected if `may_be_new` forbids it.
    pub(super) fn container(
        &mut self,
        position: usize,
        name: &Arc<str>,
        catalog: &Catalog,
        may_be_new: impl FnOnce() -> bool,
    ) -> Option<&Arc<StoredContainer>> {
        let is_expected = self.order.get(position).is_some_and(|expected| {
            let known = &expected.container.name;
            Arc::ptr_eq(known, name) || known == name
        });
        if !is_expected {
            if !may_be_new() {
                return None;
            }
            let container = catalog.get_or_insert(name);
            let found = Expected { container, recent: None, in_log: None };
            match self.order.get_mut(position) {
                Some(expected) => *expected = found,
                None => self.order.push(found),
            }
        }
        self.order.get(position).map(|expected| &expected.container)
    }

    /// The items of the container at this position in the memory that is being written, and its
    /// number in the log, for which `number` is asked the first time.
    pub(super) fn recent(
        &mut self,
        position: usize,
        memory: &Memory,
        number: Option<&mut dyn FnMut(&StoredContainer) -> u64>,
    ) -> Option<(&Arc<Recent>, Option<u64>)> {
        let Expected { container, recent, in_log } = self.order.get_mut(position)?;
        let in_log = number.map(|number| *in_log.get_or_insert_with(|| number(container)));
        Some((recent.get_or_insert_with(|| memory.get_or_insert(container)), in_log))
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
