//! The containers that the store knows, and their metadata.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use arc_swap::ArcSwap;
use papaya::HashMap;
use serde::{Deserialize, Serialize};

use super::segment::PageCache;
use super::tail::Background;
use crate::container::{Identity, KubernetesName, Life, Limits};
use crate::document::Door;

/// The metadata of a container. The log and segments store it as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) machine: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) has_id: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) paths: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<String>,
    /// The door of its samples.
    #[serde(skip_serializing_if = "Door::is_cadvisor")]
    pub(super) door: Door,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kubernetes: Option<Box<KubernetesName>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) labels: BTreeMap<String, String>,
    /// Its limits, and the time of the sample that they are known from, in nanoseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limits: Option<(u64, Limits)>,
    /// The times of its first and last sample, in nanoseconds; 0 where there is none.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) first: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) last: u64,
    /// Its starts, in nanoseconds, and the number of CPUs that it may run on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) starts: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpus: Option<u64>,
    /// The start in effect at the first sample of its tail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks it")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Metadata {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The metadata of a container that is only known by the name of a point: whether that is an
    /// id.
    pub(super) fn of_name(name: &str) -> Self {
        Self { has_id: Identity::is_id(name), ..Self::default() }
    }

    pub(super) fn identity(&self, name: &Arc<str>) -> Identity {
        let Self { machine, has_id, aliases, paths, image, kubernetes, labels, .. } = self.clone();
        Identity::from_parts(Arc::clone(name), has_id, machine, paths, aliases, image)
            .of_door(self.door)
            .orchestrated(kubernetes.map(|name| *name), labels)
    }

    /// The door of its samples, if it has any.
    pub(super) fn sampled_door(&self) -> Option<Door> {
        (self.first > 0 || !self.starts.is_empty()).then_some(self.door)
    }

    /// Whether it has samples of another door than this.
    pub(super) fn is_of_another_door(&self, door: Door) -> bool {
        self.sampled_door().is_some_and(|known| known != door)
    }

    /// The newest time that is known, in nanoseconds: of a sample, or else of a start.
    pub(super) fn newest(&self) -> u64 {
        if self.last > 0 { self.last } else { self.starts.last().copied().unwrap_or_default() }
    }

    /// What is needed to evaluate its tail.
    pub(super) fn background(&self) -> Background {
        let life = Arc::new(Life::of(self.starts.clone(), self.cpus));
        Background { life, since: self.since }
    }

    /// The same with the starts and CPUs of `background`.
    pub(super) fn living(self, background: &Background) -> Self {
        let Background { life, since } = background;
        Self { starts: life.starts().to_vec(), cpus: life.known_cpus(), since: *since, ..self }
    }

    /// The same, extended by `identity`.
    pub(super) fn with(&self, identity: &Identity) -> Self {
        let mut whole = self.identity(identity.name());
        whole.absorb(identity);
        Self {
            machine: self.machine.clone().or_else(|| identity.machine().map(str::to_owned)),
            has_id: self.has_id || identity.id().is_some(),
            aliases: whole.aliases().to_vec(),
            paths: whole.paths().to_vec(),
            image: whole.image().map(str::to_owned),
            door: identity.door(),
            kubernetes: whole.kubernetes().cloned().map(Box::new),
            labels: whole.labels().clone(),
            ..self.clone()
        }
    }
}

/// A container of the catalog.
#[derive(Debug)]
pub(super) struct StoredContainer {
    pub(super) name: Arc<str>,
    pub(super) number: u32,
    pub(super) metadata: ArcSwap<Metadata>,
    /// One more than the start of its newest stored interval; 0 where there is none. Only the
    /// writer reads and sets it.
    newest: AtomicU64,
    /// The number of the last plan with runs of it, and the end of the last of these, in seconds.
    /// As above.
    planned_in: AtomicU64,
    planned_until: AtomicU64,
}

impl StoredContainer {
    fn new(name: &Arc<str>, number: u32, metadata: Metadata) -> Self {
        Self {
            name: Arc::clone(name),
            number,
            metadata: ArcSwap::from_pointee(metadata),
            newest: AtomicU64::new(0),
            planned_in: AtomicU64::new(0),
            planned_until: AtomicU64::new(0),
        }
    }

    /// A container that belongs to no store.
    pub(super) fn detached(name: &Arc<str>) -> Self {
        Self::new(name, 0, Metadata::default())
    }

    /// Adds a run of points in these seconds to a plan. Returns `false` unless it lies behind all
    /// stored points, and behind all that the plan has.
    pub(super) fn plan(&self, plan: u64, run: &Range<u64>) -> bool {
        // Relaxed: these order no other data, and only the holder of the writer's lock uses them.
        let is_behind_stored = run.start >= self.newest.load(Ordering::Relaxed);
        let before = self.planned_until.swap(run.end, Ordering::Relaxed);
        let is_planned = self.planned_in.swap(plan, Ordering::Relaxed) == plan;
        is_behind_stored && !(is_planned && before > run.start)
    }

    /// Sets where its newest stored interval ends, if there is one.
    pub(super) fn set_newest_end(&self, end: Option<u64>) {
        self.newest.store(end.unwrap_or_default(), Ordering::Relaxed);
    }

    /// Notes that an interval with this start is stored.
    pub(super) fn note_interval(&self, start: u64) {
        self.newest.fetch_max(start + 1, Ordering::Relaxed);
    }
}

/// All containers by name. A lookup takes no lock.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    by_name: HashMap<Arc<str>, Arc<StoredContainer>, foldhash::fast::RandomState>,
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
        container
    }

    pub(super) fn count(&self) -> usize {
        self.by_name.len()
    }

    /// All of them, by name.
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
            pinned.remove(&**name);
        }
    }
}
