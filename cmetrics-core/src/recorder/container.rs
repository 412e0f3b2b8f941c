//! One container of a recorder: of the samples of one door.

mod sealing;

use std::cmp::Reverse;
use std::sync::Arc;

use sealing::speaks_for_container;

use super::Totals;
use super::intake::{Clock, IntakeEnv, Role, Verdict};
use super::sealer::{RecordedSample, SampleIntake, Sealer};
use super::settings::RecorderSettings;
use super::stack::{Linked, Stack};
use crate::container::{Container, Identity, Labels, Life, Limits};
use crate::document::Door;
use crate::metric::Metric;
use crate::sample::Sample;
use crate::series::LimitHistory;
use crate::sync::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Mutex, MutexGuard, Ordering};
use crate::time::Timestamp;

/// What all containers of a recorder share.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) settings: RecorderSettings,
    pub(super) intake_env: IntakeEnv,
    /// Containers that were listed and that no sealer has taken yet.
    pub(super) newly_listed: Stack<ContainerRecorder>,
    /// Whether the values of the selected metrics may differ between copies of a sample.
    copies_vary: bool,
    /// The life of containers of which no document reports one.
    no_life: Arc<Life>,
}

impl Common {
    pub(super) fn new(settings: RecorderSettings) -> Self {
        let clock = Clock::new(settings.lateness_nanos(), settings.max_ahead_nanos());
        let copies_vary = settings.points().all_metrics().iter().any(Metric::varies_between_copies);
        let intake_env = IntakeEnv::new(clock, settings.remembered_nanos());
        Self {
            settings,
            intake_env,
            newly_listed: Stack::new(),
            copies_vary,
            no_life: Arc::default(),
        }
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.intake_env.clock
    }

    pub(super) fn copies_vary(&self) -> bool {
        self.copies_vary
    }
}

/// One container: takes its samples, and makes its points.
#[derive(Debug)]
#[repr(C)] // the fields that writers change lie together, and first
pub(super) struct ContainerRecorder {
    intake: SampleIntake,
    /// Whether it is among the containers that sealers check, or on its way there.
    listed: AtomicBool,
    /// Whether copies may complete its samples.
    has_partial: AtomicBool,
    is_active: AtomicBool,
    /// Whether documents reported its life.
    has_life: AtomicBool,
    /// Whether it was removed from the registry.
    is_removed: AtomicBool,
    /// Whether its names were looked at since it was registered.
    has_told_names: AtomicBool,
    /// The door of its samples.
    door: Door,
    common: Arc<Common>,
    name: Arc<str>,
    rejected: RejectedCounts,
    /// The intake's version as long as nothing can be sealed, and the caller's time when it was
    /// sealed.
    sealed_version: AtomicU64,
    sealed_now: AtomicU64,
    /// How many handles there are.
    handles: AtomicUsize,
    /// The container that was pushed before it, while it is in `newly_listed`.
    next: AtomicPtr<Self>,
    sealer: Mutex<Sealer>,
    description: Mutex<Description>,
}

impl Linked for ContainerRecorder {
    fn next(&self) -> &AtomicPtr<Self> {
        &self.next
    }
}

/// How many samples were not accepted.
#[derive(Debug, Default)]
struct RejectedCounts {
    duplicates: AtomicU64,
    late: AtomicU64,
    ahead: AtomicU64,
}

/// What documents say of it besides samples.
#[derive(Debug)]
struct Description {
    identity: Identity,
    limits: Option<Box<LimitHistory>>,
    /// The newest sample of the document that its labels are of.
    labels_at: Option<Timestamp>,
    life: Option<Arc<Life>>,
}

impl ContainerRecorder {
    pub(super) fn new(identity: Identity, door: Door, common: Arc<Common>) -> Self {
        let (intake, intake_reader) = SampleIntake::new();
        let sealed_version = AtomicU64::new(intake.version());
        Self {
            intake,
            listed: AtomicBool::new(false),
            has_partial: AtomicBool::new(false),
            is_active: AtomicBool::new(false),
            has_life: AtomicBool::new(false),
            is_removed: AtomicBool::new(false),
            has_told_names: AtomicBool::new(false),
            door,
            common,
            name: Arc::clone(identity.name()),
            rejected: RejectedCounts::default(),
            sealed_version,
            sealed_now: AtomicU64::new(0),
            handles: AtomicUsize::new(0),
            next: AtomicPtr::new(std::ptr::null_mut()),
            sealer: Mutex::new(Sealer::new(intake_reader)),
            description: Mutex::new(Description {
                identity,
                limits: None,
                labels_at: None,
                life: None,
            }),
        }
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The door of its samples.
    pub(super) fn door(&self) -> Door {
        self.door
    }

    pub(super) fn identity(&self) -> Identity {
        self.description.lock().identity.clone()
    }

    /// Adds its counts to `totals`.
    pub(super) fn add_counts_to(self: &Arc<Self>, totals: &mut Totals) {
        totals.duplicates += self.rejected.duplicates.load(Ordering::Relaxed);
        totals.late += self.rejected.late.load(Ordering::Relaxed);
        totals.ahead += self.rejected.ahead.load(Ordering::Relaxed);
        let (mut sealer, life) = (self.sealer(), self.life());
        totals.containers += u64::from(speaks_for_container(&sealer));
        let context = self.seal_context(&life, &sealer);
        sealer.add_counts_to(&self.intake, context, totals);
        drop(sealer);
        self.mark_unsealed();
    }

    /// Adds what another document says of it. Returns its identity if that tells names by which it
    /// may be known to be another container.
    pub(super) fn describe(&self, described: &Container) -> Option<Identity> {
        let mut description = self.description.lock();
        let before = description.identity.told_names();
        description.identity.add(described);
        // Relaxed: under the lock.
        let is_new = !self.has_told_names.swap(true, Ordering::Relaxed);
        let tells_more = is_new || description.identity.told_names() > before;
        if described.started.is_some() || described.cpus.is_some() {
            let life = description.life.get_or_insert_default();
            if Life::describe(life, described) {
                Life::forget_excess(life);
            }
            // Relaxed: what a sealer does not see yet, the next document repeats.
            self.has_life.store(true, Ordering::Relaxed);
        }
        tells_more.then(|| description.identity.clone())
    }

    /// Its life, as documents report it.
    pub(super) fn life(&self) -> Arc<Life> {
        if self.has_life.load(Ordering::Relaxed) {
            return self.description.lock().life.clone().unwrap_or_default();
        }
        Arc::clone(&self.common.no_life)
    }

    pub(super) fn note_limits(&self, last_sample: Timestamp, limits: Limits) {
        let mut description = self.description.lock();
        let known = description.limits.get_or_insert_default();
        known.note(last_sample, limits);
        known.forget_before(last_sample);
    }

    /// Sets the labels of a document with this last sample. The newest document counts.
    pub(super) fn note_labels(&self, last_sample: Timestamp, labels: &Arc<Labels>) {
        let mut description = self.description.lock();
        if description.labels_at > Some(last_sample) {
            return;
        }
        description.labels_at = Some(last_sample);
        let known = description.identity.shared_labels();
        if known.is_none_or(|known| !Arc::ptr_eq(known, labels)) {
            description.identity.set_labels(Arc::clone(labels));
        }
    }

    /// Its labels, with what says how new they are.
    pub(super) fn labels(&self) -> ((Option<Timestamp>, Reverse<Door>), Arc<Labels>) {
        let description = self.description.lock();
        let labels = description.identity.shared_labels().cloned().unwrap_or_default();
        ((description.labels_at, Reverse(self.door)), labels)
    }

    /// Adds the labels that a caller told.
    pub(super) fn add_labels(&self, described: &Container) {
        if self.common.settings.keeps_labels() {
            self.description.lock().identity.add_labels(described);
        }
    }

    /// Records a sample. Waits for nobody.
    #[inline]
    pub(super) fn record(self: &Arc<Self>, sample: &Sample) -> Verdict {
        self.record_with_source(sample, false)
    }

    /// Records a sample of a document that may contain less of it than others do.
    pub(super) fn record_from(self: &Arc<Self>, sample: &Sample, is_partial: bool) -> Verdict {
        if is_partial {
            // Relaxed: published with the sample's time.
            self.has_partial.store(true, Ordering::Relaxed);
        }
        self.record_with_source(sample, is_partial)
    }

    #[inline]
    fn record_with_source(self: &Arc<Self>, sample: &Sample, is_partial: bool) -> Verdict {
        let time = sample.time().nanos();
        // Relaxed: read once the sample's time is known, with which it was published.
        let wants_copy = || self.common.copies_vary || self.has_partial.load(Ordering::Relaxed);
        let verdict = self.intake.offer(&self.common.intake_env, time, wants_copy, |slot, role| {
            write(slot, sample, role, is_partial);
        });
        // Relaxed: whoever claimed a slot after it was unlisted knows that it was (see
        // `try_unlist`).
        if !self.listed.load(Ordering::Relaxed) {
            self.list();
        }
        if verdict != Verdict::Accepted {
            self.count_rejected(verdict, 1);
        }
        verdict
    }

    /// Counts samples that were not accepted.
    pub(super) fn count_rejected(&self, verdict: Verdict, number: u64) {
        let counter = match verdict {
            Verdict::Accepted => return,
            Verdict::Duplicate => &self.rejected.duplicates,
            Verdict::Late => &self.rejected.late,
            Verdict::Ahead => &self.rejected.ahead,
        };
        // Relaxed: plain counts.
        counter.fetch_add(number, Ordering::Relaxed);
    }

    /// Whether there is a sample of this time.
    pub(super) fn has_sample_at(&self, time: Timestamp) -> bool {
        self.intake.has_sample_at(&self.common.intake_env, time.nanos())
    }

    /// Whether a sample of this time lies too far ahead.
    pub(super) fn is_ahead(&self, time: Timestamp) -> bool {
        self.common.clock().is_ahead(time.nanos())
    }

    /// Whether a sample of this time is late.
    pub(super) fn is_late(&self, time: Timestamp) -> bool {
        self.intake.is_late(self.common.clock(), time.nanos())
    }

    /// Whether sealing may do anything.
    pub(super) fn needs_sealing(&self) -> bool {
        // Relaxed: what is missed now is seen the next time; and nothing is missed that this thread
        // recorded, or one for which it waited.
        let (sealed, now) = (self.sealed_now.load(Ordering::Relaxed), self.common.clock().now());
        self.sealed_version.load(Ordering::Relaxed) != self.intake.version()
            || (sealed != now && (now < sealed || self.is_active.load(Ordering::Relaxed)))
    }

    /// Whether it may be removed from the registry: nothing is known of it, and it has no handles.
    pub(super) fn is_removable(&self) -> bool {
        self.seems_dormant() && !self.has_handles() && !self.is_removed.load(Ordering::Relaxed)
    }

    /// Whether nothing is known of it, as far as can be seen without waiting for its sealer.
    pub(super) fn seems_dormant(&self) -> bool {
        !self.is_active.load(Ordering::Relaxed) && !self.needs_sealing()
    }

    /// Lists it, so that sealers check it.
    #[cold]
    pub(super) fn list(self: &Arc<Self>) {
        // Acquire and release: there is one order of listing, unlisting and what they depend on.
        if !self.listed.swap(true, Ordering::AcqRel) {
            self.common.newly_listed.push(self);
        }
    }

    /// Unlists it and returns true if sealers need not check it until it is listed again. Only the
    /// sealer that holds the list may call this.
    ///
    /// Nothing is missed: a writer that claims a slot behind the step in the order of the log's
    /// word finds it unlisted, and so does whoever releases the last handle behind the step in the
    /// order of `listed`. What was done before these steps is seen here.
    pub(super) fn try_unlist(&self) -> bool {
        if self.is_removed.load(Ordering::Relaxed) {
            return true;
        }
        if !self.seems_dormant() || !self.has_handles() {
            return false;
        }
        self.listed.swap(false, Ordering::AcqRel);
        let sealed = self.sealed_version.load(Ordering::Relaxed);
        if sealed == self.intake.version_in_order() && self.has_handles() {
            return true;
        }
        // If another thread has listed it meanwhile, it is on its way to the list again.
        self.listed.swap(true, Ordering::AcqRel)
    }

    /// Whether it has handles.
    pub(super) fn has_handles(&self) -> bool {
        // Acquire: what was done through handles that were released.
        self.handles.load(Ordering::Acquire) > 0
    }

    /// Counts one handle more.
    pub(super) fn add_handle(&self) {
        // Relaxed: whoever makes a handle has one, or the registry's lock.
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts one handle less.
    pub(super) fn release_handle(self: &Arc<Self>) {
        // Release: what was done through this handle. Acquire: what was done through others, if it
        // is the last.
        if self.handles.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.list();
        }
    }

    /// Notes that it was removed from the registry.
    pub(super) fn mark_removed(&self) {
        self.is_removed.store(true, Ordering::Relaxed);
    }

    /// Whether nothing is known of it, and no sample is on its way.
    pub(super) fn is_dormant(&self, sealer: &Sealer) -> bool {
        sealer.is_dormant(&self.intake)
    }

    /// Notes that it may have had samples that are forgotten, and that its points before
    /// `open_from` were emitted.
    pub(super) fn resume_forgotten(&self, open_from: u64) {
        let open_from = open_from.min(self.common.clock().latest());
        self.sealer.lock().resume_forgotten(&self.intake, open_from);
    }

    /// The sealer, unless another thread holds it.
    pub(super) fn try_sealer(&self) -> Option<MutexGuard<'_, Sealer>> {
        self.sealer.try_lock()
    }

    /// The sealer, once no other thread holds it.
    pub(super) fn sealer(&self) -> MutexGuard<'_, Sealer> {
        self.sealer.lock()
    }
}

/// Writes a sample into a slot, in the allocations of the one that was there.
#[inline]
fn write(slot: &mut Option<RecordedSample>, sample: &Sample, role: Role, is_partial: bool) {
    if let Some(recorded) = slot {
        recorded.sample.copy_from(sample);
        recorded.role = role;
        recorded.is_partial = is_partial;
    } else {
        *slot = Some(RecordedSample { sample: sample.clone(), role, is_partial });
    }
}
