//! One container's last readings.

use std::sync::Arc;

use super::judge::{Cpu, RISE_SLACK, most};
use super::past::{Before, Kind, Now, Past};
use super::plan::Plan;
use super::{Change, EachChange, NotLater, Steady, Told};
use crate::container::Life;
use crate::sample::{ByLayout, Row, Sample};
use crate::time::Timestamp;

/// One container's last readings.
///
/// ```
/// use cmetrics_core::delta::{Change, Growth, Tracker};
/// use cmetrics_core::{Metric, Sample, Timestamp};
///
/// let mut tracker = Tracker::new(150_000_000_000);
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
    /// What documents tell of the container's life; how many CPUs it has, and the first start that
    /// lies behind the last CPU reading.
    pub(super) life: Arc<Life>,
    cpus: u64,
    pub(super) next_start: u64,
    /// Samples that wait for the next CPU reading, in rising time.
    pub(super) waiting: Vec<Sample>,
    past: Past,
    pub(super) plans: ByLayout<Plan>,
    /// The time of the last sample that does not wait.
    pub(super) last: Option<Timestamp>,
    /// That sample's values; their layout is that of the current plan.
    values: Vec<u64>,
    /// Whether `past` has yet to be told of it.
    ahead: bool,
    /// The time of the last sample that was compared with the past, in nanoseconds since the
    /// epoch: those since have its layout.
    compared: u64,
    /// When what the last sample did not read was last read, in rising order; known since it was
    /// last asked for, and as long as layouts stay the same.
    elsewhere: Option<Vec<u64>>,
    /// Whether `past` knows of any sample.
    told_past: bool,
    /// Whether the first sample is not the container's first.
    pub(super) resumed: bool,
}

impl Tracker {
    /// A tracker that shares nothing out between readings more than `max_gap` nanoseconds apart.
    pub fn new(max_gap: u64) -> Self {
        let life = Arc::<Life>::default();
        Self {
            max_gap,
            cpus: life.cpus(),
            life,
            next_start: u64::MAX,
            waiting: Vec::new(),
            past: Past::default(),
            plans: ByLayout::new(),
            last: None,
            values: Vec::new(),
            ahead: false,
            compared: 0,
            elsewhere: None,
            told_past: false,
            resumed: false,
        }
    }

    /// Becomes the tracker of another container, in the room that it has.
    pub(crate) fn begin_anew(&mut self) {
        const MOST_NUMBERS: usize = 1024;
        if self.past.len() > MOST_NUMBERS {
            *self = Self::new(self.max_gap);
            return;
        }
        if self.told_past {
            self.past.forget();
            self.told_past = false;
        }
        self.past.begin_behind(Before::default());
        self.values.clear();
        self.waiting.clear();
        (self.last, self.ahead, self.resumed) = (None, false, false);
        (self.compared, self.elsewhere) = (0, None);
        self.next_start = u64::MAX;
    }

    /// Says that the container was started then (`spec.start_time`). What documents tell counts for
    /// the samples behind the last one that was observed.
    pub fn note_start(&mut self, start: Timestamp) {
        Life::update(&mut self.life, Some(start), None);
        self.live_by(&Arc::clone(&self.life));
    }

    /// Says on how many CPUs the container may run (`spec.cpu.mask`). The largest number counts.
    pub fn note_cpus(&mut self, cpus: u64) {
        Life::update(&mut self.life, None, Some(cpus));
        self.live_by(&Arc::clone(&self.life));
    }

    /// Says all that documents tell of the container's life.
    pub(crate) fn live_by(&mut self, life: &Arc<Life>) {
        if !Arc::ptr_eq(&self.life, life) {
            self.life = Arc::clone(life);
        }
        self.cpus = life.cpus();
        self.look_ahead();
    }

    /// Says that the first sample is not the container's first, which start counts then, and whether
    /// what was read before is forgotten.
    pub(crate) fn resume(&mut self, since: Option<u64>, forgotten: bool) {
        self.resumed = true;
        self.past.begin_behind(Before { since, resumed: true, forgotten });
    }

    /// The start that counts for what is read next.
    pub(crate) fn since(&self) -> Option<u64> {
        self.past.before().since
    }

    /// Whether what was read before the first sample, and would matter yet, is forgotten.
    pub(crate) fn has_forgotten(&self) -> bool {
        self.past.before().forgotten
    }

    /// Up to when nothing can change any more, in nanoseconds since the epoch, where all samples
    /// that are still to come lie at `now` or later: what was last read within the longest gap
    /// before `now` can still be paired with them, and from that reading on all is open
    /// (`docs/points.md`, *Streams*). The last sample itself is one of the readings, as the
    /// container was watched from it on. What waits is still to come.
    ///
    /// All that the layout of the last samples has was read at the last of them. The others are
    /// looked through once for each change of layout.
    pub(crate) fn horizon(&mut self, now: u64) -> u64 {
        let max_gap = self.max_gap;
        let is_near = |read: u64| now <= read.saturating_add(max_gap);
        let undecided = self.undecided_from(now);
        let Some(last) = self.last else { return undecided.unwrap_or(now).min(now) };
        let held = self.held_from(last);
        let elsewhere = self.read_elsewhere();
        let first_near = elsewhere.partition_point(|read| !is_near(*read));
        let others = elsewhere.get(first_near).copied();
        let last = Some(last.nanos()).filter(|last| is_near(*last));
        [undecided, held, others, last].into_iter().flatten().fold(now, u64::min)
    }

    /// The earliest reading that a sample which waits may still be paired with.
    fn held_from(&mut self, last: Timestamp) -> Option<u64> {
        if self.waiting.is_empty() {
            return None;
        }
        self.catch_up();
        let (max_gap, past) = (self.max_gap, &mut self.past);
        let held = self.waiting.iter().filter_map(|sample| {
            let time = sample.time().nanos();
            let plan = Plan::new(sample.layout(), past);
            let read = past.read_by(&plan).chain([last.nanos()]);
            read.filter(|read| time <= read.saturating_add(max_gap)).min()
        });
        held.min()
    }

    /// Whether nothing is known that a tracker would not know which began with the sample of this
    /// time, in nanoseconds since the epoch, one of those that were observed.
    pub(crate) fn stands_on(&mut self, time: u64) -> bool {
        self.compared <= time && self.read_elsewhere().is_empty()
    }

    /// See `elsewhere`.
    pub(crate) fn read_elsewhere(&mut self) -> &[u64] {
        self.elsewhere.get_or_insert_with(|| self.past.read_before(self.compared))
    }

    /// Takes the next sample and tells what it adds. Of one whose CPU reading is odd, and of those
    /// behind it, that is told with the next CPU reading, or by [`finish`](Self::finish).
    ///
    /// # Errors
    /// [`NotLater`] where the sample is no later than the one before.
    pub fn observe(
        &mut self,
        sample: &Sample,
        tell: &mut dyn FnMut(Change),
    ) -> Result<(), NotLater> {
        self.observe_row(sample.row(), &mut EachChange(tell))
    }

    /// Tells what the samples add that wait for a CPU reading, as none comes any more.
    pub fn finish(&mut self, tell: &mut dyn FnMut(Change)) {
        self.decide_all(&mut EachChange(tell));
    }

    /// The same as [`observe`](Self::observe) for a sample that lies elsewhere.
    #[inline]
    pub(crate) fn observe_row<T: Told>(
        &mut self,
        row: Row<'_>,
        told: &mut T,
    ) -> Result<(), NotLater> {
        let last = self.waiting.last().map(Sample::time).or(self.last);
        if let Some(last) = last.filter(|&last| row.time <= last) {
            return Err(NotLater { time: row.time, last });
        }
        let alike = self.waiting.is_empty() && self.plans.is_current(row.layout);
        if let Some(pair) = alike.then(|| self.steady(row)).flatten() {
            told.steady(&pair);
            self.ahead = true;
            self.keep(row);
            told.sample(row);
        } else {
            self.consider(row, told);
        }
        Ok(())
    }

    /// The pair that the last sample and this one of the same layout are, where that is all there
    /// is to tell.
    ///
    /// After any sample the last reading of all that it lists is that sample's own, and known
    /// since the last restart. So for the same layout again no older reading matters.
    #[inline]
    fn steady<'s>(&'s self, row: Row<'s>) -> Option<Steady<'s>> {
        let (from, to) = (self.last?.nanos(), row.time.nanos());
        let near = to - from <= self.max_gap && to < self.next_start;
        let plan = self.plans.current().filter(|plan| near && plan.is_plain)?;
        let (before, now) = (self.values.as_slice(), row.values);
        let most = most(to - from, RISE_SLACK, self.cpus);
        if plan.any_counter_fell(before, now) || plan.cpu_rise(before, now) > most {
            return None;
        }
        Some(Steady { layout: row.layout, from: (from, before), to: (to, now) })
    }

    /// Takes a sample that does not wait, and tells what it adds.
    pub(super) fn take<T: Told>(&mut self, row: Row<'_>, kind: Kind, told: &mut T) {
        let is_first = self.last.is_none() && kind == Kind::Usual;
        if !(is_first && self.begin(row)) {
            self.compare(row, kind, told);
        }
        self.keep(row);
        told.sample(row);
        self.look_ahead();
    }

    #[inline]
    fn keep(&mut self, row: Row<'_>) {
        self.values.clear();
        self.values.extend_from_slice(row.values);
        self.last = Some(row.time);
    }

    /// Takes the first sample, which tells nothing; `past` need not know of it yet. `false` where
    /// it must.
    fn begin(&mut self, row: Row<'_>) -> bool {
        self.plans.choose(row.layout, |layout| Plan::new(layout, &mut self.past));
        let is_plain = self.plans.current().is_some_and(|plan| plan.is_plain);
        if is_plain {
            (self.compared, self.elsewhere) = (row.time.nanos(), Some(Vec::new()));
            self.ahead = true;
        }
        is_plain
    }

    /// Compares a sample with all that was read before, reading by reading.
    fn compare(&mut self, row: Row<'_>, kind: Kind, told: &mut impl Told) {
        self.catch_up();
        self.told_past = true;
        let time = row.time.nanos();
        (self.compared, self.elsewhere) = (time, None);
        self.plans.choose(row.layout, |layout| Plan::new(layout, &mut self.past));
        let Some(plan) = self.plans.current() else { return };
        if let Some(last) = self.last {
            tell_between(last, row.time, self.max_gap, kind, told);
        }
        if let Kind::Began(start) = kind
            && start < time
            && time - start <= self.max_gap
        {
            told.change(Change::Watched { from: start, to: time });
        }
        let cpu_before = self.past.cpu().is_some() || self.past.before().forgotten;
        let cpu_read = cpu_before && plan.cpu(row.values).is_some();
        let now = Now { time, max_gap: self.max_gap, kind, cpu_read };
        self.past.grow(plan, row.values, now, told);
        self.past.lines(plan, row.values, now, told);
        self.past.note(plan, time);
    }

    /// Makes up for the pairs that were told without looking at the past.
    pub(super) fn catch_up(&mut self) {
        let plan = self.plans.current().zip(self.last).filter(|_| self.ahead);
        if let Some((plan, last)) = plan {
            self.past.set(plan, &self.values, last.nanos());
            self.told_past = true;
        }
        self.ahead = false;
    }

    /// The last CPU reading of a sample that does not wait.
    pub(super) fn last_cpu(&self) -> Option<Cpu> {
        let newest = self.plans.current().zip(self.last).filter(|_| self.ahead);
        let newest = newest.and_then(|(plan, last)| {
            Some(Cpu { time: last.nanos(), used: plan.cpu(&self.values)? })
        });
        newest.or_else(|| self.past.cpu())
    }

    /// Finds the first start that no CPU reading has decided about.
    fn look_ahead(&mut self) {
        let next = || self.life.first_after(self.last_cpu()?.time);
        self.next_start =
            if self.life.starts().is_empty() { None } else { next() }.unwrap_or(u64::MAX);
    }
}

/// Tells what lies between two samples in succession.
fn tell_between(from: Timestamp, to: Timestamp, max_gap: u64, kind: Kind, told: &mut impl Told) {
    let (start, end) = (from.nanos(), to.nanos());
    let was_restarted = matches!(kind, Kind::Began(_) | Kind::Restarted);
    if end - start > max_gap {
        told.change(Change::Gap { from: start, to: end });
    } else if !was_restarted {
        told.change(Change::Watched { from: start, to: end });
    }
    match kind {
        Kind::Usual => {}
        Kind::Began(start) => {
            if let Some(at) = Timestamp::from_nanos(start) {
                told.change(Change::Restart(at));
            }
        }
        Kind::Restarted => told.change(Change::Restart(to)),
        Kind::Corrected => told.change(Change::Correction(to)),
        Kind::Implausible => told.change(Change::Implausible(to)),
    }
}
