//! The tracker: the state of one container, and the two paths that a sample can take.

use std::sync::Arc;

use super::current_sample::SampleKind;
use super::last_readings::{LastReadings, SteadyLimits};
use super::reading_table::Origin;
use super::{Change, Listener, NotLater, SingleChanges};
use crate::container::Life;
use crate::sample::{Sample, SampleRow};
use crate::settings::Settings;
use crate::time::Timestamp;

/// One container's last readings.
///
/// ```
/// use cmetrics_core::delta::{Change, Growth, Tracker};
/// use cmetrics_core::{Metric, Sample, Settings, Timestamp};
///
/// let mut tracker = Tracker::new(&Settings::default());
/// let mut changes = Vec::new();
/// for (time, cpu) in [("2026-11-21T12:00:03Z", 100), ("2026-11-21T12:00:07Z", 180)] {
///     let mut sample = Sample::new(Timestamp::parse(time).unwrap().unwrap());
///     sample.set(Metric::CpuUsage, cpu);
///     tracker.observe(&sample, &mut |change| changes.push(change)).unwrap();
/// }
/// tracker.finish(&mut |change| changes.push(change));
/// assert!(changes.iter().any(|change| matches!(
///     change,
///     Change::Growth { metric: Metric::CpuUsage, growth: Growth::Shared { growth: 80, .. } },
/// )));
/// ```
#[derive(Clone, Debug)]
pub struct Tracker {
    pub(super) max_gap: u64,
    /// What documents state of the container's starts and CPUs.
    pub(super) life: Arc<Life>,
    /// The number of CPUs, from `life`.
    cpus: u64,
    /// The first known start after the last CPU reading.
    pub(super) next_start: u64,
    /// Samples that wait for the next CPU reading, in rising time.
    pub(super) waiting: Vec<Sample>,
    /// What the samples that do not wait read last.
    pub(super) readings: LastReadings,
    /// Whether the container had samples before the first one here.
    pub(super) resumed: bool,
}

impl Tracker {
    /// A tracker that has seen no sample. Of the settings it reads only
    /// [`max_gap`](Settings::max_gap): it shares no growth out over a longer time.
    pub fn new(settings: &Settings) -> Self {
        Self::with_max_gap(settings.max_gap_nanos())
    }

    fn with_max_gap(max_gap: u64) -> Self {
        let life = Arc::<Life>::default();
        Self {
            max_gap,
            cpus: life.cpus(),
            life,
            next_start: u64::MAX,
            waiting: Vec::new(),
            readings: LastReadings::new(),
            resumed: false,
        }
    }

    /// Becomes the tracker of another container, and keeps its allocations.
    pub(crate) fn reset(&mut self) {
        self.readings.forget();
        self.waiting.clear();
        self.resumed = false;
        self.next_start = u64::MAX;
    }

    /// Notes a start of the container (`spec.start_time`). It counts for samples after the last
    /// one that was observed.
    pub fn note_start(&mut self, start: Timestamp) {
        Life::update(&mut self.life, Some(start), None);
        self.set_life(&Arc::clone(&self.life));
    }

    /// Notes on how many CPUs the container may run (`spec.cpu.mask`). The largest number counts,
    /// for samples after the last one that was observed.
    pub fn note_cpus(&mut self, cpus: u64) {
        Life::update(&mut self.life, None, Some(cpus));
        self.set_life(&Arc::clone(&self.life));
    }

    /// Sets what documents state of the container's starts and CPUs.
    pub(crate) fn set_life(&mut self, life: &Arc<Life>) {
        if !Arc::ptr_eq(&self.life, life) {
            self.life = Arc::clone(life);
        }
        self.cpus = life.cpus();
        self.update_next_start();
    }

    /// Notes that the container had samples before the first one here. `since` is the start that
    /// counts, and `forgotten` whether earlier readings that matter may be lost.
    pub(crate) fn resume(&mut self, since: Option<u64>, forgotten: bool) {
        self.resumed = true;
        self.readings.set_origin(Origin { since, resumed: true, forgotten });
    }

    /// The start that counts for the next sample.
    pub(crate) fn since(&self) -> Option<u64> {
        self.readings.origin().since
    }

    /// Whether readings before the first sample that still matter may be lost.
    pub(crate) fn has_forgotten(&self) -> bool {
        self.readings.origin().forgotten
    }

    /// Takes the next sample and reports its changes. A sample with an odd CPU reading waits, as
    /// do all samples after it: their changes are reported with the next CPU reading, or by
    /// [`finish`](Self::finish).
    ///
    /// # Errors
    /// [`NotLater`] where the sample is no later than the one before.
    pub fn observe(
        &mut self,
        sample: &Sample,
        on_change: &mut dyn FnMut(Change),
    ) -> Result<(), NotLater> {
        self.observe_row(sample.row(), &mut SingleChanges(on_change))
    }

    /// Ends after the last sample: reports the changes of the samples that wait for a CPU reading.
    pub fn finish(mut self, on_change: &mut dyn FnMut(Change)) {
        self.decide_all(&mut SingleChanges(on_change));
    }

    /// Like [`observe`](Self::observe), for a borrowed sample and any listener.
    #[inline]
    pub(crate) fn observe_row<T: Listener>(
        &mut self,
        row: SampleRow<'_>,
        listener: &mut T,
    ) -> Result<(), NotLater> {
        let last = self.waiting.last().map(Sample::time).or(self.readings.time());
        if let Some(last) = last.filter(|&last| row.time <= last) {
            return Err(NotLater { time: row.time, last });
        }
        let limits = self.steady_limits();
        let may_be_steady = self.waiting.is_empty();
        if let Some(pair) = may_be_steady.then(|| self.readings.steady(row, limits)).flatten() {
            listener.on_steady(&pair);
            self.readings.take_steady(row);
            listener.on_sample(row);
        } else {
            self.observe_unsteady(row, listener);
        }
        Ok(())
    }

    #[inline]
    fn steady_limits(&self) -> SteadyLimits {
        SteadyLimits { max_gap: self.max_gap, next_start: self.next_start, cpus: self.cpus }
    }

    /// Takes a sample that does not wait, and reports its changes.
    pub(super) fn apply<T: Listener>(
        &mut self,
        row: SampleRow<'_>,
        kind: SampleKind,
        listener: &mut T,
    ) {
        self.readings.take(row, kind, self.max_gap, listener);
        listener.on_sample(row);
        self.update_next_start();
    }

    /// Finds the first start after the last CPU reading.
    fn update_next_start(&mut self) {
        let next = || self.life.first_after(self.readings.cpu()?.time);
        self.next_start =
            if self.life.starts().is_empty() { None } else { next() }.unwrap_or(u64::MAX);
    }
}
