//! Points that survive the program: a folder of segments and a log.
//!
//! ```text
//! samples --tail--> points --log--> memory --worker--> segments      who writes, one at a time
//!                                     \______ view ______/           who reads, any number
//! ```

mod append;
mod append_list;
mod apply;
mod bytes;
mod catalog;
mod closing;
mod deflate;
mod disk;
mod event;
mod find;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod ingest;
mod log;
mod manifest;
mod memory;
mod merge;
mod opening;
mod options;
mod orphans;
mod overlap;
mod packed_tail;
mod point_rows;
mod points;
mod raw;
mod records;
mod remove;
mod replay;
mod reserve;
mod retain;
mod rewrite;
mod salvage;
mod sealed;
pub(crate) mod segment;
mod shared;
mod snapshot;
mod stats;
mod syncing;
mod tail;
#[cfg(test)]
mod tests;
mod torn;
mod until;
mod view;
mod worker;
mod writer;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;

pub use append::Appended;
pub use event::{Event, Happening};
pub use find::Bearer;
pub(crate) use ingest::Incoming;
pub use ingest::Kept;
use opening::Opening;
pub use options::{StoreOptions, SyncPolicy};
pub use points::Points;
pub use remove::Removed;
pub use retain::{Retained, Retention};
pub use salvage::Salvaged;
use shared::Shared;
pub use stats::StoreStats;
pub use until::Until;
use view::Query;

use crate::cancel::Cancel;
use crate::container::Identity;
use crate::error::{Error, Problem};
use crate::metric::MetricSet;
use crate::point::DataPoint;
use crate::series::{Resumed, Series};
use crate::settings::Settings;
use crate::time::Timestamp;

/// Points, and the samples that more are made of, in a folder.
///
/// One process writes, and any number of its threads read: they see the store as it was when they
/// asked, and wait for nobody. Other processes may read at the same time
/// ([`open_read_only`](Self::open_read_only)).
///
/// Samples are [ingested](Self::ingest) in any order and as often as one likes: beside points that
/// are final the store keeps each container's last samples, so that dumps which are ingested one
/// by one give the very points of one run over all of them.
///
/// ```
/// use cmetrics_core::{Metric, Pipeline, Store, StoreOptions};
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
///     pipeline.read_bytes("reply", dump);
///     store.ingest(pipeline.series())?;
/// }
/// let points = store.last("/docker", 60)?;
/// assert_eq!(points.len(), 2);
/// assert_eq!(points[0].growth(Metric::CpuUsage), Some(40));
/// # Ok::<(), cmetrics_core::Error>(())
/// ```
///
/// # What an acknowledgement means
///
/// When a call that writes has returned, what it wrote
///
/// | sync | outlasts the end of the process, however it ends | outlasts a loss of power |
/// |---|---|---|
/// | [`SyncPolicy::Always`] | yes | yes |
/// | [`SyncPolicy::Every`], each second by default | yes | after that time; of what is newer, the first part |
/// | [`SyncPolicy::Os`] | yes | when the system has written it, as a rule within half a minute; of what is newer, the first part |
///
/// [`sync`](Self::sync) makes all of it outlast a loss of power at once, and so does
/// [`close`](Self::close). What one call writes is there as a whole or not at all.
///
/// # What is lost where a store is not closed
///
/// Nothing of what was acknowledged, be the store dropped, the process ended by a panic or
/// killed: [closing](Self::close) makes it outlast a loss of power, and opens faster the next time.
/// Dropping the store closes it, but cannot tell of failures. What is not there is a call that had
/// not returned: it is there as a whole, or not at all, and can be made again, as ingesting samples
/// that are there already changes nothing.
///
/// Samples whose points are not final yet are stored, too: later samples make those points final,
/// whichever process brings them. But what was not handed to the store is not in it: samples that a
/// [`Pipeline`](crate::Pipeline) has read, and what a [`Recorder`](crate::Recorder) took in since
/// its last [`keep`](crate::Recorder::keep).
///
/// # Who waits for whom
///
/// Who reads waits for nobody, and nobody for who reads. Calls that write wait for each other, and
/// for the disk where the policy is to sync; now and then for a segment, where more is written than
/// can be made into segments at the same time. Should a disk be full, the call says so, what was
/// acknowledged stays, and the store goes on once there is room.
///
/// # In async code
///
/// A store knows no futures: each call is done when it returns. Most take microseconds, but those
/// that write may wait for the disk and for each other, and opening, closing, dropping and what
/// looks through all containers may take a second or more. So calls are made on a thread that may
/// wait, such as those of tokio's `spawn_blocking`, which get the store in an `Arc`:
///
/// ```
/// use std::sync::Arc;
///
/// use cmetrics_core::{Pipeline, Store, StoreOptions};
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
///     pipeline.read_bytes("reply", reply);
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
/// A call whose task is dropped goes on to its end; [`until`](Self::until) ends long ones.
///
/// # Network file systems
///
/// One process writes because it locks a file (`flock`, or what the system has). Where a file
/// system does not pass locks on to other machines, it is up to the caller that only one writes;
/// and where it answers a sync before the data are safe, a loss of power may take what the table
/// above promises. Reading from other machines needs renames to be seen in their order, as NFS
/// does with its caches off (`noac`). A local disk is best.
#[derive(Debug)]
pub struct Store {
    /// Replaced as a whole where it is refreshed; else for good.
    shared: ArcSwap<Shared>,
    /// Held while it is replaced, so that none that is older takes the place of a newer one.
    refreshing: Mutex<()>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Dropped to stop the thread that syncs.
    stop: Mutex<Option<Sender<()>>>,
}

impl Store {
    /// Opens the store in this folder to read and to write, new if there is none.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`](crate::ErrorKind::Locked) where another process has it open to
    /// write; [`ErrorKind::Setting`](crate::ErrorKind::Setting) for another interval, gap or
    /// lateness than it was made with; [`ErrorKind::Damaged`](crate::ErrorKind::Damaged) where
    /// what was acknowledged is not there any more, and more.
    pub fn open(folder: impl AsRef<Path>, options: StoreOptions) -> Result<Self, Error> {
        Self::open_until(folder, options, &Cancel::default())
    }

    /// Opens the store in this folder to read, whether or not another process writes to it: all
    /// that was acknowledged until then is seen. Nothing is written, so that it need not be
    /// allowed.
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

    /// How points of ingested samples are made: the interval, the longest gap and the metrics.
    pub fn settings(&self) -> Settings {
        self.shared().rules.settings
    }

    /// By how many seconds a sample may be older than the newest of its container.
    pub fn lateness(&self) -> u64 {
        tail::second(self.shared().rules.lateness)
    }

    /// Whether points of these settings and this lateness are as this store's.
    pub(crate) fn check_same(&self, settings: Settings, lateness: u64) -> Result<(), Error> {
        let own = self.settings();
        for (name, asked, kept) in [
            ("interval", settings.interval(), own.interval()),
            ("max_gap", settings.max_gap(), own.max_gap()),
            ("lateness", lateness, self.lateness()),
        ] {
            if asked != kept {
                let allowed = format!("{kept} s, which the store was made with");
                let value = format!("{asked} s");
                return Err(Error::new(Problem::Setting { name, value, allowed }));
            }
        }
        Ok(())
    }

    /// Takes in samples, as one batch.
    pub(crate) fn take_in<'i>(
        &self,
        all: impl Iterator<Item = Incoming<'i>>,
    ) -> Result<Kept, Error> {
        self.shared().ingest_all(all, false, &Cancel::default())
    }

    /// Gives each container that anything was stored of; with its raw samples, and the time from
    /// which on no points are final, where it was silent for no longer than this, in nanoseconds.
    pub(crate) fn each_tail(
        &self,
        silence: u64,
        each: &mut dyn FnMut(Identity, Option<Resumed<'_>>),
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
                each(metadata.identity(&container.name), resumed);
            }
        }
        Ok(())
    }

    /// Tells what time it is: points that begin more than an hour later, and samples of such times,
    /// are refused from then on. A time that was wrong is corrected by telling the right one.
    pub fn advance(&self, now: Timestamp) {
        self.shared().advance(now);
    }

    /// Takes in the samples of these containers, each given once, as one batch: all of it is kept
    /// or nothing.
    ///
    /// A sample that is older by more than the lateness than the newest one of its container that
    /// was ingested before belongs to a batch of its own: its points are put among those that are
    /// stored. Where there are two, the new one stays if it covers more of the interval, and is of
    /// more samples, or of as many and of the whole interval: so what is ingested again changes
    /// nothing.
    ///
    /// # Errors
    /// Where it cannot be written, or another thing that is stored cannot be read.
    pub fn ingest<'s>(&self, series: impl IntoIterator<Item = &'s Series>) -> Result<Kept, Error> {
        self.until(&Cancel::default()).ingest(series)
    }

    /// The same, but where any sample is too old and its point not stored yet, nothing is ingested.
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

    /// Puts points into the store, as one batch: all of it is kept or nothing. Where there is a
    /// point of the interval already, the exact one stays, then the one that more of the interval
    /// is covered of, then the stored one.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for points of another interval than the
    /// store's; else as [`ingest`](Self::ingest).
    pub fn append(&self, points: &[DataPoint]) -> Result<Appended, Error> {
        self.shared().append(points)
    }

    /// The last points of the container of this name: those of so many seconds before its newest
    /// ends, what is not final among them. By an alias or the beginning of an id it is
    /// [found](Self::find) first. One that is known and of which nothing is left has none.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownContainer`](crate::ErrorKind::UnknownContainer), with names that are
    /// much like it; and where what is stored of it cannot be read.
    pub fn last(&self, container: &str, seconds: u64) -> Result<Vec<DataPoint>, Error> {
        let shared = self.shared();
        shared.check_process()?;
        let view = shared.view();
        view.last(&view.named(container)?, seconds)
    }

    /// The points of the container of this name whose intervals begin in a range of seconds, in
    /// rising time, what is not final among them; read as they are asked for. With `metrics` they
    /// carry these beside the documented ones, and of one that was not kept nothing is known; else
    /// those that they were made with.
    ///
    /// # Errors
    /// As [`last`](Self::last).
    pub fn range(
        &self,
        container: &str,
        range: Range<u64>,
        metrics: Option<MetricSet>,
    ) -> Result<Points, Error> {
        let shared = self.shared();
        shared.check_process()?;
        let query = Query { range, metrics, provisional: true };
        let view = shared.view();
        view.points(&view.named(container)?, &query)
    }

    /// The containers that the store has anything of, by name.
    ///
    /// # Errors
    /// Where what is stored of one cannot be read.
    pub fn containers(&self) -> Result<Vec<Bearer>, Error> {
        self.until(&Cancel::default()).containers()
    }

    /// The containers that a word means, the last bearer first: a name, the beginning of an id, or
    /// an alias or cgroup path that it had points under in this range of seconds.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownContainer`](crate::ErrorKind::UnknownContainer) for none,
    /// [`ErrorKind::AmbiguousContainer`](crate::ErrorKind::AmbiguousContainer) for several ids.
    pub fn find(&self, word: &str, range: Range<u64>) -> Result<Vec<Bearer>, Error> {
        let shared = self.shared();
        shared.check_process()?;
        shared.view().find(word, &range)
    }

    /// What happened in a range of seconds besides points, by container and time.
    ///
    /// # Errors
    /// Where what is stored cannot be read.
    pub fn events(&self, range: Range<u64>) -> Result<Vec<Event>, Error> {
        self.until(&Cancel::default()).events(range)
    }

    /// The same of the container of this name.
    ///
    /// # Errors
    /// As [`last`](Self::last).
    pub fn events_of(&self, container: &str, range: Range<u64>) -> Result<Vec<Event>, Error> {
        let shared = self.shared();
        shared.check_process()?;
        let view = shared.view();
        view.events(&view.named(container)?, &range)
    }

    /// Drops what is older or more than is to be kept: whole segments, so that room is freed by
    /// and by. What is dropped is not answered any more, and points of that time are refused from
    /// then on, until [`Retention::Since`] an earlier time is asked for.
    ///
    /// # Errors
    /// Where that cannot be written; and [`ErrorKind::Refused`](crate::ErrorKind::Refused) where a
    /// time would have all dropped that is stored, as one that a wrong clock tells may.
    pub fn retain(&self, retention: Retention) -> Result<Retained, Error> {
        self.until(&Cancel::default()).retain(retention)
    }

    /// Takes out what is wrong: a container's points, events and samples in a range of seconds, of
    /// which whole intervals count. It is gone for good when this returns, and so is the room that
    /// it took; a snapshot that was made before has it still. Segments that hold anything of it are
    /// written anew, so that it takes a while where much is stored.
    ///
    /// What is ingested later is taken as if that had never been there: a sample that a wrong clock
    /// gave a time of the future no longer makes all others old.
    ///
    /// ```
    /// use cmetrics_core::{Pipeline, Store, StoreOptions};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// let store = Store::open(folder.path(), StoreOptions::default())?;
    /// let mut pipeline = Pipeline::new(store.settings());
    /// pipeline.read_bytes("reply", br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
    ///     {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 100}}},
    ///     {"timestamp": "2036-02-07T06:28:15Z", "cpu": {"usage": {"total": 200}}}]}}"#);
    /// store.ingest(pipeline.series())?;
    /// let removed = store.remove("/docker", 1_800_000_000..u64::MAX)?;
    /// assert_eq!(removed.points, 1);
    /// assert_eq!(store.find("/docker", 0..u64::MAX)?[0].span.end, 1_795_262_405);
    /// # Ok::<(), cmetrics_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::UnknownContainer`](crate::ErrorKind::UnknownContainer) for a word that means no
    /// container, [`ErrorKind::AmbiguousContainer`](crate::ErrorKind::AmbiguousContainer) for one
    /// that means several that have points in that time; and where it cannot be written: nothing is
    /// taken out then.
    pub fn remove(&self, container: &str, range: Range<u64>) -> Result<Removed, Error> {
        self.until(&Cancel::default()).remove(container, range)
    }

    /// Makes one segment of all that is stored.
    ///
    /// # Errors
    /// Where something cannot be read or written; nothing is lost then.
    pub fn compact(&self) -> Result<(), Error> {
        self.until(&Cancel::default()).compact()
    }

    /// Reads everything, and tells of all that is damaged.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub fn verify(&self) -> Result<Vec<Error>, Error> {
        self.until(&Cancel::default()).verify()
    }

    /// Makes a new store of all that can be read of a damaged one, which stays as it is. Points
    /// whose place others took that cannot be read any more come back only with `superseded`.
    ///
    /// # Errors
    /// Where the new folder is there already, or cannot be written.
    pub fn salvage(
        folder: impl AsRef<Path>,
        to: impl AsRef<Path>,
        superseded: bool,
    ) -> Result<Salvaged, Error> {
        Self::salvage_until(folder, to, superseded, &Cancel::default())
    }

    /// What the store holds, and what it takes, as far as memory and the lengths of files tell: a few
    /// milliseconds for a thousand containers, so that it may be asked for every second. How many containers have points, and how many of
    /// these are not final yet, [`containers`](Self::containers) and
    /// [`count_provisional`](Self::count_provisional) tell.
    ///
    /// # Errors
    /// Where its folder cannot be listed.
    pub fn stats(&self) -> Result<StoreStats, Error> {
        self.shared().stats()
    }

    /// How many points are not final yet: they are made of raw samples when they are asked for, and
    /// here, too, so that it takes a while where there are many containers.
    ///
    /// # Errors
    /// Where what is stored cannot be read.
    pub fn count_provisional(&self) -> Result<u64, Error> {
        self.until(&Cancel::default()).count_provisional()
    }

    /// Makes all that was written outlast a loss of power.
    ///
    /// # Errors
    /// Where the system says that it does not; the next call that writes tries again.
    pub fn sync(&self) -> Result<(), Error> {
        self.shared().sync_now()
    }

    /// Copies the store as it is into a new folder, while it is written to: segments as links
    /// where that can be.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub fn snapshot(&self, to: impl AsRef<Path>) -> Result<(), Error> {
        self.until(&Cancel::default()).snapshot(to)
    }

    /// Reads anew what another process has written since, as opening the store does. For one that
    /// was opened to be read; else nothing happens, as all is seen anyway.
    ///
    /// Other threads may use the store meanwhile, and wait for nobody: a call sees the store as it
    /// was before or as it is behind, and so does an iterator over [`Points`], to its end. Where
    /// this fails, all is as before.
    ///
    /// ```
    /// use cmetrics_core::{Store, StoreOptions};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # Store::open(folder.path(), StoreOptions::default())?.close()?;
    /// let reader = Store::open_read_only(folder.path(), StoreOptions::default())?;
    /// std::thread::scope(|scope| {
    ///     let refreshed = scope.spawn(|| reader.refresh()); // as by a timer
    ///     for bearer in reader.containers()? {
    ///         println!("{}: {:?}", bearer.identity.name(), bearer.span);
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

    /// Closes the store, and tells whether that went well: what was written outlasts a loss of
    /// power then, and it opens faster.
    ///
    /// That may take up to about a second: what is in memory becomes a segment where it is worth
    /// that, small segments become a larger one, and the log is synced. Large segments that are
    /// being merged are given up, and merged another time. One that was opened to be read is closed
    /// at once.
    ///
    /// Dropping the store does the same and takes as long, but cannot tell whether it failed. Who
    /// has no time ends the process without either ([`std::process::exit`]): nothing that was
    /// acknowledged is lost by that, but the next one that opens it has more to read.
    ///
    /// # Errors
    /// Where that cannot be written. What was acknowledged is there all the same.
    pub fn close(self) -> Result<(), Error> {
        self.stop();
        let shared = self.shared();
        if shared.is_read_only() { Ok(()) } else { shared.close() }
    }

    fn stop(&self) {
        // A child of the process that opened it has none of its threads.
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
        // Full: it is awake already.
        let _ = shared.wake.try_send(());
        let _ = shared.wake_compaction.try_send(());
        for thread in self.threads.lock().drain(..) {
            // A thread of the store that panicked has nothing more to say.
            let _ = thread.join();
        }
    }
}

/// As [`Store::close`], and as long, without telling of failures. In a child of the process that
/// opened it, nothing is done.
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
