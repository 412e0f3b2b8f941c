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

    /// The time before which all points are final, if all further samples lie at `now` or later;
    /// both in nanoseconds since the epoch (`docs/points.md`, *Streams*).
    ///
    /// A last reading at most the longest gap before `now` can still be paired with a further
    /// sample, which changes all intervals from that reading on. The last sample counts as such a
    /// reading, since the container is watched from it on. Samples that wait are further samples.
    ///
    /// The last sample has the last readings of all that its layout contains. The other readings
    /// are searched once for each change of layout.
    pub(crate) fn horizon(&mut self, now: u64) -> u64 {
        let max_gap = self.max_gap;
        let is_near = |read: u64| now <= read.saturating_add(max_gap);
        let undecided = self.undecided_from(now);
        let Some(last) = self.readings.time() else { return undecided.unwrap_or(now).min(now) };
        let held = self.waiting_paired_from(last);
        let older = self.readings.older();
        let first_near = older.partition_point(|read| !is_near(*read));
        let others = older.get(first_near).copied();
        let last = Some(last.nanos()).filter(|last| is_near(*last));
        [undecided, held, others, last].into_iter().flatten().fold(now, u64::min)
    }

    /// The earliest reading that a waiting sample may still be paired with.
    fn waiting_paired_from(&mut self, last: Timestamp) -> Option<u64> {
        let (max_gap, readings) = (self.max_gap, &mut self.readings);
        let held = self.waiting.iter().filter_map(|sample| {
            let time = sample.time().nanos();
            let read = readings.read_by(sample.layout()).chain([last.nanos()]);
            read.filter(|read| time <= read.saturating_add(max_gap)).min()
        });
        held.min()
    }

    /// Whether a new tracker that begins with the sample of this time, in nanoseconds since the
    /// epoch, would know as much as this one. It must be one of the observed samples.
    pub(crate) fn can_resume_from(&mut self, time: u64) -> bool {
        self.readings.are_all_from(time)
    }

    /// The times of the last readings of all that the last sample does not contain, in rising
    /// order.
    pub(crate) fn older_reads(&mut self) -> &[u64] {
        self.readings.older()
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
