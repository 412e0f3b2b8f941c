//! All containers of a recorder, by name.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::Handle;
use super::container::{Common, ContainerRecorder};
use crate::container::{Container, ForgottenNames, Identity};
use crate::document::Door;
use crate::sync::{Mutex, Ordering, RwLock, fence};

/// Names are spread over this many locks, so that threads that register rarely share one.
const SHARDS: usize = if cfg!(loom) { 1 } else { 16 };

type Shard = HashMap<Arc<str>, Arc<ContainerRecorder>, RandomState>;

#[derive(Debug)]
pub(super) struct Registry {
    shards: [RwLock<Shard>; SHARDS],
    listed: Mutex<Listed>,
    forgotten: Mutex<ForgottenContainers>,
}

/// The containers that sealers check. For all others there is nothing to do until they are listed.
#[derive(Debug, Default)]
struct Listed {
    containers: Vec<Arc<ContainerRecorder>>,
    /// The caller's time at the last check.
    now: u64,
}

/// The containers that had samples and are not in the registry.
#[derive(Debug, Default)]
struct ForgottenContainers {
    names: ForgottenNames,
    /// The time from which on none of them emitted a point, in nanoseconds since the epoch.
    open_from: u64,
}

impl Registry {
    pub(super) fn new() -> Self {
        let shards = std::array::from_fn(|_| RwLock::default());
        Self { shards, listed: Mutex::default(), forgotten: Mutex::default() }
    }

    /// The container of this name.
    #[inline]
    pub(super) fn get(&self, name: &str) -> Option<Arc<ContainerRecorder>> {
        self.shard(name).read().get(name).map(Arc::clone)
    }

    /// Passes the container of this name to `visit`. It stays in the registry meanwhile: whoever
    /// adds or removes a container of the same shard waits until that is done.
    #[inline]
    pub(super) fn with<R>(
        &self,
        name: &str,
        visit: impl FnOnce(&Arc<ContainerRecorder>) -> R,
    ) -> Option<R> {
        self.shard(name).read().get(name).map(visit)
    }

    /// A handle to this container, which is added with samples of this door if it is new.
    pub(super) fn get_or_register(
        &self,
        container: &Container,
        machine: Option<&str>,
        door: Door,
        common: &Arc<Common>,
    ) -> Handle {
        let known = self.with(&container.name(machine), Handle::new);
        known.unwrap_or_else(|| {
            let identity = Identity::new(container, machine).of_door(door);
            self.get_or_register_identity(identity, common)
        })
    }

    /// A handle to the container of this identity, which is added if it is new.
    pub(super) fn get_or_register_identity(
        &self,
        identity: Identity,
        common: &Arc<Common>,
    ) -> Handle {
        let new = ContainerRecorder::new(identity, Arc::clone(common));
        let mut shard = self.shard(new.name()).write();
        // Another thread may have been faster.
        let name = Arc::clone(new.name());
        Handle::new(shard.entry(name).or_insert_with_key(|name| {
            let forgotten = self.forgotten.lock();
            if forgotten.names.may_contain(name) {
                new.resume_forgotten(forgotten.open_from);
            }
            Arc::new(new)
        }))
    }

    /// Notes that a container had samples that are forgotten, and that its points before
    /// `open_from` were emitted.
    pub(super) fn note_forgotten(&self, name: &str, open_from: u64) {
        let mut forgotten = self.forgotten.lock();
        forgotten.names.add(name);
        forgotten.open_from = open_from.max(forgotten.open_from);
    }

    /// All containers. Each shard is looked at when the iterator comes to it, and is not locked while
    /// the caller has one of its containers.
    pub(super) fn iter(&self) -> impl Iterator<Item = Arc<ContainerRecorder>> {
        self.shards.iter().flat_map(|shard| shard.read().values().cloned().collect::<Vec<_>>())
    }

    /// The listed containers for which `is_wanted` returns true. Others are unlisted where that is
    /// possible.
    pub(super) fn listed_where(
        &self,
        common: &Common,
        is_wanted: impl Fn(&ContainerRecorder) -> bool,
    ) -> Vec<Arc<ContainerRecorder>> {
        let mut listed = self.listed.lock();
        let Listed { containers, now } = &mut *listed;
        let before = std::mem::replace(now, common.clock().now());
        if *now < before {
            // The time was corrected backwards: containers that are not listed may accept older
            // samples again.
            self.iter().for_each(|one| ContainerRecorder::list(&one));
        }
        common.newly_listed.take_all(containers);
        let mut found = Vec::new();
        containers.retain(|one| {
            let is_wanted = is_wanted(one);
            if is_wanted {
                found.push(Arc::clone(one));
            }
            is_wanted || !one.try_unlist()
        });
        if containers.len() < containers.capacity() / 4 {
            containers.shrink_to(2 * containers.len());
        }
        found
    }

    /// Removes a container of which nothing is known, that has no handles, and that nobody holds
    /// but its sealer. Returns whether it was removed.
    pub(super) fn remove_unused(&self, container: &Arc<ContainerRecorder>) -> bool {
        /// The registry's two references, and the caller's.
        const FEWEST: usize = 3;
        let mut shard = self.shard(container.name()).write();
        // Nobody can get it again while the shard is locked.
        if !container.is_removable() || Arc::strong_count(container) > FEWEST {
            return false;
        }
        // Acquire: what others recorded that held it.
        fence(Ordering::Acquire);
        let sealer = container.sealer();
        let is_dormant = container.is_dormant(&sealer);
        if is_dormant && sealer.has_earlier_samples() {
            self.note_forgotten(container.name(), sealer.open_from());
        }
        drop(sealer);
        let is_removed = is_dormant && shard.remove(&**container.name()).is_some();
        if is_removed {
            container.mark_removed();
        }
        is_removed
    }

    fn shard(&self, name: &str) -> &RwLock<Shard> {
        // Ids are as random at their end as at their start, and paths differ at their end.
        let last = name.bytes().rev().take(2).fold(0, |sum, byte| sum * 31 + usize::from(byte));
        #[expect(clippy::indexing_slicing, reason = "there are so many shards")]
        &self.shards[last % SHARDS]
    }
}
