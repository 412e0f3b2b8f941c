//! Points while many threads record samples: the [`Recorder`].

mod container;
mod intake;
mod log;
#[cfg(all(test, loom))]
mod models;
mod queue;
mod registry;
mod sealing;
mod seen;
mod settings;
mod source;
mod steps;
#[cfg(all(test, not(loom)))]
mod stopped;
mod sync;
mod times;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::container::{Container as Told, Identity};
use crate::limits::Limits;
use crate::metric::Metric;
use crate::point::DataPoint;
use crate::sample::Sample;
use crate::time::Timestamp;
use container::{Common, Container};
pub use intake::Verdict;
use queue::Queue;
pub use queue::Subscription;
use registry::Registry;
pub use settings::RecorderSettings;
pub use source::{Ingested, Source};
use sync::{AtomicU64, Mutex, Ordering};

/// Takes samples from any thread and gives each interval's point once, when it is final.
#[derive(Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
}

/// A container of a recorder, for who records samples of it: with it, nothing need be looked up.
/// It stays valid whatever happens to the container.
#[derive(Clone, Debug)]
pub struct Handle(Arc<Container>);

/// What a recorder has counted. Of containers that others record to meanwhile, the counts are of
/// moments while it was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Containers that are known.
    pub containers: u64,
    /// Containers that were forgotten, each time anew.
    pub forgotten: u64,
    /// Samples that were taken in.
    pub accepted: u64,
    /// Samples of a time that was known.
    pub duplicates: u64,
    /// Samples that came too late.
    pub late: u64,
    /// Samples too far ahead of the caller's time.
    pub ahead: u64,
    /// Points that were sealed.
    pub sealed: u64,
    /// Sealed points that were neither drained nor dropped.
    pub undrained: u64,
    /// Points that were dropped because [too many](RecorderSettings::with_most_kept) were kept.
    pub dropped: u64,
    /// By metric and in its base unit, growth that became known only after the point of its
    /// interval was [flushed](Recorder::flush). Negative where a late sample showed that growth
    /// which was given belongs elsewhere.
    pub tally: BTreeMap<Metric, i128>,
}

#[derive(Debug)]
struct Shared {
    common: Arc<Common>,
    registry: Registry,
    queue: Queue,
    forgotten: AtomicU64,
    /// What was counted of containers that are not known any more.
    gone: Mutex<Totals>,
    /// Room for one container's points, empty.
    room: Mutex<Vec<DataPoint>>,
}

impl Handle {
    /// What its points are called.
    pub fn name(&self) -> &Arc<str> {
        self.0.name()
    }

    /// What was said of it so far.
    pub fn identity(&self) -> Identity {
        self.0.identity()
    }

    /// Says what it may use, as told by a document whose last sample is of this time. The newest
    /// document counts.
    pub fn note_limits(&self, last_sample: Timestamp, limits: Limits) {
        self.0.note_limits(last_sample, limits);
    }
}

impl Recorder {
    /// A recorder without containers.
    pub fn new(settings: impl Into<RecorderSettings>) -> Self {
        let settings = settings.into();
        let shared = Shared {
            common: Arc::new(Common::new(settings)),
            registry: Registry::new(),
            queue: Queue::new(settings.most_kept()),
            forgotten: AtomicU64::new(0),
            gone: Mutex::default(),
            room: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// What it accepts and keeps.
    pub fn settings(&self) -> RecorderSettings {
        self.shared.common.settings
    }

    /// The container that this is, of the machine of this name (see
    /// [`Container::name`](crate::Container::name)); new if need be. What is told of it is added
    /// to what is known.
    pub fn register(&self, container: &Told, machine: Option<&str>) -> Handle {
        let known = self.shared.of(container, machine);
        known.add(container);
        Handle(known)
    }

    /// Takes a sample. Waits for nobody, and allocates nothing once as much was recorded between
    /// two drains before.
    #[inline]
    pub fn record(&self, handle: &Handle, sample: &Sample) -> Verdict {
        handle.0.record(sample)
    }

    /// Takes a sample of the container of this name, its id or cgroup path where it is new.
    pub fn record_by_name(&self, name: &str, sample: &Sample) -> Verdict {
        let known = self.shared.registry.get(name);
        let known = known.unwrap_or_else(|| self.shared.of(&Told::at_path(name), None));
        known.record(sample)
    }

    /// Who reads whole replies of one endpoint of a machine. `name` is what errors call it.
    pub fn source(&self, name: &str, machine: Option<&str>) -> Source {
        Source::new(Arc::clone(&self.shared), name, machine)
    }

    /// Tells what time it is: what is older by more than the lateness is late from now on, so
    /// that points of silent containers become final too. A time before one that was told
    /// earlier changes nothing.
    pub fn advance(&self, now: Timestamp) {
        self.shared.common.clock.advance(now.nanos());
    }

    /// Seals what is final: subscribers get it now, and others with the next [`drain`](Self::drain).
    pub fn seal(&self) {
        self.shared.seal_all(&mut || {});
    }

    /// Seals what is final, and gives all points that no other call has given: of a container in
    /// rising start. Returns how many.
    pub fn drain(&self, give: &mut dyn FnMut(DataPoint)) -> usize {
        let queue = &self.shared.queue;
        let mut given = 0;
        self.shared.seal_all(&mut || given += queue.drain(give));
        given
    }

    /// Seals all that was recorded of a container, final or not. Says whether there is one of this
    /// name.
    pub fn flush(&self, name: &str) -> bool {
        let container = self.shared.registry.get(name);
        container.inspect(|container| self.shared.flush(container, &mut Vec::new())).is_some()
    }

    /// Seals all that was recorded, final or not.
    pub fn flush_all(&self) {
        let (shared, mut points) = (&*self.shared, Vec::new());
        shared.registry.each_shard(
            |_| true,
            |containers| {
                for container in containers.drain(..) {
                    shared.flush(&container, &mut points);
                }
            },
        );
    }

    /// The last final point of a container and those of its open intervals, as they would be if no
    /// more samples came.
    pub fn snapshot(&self, name: &str) -> Option<Vec<DataPoint>> {
        self.shared.registry.get(name).map(|container| container.snapshot())
    }

    /// The [snapshots](Self::snapshot) of all containers, one after the other.
    pub fn snapshot_all(&self) -> Vec<Vec<DataPoint>> {
        let mut all = Vec::new();
        self.shared.registry.each_shard(
            |_| true,
            |containers| all.extend(containers.iter().map(|container| container.snapshot())),
        );
        all
    }

    /// Copies of all points as they are sealed from now on, of which so many wait at a time.
    pub fn subscribe(&self, room: usize) -> Subscription {
        self.shared.queue.subscribe(room)
    }

    /// Who the containers are that are known, in no particular order.
    pub fn identities(&self) -> Vec<Identity> {
        let mut all = Vec::new();
        self.shared.registry.each_shard(
            |_| true,
            |containers| all.extend(containers.iter().map(|container| container.identity())),
        );
        all
    }

    /// What was counted so far.
    pub fn totals(&self) -> Totals {
        self.shared.totals()
    }
}

/// Whether nothing is known of a container and nobody but its recorder has it.
fn is_left(container: &Arc<Container>) -> bool {
    Arc::strong_count(container) == 1 && container.seems_dormant()
}

impl Shared {
    fn of(&self, told: &Told, machine: Option<&str>) -> Arc<Container> {
        self.registry.of(told, machine, &self.common)
    }

    /// Seals what is final, and calls `between` now and then, at the end too.
    fn seal_all(&self, between: &mut dyn FnMut()) {
        const MOST_ROOM: usize = 1 << 14;
        let mut points = std::mem::take(&mut *self.room.lock());
        let wanted = |one: &Arc<Container>| one.needs_sealing() || is_left(one);
        self.registry.each_shard(wanted, |containers| {
            for container in containers.drain(..) {
                self.seal(&container, &mut points);
            }
            between();
        });
        if points.capacity() <= MOST_ROOM {
            *self.room.lock() = points;
        }
    }

    /// Seals what is final of a container, unless another thread is at it.
    fn seal(&self, container: &Arc<Container>, points: &mut Vec<DataPoint>) {
        let Some(mut sealing) = container.try_sealing() else { return };
        container.seal(&mut sealing, points);
        if !points.is_empty() {
            // Before another thread can seal more of the container.
            self.queue.push(points);
        }
        let forgotten = sealing.take_forgotten();
        drop(sealing);
        self.forgotten.fetch_add(u64::from(forgotten), Ordering::Relaxed);
        if container.seems_dormant() && self.registry.remove_unused(container) {
            container.add_to(&mut self.gone.lock());
        }
    }

    fn flush(&self, container: &Container, points: &mut Vec<DataPoint>) {
        let mut sealing = container.sealing();
        container.flush(&mut sealing, points);
        self.queue.push(points);
    }

    fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        self.registry.each_shard(
            |_| true,
            |containers| {
                totals.containers += containers.len() as u64;
                for container in containers.iter() {
                    container.add_to(&mut totals);
                }
            },
        );
        totals.add(&self.gone.lock());
        totals.forgotten = self.forgotten.load(Ordering::Relaxed);
        (totals.sealed, totals.undrained, totals.dropped) = self.queue.counts();
        totals
    }
}

impl Totals {
    fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.duplicates += other.duplicates;
        self.late += other.late;
        self.ahead += other.ahead;
        for (metric, growth) in &other.tally {
            *self.tally.entry(*metric).or_default() += growth;
        }
    }
}
