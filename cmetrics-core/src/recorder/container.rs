//! One container of a recorder.

use std::sync::Arc;

use super::Totals;
use super::intake::{Clock, Intakes, Role, Verdict};
use super::sealing::{Received, Rules, Samples, Sealing};
use super::settings::RecorderSettings;
use super::sync::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Mutex, MutexGuard, Ordering};
use super::woken::{Linked, Woken};
use crate::container::{Identity, Life, Limits};
use crate::metric::Metric;
use crate::point::DataPoint;
use crate::sample::Sample;
use crate::series::{Chunk, LimitHistory, Resumed};
use crate::time::Timestamp;

/// What all containers of a recorder have in common.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) settings: RecorderSettings,
    pub(super) intakes: Intakes,
    /// Containers that are listed and those who seal do not know of yet.
    pub(super) woken: Woken<Container>,
    /// Whether copies of a sample may tell differently of what is asked for.
    varies: bool,
    /// Of containers of which no document tells any.
    no_life: Arc<Life>,
}

impl Common {
    pub(super) fn new(settings: RecorderSettings) -> Self {
        let clock = Clock::new(settings.lateness_nanos(), settings.max_ahead_nanos());
        let varies = settings.points().all_metrics().iter().any(Metric::varies_between_copies);
        let intakes = Intakes::new(clock, settings.cover_nanos());
        Self { settings, intakes, woken: Woken::new(), varies, no_life: Arc::default() }
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.intakes.clock
    }

    pub(super) fn varies(&self) -> bool {
        self.varies
    }
}

/// One container: where its samples come in, and where its points are made of them.
#[derive(Debug)]
#[repr(C)] // what writers change lies together, and first
pub(super) struct Container {
    samples: Samples,
    /// Whether those who seal know of it, or will: it is with them, or on its way to them.
    listed: AtomicBool,
    /// Whether copies may complete samples of it.
    partial: AtomicBool,
    is_active: AtomicBool,
    /// Whether documents told of its life.
    has_life: AtomicBool,
    /// Whether it left the registry.
    is_gone: AtomicBool,
    common: Arc<Common>,
    name: Arc<str>,
    refused: Refused,
    /// The intake's version as long as nothing can be sealed, and the caller's time when it was.
    sealed_version: AtomicU64,
    sealed_now: AtomicU64,
    /// How many handles there are.
    handles: AtomicUsize,
    /// The container before it where it is on its way to those who seal.
    next: AtomicPtr<Self>,
    sealing: Mutex<Sealing>,
    about: Mutex<About>,
}

impl Linked for Container {
    fn next(&self) -> &AtomicPtr<Self> {
        &self.next
    }
}

/// How many samples were not accepted.
#[derive(Debug, Default)]
struct Refused {
    duplicates: AtomicU64,
    late: AtomicU64,
    ahead: AtomicU64,
}

/// What documents say of it beside samples.
#[derive(Debug)]
struct About {
    identity: Identity,
    limits: Option<Box<LimitHistory>>,
    life: Option<Arc<Life>>,
}

impl Container {
    pub(super) fn new(identity: Identity, common: Arc<Common>) -> Self {
        let (samples, taken) = Samples::new();
        let sealed_version = AtomicU64::new(samples.version());
        Self {
            samples,
            listed: AtomicBool::new(false),
            partial: AtomicBool::new(false),
            is_active: AtomicBool::new(false),
            has_life: AtomicBool::new(false),
            is_gone: AtomicBool::new(false),
            common,
            name: Arc::clone(identity.name()),
            refused: Refused::default(),
            sealed_version,
            sealed_now: AtomicU64::new(0),
            handles: AtomicUsize::new(0),
            next: AtomicPtr::new(std::ptr::null_mut()),
            sealing: Mutex::new(Sealing::new(taken)),
            about: Mutex::new(About { identity, limits: None, life: None }),
        }
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(super) fn identity(&self) -> Identity {
        self.about.lock().identity.clone()
    }

    /// Adds what was counted of it.
    pub(super) fn add_to(self: &Arc<Self>, totals: &mut Totals) {
        totals.duplicates += self.refused.duplicates.load(Ordering::Relaxed);
        totals.late += self.refused.late.load(Ordering::Relaxed);
        totals.ahead += self.refused.ahead.load(Ordering::Relaxed);
        self.sealing().add_to(&self.samples, self.rules(&self.life()), totals);
        self.note_taken_in();
    }

    /// Adds what another document says of it.
    pub(super) fn add(&self, told: &crate::container::Container) {
        let mut about = self.about.lock();
        about.identity.add(told);
        if told.started.is_some() || told.cpus.is_some() {
            let life = about.life.get_or_insert_default();
            if Life::learn(life, told.started, told.cpus) {
                Life::forget_excess(life);
            }
            // Relaxed: what a sealer does not see yet is told with the next document.
            self.has_life.store(true, Ordering::Relaxed);
        }
    }

    /// What documents told of its life.
    pub(super) fn life(&self) -> Arc<Life> {
        if self.has_life.load(Ordering::Relaxed) {
            return self.about.lock().life.clone().unwrap_or_default();
        }
        Arc::clone(&self.common.no_life)
    }

    pub(super) fn note_limits(&self, last_sample: Timestamp, limits: Limits) {
        let mut about = self.about.lock();
        let known = about.limits.get_or_insert_default();
        known.note(last_sample, limits);
        known.forget_before(last_sample);
    }

    /// Takes a sample. Waits for nobody.
    #[inline]
    pub(super) fn record(self: &Arc<Self>, sample: &Sample) -> Verdict {
        self.take(sample, false)
    }

    /// Takes a sample of a document that may tell less of it than others do.
    pub(super) fn record_from(
        self: &Arc<Self>,
        sample: &Sample,
        from_machine_stats: bool,
    ) -> Verdict {
        if from_machine_stats {
            // Relaxed: told of with the sample's time.
            self.partial.store(true, Ordering::Relaxed);
        }
        self.take(sample, from_machine_stats)
    }

    #[inline]
    fn take(self: &Arc<Self>, sample: &Sample, from_machine_stats: bool) -> Verdict {
        let time = sample.time().nanos();
        // Relaxed: asked once the sample's time is known, with which it was told.
        let copies = || self.common.varies || self.partial.load(Ordering::Relaxed);
        let verdict = self.samples.offer(&self.common.intakes, time, copies, |slot, role| {
            write(slot, sample, role, from_machine_stats);
        });
        // Relaxed: who claimed a slot after it was unlisted knows that it was (see `rests`).
        if !self.listed.load(Ordering::Relaxed) {
            self.list();
        }
        if verdict != Verdict::Accepted {
            self.count(verdict, 1);
        }
        verdict
    }

    /// Counts samples that were not accepted.
    pub(super) fn count(&self, verdict: Verdict, number: u64) {
        let counter = match verdict {
            Verdict::Accepted => return,
            Verdict::Duplicate => &self.refused.duplicates,
            Verdict::Late => &self.refused.late,
            Verdict::Ahead => &self.refused.ahead,
        };
        // Relaxed: plain counts.
        counter.fetch_add(number, Ordering::Relaxed);
    }

    /// Whether there is a sample of this time.
    pub(super) fn knows(&self, time: Timestamp) -> bool {
        self.samples.knows(&self.common.intakes, time.nanos())
    }

    /// Whether a sample of this time lies too far ahead.
    pub(super) fn is_ahead(&self, time: Timestamp) -> bool {
        self.common.clock().is_ahead(time.nanos())
    }

    /// Whether a sample of this time is late.
    pub(super) fn is_late(&self, time: Timestamp) -> bool {
        self.samples.is_late(self.common.clock(), time.nanos())
    }

    /// Whether sealing may do anything.
    pub(super) fn needs_sealing(&self) -> bool {
        // Relaxed: what is missed now is seen the next time, and what this thread or one that it
        // waited for recorded is not missed.
        let (sealed, now) = (self.sealed_now.load(Ordering::Relaxed), self.common.clock().now());
        self.sealed_version.load(Ordering::Relaxed) != self.samples.version()
            || (sealed != now && (now < sealed || self.is_active.load(Ordering::Relaxed)))
    }

    /// Whether it may leave the registry: nothing is known of it, and there is no handle.
    pub(super) fn is_left(&self) -> bool {
        self.seems_dormant() && !self.is_held() && !self.is_gone.load(Ordering::Relaxed)
    }

    /// Whether nothing is known of it, as far as is known without waiting for who seals it.
    pub(super) fn seems_dormant(&self) -> bool {
        !self.is_active.load(Ordering::Relaxed) && !self.needs_sealing()
    }

    /// Has those who seal look at it.
    #[cold]
    pub(super) fn list(self: &Arc<Self>) {
        // Acquire and release: of listing, unlisting and what they go by, the order is one.
        if !self.listed.swap(true, Ordering::AcqRel) {
            self.common.woken.add(self);
        }
    }

    /// Whether those who seal need not look at it until it is listed anew; only they may ask, who
    /// have it.
    ///
    /// Nobody is missed: who claims a slot behind the step in the order of the log's word, and who
    /// lets go of the last handle behind the one in the order of `listed`, finds it unlisted; and
    /// who did so before is seen here.
    pub(super) fn rests(&self) -> bool {
        if self.is_gone.load(Ordering::Relaxed) {
            return true;
        }
        if !self.seems_dormant() || !self.is_held() {
            return false;
        }
        self.listed.swap(false, Ordering::AcqRel);
        let sealed = self.sealed_version.load(Ordering::Relaxed);
        if sealed == self.samples.version_in_order() && self.is_held() {
            return true;
        }
        // Where someone was faster, it comes once more.
        self.listed.swap(true, Ordering::AcqRel)
    }

    /// Whether there are handles.
    pub(super) fn is_held(&self) -> bool {
        // Acquire: what was done by handles that are gone.
        self.handles.load(Ordering::Acquire) > 0
    }

    /// Counts a handle more.
    pub(super) fn hold(&self) {
        // Relaxed: who makes one has one, or the registry's lock.
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a handle less.
    pub(super) fn let_go(self: &Arc<Self>) {
        // Release: what was done by it. Acquire: what others did, where it is the last.
        if self.handles.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.list();
        }
    }
    /// Says that it left the registry.
    pub(super) fn note_gone(&self) {
        self.is_gone.store(true, Ordering::Relaxed);
    }

    /// Whether nothing is known of it, nor on its way.
    pub(super) fn is_dormant(&self, sealing: &Sealing) -> bool {
        sealing.is_dormant(&self.samples)
    }

    /// Says that it may have had samples of which nothing is known, and gave points up to here.
    pub(super) fn come_back(&self, open_from: u64) {
        let open_from = open_from.min(self.common.clock().latest());
        self.sealing.lock().come_back(&self.samples, open_from);
    }

    /// The right to seal it, unless another thread has it.
    pub(super) fn try_sealing(&self) -> Option<MutexGuard<'_, Sealing>> {
        self.sealing.try_lock()
    }

    /// The right to seal it, once no other thread has it.
    pub(super) fn sealing(&self) -> MutexGuard<'_, Sealing> {
        self.sealing.lock()
    }

    /// Adds the points that became final.
    pub(super) fn seal(&self, sealing: &mut Sealing, points: &mut Vec<DataPoint>) {
        sealing.seal(&self.samples, self.rules(&self.life()), points);
        self.sealed_version.store(sealing.version().unwrap_or(u64::MAX), Ordering::Relaxed);
        self.sealed_now.store(sealing.now(), Ordering::Relaxed);
        self.is_active.store(!sealing.is_dormant(&self.samples), Ordering::Relaxed);
    }

    /// Adds the points of all that was recorded.
    pub(super) fn flush(self: &Arc<Self>, sealing: &mut Sealing, points: &mut Vec<DataPoint>) {
        sealing.flush(&self.samples, self.rules(&self.life()), points);
        self.note_taken_in();
    }

    /// The last final point and those that are not final yet.
    pub(super) fn snapshot(self: &Arc<Self>) -> Vec<DataPoint> {
        let mut sealing = self.sealing();
        let points = sealing.snapshot(&self.samples, self.rules(&self.life()));
        self.note_taken_in();
        points
    }

    /// What was recorded and not handed to a store yet, and up to where nothing more comes.
    pub(super) fn take_unstored(&self, points: &mut Vec<DataPoint>) -> (Chunk, u64) {
        let mut sealing = self.sealing();
        self.seal(&mut sealing, points);
        sealing.take_unstored()
    }

    /// Takes back what a store did not take.
    pub(super) fn put_back(self: &Arc<Self>, samples: &Chunk) {
        self.sealing().put_back(samples);
        self.note_taken_in();
    }

    /// Goes on with what a store knows.
    pub(super) fn resume(self: &Arc<Self>, resumed: Resumed<'_>) {
        if **resumed.life != Life::default() {
            self.about.lock().life = Some(Arc::clone(resumed.life));
            self.has_life.store(true, Ordering::Relaxed);
        }
        for (row, mark) in resumed.samples.marked_rows() {
            self.record_from(&row.into(), mark.from_machine_stats);
        }
        self.sealing().resume(&self.samples, self.rules(resumed.life), resumed);
        self.note_taken_in();
    }

    /// The newest limits that are known.
    pub(super) fn newest_limits(&self) -> Limits {
        self.limits()
    }

    /// Notes that samples were taken in without sealing what they made final. It is closed by the
    /// time that it is now: should that be corrected, it must be among those that are opened again.
    fn note_taken_in(self: &Arc<Self>) {
        self.sealed_version.store(u64::MAX, Ordering::Relaxed);
        self.list();
    }

    fn limits(&self) -> Limits {
        self.about.lock().limits.as_ref().map(|known| known.newest()).unwrap_or_default()
    }

    fn rules<'r>(&'r self, life: &'r Arc<Life>) -> Rules<'r> {
        let has_shares = self.common.settings.points().shares();
        Rules {
            name: &self.name,
            settings: &self.common.settings,
            intakes: &self.common.intakes,
            limits: if has_shares { self.limits() } else { Limits::default() },
            life,
        }
    }
}

/// Puts a sample into a slot, in the room of the one that was there.
#[inline]
fn write(slot: &mut Option<Received>, sample: &Sample, role: Role, from_machine_stats: bool) {
    if let Some(received) = slot {
        received.sample.copy_from(sample);
        received.role = role;
        received.from_machine_stats = from_machine_stats;
    } else {
        *slot = Some(Received { sample: sample.clone(), role, from_machine_stats });
    }
}
