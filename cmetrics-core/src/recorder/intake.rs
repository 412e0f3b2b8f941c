//! How one container's samples are taken in, and when no more samples of a time can come.
//!
//! The writers' side is [`Intake`], the reader's is [`IntakeReader`]. Both keep to this:
//!
//! 1. A writer first claims a slot of the log, and *then* checks whether its sample is late.
//! 2. The reader first reads the newest time, and *then* sweeps the log.
//!
//! Both are steps in the order of the log's one word. So a writer that claims behind a sweep knows
//! a newest time that is no older than the reader's, and refuses whatever is late by that; and the
//! sweep counts the slot of a writer that claimed before it. Once all slots that a sweep counted
//! are written or given up, all samples are there that will ever be accepted of those that are late
//! by the newest time before that sweep: up to there the container is *closed*.
//!
//! The caller's time, which may be the newest, can be corrected backwards. So before it sweeps, the
//! reader stores the time by which it closes, its *floor*, and the writers' side refuses what is
//! older than that, too. Only the reader lowers the floor, after it has lowered what is closed:
//! then older samples may come again.

use super::hooks::{WriteStep, reached};
use super::log_reader::LogReader;
use super::pins::Pins;
use super::sample_log::SampleLog;
use super::times::Inserted;
use crate::sync::{AtomicU64, Ordering};

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It was accepted, and will be in the points.
    Accepted,
    /// There is a sample of its time already.
    Duplicate,
    /// It is older than the newest by more than the lateness, and changes nothing.
    Late,
    /// It lies too far ahead of the caller's time, and changes nothing.
    Ahead,
}

/// Whether a slot holds a sample or a copy of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Sample,
    Copy,
}

/// The caller's time, and what depends on it. All times are nanoseconds since the epoch.
#[derive(Debug)]
pub(super) struct Clock {
    /// 0 until the caller sets it.
    now: AtomicU64,
    lateness: u64,
    max_ahead: u64,
}

impl Clock {
    pub(super) fn new(lateness: u64, max_ahead: u64) -> Self {
        Self { now: AtomicU64::new(0), lateness, max_ahead }
    }

    pub(super) fn advance(&self, now: u64) {
        // Relaxed: whoever reads it follows `Intake`'s rules.
        self.now.store(now, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    /// A sample older than this is late, where `now` is the caller's time.
    #[inline]
    fn cutoff(&self, newest: u64, now: u64) -> u64 {
        newest.max(now).saturating_sub(self.lateness)
    }

    #[inline]
    pub(super) fn is_ahead(&self, time: u64) -> bool {
        time > self.latest()
    }

    /// The latest time that a sample may have.
    #[inline]
    pub(super) fn latest(&self) -> u64 {
        match self.now() {
            0 => u64::MAX,
            now => now.saturating_add(self.max_ahead),
        }
    }
}

/// What all intakes of a recorder share.
#[derive(Debug)]
pub(super) struct IntakeEnv {
    pub(super) clock: Clock,
    pins: Pins,
    /// For how long times are remembered, in nanoseconds.
    remembered_nanos: u64,
}

impl IntakeEnv {
    pub(super) fn new(clock: Clock, remembered_nanos: u64) -> Self {
        Self { clock, pins: Pins::new(), remembered_nanos }
    }
}

/// Where writers put one container's samples.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Intake<T> {
    /// The newest time that was inserted.
    newest: AtomicU64,
    /// The latest time up to which the reader has closed, or will close.
    floor: AtomicU64,
    log: SampleLog<T>,
}

/// What the reader knows of an intake.
#[derive(Debug)]
pub(super) struct IntakeReader<T> {
    log_reader: LogReader<T>,
    closed: u64,
    /// What is closed once an earlier sweep is complete.
    closing: Option<Closing>,
    /// The caller's time at the last sweep.
    now: u64,
    /// Whether more could be closed after the last sweep.
    may_close_more: bool,
}

/// What a reader goes by beside its own container. Times are nanoseconds since the epoch.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bounds {
    /// Nothing before this is opened again.
    pub(super) open_from: u64,
    /// Samples are late by this time, too, if it is newer than theirs; 0 if there is none.
    pub(super) newest_elsewhere: u64,
}

/// The container is closed up to `cutoff` once all slots that `sweep` counted are done with.
#[derive(Clone, Copy, Debug)]
struct Closing {
    cutoff: u64,
    sweep: u64,
}

impl<T: Default> Intake<T> {
    /// An intake and its reader.
    pub(super) fn new() -> (Self, IntakeReader<T>) {
        let (log, log_reader) = SampleLog::new();
        let (newest, floor) = (AtomicU64::new(0), AtomicU64::new(0));
        let intake = Self { newest, floor, log };
        (
            intake,
            IntakeReader { log_reader, closed: 0, closing: None, now: 0, may_close_more: false },
        )
    }

    /// Takes a sample of this time, which `write` puts into a slot. A duplicate that is not late
    /// gets a slot, too, if `wants_copy` returns true, which is called once the time is known.
    ///
    /// What counts is whether the sample was late when the call began.
    #[inline]
    pub(super) fn offer(
        &self,
        env: &IntakeEnv,
        time: u64,
        wants_copy: impl Fn() -> bool,
        write: impl FnOnce(&mut T, Role),
    ) -> Verdict {
        // A sample that is refused needs no slot: it changes nothing.
        let clock = &env.clock;
        if clock.is_ahead(time) {
            return Verdict::Ahead;
        }
        if self.has_sample_at(env, time) && !wants_copy() {
            return Verdict::Duplicate;
        }
        if self.is_late(clock, time) {
            return self.verdict_of_late(env, time);
        }
        reached(WriteStep::Prechecked);
        let claim = self.log.claim(env.remembered_nanos, &env.pins);
        reached(WriteStep::Claimed);
        // The claim's place in the word's order decides what is late now.
        if self.is_late(clock, time) {
            return self.verdict_of_late(env, time);
        }
        reached(WriteStep::Rechecked);
        match self.log.resources_of(&claim).times.insert(time) {
            Inserted::New => {}
            Inserted::Known => {
                if wants_copy() {
                    claim.fill(|value| write(value, Role::Copy));
                }
                return Verdict::Duplicate;
            }
            Inserted::TooOld => return Verdict::Late,
        }
        reached(WriteStep::TimeInserted);
        self.raise_newest(time);
        reached(WriteStep::NewestRaised);
        claim.fill(|value| {
            write(value, Role::Sample);
            reached(WriteStep::Written);
        });
        Verdict::Accepted
    }

    /// The verdict on a sample that comes too late.
    #[cold]
    fn verdict_of_late(&self, env: &IntakeEnv, time: u64) -> Verdict {
        if self.is_time_known(env, time) { Verdict::Duplicate } else { Verdict::Late }
    }

    /// Whether there is a sample of this time.
    #[inline]
    pub(super) fn has_sample_at(&self, env: &IntakeEnv, time: u64) -> bool {
        time <= self.newest() && self.is_time_known(env, time)
    }

    #[inline]
    fn is_time_known(&self, env: &IntakeEnv, time: u64) -> bool {
        let pin = env.pins.pin();
        self.log.resources(&pin).is_some_and(|resources| resources.times.contains(time))
    }

    /// Whether a sample of this time is late.
    #[inline]
    pub(super) fn is_late(&self, clock: &Clock, time: u64) -> bool {
        time < clock.cutoff(self.newest(), clock.now()).max(self.floor())
    }

    /// The newest time that was inserted.
    #[inline]
    pub(super) fn newest(&self) -> u64 {
        // Relaxed: whoever reads it relies on the order of the word, or on no order.
        self.newest.load(Ordering::Relaxed)
    }

    #[inline]
    fn floor(&self) -> u64 {
        // Relaxed: as for `newest`.
        self.floor.load(Ordering::Relaxed)
    }

    #[inline]
    fn raise_newest(&self, time: u64) {
        let mut newest = self.newest();
        while newest < time {
            // Relaxed: as for `newest`. It fails where another writer raised it, or spuriously.
            let raised = self.newest.compare_exchange_weak(
                newest,
                time,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            match raised {
                Ok(_) => return,
                Err(now) => newest = now,
            }
        }
    }

    /// Refuses samples that are older, as long as no values were written.
    pub(super) fn set_floor(&self, time: u64) {
        // Relaxed: published with the intake itself.
        self.floor.store(time, Ordering::Relaxed);
    }

    /// Passes all values that were written since the last call to `visit`, each once, and closes
    /// what can be closed. If the caller's time was corrected since, opens again what is closed,
    /// within the bounds.
    pub(super) fn take(
        &self,
        reader: &mut IntakeReader<T>,
        env: &IntakeEnv,
        bounds: Bounds,
        visit: &mut dyn FnMut(&mut T),
    ) {
        reader.log_reader.free_retired(&env.pins);
        let clock = &env.clock;
        let now = clock.now();
        let newest = self.newest().max(bounds.newest_elsewhere);
        let (mut cutoff, floor) = (clock.cutoff(newest, now), self.floor());
        if cutoff < floor {
            cutoff = cutoff.max(bounds.open_from).min(floor);
            (reader.closed, reader.closing) = (reader.closed.min(cutoff), None);
        }
        // Relaxed: writers that claim behind the sweep know it by the order of the word. Others may
        // read an older floor, which is no lower than what was closed by then.
        self.floor.store(cutoff, Ordering::Relaxed);
        self.log.sweep(&mut reader.log_reader, visit);
        reader.close(cutoff);
        reader.now = now;
        // The values that were found may be newer than what was known before.
        let newest = self.newest().max(bounds.newest_elsewhere);
        reader.may_close_more = reader.closed < clock.cutoff(newest, now);
    }

    /// Whether no value waits to be taken or is being written.
    pub(super) fn is_empty(&self, reader: &IntakeReader<T>) -> bool {
        self.log.is_empty(&reader.log_reader)
    }

    /// Forgets all times and frees what is not needed until samples come again, unless a value is
    /// being written or waits to be taken.
    pub(super) fn sleep(&self, reader: &mut IntakeReader<T>, env: &IntakeEnv) {
        self.log.sleep(&mut reader.log_reader, &env.pins);
    }

    /// Wakes the log without a sample.
    #[cfg(all(test, loom))]
    pub(super) fn wake(&self, env: &IntakeEnv) {
        drop(self.log.claim(env.remembered_nanos, &env.pins));
    }

    /// The version, read as a step in the order of the word: whoever claims a slot behind it knows
    /// what was done before.
    pub(super) fn version_in_order(&self) -> u64 {
        self.log.version_in_order()
    }

    /// Differs from [`IntakeReader::version`] once there is something to take.
    pub(super) fn version(&self) -> u64 {
        self.log.version()
    }
}

impl<T> IntakeReader<T> {
    /// Closes what can be closed after a sweep; `cutoff` is that from before the sweep.
    fn close(&mut self, cutoff: u64) {
        let sweep = self.log_reader.sweeps();
        if self.log_reader.is_complete_before(sweep) {
            (self.closed, self.closing) = (cutoff, None);
            return;
        }
        // A writer is still writing. What an earlier sweep counted may be complete by now.
        if let Some(Closing { cutoff, sweep }) = self.closing
            && self.log_reader.is_complete_before(sweep)
        {
            (self.closed, self.closing) = (cutoff, None);
        }
        self.closing.get_or_insert(Closing { cutoff, sweep });
    }

    /// All samples older than this that will ever be accepted were taken.
    pub(super) fn closed(&self) -> u64 {
        self.closed
    }

    /// The caller's time when values were last taken.
    pub(super) fn now(&self) -> u64 {
        self.now
    }

    /// The intake's version as long as there is nothing to take, close or free; `None` if there may
    /// be something.
    pub(super) fn version(&self) -> Option<u64> {
        let has_all = self.log_reader.is_complete_before(self.log_reader.sweeps());
        let is_done = has_all && !self.may_close_more && self.log_reader.retired.is_none();
        is_done.then(|| self.log_reader.version())
    }
}
