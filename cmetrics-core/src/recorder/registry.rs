//! All containers of a recorder, by name.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::container::{Common, Container};
use super::sync::{Mutex, Ordering, RwLock, fence};
use crate::container::Identity;
use crate::forgotten::Forgotten;

/// Names are spread over so many locks, so that those who register do not meet.
const SHARDS: usize = if cfg!(loom) { 1 } else { 16 };

type Shard = HashMap<Arc<str>, Arc<Container>, RandomState>;

#[derive(Debug)]
pub(super) struct Registry {
    shards: [RwLock<Shard>; SHARDS],
    /// Those that had samples and are there no more; and the first time, in nanoseconds since the
    /// epoch, of which none of them gave a point.
    forgotten: Mutex<(Forgotten, u64)>,
}

impl Registry {
    pub(super) fn new() -> Self {
        let shards = std::array::from_fn(|_| RwLock::default());
        Self { shards, forgotten: Mutex::default() }
    }

    /// The container of this name.
    #[inline]
    pub(super) fn get(&self, name: &str) -> Option<Arc<Container>> {
        self.shard(name).read().get(name).map(Arc::clone)
    }

    /// Looks at the container of this name, which stays in the registry meanwhile: who adds one of
    /// the same shard, or removes one, waits until that is done.
    #[inline]
    pub(super) fn with<R>(&self, name: &str, look: impl FnOnce(&Container) -> R) -> Option<R> {
        self.shard(name).read().get(name).map(|known| look(known))
    }

    /// The container that this is; new if need be.
    pub(super) fn of(
        &self,
        told: &crate::container::Container,
        machine: Option<&str>,
        common: &Arc<Common>,
    ) -> Arc<Container> {
        let name = told.name(machine);
        self.get(&name).unwrap_or_else(|| self.of_identity(Identity::new(told, machine), common))
    }

    /// The container of this identity; new if need be.
    pub(super) fn of_identity(&self, identity: Identity, common: &Arc<Common>) -> Arc<Container> {
        let new = Container::new(identity, Arc::clone(common));
        let mut shard = self.shard(new.name()).write();
        // Another thread may have been faster.
        let name = Arc::clone(new.name());
        Arc::clone(shard.entry(name).or_insert_with_key(|name| {
            let (forgotten, open_from) = &*self.forgotten.lock();
            if forgotten.may_have(name) {
                new.come_back(*open_from);
            }
            Arc::new(new)
        }))
    }

    /// Notes that a container had samples of which nothing is known, and gave points up to here.
    pub(super) fn note_forgotten(&self, name: &str, open_from: u64) {
        let (forgotten, latest) = &mut *self.forgotten.lock();
        forgotten.add(name);
        *latest = open_from.max(*latest);
    }

    /// All containers for which `wanted` says yes, a shard at a time.
    pub(super) fn each_shard(
        &self,
        wanted: impl Fn(&Arc<Container>) -> bool,
        mut each: impl FnMut(&mut Vec<Arc<Container>>),
    ) {
        let mut found = Vec::new();
        for shard in &self.shards {
            let containers = shard.read();
            found.extend(containers.values().filter(|one| wanted(one)).cloned());
            drop(containers);
            each(&mut found);
            found.clear();
        }
    }

    /// Calls `each` with all containers.
    pub(super) fn each(&self, mut each: impl FnMut(&Container)) {
        self.each_shard(|_| true, |containers| containers.iter().for_each(|one| each(one)));
    }

    /// Removes a container of which nothing is known and that nobody has but the caller. Says
    /// whether it did.
    pub(super) fn remove_unused(&self, container: &Arc<Container>) -> bool {
        /// The registry's own, and the caller's.
        const FEWEST: usize = 2;
        let mut shard = self.shard(container.name()).write();
        // Nobody can get it anew while the shard is locked.
        if Arc::strong_count(container) > FEWEST {
            return false;
        }
        // Acquire: what those who had it recorded.
        fence(Ordering::Acquire);
        let sealing = container.sealing();
        let is_dormant = container.is_dormant(&sealing);
        if is_dormant && sealing.is_back() {
            self.note_forgotten(container.name(), sealing.open_from());
        }
        drop(sealing);
        is_dormant && shard.remove(&**container.name()).is_some()
    }

    fn shard(&self, name: &str) -> &RwLock<Shard> {
        // Ids end as randomly as they begin, and paths end differently.
        let last = name.bytes().rev().take(2).fold(0, |sum, byte| sum * 31 + usize::from(byte));
        #[expect(clippy::indexing_slicing, reason = "there are so many shards")]
        &self.shards[last % SHARDS]
    }
}
