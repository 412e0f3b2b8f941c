//! Samples to changes: how much each counter grew, and between which readings a gauge is a line.
//!
//! A [`Tracker`] holds one container's last readings. It takes samples in rising time and knows
//! nothing of intervals. A sample is as a rule like the one before it and no counter fell; then
//! all that it tells follows from the two, and the older readings are looked at only otherwise.

mod counter;
#[cfg(test)]
mod lanes;
mod line;
mod past;
mod plan;

use std::sync::Arc;

pub use counter::Growth;
pub(crate) use line::{level, share};

use crate::by_layout::{ByLayout, metrics_of};
use crate::metric::{Kind, Metric};
use crate::sample::{Layout, Row, Sample};
use crate::time::Timestamp;
use past::{Now, Past};
use plan::Plan;

/// What a sample adds to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A counter, of the container or of one interface or device, was read again.
    Growth {
        /// What it counts.
        metric: Metric,
        /// By how much it grew, and where that belongs.
        growth: Growth,
    },
    /// A gauge was read again, without a gap or restart between. Times are nanoseconds since the
    /// epoch, values as cAdvisor writes them.
    Line {
        /// What it measures.
        metric: Metric,
        /// Time and value of the earlier reading.
        from: (u64, u64),
        /// Time and value of the later one.
        to: (u64, u64),
    },
    /// The container was watched from one instant to another, without a gap or restart between.
    Watched {
        /// The earlier sample's time, nanoseconds since the epoch.
        from: u64,
        /// The later sample's time.
        to: u64,
    },
    /// Two samples in succession lie further apart than the allowed gap.
    Gap {
        /// The earlier sample's time, nanoseconds since the epoch.
        from: u64,
        /// The later sample's time.
        to: u64,
    },
    /// The container was restarted: at its new start where that is known, else before the sample of
    /// this time.
    Restart(Timestamp),
    /// The sample of this time was set aside: it is as if it were not there (*Odd readings*).
    SetAside(Timestamp),
    /// The CPU counter fell at this sample, and it was no restart: the collector was corrected.
    Correction(Timestamp),
    /// The CPU counter rose at this sample by more than all CPUs can use, and stayed there: growth
    /// is unattributed.
    Implausible(Timestamp),
}

/// A sample that is no later than the one before it; the tracker is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sample of {time} after one of {last}: samples must come in rising time")]
pub struct NotLater {
    /// Its time.
    pub time: Timestamp,
    /// The last sample's time.
    pub last: Timestamp,
}

/// Who is told what samples change.
pub(crate) trait Told {
    /// A single change.
    fn change(&mut self, change: Change);

    /// All that a sample changed, where nothing out of the ordinary did.
    fn steady(&mut self, pair: &Steady<'_>);
}

/// Two samples in succession of one layout, near enough in time, of which no counter fell: the
/// container was watched between them, every counter's growth is shared out between them, and
/// every gauge is a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steady<'s> {
    pub(crate) layout: &'s Arc<Layout>,
    /// Time, in nanoseconds since the epoch, and values of the earlier one.
    pub(crate) from: (u64, &'s [u64]),
    /// Those of the later one.
    pub(crate) to: (u64, &'s [u64]),
}

/// Tells each change by itself.
struct EachChange<'t>(&'t mut dyn FnMut(Change));

impl Told for EachChange<'_> {
    fn change(&mut self, change: Change) {
        (self.0)(change);
    }

    fn steady(&mut self, pair: &Steady<'_>) {
        let (from, to) = (pair.from.0, pair.to.0);
        (self.0)(Change::Watched { from, to });
        let values = pair.from.1.iter().copied().zip(pair.to.1.iter().copied());
        let readings = || metrics_of(pair.layout).zip(values.clone());
        for (metric, (before, now)) in readings() {
            if metric.kind() == Kind::Counter {
                let growth = Growth::Shared { from, to, growth: u128::from(now - before) };
                (self.0)(Change::Growth { metric, growth });
            }
        }
        for (metric, (before, now)) in readings().take(pair.layout.own.len()) {
            if metric.kind() == Kind::Gauge {
                (self.0)(Change::Line { metric, from: (from, before), to: (to, now) });
            }
        }
    }
}

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
/// assert!(changes.iter().any(|change| matches!(
///     change,
///     Change::Growth { metric: Metric::CpuUsage, growth: Growth::Shared { growth: 80, .. } },
/// )));
/// ```
#[derive(Clone, Debug)]
pub struct Tracker {
    max_gap: u64,
    past: Past,
    plans: ByLayout<Plan>,
    /// The last sample's time.
    last: Option<Timestamp>,
    /// The last sample's values; their layout is that of the current plan.
    values: Vec<u64>,
    /// Whether `past` has yet to be told of the last sample.
    ahead: bool,
    /// The time of the last sample that was compared with the past, in nanoseconds since the
    /// epoch: those since have its layout.
    compared: u64,
    /// When what the last sample did not read was last read, in rising order; known since it was
    /// last asked for, and as long as layouts stay the same.
    elsewhere: Option<Vec<u64>>,
    /// Whether `past` knows of any sample.
    told_past: bool,
}

impl Tracker {
    /// A tracker that shares nothing out between readings more than `max_gap` nanoseconds apart.
    pub fn new(max_gap: u64) -> Self {
        Self {
            max_gap,
            past: Past::default(),
            plans: ByLayout::new(),
            last: None,
            values: Vec::new(),
            ahead: false,
            compared: 0,
            elsewhere: None,
            told_past: false,
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
        self.values.clear();
        (self.last, self.ahead) = (None, false);
        (self.compared, self.elsewhere) = (0, None);
    }

    /// Up to when nothing can change any more, in nanoseconds since the epoch, where all samples
    /// that are still to come lie at `now` or later: what was last read within the longest gap
    /// before `now` can still be paired with them, and from that reading on all is open
    /// (contract, *Streams*). The last sample itself is one of the readings, as the container was
    /// watched from it on.
    ///
    /// All that the layout of the last samples has was read at the last of them. The others are
    /// looked through once for each change of layout.
    pub(crate) fn horizon(&mut self, now: u64) -> u64 {
        let (Some(last), max_gap) = (self.last, self.max_gap) else { return now };
        let is_near = |read: u64| now <= read.saturating_add(max_gap);
        let elsewhere = self.read_elsewhere();
        let first_near = elsewhere.partition_point(|read| !is_near(*read));
        let others = elsewhere.get(first_near).copied();
        let last = Some(last.nanos()).filter(|last| is_near(*last));
        [others, last].into_iter().flatten().fold(now, u64::min)
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

    /// Takes the next sample and tells what it adds.
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

    /// The same for a sample that lies elsewhere.
    #[inline]
    pub(crate) fn observe_row<T: Told>(
        &mut self,
        row: Row<'_>,
        told: &mut T,
    ) -> Result<(), NotLater> {
        if let Some(last) = self.last.filter(|&last| row.time <= last) {
            return Err(NotLater { time: row.time, last });
        }
        let alike = self.plans.is_current(row.layout);
        if let Some(pair) = alike.then(|| self.steady(row)).flatten() {
            told.steady(&pair);
            self.ahead = true;
        } else if self.last.is_some() || !self.begin(row) {
            self.compare(row, told);
        }
        self.values.clear();
        self.values.extend_from_slice(row.values);
        self.last = Some(row.time);
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
        let near = to - from <= self.max_gap;
        let plan = self.plans.current().filter(|plan| near && plan.is_plain)?;
        let (before, now) = (self.values.as_slice(), row.values);
        let pair = Steady { layout: row.layout, from: (from, before), to: (to, now) };
        (!plan.any_counter_fell(before, now)).then_some(pair)
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
    fn compare(&mut self, row: Row<'_>, told: &mut impl Told) {
        self.catch_up();
        self.told_past = true;
        (self.compared, self.elsewhere) = (row.time.nanos(), None);
        self.plans.choose(row.layout, |layout| Plan::new(layout, &mut self.past));
        let Some(plan) = self.plans.current() else { return };
        let time = row.time.nanos();
        let cpu = plan.cpu(row.values).map(|(counter, now)| (self.past.value(counter), now));
        let cpu = cpu.and_then(|(before, now)| Some((before?, now)));
        let restarted = cpu.is_some_and(|(before, now)| u128::from(now) < before);
        if let Some(last) = self.last {
            let (from, to) = (last.nanos(), time);
            if to - from > self.max_gap {
                told.change(Change::Gap { from, to });
            } else if !restarted {
                told.change(Change::Watched { from, to });
            }
        }
        if restarted {
            told.change(Change::Restart(row.time));
        }
        let then = Now { time, max_gap: self.max_gap, restarted, cpu_read: cpu.is_some() };
        self.past.grow(plan, row.values, then, told);
        self.past.lines(plan, row.values, then, told);
        self.past.note(plan, time);
    }

    /// Makes up for the pairs that were told without looking at the past.
    fn catch_up(&mut self) {
        let plan = self.plans.current().zip(self.last).filter(|_| self.ahead);
        if let Some((plan, last)) = plan {
            self.past.set(plan, &self.values, last.nanos());
            self.told_past = true;
        }
        self.ahead = false;
    }
}
