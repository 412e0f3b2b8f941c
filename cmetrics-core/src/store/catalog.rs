//! The containers that the store knows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use papaya::HashMap;
use parking_lot::Mutex;

use super::metadata::Metadata;
use super::segment::PageCache;
use super::stored::StoredContainer;
use crate::chain_name;
use crate::container::KnownNames;
use crate::document::Door;

/// What is part of a container and stored under other names.
type Parts = Arc<[Arc<StoredContainer>]>;

/// All containers by name. A lookup takes no lock.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    by_name: HashMap<Arc<str>, Arc<StoredContainer>, foldhash::fast::RandomState>,
    /// By the name of a container, what is stored under other names and part of it.
    parts: HashMap<Arc<str>, Parts, foldhash::fast::RandomState>,
    names: Mutex<KnownNames>,
    next: AtomicU32,
    /// The cached index pages of the segments.
    pub(super) pages: Arc<PageCache>,
}

impl Catalog {
    pub(super) fn get(&self, name: &str) -> Option<Arc<StoredContainer>> {
        self.by_name.pin().get(name).cloned()
    }

    /// The container of this name, added if it is new. Only one thread at a time adds.
    pub(super) fn get_or_insert(&self, name: &Arc<str>) -> Arc<StoredContainer> {
        let pinned = self.by_name.pin();
        if let Some(container) = pinned.get(&**name) {
            return Arc::clone(container);
        }
        // Relaxed: it orders no other data.
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let container = Arc::new(StoredContainer::new(name, number, Metadata::of_name(name)));
        pinned.insert(Arc::clone(name), Arc::clone(&container));
        let told = chain_name::told(name);
        if *told != **name {
            self.link(&container, Some(&told.into()));
        }
        container
    }

    /// The chain of samples of a door under the name that documents tell, added if it is new. A
    /// chain of another door has the plain name if `is_of_another` says so.
    pub(super) fn chain(
        &self,
        told: &Arc<str>,
        door: Door,
        is_of_another: impl FnOnce(&StoredContainer) -> bool,
    ) -> Arc<StoredContainer> {
        let name = chain_name::of_door(told, door);
        if let Some(known) = self.get(&name) {
            return known;
        }
        let plain = self.get_or_insert(told);
        if is_of_another(&plain) { self.get_or_insert(&name.into()) } else { plain }
    }

    /// Sets the metadata of a container. Only one thread at a time does.
    pub(super) fn describe(&self, container: &Arc<StoredContainer>, metadata: Metadata) {
        let metadata = Arc::new(metadata);
        let before = container.metadata.swap(Arc::clone(&metadata));
        if before.names_as(&metadata) {
            return;
        }
        let mut names = self.names.lock();
        let told = chain_name::told(&container.name).into();
        for changed in names.add(&metadata.identity(&told)) {
            self.relink(&changed, &names);
        }
        self.relink(&told, &names);
    }

    /// Makes all chains of which documents tell this name parts of the container of which they are,
    /// as far as is known.
    fn relink(&self, told: &Arc<str>, names: &KnownNames) {
        for chain in self.told(told) {
            self.link(&chain, names.the_one(told).or(Some(told)));
        }
    }

    /// All chains of which documents tell this name.
    fn told(&self, told: &Arc<str>) -> impl Iterator<Item = Arc<StoredContainer>> {
        let others =
            Door::ALL.iter().filter_map(|door| self.get(&chain_name::of_door(told, *door)));
        self.get(told).into_iter().chain(others)
    }

    /// Makes a chain part of the container of this name, or of none.
    fn link(&self, chain: &Arc<StoredContainer>, whole: Option<&Arc<str>>) {
        let whole = whole.filter(|name| **name != chain.name);
        let whole = whole.map(|name| self.get_or_insert(name));
        let before = chain.whole.swap(whole.clone());
        if before.as_ref().map(|one| one.number) == whole.as_ref().map(|one| one.number) {
            return;
        }
        let pinned = self.parts.pin();
        let parts = |of: &StoredContainer| pinned.get(&of.name).cloned().unwrap_or_default();
        if let Some(before) = before {
            let left: Parts =
                parts(&before).iter().filter(|one| one.number != chain.number).cloned().collect();
            if left.is_empty() {
                pinned.remove(&before.name);
            } else {
                pinned.insert(Arc::clone(&before.name), left);
            }
        }
        if let Some(whole) = whole {
            let more = parts(&whole).iter().chain([chain]).cloned().collect();
            pinned.insert(Arc::clone(&whole.name), more);
        }
    }

    /// Whether anything that is stored under another name is part of the container of this name.
    pub(super) fn has_parts(&self, name: &str) -> bool {
        !self.parts.is_empty() && self.parts.pin().contains_key(name)
    }

    /// The container, and all that is part of it and stored under other names.
    pub(super) fn chains(&self, container: &Arc<StoredContainer>) -> Vec<Arc<StoredContainer>> {
        let pinned = self.parts.pin();
        let mut chains = vec![Arc::clone(container)];
        let mut next = 0;
        // A part may have parts. No container is part of itself, however documents name them.
        while let Some(chain) = chains.get(next).cloned() {
            let parts = pinned.get(&chain.name).into_iter().flat_map(|parts| parts.iter());
            let new = |part: &&Arc<StoredContainer>| {
                chains.iter().all(|known| known.number != part.number)
            };
            let parts: Vec<_> = parts.filter(new).cloned().collect();
            chains.extend(parts);
            next += 1;
        }
        chains
    }

    /// The container that has this name, or that what is stored under this name is part of.
    pub(super) fn container(&self, name: &str) -> Option<Arc<StoredContainer>> {
        let mut found = self.get(name)?;
        // A part of a part, at most.
        for _ in 0..2 {
            let Some(whole) = found.whole.load_full() else { break };
            found = whole;
        }
        Some(found)
    }

    /// All that are containers of their own, and no parts of others, by name.
    pub(super) fn containers(&self) -> Vec<Arc<StoredContainer>> {
        let mut all = self.all();
        all.retain(|container| container.whole.load().is_none());
        all
    }

    /// All that is stored under a name, by name: containers and parts of them.
    pub(super) fn all(&self) -> Vec<Arc<StoredContainer>> {
        let pinned = self.by_name.pin();
        let mut all: Vec<_> = pinned.values().cloned().collect();
        all.sort_unstable_by(|left, right| left.name.cmp(&right.name));
        all
    }

    /// Removes the containers of these names.
    pub(super) fn forget(&self, gone: &BTreeSet<Arc<str>>) {
        let pinned = self.by_name.pin();
        for name in gone {
            if let Some(container) = pinned.get(&**name) {
                let mut names = self.names.lock();
                let told = chain_name::told(name).into();
                let mut changed = names.remove(&container.metadata.load().identity(&told));
                // Others may tell the same.
                for chain in self.told(&told).filter(|chain| !gone.contains(&chain.name)) {
                    changed.extend(names.add(&chain.metadata.load().identity(&told)));
                }
                for changed in changed {
                    self.relink(&changed, &names);
                }
                self.link(container, None);
            }
        }
        // A container stays as long as anything is part of it.
        for name in gone.iter().filter(|name| !self.has_parts(name)) {
            pinned.remove(&**name);
        }
    }
}
