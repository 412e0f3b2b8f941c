//! How one container's samples are taken in, and when no more of a time can come.
//!
//! The writers' side is [`Intake`], the reader's [`IntakeReader`]. What holds them together:
//!
//! 1. A writer first claims a slot of the log, and *then* looks whether its sample is late.
//! 2. The reader first looks what the newest time is, and *then* sweeps the log.
//!
//! Both are steps in the order of the log's one word. So a writer who claims behind a sweep knows
//! of a newest time that is no older than the reader's, and refuses whatever is late by that; and
//! the slot of one who claimed before is counted in it. Once all slots that a sweep counted are
//! written or given up, all samples are there that will ever be accepted of what is late by the
//! newest time before that sweep: up to there the container is *closed*.
//!
//! The caller's time, which may be the newest, can be corrected backwards. So the reader notes by
//! which time it closes, its *floor*, before it sweeps, and the writers' side refuses what is older
//! than that, too. The reader alone lowers it, after what is closed: then older samples may come
//! again.

use super::hooks::{WriteStep, reached};
use super::log_reader::LogReader;
use super::pins::Pins;
use super::sample_log::SampleLog;
use super::sync::{AtomicU64, Ordering};
use super::times::Inserted;

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is taken in, and will be in the points.
    Accepted,
    /// There is a sample of its time already.
    Duplicate,
    /// It is older than the newest by more than the lateness, and changes nothing.
    Late,
    /// It lies further ahead of the caller's time than is believed, and changes nothing.
    Ahead,
}

/// Whether the value of a slot is a sample or a copy of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Sample,
    Copy,
}

/// The caller's time, and what depends on it. All times are nanoseconds since the epoch.
#[derive(Debug)]
pub(super) struct Clock {
    /// 0 until the caller tells it.
    now: AtomicU64,
    lateness: u64,
    max_ahead: u64,
}

impl Clock {
    pub(super) fn new(lateness: u64, max_ahead: u64) -> Self {
        Self { now: AtomicU64::new(0), lateness, max_ahead }
    }

    pub(super) fn advance(&self, now: u64) {
        // Relaxed: who it is told to goes by `Intake`'s rules.
        self.now.store(now, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    /// What is older than this is late, where `now` is the caller's time.
    #[inline]
    fn cutoff(&self, newest: u64, now: u64) -> u64 {
        newest.max(now).saturating_sub(self.lateness)
    }

    #[inline]
    pub(super) fn is_ahead(&self, time: u64) -> bool {
        time > self.latest()
    }

    /// The last time that samples may be of.
    #[inline]
    pub(super) fn latest(&self) -> u64 {
        match self.now() {
            0 => u64::MAX,
            now => now.saturating_add(self.max_ahead),
        }
    }
}

/// What all intakes of a recorder go by.
#[derive(Debug)]
pub(super) struct IntakeEnv {
    pub(super) clock: Clock,
    pins: Pins,
    /// For how long times are known, in nanoseconds.
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
    /// The newest time that was noted.
    newest: AtomicU64,
    /// The latest time up to which the reader closes, or will.
    floor: AtomicU64,
    log: SampleLog<T>,
}

/// What the reader knows of an intake.
#[derive(Debug)]
pub(super) struct IntakeReader<T> {
    log_reader: LogReader<T>,
    closed: u64,
    /// Up to where the container is closed once all is there that this sweep counted.
    closing: Option<Closing>,
    /// The caller's time at the last sweep.
    now: u64,
    /// Whether more could have been closed after the last sweep.
    may_close_more: bool,
}

/// What is closed once everything is there that a sweep counted.
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

    /// Takes a sample of this time, which `write` puts into a slot. Where `wants_copy` says so, which
    /// is asked once the time is known, it gets a slot also as a duplicate that is not late.
    ///
    /// Late is what was late when the call began.
    #[inline]
    pub(super) fn offer(
        &self,
        env: &IntakeEnv,
        time: u64,
        wants_copy: impl Fn() -> bool,
        write: impl FnOnce(&mut T, Role),
    ) -> Verdict {
        // What is refused needs no slot: it changes nothing.
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

    /// What a sample is that comes too late.
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

    /// The newest time that was noted.
    #[inline]
    pub(super) fn newest(&self) -> u64 {
        // Relaxed: the order of the word, or no order, is all that readers of it rely on.
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
            // Relaxed: as for `newest`. It fails where another writer raised it, or for no reason.
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

    /// Refuses what is older, as long as no values were written.
    pub(super) fn set_floor(&self, time: u64) {
        // Relaxed: told of with the intake itself.
        self.floor.store(time, Ordering::Relaxed);
    }

    /// Shows all values that were written since the last call, each once, and closes what can be
    /// closed. Where the caller's time was corrected since, what is closed is opened again, but
    /// nothing before `open_from`.
    pub(super) fn take(
        &self,
        reader: &mut IntakeReader<T>,
        env: &IntakeEnv,
        open_from: u64,
        visit: &mut dyn FnMut(&mut T),
    ) {
        reader.log_reader.free_retired(&env.pins);
        let clock = &env.clock;
        let now = clock.now();
        let (mut cutoff, floor) = (clock.cutoff(self.newest(), now), self.floor());
        if cutoff < floor {
            cutoff = cutoff.max(open_from).min(floor);
            (reader.closed, reader.closing) = (reader.closed.min(cutoff), None);
        }
        // Relaxed: writers that claim behind the sweep know it by the order of the word; others
        // may go by an older one, which is no lower than what was closed by then.
        self.floor.store(cutoff, Ordering::Relaxed);
        self.log.sweep(&mut reader.log_reader, visit);
        reader.close(cutoff);
        reader.now = now;
        // What was found may be newer than what was known before.
        reader.may_close_more = reader.closed < clock.cutoff(self.newest(), now);
    }

    /// Whether no value is on its way.
    pub(super) fn is_empty(&self, reader: &IntakeReader<T>) -> bool {
        self.log.is_empty(&reader.log_reader)
    }

    /// Forgets all times and frees what is not needed until samples come again, unless one is on
    /// its way.
    pub(super) fn sleep(&self, reader: &mut IntakeReader<T>, env: &IntakeEnv) {
        self.log.sleep(&mut reader.log_reader, &env.pins);
    }

    /// Wakes it without a sample.
    #[cfg(all(test, loom))]
    pub(super) fn wake(&self, env: &IntakeEnv) {
        drop(self.log.claim(env.remembered_nanos, &env.pins));
    }

    /// The version as a step in the order of the word: who claims a slot behind it knows what was
    /// done before.
    pub(super) fn version_in_order(&self) -> u64 {
        self.log.version_in_order()
    }

    /// Another than [`IntakeReader::version`] once there is something to take.
    pub(super) fn version(&self) -> u64 {
        self.log.version()
    }
}

impl<T> IntakeReader<T> {
    /// Closes what can be closed after a sweep before which this was the cutoff.
    fn close(&mut self, cutoff: u64) {
        let sweep = self.log_reader.sweeps();
        if self.log_reader.is_complete_before(sweep) {
            (self.closed, self.closing) = (cutoff, None);
            return;
        }
        // Someone is still writing. What an earlier sweep counted may be there by now.
        if let Some(Closing { cutoff, sweep }) = self.closing
            && self.log_reader.is_complete_before(sweep)
        {
            (self.closed, self.closing) = (cutoff, None);
        }
        self.closing.get_or_insert(Closing { cutoff, sweep });
    }

    /// No sample older than this will be accepted that was not shown.
    pub(super) fn closed(&self) -> u64 {
        self.closed
    }

    /// The caller's time when values were last taken.
    pub(super) fn now(&self) -> u64 {
        self.now
    }

    /// What the intake's version is as long as there is nothing to take, close or free; `None`
    /// where there may be.
    pub(super) fn version(&self) -> Option<u64> {
        let has_all = self.log_reader.is_complete_before(self.log_reader.sweeps());
        let is_done = has_all && !self.may_close_more && self.log_reader.retired.is_none();
        is_done.then(|| self.log_reader.version())
    }
}
