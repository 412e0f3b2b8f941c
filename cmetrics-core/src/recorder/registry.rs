//! All containers of a recorder, by name.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::Handle;
use super::container::{Common, ContainerRecorder};
use crate::chain_name;
use crate::container::{Container, ForgottenNames, Identity, KnownNames};
use crate::document::Door;
use crate::sync::{Mutex, Ordering, RwLock, fence};

/// Names are spread over this many locks, so that threads that register rarely share one.
const SHARDS: usize = if cfg!(loom) { 1 } else { 16 };

/// The recorders of one container, of a door each: nearly always one, which takes little room.
#[derive(Debug)]
enum Doors {
    One(Arc<ContainerRecorder>),
    Several(Box<SeveralDoors>),
}

type Shard = HashMap<Arc<str>, Doors, RandomState>;

#[derive(Debug)]
pub(super) struct Registry {
    shards: [RwLock<Shard>; SHARDS],
    listed: Mutex<Listed>,
    names: Mutex<KnownNames>,
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
        Self {
            shards,
            listed: Mutex::default(),
            names: Mutex::default(),
            forgotten: Mutex::default(),
        }
    }

    /// The recorders of the container of this name, one for each door.
    pub(super) fn doors(&self, name: &str) -> Vec<Arc<ContainerRecorder>> {
        self.shard(name).read().get(name).map(|doors| doors.all().to_vec()).unwrap_or_default()
    }

    /// Passes the recorder of this name and door to `visit`. It stays in the registry meanwhile:
    /// whoever adds or removes one of the same shard waits until that is done.
    #[inline]
    pub(super) fn with<R>(
        &self,
        name: &str,
        door: Door,
        visit: impl FnOnce(&Arc<ContainerRecorder>) -> R,
    ) -> Option<R> {
        let shard = self.shard(name).read();
        shard.get(name)?.all().iter().find(|one| one.door() == door).map(visit)
    }

    /// A handle to the recorder of this container and door, which is added if it is new.
    pub(super) fn get_or_register(
        &self,
        container: &Container,
        machine: Option<&str>,
        door: Door,
        common: &Arc<Common>,
    ) -> Handle {
        let known = self.with(&container.name(machine), door, Handle::new);
        known.unwrap_or_else(|| {
            let identity = Identity::new(container, machine);
            self.get_or_register_identity(identity, door, common)
        })
    }

    /// A handle to the recorder of this identity and door, which is added if it is new.
    pub(super) fn get_or_register_identity(
        &self,
        identity: Identity,
        door: Door,
        common: &Arc<Common>,
    ) -> Handle {
        let new = ContainerRecorder::new(identity, door, Arc::clone(common));
        let mut shard = self.shard(new.name()).write();
        let known = shard.get(&**new.name()).map(Doors::all).unwrap_or_default();
        // Another thread may have been faster.
        if let Some(known) = known.iter().find(|one| one.door() == door) {
            return Handle::new(known);
        }
        let forgotten = self.forgotten.lock();
        if forgotten.names.may_contain(&name_to_forget(new.name(), door)) {
            new.resume_forgotten(forgotten.open_from);
        }
        drop(forgotten);
        if let Some(first) = known.first() {
            new.rank_in(&first.ranked().unwrap_or_else(|| first.begin_ranking()));
        }
        let new = Arc::new(new);
        match shard.get_mut(&**new.name()) {
            Some(doors) => doors.push(&new),
            None => drop(shard.insert(Arc::clone(new.name()), Doors::One(Arc::clone(&new)))),
        }
        Handle::new(&new)
    }

    /// Adds what a document says of a container, and joins those that it tells to be one.
    pub(super) fn describe(&self, recorder: &ContainerRecorder, container: &Container) {
        if let Some(identity) = recorder.describe(container) {
            self.add_names(&identity);
        }
    }

    /// Joins the containers that are one by the names that this one tells, too.
    pub(super) fn add_names(&self, identity: &Identity) {
        let mut names = self.names.lock();
        for changed in names.add(identity) {
            self.rejoin(&changed, &names);
        }
    }

    /// Forgets the names that a container told which was removed.
    fn forget_names(&self, identity: &Identity) {
        let mut names = self.names.lock();
        // Otherwise it has come back.
        if self.doors(identity.name()).is_empty() {
            for changed in names.remove(identity) {
                self.rejoin(&changed, &names);
            }
        }
    }

    /// Ranks the doors of this name with those of the container of which they are, as far as is
    /// known.
    fn rejoin(&self, name: &str, names: &KnownNames) {
        let doors = self.doors(name);
        let Some(first) = doors.first() else { return };
        let whole = names.the_one(name).and_then(|name| self.doors(name).into_iter().next());
        match (whole, first.ranked()) {
            (Some(whole), known) => {
                let known = known.filter(|known| known.name() == whole.name());
                let container = match known.filter(|_| whole.ranked().is_none()) {
                    // It was forgotten, and has come back.
                    Some(known) => known,
                    None => whole.begin_ranking(),
                };
                whole.rank_in(&container);
                for door in &doors {
                    door.rank_in(&container);
                }
            }
            (None, Some(known)) if known.name() != first.name() => {
                let container = first.begin_ranking();
                for door in &doors {
                    door.rank_in(&container);
                }
            }
            (None, _) => {}
        }
    }

    /// Notes that a container had samples that are forgotten, and that its points before
    /// `open_from` were emitted.
    pub(super) fn note_forgotten(&self, name: &str, door: Door, open_from: u64) {
        let mut forgotten = self.forgotten.lock();
        forgotten.names.add(&name_to_forget(name, door));
        forgotten.open_from = open_from.max(forgotten.open_from);
    }

    /// All containers. Each shard is looked at when the iterator comes to it, and is not locked while
    /// the caller has one of its containers.
    pub(super) fn iter(&self) -> impl Iterator<Item = Arc<ContainerRecorder>> {
        let all = |shard: &Shard| shard.values().flat_map(Doors::all).cloned().collect::<Vec<_>>();
        self.shards.iter().flat_map(move |shard| all(&shard.read()))
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
            self.note_forgotten(container.name(), container.door(), sealer.open_from());
        }
        if !is_dormant {
            return false;
        }
        let identity = container.identity();
        let forgotten = match sealer.ranked() {
            None => vec![identity],
            Some(ranked) => ranked.container.forget(&ranked.key, identity),
        };
        drop(sealer);
        match shard.get_mut(&**container.name()) {
            Some(Doors::Several(doors)) if doors.0.len() > 1 => {
                doors.0.retain(|one| !Arc::ptr_eq(one, container));
            }
            _ => drop(shard.remove(&**container.name())),
        }
        container.mark_removed();
        drop(shard);
        for identity in &forgotten {
            self.forget_names(identity);
        }
        true
    }

    fn shard(&self, name: &str) -> &RwLock<Shard> {
        // Ids are as random at their end as at their start, and paths differ at their end.
        let last = name.bytes().rev().take(2).fold(0, |sum, byte| sum * 31 + usize::from(byte));
        #[expect(clippy::indexing_slicing, reason = "there are so many shards")]
        &self.shards[last % SHARDS]
    }
}

#[derive(Debug)]
struct SeveralDoors(Vec<Arc<ContainerRecorder>>);

impl Doors {
    fn all(&self) -> &[Arc<ContainerRecorder>] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => &several.0,
        }
    }

    fn push(&mut self, door: &Arc<ContainerRecorder>) {
        match self {
            Self::One(one) => {
                let both = vec![Arc::clone(one), Arc::clone(door)];
                *self = Self::Several(Box::new(SeveralDoors(both)));
            }

            Self::Several(several) => several.0.push(Arc::clone(door)),
        }
    }
}

/// Under what it is remembered that a container had samples of a door.
fn name_to_forget(name: &str, door: Door) -> Cow<'_, str> {
    match door {
        Door::Cadvisor => name.into(),
        door => chain_name::of_door(name, door).into(),
    }
}
