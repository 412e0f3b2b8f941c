//! The tracker: the state of one container, and the two paths that a sample can take.

use std::sync::Arc;

use super::last_readings::{CurrentSample, LastReadings, Origin, SampleKind};
use super::plan::Plan;
use super::plausibility::{CpuReading, RISE_SLACK, max_rise};
use super::{Change, Listener, NotLater, SingleChanges, SteadyPair};
use crate::container::Life;
use crate::sample::{LayoutCache, Sample, SampleRow};
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
    readings: LastReadings,
    pub(super) plans: LayoutCache<Plan>,
    /// The time of the last sample that does not wait.
    pub(super) last: Option<Timestamp>,
    /// The values of that sample. Their layout is that of the current plan.
    values: Vec<u64>,
    /// Whether `readings` lacks that sample, see [`catch_up`](Self::catch_up).
    is_stale: bool,
    /// The time of the last sample that was compared with `readings`, in nanoseconds since the
    /// epoch. All samples after it have its layout.
    compared_at: u64,
    /// The times of the last readings of all that the last sample does not contain, in rising
    /// order. A cache, valid until a sample is compared with `readings`.
    older_reads: Option<Vec<u64>>,
    /// Whether `readings` has any reading.
    has_readings: bool,
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
            readings: LastReadings::default(),
            plans: LayoutCache::new(),
            last: None,
            values: Vec::new(),
            is_stale: false,
            compared_at: 0,
            older_reads: None,
            has_readings: false,
            resumed: false,
        }
    }

    /// Becomes the tracker of another container, and keeps its allocations.
    pub(crate) fn reset(&mut self) {
        /// More numbers than this are not worth keeping for another container.
        const MOST_NUMBERS: usize = 1024;
        if self.readings.len() > MOST_NUMBERS {
            *self = Self::with_max_gap(self.max_gap);
            return;
        }
        if self.has_readings {
            self.readings.forget();
            self.has_readings = false;
        }
        self.readings.set_origin(Origin::default());
        self.values.clear();
        self.waiting.clear();
        (self.last, self.is_stale, self.resumed) = (None, false, false);
        (self.compared_at, self.older_reads) = (0, None);
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
        let Some(last) = self.last else { return undecided.unwrap_or(now).min(now) };
        let held = self.waiting_paired_from(last);
        let older_reads = self.older_reads();
        let first_near = older_reads.partition_point(|read| !is_near(*read));
        let others = older_reads.get(first_near).copied();
        let last = Some(last.nanos()).filter(|last| is_near(*last));
        [undecided, held, others, last].into_iter().flatten().fold(now, u64::min)
    }

    /// The earliest reading that a waiting sample may still be paired with.
    fn waiting_paired_from(&mut self, last: Timestamp) -> Option<u64> {
        if self.waiting.is_empty() {
            return None;
        }
        self.catch_up();
        let (max_gap, readings) = (self.max_gap, &mut self.readings);
        let held = self.waiting.iter().filter_map(|sample| {
            let time = sample.time().nanos();
            let plan = Plan::new(sample.layout(), readings);
            let read = readings.last_read_by(&plan).chain([last.nanos()]);
            read.filter(|read| time <= read.saturating_add(max_gap)).min()
        });
        held.min()
    }

    /// Whether a new tracker that begins with the sample of this time, in nanoseconds since the
    /// epoch, would know as much as this one. It must be one of the observed samples.
    pub(crate) fn can_resume_from(&mut self, time: u64) -> bool {
        self.compared_at <= time && self.older_reads().is_empty()
    }

    /// The times of the last readings of all that the last sample does not contain, in rising
    /// order.
    pub(crate) fn older_reads(&mut self) -> &[u64] {
        self.older_reads.get_or_insert_with(|| self.readings.read_before(self.compared_at))
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
        let last = self.waiting.last().map(Sample::time).or(self.last);
        if let Some(last) = last.filter(|&last| row.time <= last) {
            return Err(NotLater { time: row.time, last });
        }
        let alike = self.waiting.is_empty() && self.plans.is_current(row.layout);
        if let Some(pair) = alike.then(|| self.steady(row)).flatten() {
            listener.on_steady(&pair);
            self.is_stale = true;
            self.remember(row);
            listener.on_sample(row);
        } else {
            self.observe_unsteady(row, listener);
        }
        Ok(())
    }

    /// The last sample and this one of the same layout as a steady pair, if they are one.
    ///
    /// After any sample, the last readings of all that it lists are its own, and valid since the
    /// last restart. So for a sample of the same layout no older reading matters.
    #[inline]
    fn steady<'s>(&'s self, row: SampleRow<'s>) -> Option<SteadyPair<'s>> {
        let (from, to) = (self.last?.nanos(), row.time.nanos());
        let is_near = to - from <= self.max_gap && to < self.next_start;
        let plan = self.plans.current().filter(|plan| is_near && plan.is_plain)?;
        let (before, now) = (self.values.as_slice(), row.values);
        let most = max_rise(to - from, RISE_SLACK, self.cpus);
        if plan.any_counter_fell(before, now) || plan.cpu_rise(before, now) > most {
            return None;
        }
        Some(SteadyPair { layout: row.layout, from: (from, before), to: (to, now) })
    }

    /// Takes a sample that does not wait, and reports its changes.
    pub(super) fn apply<T: Listener>(
        &mut self,
        row: SampleRow<'_>,
        kind: SampleKind,
        listener: &mut T,
    ) {
        let is_first = self.last.is_none() && kind == SampleKind::Normal;
        if !(is_first && self.observe_first(row)) {
            self.compare(row, kind, listener);
        }
        self.remember(row);
        listener.on_sample(row);
        self.update_next_start();
    }

    /// Makes a sample the last one.
    #[inline]
    fn remember(&mut self, row: SampleRow<'_>) {
        self.values.clear();
        self.values.extend_from_slice(row.values);
        self.last = Some(row.time);
    }

    /// Takes the first sample, which has no changes, without adding it to `readings`. Returns
    /// `false` where it must be added.
    fn observe_first(&mut self, row: SampleRow<'_>) -> bool {
        self.plans.select(row.layout, |layout| Plan::new(layout, &mut self.readings));
        let is_plain = self.plans.current().is_some_and(|plan| plan.is_plain);
        if is_plain {
            (self.compared_at, self.older_reads) = (row.time.nanos(), Some(Vec::new()));
            self.is_stale = true;
        }
        is_plain
    }

    /// Compares each reading of a sample with the last one of its counter or gauge.
    fn compare(&mut self, row: SampleRow<'_>, kind: SampleKind, listener: &mut impl Listener) {
        self.catch_up();
        self.has_readings = true;
        let time = row.time.nanos();
        (self.compared_at, self.older_reads) = (time, None);
        self.plans.select(row.layout, |layout| Plan::new(layout, &mut self.readings));
        let Some(plan) = self.plans.current() else { return };
        if let Some(last) = self.last {
            report_between(last, row.time, self.max_gap, kind, listener);
        }
        if let SampleKind::Started(start) = kind
            && start < time
            && time - start <= self.max_gap
        {
            listener.on_change(Change::Watched { from: start, to: time });
        }
        let cpu_before = self.readings.cpu().is_some() || self.readings.origin().forgotten;
        let cpu_read = cpu_before && plan.cpu(row.values).is_some();
        let current = CurrentSample { time, max_gap: self.max_gap, kind, cpu_read };
        self.readings.pair_counters(plan, row.values, current, listener);
        self.readings.pair_gauges(plan, row.values, current, listener);
        self.readings.note_listed(plan, time);
    }

    /// Adds the last sample to `readings`, if steady pairs left it out.
    pub(super) fn catch_up(&mut self) {
        let plan = self.plans.current().zip(self.last).filter(|_| self.is_stale);
        if let Some((plan, last)) = plan {
            self.readings.set_last(plan, &self.values, last.nanos());
            self.has_readings = true;
        }
        self.is_stale = false;
    }

    /// The last CPU reading of a sample that does not wait.
    pub(super) fn last_cpu(&self) -> Option<CpuReading> {
        let newest = self.plans.current().zip(self.last).filter(|_| self.is_stale);
        let newest = newest.and_then(|(plan, last)| {
            Some(CpuReading { time: last.nanos(), used: plan.cpu(&self.values)? })
        });
        newest.or_else(|| self.readings.cpu())
    }

    /// Finds the first start after the last CPU reading.
    fn update_next_start(&mut self) {
        let next = || self.life.first_after(self.last_cpu()?.time);
        self.next_start =
            if self.life.starts().is_empty() { None } else { next() }.unwrap_or(u64::MAX);
    }
}

/// Reports what lies between two consecutive samples.
fn report_between(
    from: Timestamp,
    to: Timestamp,
    max_gap: u64,
    kind: SampleKind,
    listener: &mut impl Listener,
) {
    let (start, end) = (from.nanos(), to.nanos());
    let was_restarted = matches!(kind, SampleKind::Started(_) | SampleKind::Restarted);
    if end - start > max_gap {
        listener.on_change(Change::Gap { from: start, to: end });
    } else if !was_restarted {
        listener.on_change(Change::Watched { from: start, to: end });
    }
    match kind {
        SampleKind::Normal => {}
        SampleKind::Started(start) => {
            if let Some(at) = Timestamp::from_nanos(start) {
                listener.on_change(Change::Restart(at));
            }
        }
        SampleKind::Restarted => listener.on_change(Change::Restart(to)),
        SampleKind::Corrected => listener.on_change(Change::Correction(to)),
        SampleKind::Implausible => listener.on_change(Change::Implausible(to)),
    }
}
