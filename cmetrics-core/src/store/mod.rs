//! A store of points that outlasts the process: a folder of segments and a log.
//!
//! ```text
//! samples --tail--> points --log--> memory --worker--> segments      one writer
//!                                     \______ view ______/           any number of readers
//! ```

mod append;
mod append_list;
mod apply;
mod batch;
mod bytes;
mod catalog;
mod closing;
mod deflate;
mod described;
mod disk;
mod event;
mod expected;
mod find;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod ingest;
mod label_changes;
mod listed;
mod log;
mod manifest;
mod memory;
mod merge;
mod metadata;
mod opening;
mod options;
mod orphans;
mod overlap;
mod packed_tail;
mod point_rows;
mod point_source;
mod points;
mod ranked;
mod raw;
mod records;
mod remove;
mod replay;
mod reserve;
mod retain;
mod rewrite;
mod row_columns;
mod run;
mod salvage;
mod sealed;
pub(crate) mod segment;
mod shared;
mod snapshot;
mod stats;
mod stored;
mod syncing;
mod table;
mod tail;
#[cfg(test)]
mod tests;
mod time_range;
mod torn_copies;
mod until;
mod view;
mod worker;
mod writer;

use std::ops::RangeBounds;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;

pub use append::Appended;
pub use event::{Event, Happening};
pub use find::Bearer;
pub(crate) use ingest::Incoming;
pub use ingest::Kept;
pub use listed::{ContainerJson, EventJson};
use opening::Opening;
pub use options::{StoreOptions, SyncPolicy};
pub use points::Points;
pub use remove::Removed;
pub use retain::{Retained, Retention};
pub use salvage::Salvaged;
use shared::Shared;
pub use stats::StoreStats;
use time_range::TimeRange;
pub use until::Until;
use view::Query;

use crate::cancel::Cancel;
use crate::chain_name;
use crate::container::Identity;
use crate::document::Door;
use crate::error::{Error, Problem};
use crate::metric::MetricSet;
use crate::point::DataPoint;
use crate::series::{Resumed, Series};
use crate::settings::Settings;
use crate::time::{Timestamp, shown_seconds};

/// A folder of points, and of the samples that later points are made of.
///
/// One process writes. Any number of its threads read: each sees the store as it was at the call,
/// and none waits. Other processes may read at the same time
/// ([`open_read_only`](Self::open_read_only)).
///
/// Samples are [ingested](Self::ingest) in any order, and repetitions do no harm: beside final
/// points, the store keeps the last samples of each container. So dumps that are ingested one by
/// one give the same points as one run over all of them.
///
/// ```
/// use std::time::Duration;
///
/// use cmetrics_core::store::StoreOptions;
/// use cmetrics_core::{Input, Metric, Pipeline, Store};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path().join("points");
/// let store = Store::open(&folder, StoreOptions::default())?;
/// for dump in [
///     br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
///         {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 100}}}]}}"#,
///     br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
///         {"timestamp": "2026-11-21T12:00:07Z", "cpu": {"usage": {"total": 180}}}]}}"#,
/// ] {
///     let mut pipeline = Pipeline::new(store.settings());
///     pipeline.read(Input::bytes("reply", dump)).into_result().unwrap();
///     store.ingest(pipeline.series())?;
/// }
/// let points = store.last("/docker", Duration::from_secs(60))?;
/// assert_eq!(points.len(), 2);
/// assert_eq!(points[0].growth(Metric::CpuUsage), Some(40));
/// # Ok::<(), cmetrics_core::Error>(())
/// ```
///
/// # What an acknowledgement means
///
/// When a writing call has returned, what it wrote
///
/// | sync | outlasts the end of the process, however it ends | outlasts a loss of power |
/// |---|---|---|
/// | [`SyncPolicy::Always`] | yes | yes |
/// | [`SyncPolicy::Every`], each second by default | yes | after that time; of what is newer, the first part |
/// | [`SyncPolicy::Os`] | yes | when the system has written it, as a rule within half a minute; of what is newer, the first part |
///
/// [`sync`](Self::sync) makes all of it outlast a loss of power at once, and so does
/// [`close`](Self::close). What one call writes is stored as a whole or not at all.
///
/// # What is lost if a store is not closed
///
/// Nothing that was acknowledged, whether the store is dropped, or the process panics or is killed.
/// [Closing](Self::close) makes it outlast a loss of power, and makes the next opening faster.
/// Dropping the store closes it, but cannot report failures. A call that had not returned is stored
/// as a whole or not at all. It can be repeated, since ingesting the same samples again changes
/// nothing.
///
/// Samples whose points are not final yet are stored, too: later samples make those points final,
/// whichever process ingests them. But the store does not have what it was not given: samples that
/// a [`Pipeline`](crate::Pipeline) has read, and what a [`Recorder`](crate::Recorder) took in since
/// its last [`keep`](crate::Recorder::keep).
///
/// # Waiting
///
/// Readers wait for nobody, and nobody waits for readers. Writing calls wait for each other, and
/// for the disk if the policy is to sync. Now and then they wait for a segment, if more is written
/// than can be made into segments in the same time. On a full disk the call fails, acknowledged
/// data stays, and the store continues once there is room.
///
/// # In async code
///
/// A store has no async methods: each call is done when it returns. Most take microseconds, but
/// writing calls may wait for the disk and for each other, and opening, closing, dropping and calls
/// over all containers may take a second or more. So make calls on a thread that may block, such as
/// those of tokio's `spawn_blocking`, with the store in an `Arc`:
///
/// ```
/// use std::sync::Arc;
///
/// use cmetrics_core::store::StoreOptions;
/// use cmetrics_core::{Input, Pipeline, Store};
/// use tokio::task::spawn_blocking;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().to_owned();
/// # runtime.block_on(async {
/// let store = spawn_blocking(|| Store::open(path, StoreOptions::default())).await??;
/// let store = Arc::new(store);
///
/// let reply = br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
///     {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 100}}},
///     {"timestamp": "2026-11-21T12:00:07Z", "cpu": {"usage": {"total": 180}}}]}}"#;
/// let writing = Arc::clone(&store);
/// let kept = spawn_blocking(move || {
///     let mut pipeline = Pipeline::new(writing.settings());
///     pipeline.read(Input::bytes("reply", reply)).into_result().unwrap();
///     writing.ingest(pipeline.series())
/// });
/// assert_eq!(kept.await??.accepted, 2);
///
/// // The last owner closes it: there, too, as a task that drops it would wait.
/// if let Some(store) = Arc::into_inner(store) {
///     spawn_blocking(|| store.close()).await??;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A call whose task is dropped runs to its end; [`until`](Self::until) makes long calls
/// cancellable.
///
/// # Network file systems
///
/// A file lock (`flock`, or the equivalent of the system) keeps other processes from writing. If a
/// file system does not propagate locks to other machines, the caller must ensure that only one
/// process writes. If it acknowledges a sync before the data is safe, a loss of power may take what
/// the table above promises. Reading from other machines requires that renames are seen in their
/// order, as NFS does with caching off (`noac`). A local disk is best.
#[derive(Debug)]
pub struct Store {
    /// Replaced as a whole by `refresh`; never replaced otherwise.
    shared: ArcSwap<Shared>,
    /// Held during `refresh`, so that no older state replaces a newer one.
    refreshing: Mutex<()>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Dropped to stop the syncing thread.
    stop: Mutex<Option<Sender<()>>>,
}

impl Store {
    /// Opens the store in this folder for reading and writing, and creates it if there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`](crate::ErrorKind::Locked) if another process has it open for writing;
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for another interval, gap or lateness than
    /// it was made with; [`ErrorKind::Damaged`](crate::ErrorKind::Damaged) if acknowledged data is
    /// missing; and others.
    pub fn open(folder: impl AsRef<Path>, options: StoreOptions) -> Result<Self, Error> {
        Self::open_until(folder, options, &Cancel::default())
    }

    /// Opens the store in this folder for reading, whether or not another process writes to it. It
    /// sees everything that was acknowledged until then. It writes nothing, so it needs no write
    /// permission.
    ///
    /// # Errors
    /// As [`open`](Self::open), without the lock.
    pub fn open_read_only(folder: impl AsRef<Path>, options: StoreOptions) -> Result<Self, Error> {
        Self::open_read_only_until(folder, options, &Cancel::default())
    }

    fn started(opening: Opening) -> Result<Self, Error> {
        let (shared, woken) = Shared::new(opening);
        let shared = Arc::new(shared);
        let (stop, stopped) = bounded(0);
        let started =
            if shared.is_read_only() { Ok(Vec::new()) } else { threads(&shared, woken, stopped) };
        let failed = |cause| shared.io("start a thread for", cause);
        let threads = started.map_err(failed)?;
        Ok(Self::over(shared, threads, Some(stop)))
    }

    fn over(shared: Arc<Shared>, threads: Vec<JoinHandle<()>>, stop: Option<Sender<()>>) -> Self {
        Self {
            shared: ArcSwap::new(shared),
            refreshing: Mutex::new(()),
            threads: Mutex::new(threads),
            stop: Mutex::new(stop),
        }
    }

    fn shared(&self) -> arc_swap::Guard<Arc<Shared>> {
        self.shared.load()
    }

    /// The settings of points of ingested samples: the interval, the longest gap and the metrics;
    /// and with the labels of containers, which a store keeps.
    pub fn settings(&self) -> Settings {
        self.shared().rules.settings
    }

    /// The folder that it is in.
    pub fn folder(&self) -> PathBuf {
        self.shared().folder.clone()
    }

    /// By how much a sample may be older than the newest of its container: whole seconds.
    pub fn lateness(&self) -> Duration {
        Duration::from_secs(tail::second(self.shared().rules.lateness))
    }

    /// Refuses settings or a lateness that differ from this store's.
    pub(crate) fn check_same(&self, settings: Settings, lateness: Duration) -> Result<(), Error> {
        let own = self.settings();
        for (name, asked, kept) in [
            ("interval", settings.interval(), own.interval()),
            ("max_gap", settings.max_gap(), own.max_gap()),
            ("lateness", lateness, self.lateness()),
        ] {
            if asked != kept {
                let allowed = format!("{}, which the store was made with", shown_seconds(kept));
                let value = shown_seconds(asked);
                return Err(Error::new(Problem::Setting { name, value, allowed }));
            }
        }
        Ok(())
    }

    /// Ingests samples as one batch.
    pub(crate) fn take_in<'i>(
        &self,
        all: impl Iterator<Item = Incoming<'i>>,
    ) -> Result<Kept, Error> {
        self.shared().ingest_all(all, false, &Cancel::default())
    }

    /// Passes each chain of samples with stored data to `each`, by the name that its documents tell.
    /// If it was silent for no longer than `silence`, in nanoseconds, its raw samples are passed,
    /// too, with the time from which on points are not final.
    pub(crate) fn each_tail(
        &self,
        silence: u64,
        each: &mut dyn FnMut(Identity, Door, Option<Resumed<'_>>),
    ) -> Result<(), Error> {
        let shared = self.shared();
        shared.check_process()?;
        let view = shared.view();
        let mut tails = Vec::new();
        for container in shared.catalog.all() {
            let tail = view.tail(&container)?;
            tails.push((container, tail));
        }
        let newest = tails.iter().filter_map(|(_, tail)| Some(tail.as_ref()?.header.newest)).max();
        let silent = silence.saturating_add(shared.rules.lateness);
        let oldest = newest.unwrap_or_default().saturating_sub(silent);
        for (container, tail) in tails {
            let tail = tail.filter(|tail| tail.header.newest >= oldest);
            let tail = tail.and_then(|tail| Some((tail.chunk()?, tail)));
            let metadata = container.metadata.load();
            let background = metadata.background();
            let resumed = tail.as_ref().map(|(samples, tail)| Resumed {
                samples,
                open_from: tail.header.open_from,
                checkpoint: tail.header.checkpoint(background.since),
                life: &background.life,
            });
            if resumed.is_some() || metadata.last > 0 || view.end(&container, None)?.is_some() {
                let name = Arc::from(chain_name::told(&container.name));
                each(metadata.identity(&name), metadata.door, resumed);
            }
        }
        Ok(())
    }

    /// Sets the caller's time. From then on the store refuses points that begin more than an hour
    /// later, and samples of such times. Correct a wrong time by setting the right one.
    pub fn advance(&self, now: Timestamp) {
        self.shared().advance(now);
    }

    /// Ingests the samples of these containers as one batch: all are kept or none. A container may
    /// occur only once.
    ///
    /// A sample that is older than the newest ingested one of its container by more than the
    /// lateness belongs to a batch of its own. Its points are merged with the stored ones. Of two
    /// points of one interval, the new one stays if it covers more of the interval and is made of
    /// more samples, or of as many and of the whole interval. So ingesting the same samples again
    /// changes nothing.
    ///
    /// # Errors
    /// If it cannot be written, or stored data that it needs cannot be read.
    pub fn ingest<'s>(&self, series: impl IntoIterator<Item = &'s Series>) -> Result<Kept, Error> {
        self.until(&Cancel::default()).ingest(series)
    }

    /// The same, but ingests nothing if any sample is too old and its point is not stored yet.
    ///
    /// # Errors
    /// As [`ingest`](Self::ingest), and [`ErrorKind::Refused`](crate::ErrorKind::Refused) for
    /// samples that are too old.
    pub fn ingest_strictly<'s>(
        &self,
        series: impl IntoIterator<Item = &'s Series>,
    ) -> Result<Kept, Error> {
        self.until(&Cancel::default()).ingest_strictly(series)
    }

    /// Appends points as one batch: all are kept or none. If there is a point of the interval
    /// already, the exact one stays, then the one that covers more of the interval, then the stored
    /// one.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for points of another interval than the
    /// store's; else as [`ingest`](Self::ingest).
    pub fn append(&self, points: &[DataPoint]) -> Result<Appended, Error> {
        self.shared().append(points)
    }

    /// The last points of the container of this name, final or not: those whose intervals begin at
    /// most `period` before its newest one ends. For an alias or the beginning of an id, call
    /// [`find`](Self::find) first. The list is empty for a known container without points.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownContainer`](crate::ErrorKind::UnknownContainer), with similar names; and
    /// if stored data cannot be read.
    pub fn last(&self, container: &str, period: Duration) -> Result<Vec<DataPoint>, Error> {
        let shared = self.shared();
        shared.check_process()?;
        let view = shared.view();
        let last = view.ranked_last(&view.named(container)?, period.as_secs())?;
        last.map_or(Ok(Vec::new()), Points::collect_all)
    }

    /// The points of the container of this name whose intervals begin in a range of time, final or
    /// not, in rising time: an interval that the start of the range cuts is left out, and one that
    /// its end cuts is not. They are read lazily. With `metrics`, points carry these beside the
    /// documented ones, and metrics that were not kept have no value; else points carry those that
    /// they were made with.
    ///
    /// ```
    /// use cmetrics_core::store::StoreOptions;
    /// use cmetrics_core::{Input, Pipeline, Store, Timestamp};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// let store = Store::open(folder.path(), StoreOptions::default())?;
    /// let mut pipeline = Pipeline::new(store.settings());
    /// let reply = br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
    ///     {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 100}}},
    ///     {"timestamp": "2026-11-21T12:00:14Z", "cpu": {"usage": {"total": 180}}}]}}"#;
    /// pipeline.read(Input::bytes("reply", reply)).into_result()?;
    /// store.ingest(pipeline.series())?;
    /// assert_eq!(store.range("/docker", .., None)?.count(), 3);
    /// let from: Timestamp = "2026-11-21T12:00:04Z".parse().unwrap();
    /// let to: Timestamp = "2026-11-21T12:00:07Z".parse().unwrap();
    /// assert_eq!(store.range("/docker", from.., None)?.count(), 2);
    /// assert_eq!(store.range("/docker", from..to, None)?.count(), 1);
    /// # Ok::<(), cmetrics_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`last`](Self::last).
    pub fn range(
        &self,
        container: &str,
        range: impl RangeBounds<Timestamp>,
        metrics: Option<MetricSet>,
    ) -> Result<Points, Error> {
        let range = TimeRange::of(&range).begun_seconds();
        let shared = self.shared();
        shared.check_process()?;
        let query = Query { range, metrics, provisional: true };
        let view = shared.view();
        view.ranked_points(&view.named(container)?, &query)
    }

    /// The containers that the store has data of, by name.
    ///
    /// # Errors
    /// If stored data cannot be read.
    pub fn containers(&self) -> Result<Vec<Bearer>, Error> {
        self.until(&Cancel::default()).containers()
    }

    /// The containers that `word` stands for, the latest first. It may be a name, the beginning of
    /// an id, or an alias or cgroup path that a container had points under in this range of time.
    /// A point counts if any part of its interval is in the range.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownContainer`](crate::ErrorKind::UnknownContainer) for none,
    /// [`ErrorKind::AmbiguousContainer`](crate::ErrorKind::AmbiguousContainer) for several ids.
    pub fn find(
        &self,
        word: &str,
        range: impl RangeBounds<Timestamp>,
    ) -> Result<Vec<Bearer>, Error> {
        let shared = self.shared();
        shared.check_process()?;
        shared.view().find(word, &TimeRange::of(&range).touched_seconds())
    }

    /// The containers that have all of these labels, as [`Identity::has_labels`] has it, and points
    /// in this range of time, by name. There may be none. A point counts if any part of its
    /// interval is in the range.
    ///
    /// ```
    /// use cmetrics_core::store::StoreOptions;
    /// use cmetrics_core::{Input, Pipeline, Store};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// let store = Store::open(folder.path(), StoreOptions::default())?;
    /// let mut pipeline = Pipeline::new(store.settings());
    /// let reply = r#"{"/docker/web-1": {"spec": {"labels": {"app": "web", "tier": "front"}},
    ///     "stats": [{"timestamp": "2026-11-21T12:00:03Z", "memory": {"usage": 4096}}]}}"#;
    /// pipeline.read(Input::bytes("reply", reply)).into_result()?;
    /// store.ingest(pipeline.series())?;
    /// let found = store.find_labelled([("app", "web")], ..)?;
    /// assert_eq!(&**found[0].identity.name(), "/docker/web-1");
    /// assert!(store.find_labelled([("app", "web"), ("tier", "back")], ..)?.is_empty());
    /// # Ok::<(), cmetrics_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// If stored data cannot be read.
    pub fn find_labelled(
        &self,
        labels: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
        range: impl RangeBounds<Timestamp>,
    ) -> Result<Vec<Bearer>, Error> {
        self.until(&Cancel::default()).find_labelled(labels, range)
    }

    /// The events in a range of time, by container and time: those of the highest door that has
    /// samples of the container, as in the [history](crate::Series::history) of a batch. Another
    /// door may show the same restart again, or one in a time without samples of the highest.
    ///
    /// # Errors
    /// If stored data cannot be read.
    pub fn events(&self, range: impl RangeBounds<Timestamp>) -> Result<Vec<Event>, Error> {
        self.until(&Cancel::default()).events(range)
    }

    /// The events in a range of time as each door of a container shows them, by container, time and
    /// door: what happened to a container that was read by several may be told by each.
    ///
    /// # Errors
    /// If stored data cannot be read.
    pub fn events_by_door(&self, range: impl RangeBounds<Timestamp>) -> Result<Vec<Event>, Error> {
        self.until(&Cancel::default()).events_by_door(range)
    }

    /// The same of the container of this name.
    ///
    /// # Errors
    /// As [`last`](Self::last).
    pub fn events_of(
        &self,
        container: &str,
        range: impl RangeBounds<Timestamp>,
    ) -> Result<Vec<Event>, Error> {
        let shared = self.shared();
        shared.check_process()?;
        let view = shared.view();
        view.ranked_events(&view.named(container)?, TimeRange::of(&range))
    }

    /// Drops data beyond the retention, in whole segments, so that room is freed gradually. Queries
    /// no longer return dropped points, and points of that time are refused from then on, until
    /// [`Retention::Since`] an earlier time is set.
    ///
    /// # Errors
    /// If it cannot be written; and [`ErrorKind::Refused`](crate::ErrorKind::Refused) for a time
    /// that would drop everything, as a wrong clock may give.
    pub fn retain(&self, retention: Retention) -> Result<Retained, Error> {
        self.until(&Cancel::default()).retain(retention)
    }

    /// Removes the points, events and samples of a container in a range of time, widened to whole
    /// intervals: each one of which any part is in the range is removed. When this returns, they
    /// are gone for good and their room is freed; a snapshot that was made before still has them.
    /// It rewrites all segments that hold any of them, which takes a while in a large store.
    ///
    /// Later ingestion behaves as if the removed data had never been there: a sample that a wrong
    /// clock dated to the future no longer makes all others old.
    ///
    /// ```
    /// use cmetrics_core::store::StoreOptions;
    /// use cmetrics_core::{Input, Pipeline, Store, Timestamp};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// let store = Store::open(folder.path(), StoreOptions::default())?;
    /// let mut pipeline = Pipeline::new(store.settings());
    /// let dump = r#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
    ///     {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 100}}},
    ///     {"timestamp": "2036-02-07T06:28:15Z", "cpu": {"usage": {"total": 200}}}]}}"#;
    /// pipeline.read(Input::bytes("reply", dump)).into_result().unwrap();
    /// store.ingest(pipeline.series())?;
    /// let future: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
    /// let removed = store.remove("/docker", future..)?;
    /// assert_eq!(removed.points, 1);
    /// assert_eq!(store.find("/docker", ..)?[0].last.end(), 1_795_262_405);
    /// # Ok::<(), cmetrics_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::UnknownContainer`](crate::ErrorKind::UnknownContainer) if no container matches,
    /// [`ErrorKind::AmbiguousContainer`](crate::ErrorKind::AmbiguousContainer) if several with
    /// points in that time do; and if it cannot be written. Nothing is removed then.
    pub fn remove(
        &self,
        container: &str,
        range: impl RangeBounds<Timestamp>,
    ) -> Result<Removed, Error> {
        self.until(&Cancel::default()).remove(container, range)
    }

    /// Merges everything into one segment.
    ///
    /// # Errors
    /// If something cannot be read or written; nothing is lost then.
    pub fn compact(&self) -> Result<(), Error> {
        self.until(&Cancel::default()).compact()
    }

    /// Reads everything, and returns all damage.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn verify(&self) -> Result<Vec<Error>, Error> {
        self.until(&Cancel::default()).verify()
    }

    /// Makes a new store of everything readable in a damaged one, which stays as it is. Points that
    /// were replaced by ones that are unreadable now come back only with `superseded`.
    ///
    /// # Errors
    /// If the new folder exists already, or cannot be written.
    pub fn salvage(
        folder: impl AsRef<Path>,
        to: impl AsRef<Path>,
        superseded: bool,
    ) -> Result<Salvaged, Error> {
        Self::salvage_until(folder, to, superseded, &Cancel::default())
    }

    /// The contents and size of the store, as far as memory and file lengths show them. It takes a
    /// few milliseconds for a thousand containers, so it may be called every second.
    /// [`containers`](Self::containers) tells how many containers have points, and
    /// [`count_provisional`](Self::count_provisional) how many points are not final yet.
    ///
    /// # Errors
    /// If its folder cannot be listed.
    pub fn stats(&self) -> Result<StoreStats, Error> {
        self.shared().stats()
    }

    /// The number of points that are not final yet. They are made from raw samples on demand, here
    /// too, so it takes a while with many containers.
    ///
    /// # Errors
    /// If stored data cannot be read.
    pub fn count_provisional(&self) -> Result<u64, Error> {
        self.until(&Cancel::default()).count_provisional()
    }

    /// Makes all that was written outlast a loss of power.
    ///
    /// # Errors
    /// If the system reports a failure; the next writing call tries again.
    pub fn sync(&self) -> Result<(), Error> {
        self.shared().sync_now()
    }

    /// Copies the current store into a new folder, while it may be written to. It hard-links
    /// segments where possible.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn snapshot(&self, to: impl AsRef<Path>) -> Result<(), Error> {
        self.until(&Cancel::default()).snapshot(to)
    }

    /// Reads what another process has written since, as opening does. It does nothing for a store
    /// that is open for writing, which sees everything anyway.
    ///
    /// Other threads may use the store meanwhile, without waiting: a call sees the store as it was
    /// before or after, and so does an iterator over [`Points`], to its end. On an error, nothing
    /// changes.
    ///
    /// ```
    /// use cmetrics_core::store::StoreOptions;
    /// use cmetrics_core::Store;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # Store::open(folder.path(), StoreOptions::default())?.close()?;
    /// let reader = Store::open_read_only(folder.path(), StoreOptions::default())?;
    /// std::thread::scope(|scope| {
    ///     let refreshed = scope.spawn(|| reader.refresh()); // as by a timer
    ///     for bearer in reader.containers()? {
    ///         println!("{}: {:?}", bearer.identity.name(), bearer.span());
    ///     }
    ///     refreshed.join().unwrap()
    /// })?;
    /// # Ok::<(), cmetrics_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`open_read_only`](Self::open_read_only).
    pub fn refresh(&self) -> Result<(), Error> {
        self.until(&Cancel::default()).refresh()
    }

    fn refresh_until(&self, cancel: &Cancel) -> Result<(), Error> {
        let _refreshing = self.refreshing.lock();
        let shared = self.shared();
        shared.check_process()?;
        if shared.is_read_only() {
            let opening = opening::to_read(&shared.folder, &shared.options(), cancel)?;
            let (newer, _) = Shared::new(opening);
            self.shared.store(Arc::new(newer));
        }
        Ok(())
    }

    /// Closes the store, and reports failures. What was written outlasts a loss of power then, and
    /// the next opening is faster.
    ///
    /// It may take up to about a second: what is in memory becomes a segment if it is large enough,
    /// small segments are merged, and the log is synced. Merges of large segments are aborted and
    /// repeated another time. A store that was opened for reading closes at once.
    ///
    /// Dropping the store does the same and takes as long, but cannot report failures. To skip
    /// both, end the process directly ([`std::process::exit`]): nothing that was acknowledged is
    /// lost, but the next opening has more to read.
    ///
    /// # Errors
    /// If it cannot be written. Acknowledged data is kept all the same.
    pub fn close(self) -> Result<(), Error> {
        self.stop();
        let shared = self.shared();
        if shared.is_read_only() { Ok(()) } else { shared.close() }
    }

    fn stop(&self) {
        // A child of the process that opened the store has none of its threads.
        let shared = self.shared();
        if shared.check_process().is_err() {
            self.threads.lock().drain(..).for_each(std::mem::forget);
            return;
        }
        if !shared.is_read_only() {
            shared.seal_before_closing();
        }
        shared.stopping.cancel();
        drop(self.stop.lock().take());
        // Full: the thread is already woken.
        let _ = shared.wake.try_send(());
        let _ = shared.wake_compaction.try_send(());
        for thread in self.threads.lock().drain(..) {
            // A thread that panicked has stored its error already.
            let _ = thread.join();
        }
    }
}

/// As [`Store::close`], without reporting failures. Does nothing in a child of the process that
/// opened it.
impl Drop for Store {
    fn drop(&mut self) {
        if !self.threads.lock().is_empty() {
            self.stop();
            let shared = self.shared();
            if shared.check_process().is_ok() {
                let _ = shared.close();
            }
        }
    }
}

fn threads(
    shared: &Arc<Shared>,
    [woken, woken_to_compact]: [Receiver<()>; 2],
    stop: Receiver<()>,
) -> std::io::Result<Vec<JoinHandle<()>>> {
    let start = |name: &str, work: fn(&Shared, &Receiver<()>), receiver| {
        let shared = Arc::clone(shared);
        let named = std::thread::Builder::new().name(name.to_owned());
        named.spawn(move || work(&shared, &receiver))
    };
    let mut threads = vec![
        start("store-seal", worker::seal, woken)?,
        start("store-compact", worker::compact, woken_to_compact)?,
    ];
    if matches!(shared.sync, SyncPolicy::Every(_)) {
        threads.push(start("store-sync", worker::sync_every, stop)?);
    }
    Ok(threads)
}
