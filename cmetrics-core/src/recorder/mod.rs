//! The [`Recorder`]: points while many threads record samples.
//!
//! ```text
//! record --times, log--> recorded samples --drain intake--> tail --flow--> queue --> drain
//!        (never waits)                    (the sealer: one thread at a time for a container)
//! ```
//!
//! Writers and the sealer of a container meet in its `intake.rs`. What they rely on is written
//! there, and in `sample_log.rs`, `times.rs` and `sleep.rs`, with a reason at each memory ordering.
//! Everything behind it belongs to one thread at a time, under a lock that no writer takes. Sealers
//! check only those containers for which there may be something to do: see `stack.rs`.

mod active_flow;
mod block;
mod container;
mod flushed;
mod hooks;
mod inner;
mod intake;
mod log_reader;
#[cfg(all(test, loom))]
mod models;
mod pins;
mod queue;
mod ranked;
mod registry;
mod resources;
mod sample_log;
mod sealer;
mod seen;
mod settings;
mod sleep;
mod source;
mod stack;
#[cfg(all(test, not(loom)))]
mod stopped;
#[cfg(feature = "store")]
mod stored;
mod tail;
mod times;
mod totals;
mod word;

use std::sync::Arc;

use crate::container::{Container, Identity, Limits};
use crate::document::Door;
use crate::point::DataPoint;
use crate::sample::Sample;
use crate::time::Timestamp;
use container::ContainerRecorder;
use inner::Inner;
pub use intake::Verdict;
pub use queue::Subscription;
pub use settings::RecorderSettings;
pub use source::{Ingested, Source};
pub use totals::{DoorTotals, Totals};

/// Takes samples from any thread, and emits the point of each interval once, when it is final.
///
/// It is shared by reference. Samples may come in any order and from any number of threads. No
/// sample that is still accepted changes a final point, so that the points are those which a
/// [`Pipeline`](crate::Pipeline) makes of all accepted samples, bit for bit:
///
/// - A sample is *late* if it is older by more than the lateness than the newest one of its
///   container, or than the time last passed to [`advance`](Self::advance) if that is newer.
/// - An interval is final when each counter and gauge of the container was read at or after its
///   end, by a sample that is older than the newest by at least the lateness; or was not read for
///   longer than the longest gap and the lateness before the newest.
///
/// ```
/// use cmetrics_core::recorder::Verdict;
/// use cmetrics_core::{Container, Metric, Recorder, Sample, Settings, Timestamp};
///
/// let recorder = Recorder::new(Settings::default());
/// let handle = recorder.register(&Container::at_path("/docker"), None);
/// let cpu = |second: u64, nanos| {
///     let mut sample = Sample::new(Timestamp::from_seconds(second).unwrap());
///     sample.set(Metric::CpuUsage, nanos);
///     sample
/// };
/// std::thread::scope(|scope| {
///     scope.spawn(|| recorder.record(&handle, &cpu(1_001, 700)));
///     scope.spawn(|| recorder.record_by_name("/docker", &cpu(1_004, 1_000)));
/// });
/// assert_eq!(recorder.record(&handle, &cpu(1_004, 1_000)), Verdict::Duplicate);
/// recorder.record(&handle, &cpu(1_008, 1_800));
/// recorder.record(&handle, &cpu(1_013, 2_100)); // older than 1 008 s is late now
/// assert_eq!(recorder.record(&handle, &cpu(1_002, 800)), Verdict::Late);
///
/// let mut points = Vec::new();
/// recorder.drain(&mut |point| points.push(point));
/// assert_eq!(points.len(), 1);
/// assert_eq!(points[0].growth(Metric::CpuUsage), Some(500)); // 700 to 1 200 at 1 005 s
///
/// recorder.flush_all();
/// recorder.drain(&mut |point| points.push(point));
/// assert_eq!(points.len(), 3);
/// ```
///
/// Samples may come by several doors ([`source`](Self::source) reads all). Then the points of each
/// door are these, and what is emitted is made of them by rank (`docs/doors.md`): a point once all
/// doors have its interval final that were not silent for the longest gap and the lateness.
///
/// # What is lost with it
///
/// It holds everything in memory. Once it is dropped, or its process ends in any way, nothing is
/// left of it but what was drained or went to subscribers: final points that were not drained are
/// lost, and so are the samples of intervals that are not final. So, to have everything before it
/// ends,
///
/// - call [`flush_all`](Self::flush_all) and then [`drain`](Self::drain), which emit the open
///   intervals as they are;
/// - or let a [`Store`](crate::Store) have the samples ([`resume`](Self::resume),
///   [`keep`](Self::keep)): what was kept outlasts the process, and the next one continues with
///   what was not final. What was recorded since the last `keep` is lost; cAdvisor's next reply
///   repeats the last minutes of it.
///
/// # Who waits for whom
///
/// | | waits for |
/// |---|---|
/// | [`record`](Self::record) | nobody: it takes no lock, and has no loop that only another thread's next step can end. It allocates if more samples lie between two drains than ever before, and with the first sample of a container and the first since it was forgotten |
/// | [`record_by_name`](Self::record_by_name) | threads that register a container, for one insertion |
/// | [`register`](Self::register), [`Source::ingest`] | the same; threads that record by name, for one sample; and threads that read or add what is known of a container (its names and limits), for one such step. `ingest` records like `record`, and like `seal` seals containers of which a reply has many new samples |
/// | [`advance`](Self::advance) | nobody |
/// | [`seal`](Self::seal), [`drain`](Self::drain) | no thread for a container: one that another thread seals is skipped. For points, threads that add some to the queue or take them; and threads that look for containers to seal |
/// | [`flush`](Self::flush), [`snapshot`](Self::snapshot), [`containers`](Self::containers), [`totals`](Self::totals) | the thread that seals the container: as long as it takes to make points of what was recorded |
///
/// A thread that is stopped in the middle of `record` stops no other writer. The points of that
/// container are emitted up to there, and the rest once the thread goes on; other containers are
/// sealed as usual.
///
/// # What is forgotten
///
/// A container is forgotten when the newest time is ahead of its last sample by more than the
/// lateness and the longest gap or [history](RecorderSettings::with_history), whichever is longer:
/// no sample that is accepted could be paired with what it read. Its samples and their times are
/// forgotten, its starts, and when each interface and device was read; that it existed is
/// remembered. So when it comes back, its points are those of a batch, or lack the growth that
/// depends on what is forgotten: until the next restart, first readings count no growth, also those
/// of block devices that are listed later than the container comes back, and no start before its
/// first sample counts. They never have more growth than the batch's. All interfaces and devices of
/// a container that is not forgotten are remembered, however long they are gone. A recorder that
/// [resumes](Self::resume) remembers which containers the store has seen.
///
/// # How much memory it takes
/// About 4.5 KB for each container, besides what was recorded since the last drain. So points must
/// be drained, or sealed for subscribers, now and then: every interval or more often is best. While
/// somebody has a [`Handle`] to a container that is forgotten, some 0.7 KB of it stay besides its
/// names, and it costs no time to [`seal`](Self::seal) or [`drain`](Self::drain); the names of the
/// others take 2 MB together.
#[derive(Debug)]
pub struct Recorder {
    inner: Arc<Inner>,
}

/// A container of a recorder, for threads that record its samples: with it, nothing need be looked
/// up. A container that was forgotten begins again with the next sample: see
/// [`Recorder`](Recorder#what-is-forgotten).
#[derive(Debug)]
pub struct Handle(Arc<ContainerRecorder>);

/// A container that a recorder knows, from [`Recorder::containers`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct KnownContainer {
    /// Its names.
    pub identity: Identity,
    /// What it may use, as far as its replies say.
    pub limits: Limits,
    /// By which doors it is read, in the order of their usual rank.
    pub doors: Vec<Door>,
}

impl Handle {
    /// A handle to a container that cannot be removed from the registry meanwhile.
    fn new(container: &Arc<ContainerRecorder>) -> Self {
        container.add_handle();
        Self(Arc::clone(container))
    }

    /// The name of its points.
    pub fn name(&self) -> &Arc<str> {
        self.0.name()
    }

    /// What is known of it so far.
    pub fn identity(&self) -> Identity {
        self.0.identity()
    }

    /// Sets what it may use, as reported by a document whose last sample has this time. The newest
    /// document counts.
    pub fn note_limits(&self, last_sample: Timestamp, limits: Limits) {
        self.0.note_limits(last_sample, limits);
    }
}

impl Clone for Handle {
    fn clone(&self) -> Self {
        Self::new(&self.0)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.release_handle();
    }
}

impl Recorder {
    /// A recorder without containers.
    pub fn new(settings: impl Into<RecorderSettings>) -> Self {
        Self { inner: Arc::new(Inner::new(settings.into())) }
    }

    /// What it accepts and keeps.
    pub fn settings(&self) -> RecorderSettings {
        self.inner.common.settings
    }

    /// A handle to this container, on the machine of this name (see
    /// [`Container::name`](crate::Container::name)); the container is added if it is new. What
    /// `container` says is added to what is known of it.
    pub fn register(&self, container: &Container, machine: Option<&str>) -> Handle {
        let handle = self.inner.register(container, machine, Door::Cadvisor);
        self.inner.registry.describe(&handle.0, container);
        handle.0.add_labels(container);
        handle
    }

    /// Records a sample of this container, of this recorder or another: the sample goes to the one
    /// from which the handle came. What counts is whether the sample was late when the call began.
    #[inline]
    pub fn record(&self, handle: &Handle, sample: &Sample) -> Verdict {
        handle.0.record(sample)
    }

    /// Records a sample of the container of this name: the name of its points, or its cgroup path
    /// if it is new.
    pub fn record_by_name(&self, name: &str, sample: &Sample) -> Verdict {
        let registry = &self.inner.registry;
        let verdict = registry.with(name, Door::Cadvisor, |known| known.record(sample));
        verdict.unwrap_or_else(|| {
            self.inner.register(&Container::at_path(name), None, Door::Cadvisor).0.record(sample)
        })
    }

    /// A reader of whole replies of one endpoint of a machine. Errors contain `name`, and `machine`
    /// is as for [`Container::name`](crate::Container::name).
    ///
    /// ```
    /// use cmetrics_core::{Recorder, Settings};
    ///
    /// let recorder = Recorder::new(Settings::default());
    /// let mut source = recorder.source("http://node7:8080/api/v1.3/docker/", Some("node7"));
    /// let reply = br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
    ///     {"timestamp": "2026-11-21T12:00:00Z", "cpu": {"usage": {"total": 1000000000}}},
    ///     {"timestamp": "2026-11-21T12:00:02Z", "cpu": {"usage": {"total": 4000000000}}}]}}"#;
    /// assert_eq!(source.ingest(reply).accepted, 2);
    /// assert_eq!(source.ingest(reply).duplicates, 2);
    /// assert_eq!(recorder.snapshot("node7:/docker").unwrap()[0].samples(), Some(2));
    /// ```
    pub fn source(&self, name: &str, machine: Option<&str>) -> Source {
        Source::new(Arc::clone(&self.inner), name, machine)
    }

    /// Sets the current time. Samples that are older by more than the lateness are late from then
    /// on, so that points of silent containers become final, too, and old containers are forgotten,
    /// both with the next [`seal`](Self::seal) or [`drain`](Self::drain).
    ///
    /// A wrong time is corrected by passing the right one. What was sealed by the wrong one stays
    /// as it was emitted; later samples are accepted again with the next `seal` or `drain`.
    pub fn advance(&self, now: Timestamp) {
        self.inner.common.clock().advance(now.nanos());
    }

    /// Makes the points that are final: subscribers get them now, and others with the next
    /// [`drain`](Self::drain). Skips a container that another thread is sealing.
    pub fn seal(&self) {
        self.inner.seal_all(&mut || {});
    }

    /// [Seals](Self::seal), and passes all points to `emit` that no other call passed: those of a
    /// container in rising start. Returns how many. Any number of threads may drain, and each point
    /// goes to one of them. `emit` may call the recorder; if it panics, the points that it did not
    /// get yet stay.
    pub fn drain(&self, emit: &mut dyn FnMut(DataPoint)) -> usize {
        let queue = &self.inner.queue;
        let mut given = 0;
        self.inner.seal_all(&mut || given += queue.drain(emit));
        given
    }

    /// Seals everything that was recorded of a container, final or not: open intervals are emitted
    /// as they are, and not again. What later samples add to them goes to a [tally](Totals::tally),
    /// so that no growth is lost. Returns `false` if there is no container of this name.
    pub fn flush(&self, name: &str) -> bool {
        let (doors, mut points) = (self.inner.doors(name), Vec::new());
        for container in &doors {
            self.inner.flush(container, &mut points);
        }
        self.inner.flush_ranked(doors.first(), &mut points);
        !doors.is_empty()
    }

    /// [Flushes](Self::flush) all containers.
    pub fn flush_all(&self) {
        let (inner, mut points) = (&*self.inner, Vec::new());
        inner.registry.iter().for_each(|container| inner.flush(&container, &mut points));
        inner
            .registry
            .iter()
            .for_each(|container| inner.flush_ranked(Some(&container), &mut points));
    }

    /// The last final point of a container and those of its open intervals, as a batch would make
    /// them of whole samples: of all whose [`record`](Self::record) returned before this was
    /// called, and of none whose `record` begins after it returned. This emits nothing. `None` if
    /// there is no container of this name.
    pub fn snapshot(&self, name: &str) -> Option<Vec<DataPoint>> {
        self.inner.doors(name).first().map(|container| self.inner.snapshot(container))
    }

    /// The [snapshots](Self::snapshot) of all containers, each of the moment when the iterator
    /// comes to it.
    pub fn snapshots(&self) -> impl Iterator<Item = Vec<DataPoint>> {
        self.inner.containers().map(|container| self.inner.snapshot(&container))
    }

    /// Copies of all points as they are sealed from now on. At most `capacity` copies may wait, and
    /// at least 1; those for which there is no room are missed and counted, and nobody waits for a
    /// subscriber.
    ///
    /// ```
    /// use cmetrics_core::{Metric, Recorder, Sample, Settings, Timestamp};
    ///
    /// let recorder = Recorder::new(Settings::default());
    /// let subscription = recorder.subscribe(100);
    /// for second in [1, 6, 11] {
    ///     let mut sample = Sample::new(Timestamp::from_seconds(second).unwrap());
    ///     sample.set(Metric::CpuUsage, second);
    ///     recorder.record_by_name("/", &sample);
    /// }
    /// recorder.seal();
    /// let point = subscription.receiver().try_recv().unwrap();
    /// assert_eq!(point.interval().end(), 5);
    /// assert_eq!(subscription.missed(), 0);
    /// ```
    #[must_use = "it ends when it is dropped"]
    pub fn subscribe(&self, capacity: usize) -> Subscription {
        self.inner.queue.subscribe(capacity)
    }

    /// The known containers, in no particular order. One that is added meanwhile may be among them
    /// or not.
    ///
    /// ```
    /// use cmetrics_core::{Recorder, Settings};
    ///
    /// let recorder = Recorder::new(Settings::default());
    /// let reply = br#"{"/docker": {"spec": {"has_memory": true, "memory": {"limit": 4096}},
    ///     "stats": [{"timestamp": "2026-11-21T12:00:00Z", "memory": {"usage": 1024}}]}}"#;
    /// assert!(recorder.source("reply", None).ingest(reply).errors.is_empty());
    /// let known = recorder.containers().next().unwrap();
    /// assert_eq!(&**known.identity.name(), "/docker");
    /// assert_eq!(known.limits.memory_bytes, Some(4096));
    /// ```
    pub fn containers(&self) -> impl Iterator<Item = KnownContainer> {
        self.inner.containers().map(|container| self.inner.known(&container))
    }

    /// What was counted so far.
    pub fn totals(&self) -> Totals {
        self.inner.totals()
    }
}
