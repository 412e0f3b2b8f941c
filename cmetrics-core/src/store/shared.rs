//! The state that the threads of a store share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::{Condvar, Mutex, MutexGuard};

use super::catalog::Catalog;
use super::disk::{Disk, WriterLock};
use super::log::LogWriter;
use super::manifest::Manifest;
use super::memory::Memory;
use super::opening::Opening;
use super::options::{StoreOptions, SyncPolicy};
use super::tail::Rules;
use super::view::{Parts, State, View};
use super::writer::{NewLog, Writer};
use crate::cancel::Cancel;
use crate::error::{Error, Problem};
use crate::metric::MetricSet;
use crate::time::Timestamp;

/// The most full memories that may wait to become segments before writers wait.
const MOST_WAITING: usize = 2;
/// How often waiting calls check whether they were cancelled.
pub(super) const CANCEL_POLL: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) folder: PathBuf,
    pub(super) disk: Arc<dyn Disk>,
    /// The id of the process that opened it.
    pub(super) process: u32,
    pub(super) rules: Rules,
    pub(super) catalog: Arc<Catalog>,
    state: ArcSwap<State>,
    pub(super) spare: Mutex<Option<LogWriter>>,
    /// Logs whose creation failed, and that must still be removed.
    abandoned: Mutex<Vec<u64>>,
    /// Held while the state is replaced.
    publishing: Mutex<()>,
    /// `None` if it was opened for reading.
    writer: Option<Mutex<Writer>>,
    pub(super) manifest: Mutex<Manifest>,
    next: AtomicU64,
    now: AtomicU64,
    pub(super) sync: SyncPolicy,
    pub(super) memory_size: usize,
    metrics: MetricSet,
    pub(super) despite_damage: bool,
    /// Held while a memory becomes a segment.
    pub(super) sealing_one: Mutex<()>,
    /// Held during compaction.
    pub(super) compacting: Mutex<()>,
    /// Wakes the sealing thread.
    pub(super) wake: Sender<()>,
    pub(super) wake_compaction: Sender<()>,
    /// Signalled when a memory has become a segment.
    sealed: Condvar,
    sealing: Mutex<()>,
    /// Stops the background threads.
    pub(super) stopping: Cancel,
    /// The last errors of the background threads.
    pub(super) seal_error: Mutex<Option<String>>,
    pub(super) compaction_error: Mutex<Option<String>>,
    pub(super) sync_error: Mutex<Option<String>>,
    pub(super) counters: Counters,
    _lock: Option<WriterLock>,
}

/// Counters since the store was opened.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// Bytes written to logs and to segments.
    pub(super) logged: AtomicU64,
    pub(super) sealed: AtomicU64,
    pub(super) torn: AtomicU64,
    pub(super) refused: AtomicU64,
}

impl Shared {
    pub(super) fn new(opening: Opening) -> (Self, [Receiver<()>; 2]) {
        const MEMORY: usize = 24 << 20;
        let (wake, woken) = bounded(1);
        let (wake_compaction, woken_to_compact) = bounded(1);
        let state = State { batch: opening.batch, parts: Arc::new(opening.parts) };
        let counters = Counters::default();
        counters.torn.store(opening.torn, Ordering::Relaxed);
        let shared = Self {
            folder: opening.folder,
            disk: opening.disk,
            process: std::process::id(),
            rules: opening.rules,
            catalog: opening.catalog,
            state: ArcSwap::from_pointee(state),
            spare: Mutex::new(None),
            abandoned: Mutex::default(),
            publishing: Mutex::new(()),
            writer: opening.writer.map(Mutex::new),
            manifest: Mutex::new(opening.manifest),
            next: AtomicU64::new(opening.next),
            now: AtomicU64::new(0),
            sync: opening.sync,
            memory_size: opening.memory.unwrap_or(MEMORY),
            metrics: opening.rules.settings.metrics(),
            despite_damage: opening.despite_damage,
            sealing_one: Mutex::new(()),
            compacting: Mutex::new(()),
            wake,
            wake_compaction,
            sealed: Condvar::new(),
            sealing: Mutex::new(()),
            stopping: Cancel::default(),
            seal_error: Mutex::new(None),
            compaction_error: Mutex::new(None),
            sync_error: Mutex::new(None),
            counters,
            _lock: opening.lock,
        };
        (shared, [woken, woken_to_compact])
    }

    /// The options to reopen it with.
    pub(super) fn options(&self) -> StoreOptions {
        let options = StoreOptions::default().with_metrics(self.metrics);
        let options = options.with_doors(self.rules.settings.doors());
        if self.despite_damage { options.despite_damage() } else { options }
    }

    /// The current view of the store.
    pub(super) fn view(&self) -> View {
        View {
            state: self.state.load_full(),
            catalog: Arc::clone(&self.catalog),
            rules: self.rules,
        }
    }

    /// Refuses calls in a child process: the child and its parent would both write.
    pub(super) fn check_process(&self) -> Result<(), Error> {
        if std::process::id() == self.process {
            return Ok(());
        }
        let process = self.process;
        Err(self.refused(format!(
            "it was opened by process {process}, of which this one is a child: open it anew here"
        )))
    }

    pub(super) fn refused(&self, why: String) -> Error {
        Error::new(Problem::Refused { path: self.folder.clone(), why })
    }

    /// Locks the writer.
    pub(super) fn writer(&self) -> Result<MutexGuard<'_, Writer>, Error> {
        self.check_process()?;
        let read_only = || Error::new(Problem::ReadOnly(self.folder.clone()));
        self.writer.as_ref().map(Mutex::lock).ok_or_else(read_only)
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.writer.is_none()
    }

    /// A number for a new file.
    pub(super) fn next_number(&self) -> u64 {
        // Relaxed: it orders no other data.
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn highest_number(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    /// The caller's time in seconds; 0 if none was set.
    pub(super) fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    pub(super) fn advance(&self, now: Timestamp) {
        self.now.store(super::tail::second(now.nanos()), Ordering::Relaxed);
    }

    /// The last second in which points may begin and samples may lie. It leaves room for
    /// differences between the caller's clock and those of the machines.
    pub(super) fn latest(&self) -> u64 {
        const MOST_AHEAD: u64 = 3_600;
        match self.now() {
            0 => u64::MAX,
            now => now.saturating_add(MOST_AHEAD),
        }
    }

    /// Ensures that a log can be written, and that the manifest allows for it.
    pub(super) fn prepare(&self, writer: &mut Writer) -> Result<(), Error> {
        {
            let mut manifest = self.manifest.lock();
            if manifest.closed.is_some() || !manifest.tells_features() {
                let mut changed = Manifest { closed: None, ..manifest.clone() };
                changed.note_features();
                changed.write(&*self.disk)?;
                *manifest = changed;
            }
        }
        if self.waits_in_failed_log() {
            writer.distrust_logs();
        }
        let mut next = || self.next_number();
        writer
            .prepare(self.new_log(&mut next))
            .map_err(|failure| self.io("write the log of", failure))
    }

    /// Whether a memory waits to be sealed from a log that failed. The writer may have left that log.
    pub(super) fn waits_in_failed_log(&self) -> bool {
        self.state.load().parts.waiting().iter().any(|memory| memory.is_in_failed_log())
    }

    pub(super) fn io(&self, doing: &'static str, failure: std::io::Error) -> Error {
        Error::store(doing, self.folder.clone(), failure)
    }

    fn new_log<'n>(&'n self, number: &'n mut dyn FnMut() -> u64) -> NewLog<'n> {
        let Self { disk, spare, abandoned, state, .. } = self;
        NewLog { disk: &**disk, number, spare, abandoned, state }
    }

    /// Creates the next log in advance.
    pub(super) fn prepare_log(&self) -> std::io::Result<()> {
        if self.spare.lock().is_none() {
            let log = super::writer::new_log(&*self.disk, self.next_number(), &self.abandoned)?;
            *self.spare.lock() = Some(log);
        }
        Ok(())
    }

    /// Publishes a batch to readers.
    pub(super) fn publish(&self, batch: u64) {
        let _publishing = self.publishing.lock();
        let parts = Arc::clone(&self.state.load().parts);
        self.state.store(Arc::new(State { batch, parts }));
    }

    /// Publishes changed parts to readers.
    pub(super) fn replace(&self, change: impl FnOnce(&mut Parts)) {
        let _publishing = self.publishing.lock();
        let state = self.state.load();
        let mut parts = Parts::clone(&state.parts);
        change(&mut parts);
        self.state.store(Arc::new(State { batch: state.batch, parts: Arc::new(parts) }));
    }

    /// Hands a full memory over for sealing. Waits if too many are waiting already, until it is
    /// cancelled.
    pub(super) fn rotate_if_full(&self, writer: &mut Writer, cancel: &Cancel) {
        const LONGEST_LOG: u64 = 32 << 20;
        let is_full = writer.memory.size() >= self.memory_size || writer.memory.is_long();
        let is_long = writer.length() >= LONGEST_LOG;
        if is_long || (is_full && self.may_end_log(writer.length())) {
            if let Err(error) = self.rotate(writer) {
                // The batch is stored all the same. The next one tries again.
                *self.seal_error.lock() = Some(error.to_string());
                return;
            }
        } else if is_full {
            self.begin_memory(writer);
        } else {
            return;
        }
        let mut waiting = self.sealing.lock();
        while self.waiting() > MOST_WAITING
            && self.seal_error.lock().is_none()
            && !cancel.is_cancelled()
        {
            self.sealed.wait_for(&mut waiting, CANCEL_POLL);
        }
    }

    /// Whether a log of this length may end. Ending it writes the tails whose samples it holds
    /// anew, which must be little compared with the log.
    fn may_end_log(&self, log: u64) -> bool {
        const TIMES: u64 = 32;
        let view = self.view();
        let tails = view.parts().memories.first().filter(|memory| memory.holds_only_tails());
        tails.is_some_and(|tails| log >= tails.size() as u64 * TIMES)
    }

    /// Refuses writes while too many memories wait, and sealing fails.
    pub(super) fn check_sealing(&self) -> Result<(), Error> {
        if self.waiting() <= MOST_WAITING {
            return Ok(());
        }
        let Some(why) = self.seal_error.lock().clone() else { return Ok(()) };
        let _ = self.wake.try_send(());
        Err(self.refused(format!("what is in memory could not be sealed: {why}")))
    }

    /// Begins a new memory, and hands the old one over for sealing. The log continues.
    pub(super) fn begin_memory(&self, writer: &mut Writer) {
        writer.begin_memory();
        self.hand_over(&writer.memory);
    }

    /// The same, with a new log.
    pub(super) fn rotate(&self, writer: &mut Writer) -> Result<(), Error> {
        if writer.has_nothing() {
            return Ok(());
        }
        writer.forget_before(self.first_log());
        let mut next = || self.next_number();
        let rotated = writer.rotate(self.new_log(&mut next));
        rotated.map_err(|failure| self.io("begin a log of", failure))?;
        self.hand_over(&writer.memory);
        Ok(())
    }

    /// Publishes a new memory, and wakes the sealing thread.
    fn hand_over(&self, new: &Arc<Memory>) {
        self.replace(|parts| parts.memories.push(Arc::clone(new)));
        // Full: the thread is already woken.
        let _ = self.wake.try_send(());
    }

    /// The number of memories that wait to become segments.
    pub(super) fn waiting(&self) -> usize {
        self.state.load().parts.waiting().len()
    }

    pub(super) fn notify_sealed(&self) {
        let _waiting = self.sealing.lock();
        self.sealed.notify_all();
    }

    /// Waits until no memory waits to become a segment. Returns `false` if sealing failed or the
    /// wait was cancelled.
    pub(super) fn wait_until_sealed(&self, cancel: &Cancel) -> bool {
        let mut waiting = self.sealing.lock();
        while self.waiting() > 0 && self.seal_error.lock().is_none() && !cancel.is_cancelled() {
            let _ = self.wake.try_send(());
            self.sealed.wait_for(&mut waiting, CANCEL_POLL);
        }
        self.waiting() == 0
    }
}
