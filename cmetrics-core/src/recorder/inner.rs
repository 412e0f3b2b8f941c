//! What the handles, sources and threads of a recorder share.

use std::sync::Arc;

use super::container::{Common, ContainerRecorder};
use super::queue::Queue;
use super::ranked::RankedContainer;
use super::registry::Registry;
use super::settings::RecorderSettings;
use super::{Handle, KnownContainer, Totals};
use crate::container::{Container, newest_labels};
use crate::document::Door;
use crate::point::DataPoint;
use crate::sync::{AtomicU64, Mutex, Ordering};

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) common: Arc<Common>,
    pub(super) registry: Registry,
    pub(super) queue: Queue,
    pub(super) forgotten: AtomicU64,
    /// Held while what was recorded is handed to a store.
    pub(super) store_lock: Mutex<()>,
    /// The counts of containers that were removed.
    pub(super) removed: Mutex<Totals>,
    /// An empty buffer for one container's points, to be used again.
    pub(super) scratch: Mutex<Vec<DataPoint>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.common.newly_listed.close();
    }
}

impl Inner {
    pub(super) fn new(settings: RecorderSettings) -> Self {
        Self {
            common: Arc::new(Common::new(settings)),
            registry: Registry::new(),
            queue: Queue::new(settings.most_kept()),
            forgotten: AtomicU64::new(0),
            store_lock: Mutex::new(()),
            removed: Mutex::default(),
            scratch: Mutex::default(),
        }
    }

    pub(super) fn register(
        &self,
        container: &Container,
        machine: Option<&str>,
        door: Door,
    ) -> Handle {
        self.registry.get_or_register(container, machine, door, &self.common)
    }

    /// The recorders of the container of this name, one for each door.
    pub(super) fn doors(&self, name: &str) -> Vec<Arc<ContainerRecorder>> {
        let doors = self.registry.doors(name);
        doors.first().map(|first| self.doors_with(first)).unwrap_or_default()
    }

    /// All recorders of the container that has this one.
    fn doors_with(&self, one: &Arc<ContainerRecorder>) -> Vec<Arc<ContainerRecorder>> {
        let Some(ranked) = one.ranked() else { return vec![Arc::clone(one)] };
        let members = ranked.members().into_iter();
        members.filter_map(|(name, door)| self.registry.with(&name, door, Arc::clone)).collect()
    }

    /// A recorder of each container.
    pub(super) fn containers(&self) -> impl Iterator<Item = Arc<ContainerRecorder>> {
        self.registry.iter().filter(|one| one.speaks_for_container())
    }

    /// What is known of the container that has this recorder.
    pub(super) fn known(&self, one: &Arc<ContainerRecorder>) -> KnownContainer {
        let (mut identity, mut limits) = (one.identity(), one.limits());
        let doors = self.doors_with(one);
        if doors.len() > 1 {
            for other in doors.iter().filter(|other| !Arc::ptr_eq(other, one)) {
                let told = other.identity();
                if told.name() == identity.name() {
                    identity.absorb(&told);
                } else if let Some(pod) = told.kubernetes() {
                    identity.adopt(pod);
                }
                limits = limits.or(other.limits());
            }
            let labels: Vec<_> = doors.iter().map(|door| door.labels()).collect();
            identity.set_labels(newest_labels(labels.iter().map(|(age, told)| (*age, told))));
        }
        let mut doors: Vec<_> = doors.iter().map(|one| one.door()).collect();
        doors.sort_unstable();
        doors.dedup();
        KnownContainer { identity, limits, doors }
    }

    /// The last final point and those of open intervals of the container that has this recorder.
    pub(super) fn snapshot(&self, one: &Arc<ContainerRecorder>) -> Vec<DataPoint> {
        let Some(ranked) = one.ranked() else { return one.snapshot() };
        let open = self.doors_with(one).into_iter();
        ranked.snapshot(open.filter_map(|door| door.open_points()))
    }

    /// Seals what is final, and calls `after_batch` now and then, and at the end.
    pub(super) fn seal_all(&self, after_batch: &mut dyn FnMut()) {
        const MAX_SCRATCH: usize = 1 << 14;
        const BATCH: usize = 1 << 8;
        let mut points = std::mem::take(&mut *self.scratch.lock());
        let is_wanted = |one: &ContainerRecorder| one.needs_sealing() || one.is_removable();
        let containers = self.registry.listed_where(&self.common, is_wanted);
        for some in containers.chunks(BATCH) {
            for container in some {
                self.seal(container, &mut points);
            }
            after_batch();
        }
        // All are sealed: the names that a removed one told no longer decide about these points.
        for container in &containers {
            self.remove_unused(container);
        }
        drop(containers);
        after_batch();
        if points.capacity() <= MAX_SCRATCH {
            *self.scratch.lock() = points;
        }
    }

    /// Seals what is final of a container, unless another thread is sealing it.
    pub(super) fn seal_one(&self, container: &Arc<ContainerRecorder>) {
        self.seal(container, &mut Vec::new());
    }

    /// Seals what is final of a container, unless another thread is sealing it; and what is final
    /// of its other doors since they are not waited for any more.
    fn seal(&self, container: &Arc<ContainerRecorder>, points: &mut Vec<DataPoint>) {
        let Some(ranked) = self.seal_door(container, points) else { return };
        for (name, door) in ranked.silent() {
            if let Some(silent) = self.registry.with(&name, door, Arc::clone) {
                self.seal_door(&silent, points);
            }
        }
    }

    /// Seals one door. Returns what it shares with others.
    fn seal_door(
        &self,
        container: &Arc<ContainerRecorder>,
        points: &mut Vec<DataPoint>,
    ) -> Option<Arc<RankedContainer>> {
        let mut sealer = container.try_sealer()?;
        container.seal(&mut sealer, points);
        // Before another thread can seal more of the container.
        container.emit(&mut sealer, points, &self.queue);
        let forgotten = sealer.take_forgotten();
        let ranked = sealer.ranked().map(|ranked| Arc::clone(&ranked.container));
        drop(sealer);
        self.forgotten.fetch_add(u64::from(forgotten), Ordering::Relaxed);
        ranked
    }

    /// Removes a container of which nothing is known any more.
    fn remove_unused(&self, container: &Arc<ContainerRecorder>) {
        if container.is_removable() && self.registry.remove_unused(container) {
            container.add_counts_to(&mut self.removed.lock());
        }
    }

    pub(super) fn flush(&self, container: &Arc<ContainerRecorder>, points: &mut Vec<DataPoint>) {
        let mut sealer = container.sealer();
        container.flush(&mut sealer, points);
        container.emit(&mut sealer, points, &self.queue);
    }

    /// Emits what waits of the container that has this recorder.
    pub(super) fn flush_ranked(
        &self,
        container: Option<&Arc<ContainerRecorder>>,
        points: &mut Vec<DataPoint>,
    ) {
        if let Some(ranked) = container.and_then(|container| container.ranked()) {
            ranked.flush(points, &self.queue);
        }
    }

    pub(super) fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for container in self.registry.iter() {
            container.add_counts_to(&mut totals);
        }
        totals.add(&self.removed.lock());
        self.common.events.add_to(&mut totals);
        totals.forgotten = self.forgotten.load(Ordering::Relaxed);
        (totals.sealed, totals.undrained, totals.dropped) = self.queue.counts();
        totals
    }
}
