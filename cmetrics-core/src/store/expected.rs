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
}

#[derive(Debug)]
struct Expected {
    container: Arc<StoredContainer>,
    /// Its items in the memory that is being written, if they were looked up.
    recent: Option<Arc<Recent>>,
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

    /// The container at this position of a batch. All before it must have been looked up.
    pub(super) fn container(
        &mut self,
        position: usize,
        name: &Arc<str>,
        catalog: &Catalog,
    ) -> Option<&Arc<StoredContainer>> {
        let is_expected = self.order.get(position).is_some_and(|expected| {
            let known = &expected.container.name;
            Arc::ptr_eq(known, name) || known == name
        });
        if !is_expected {
            let found = Expected { container: catalog.get_or_insert(name), recent: None };
            match self.order.get_mut(position) {
                Some(expected) => *expected = found,
                None => self.order.push(found),
            }
        }
        self.order.get(position).map(|expected| &expected.container)
    }

    /// The container at this position, and its items in the memory that is being written.
    pub(super) fn recent(
        &mut self,
        position: usize,
        memory: &Memory,
    ) -> Option<(&Arc<StoredContainer>, &Arc<Recent>)> {
        let Expected { container, recent } = self.order.get_mut(position)?;
        Some((container, recent.get_or_insert_with(|| memory.get_or_insert(container))))
    }

    /// Forgets all: containers may have left the catalog.
    pub(super) fn forget(&mut self) {
        self.order.clear();
    }

    /// Forgets what belongs to a memory, as another one begins.
    pub(super) fn forget_memory(&mut self) {
        self.order.iter_mut().for_each(|expected| expected.recent = None);
    }
}
