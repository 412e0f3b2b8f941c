//! All that is remembered of what was last read of a container.
//!
//! Behind steady pairs the last sample alone matters: its values are remembered as they are. A
//! table of all counters and gauges (`reading_table.rs`) gets them when a sample has to be compared
//! reading by reading.

use super::current_sample::{CurrentSample, SampleKind};
use super::plan::Plan;
use super::reading_table::{Origin, ReadingTable};
use super::restarts::{CpuReading, RISE_SLACK, max_rise};
use super::{Change, Listener, SteadyPair};
use crate::sample::{Layout, LayoutCache, SampleRow};
use crate::time::Timestamp;

#[derive(Clone, Debug)]
pub(super) struct LastReadings {
    table: ReadingTable,
    pub(super) plans: LayoutCache<Plan>,
    /// The time of the last sample.
    time: Option<Timestamp>,
    /// The values of that sample. Their layout is that of the current plan.
    values: Vec<u64>,
    /// Whether the table lacks that sample.
    is_ahead: bool,
    /// The time of the last sample that was compared with the table, in nanoseconds since the
    /// epoch. All samples after it have its layout.
    compared_at: u64,
    /// The times of the last readings of all that the last sample does not contain, in rising
    /// order. A cache, valid until a sample is compared with the table.
    older: Option<Vec<u64>>,
    /// Whether the table has any reading.
    is_table_used: bool,
}

/// What a steady pair must keep to.
#[derive(Clone, Copy, Debug)]
pub(super) struct SteadyLimits {
    pub(super) max_gap: u64,
    /// The first known start after the last CPU reading, in nanoseconds since the epoch.
    pub(super) next_start: u64,
    pub(super) cpus: u64,
}

impl LastReadings {
    pub(super) fn new() -> Self {
        Self {
            table: ReadingTable::default(),
            plans: LayoutCache::new(),
            time: None,
            values: Vec::new(),
            is_ahead: false,
            compared_at: 0,
            older: None,
            is_table_used: false,
        }
    }

    /// Forgets all readings, but keeps allocations, and the numbers of counters and gauges unless
    /// they are many.
    pub(super) fn forget(&mut self) {
        /// More numbers than this are not worth keeping for another container.
        const MOST_NUMBERS: usize = 1024;
        if self.table.len() > MOST_NUMBERS {
            *self = Self::new();
            return;
        }
        if self.is_table_used {
            self.table.forget();
            self.is_table_used = false;
        }
        self.table.set_origin(Origin::default());
        self.values.clear();
        (self.time, self.is_ahead) = (None, false);
        (self.compared_at, self.older) = (0, None);
    }

    /// The time of the last sample.
    #[inline]
    pub(super) fn time(&self) -> Option<Timestamp> {
        self.time
    }

    pub(super) fn origin(&self) -> Origin {
        self.table.origin()
    }

    /// Sets what is known of the time before the next reading.
    pub(super) fn set_origin(&mut self, origin: Origin) {
        self.table.set_origin(origin);
    }

    /// The last CPU reading.
    pub(super) fn cpu(&self) -> Option<CpuReading> {
        let last = self.plans.current().zip(self.time).filter(|_| self.is_ahead);
        let last = last.and_then(|(plan, time)| {
            Some(CpuReading { time: time.nanos(), used: plan.cpu(&self.values)? })
        });
        last.or_else(|| self.table.cpu())
    }

    /// The last sample and this one of the same layout as a steady pair, if they are one.
    ///
    /// After any sample, the last readings of all that it lists are its own, and valid since the
    /// last restart. So for a sample of the same layout no older reading matters.
    #[inline]
    pub(super) fn steady<'s>(
        &'s mut self,
        row: SampleRow<'s>,
        limits: SteadyLimits,
    ) -> Option<SteadyPair<'s>> {
        if !self.plans.is_current(row.layout) {
            return None;
        }
        let (from, to) = (self.time?.nanos(), row.time.nanos());
        let is_near = to - from <= limits.max_gap && to < limits.next_start;
        let plan = self.plans.current().filter(|plan| is_near && plan.is_plain)?;
        let (before, now) = (self.values.as_slice(), row.values);
        let most = max_rise(to - from, RISE_SLACK, limits.cpus);
        if plan.any_counter_fell(before, now) || plan.cpu_rise(before, now) > most {
            return None;
        }
        Some(SteadyPair { layout: row.layout, from: (from, before), to: (to, now) })
    }

    /// Takes the second sample of a steady pair.
    #[inline]
    pub(super) fn take_steady(&mut self, row: SampleRow<'_>) {
        self.is_ahead = true;
        self.remember(row);
    }

    /// Takes a sample, and reports its changes.
    pub(super) fn take<T: Listener>(
        &mut self,
        row: SampleRow<'_>,
        kind: SampleKind,
        max_gap: u64,
        listener: &mut T,
    ) {
        let is_first = self.time.is_none() && kind == SampleKind::Normal;
        if !(is_first && self.take_first(row)) {
            self.compare(row, kind, max_gap, listener);
        }
        self.remember(row);
    }

    #[inline]
    fn remember(&mut self, row: SampleRow<'_>) {
        self.values.clear();
        self.values.extend_from_slice(row.values);
        self.time = Some(row.time);
    }

    /// Takes the first sample, which has no changes, without adding it to the table. Returns
    /// `false` where it must be added.
    fn take_first(&mut self, row: SampleRow<'_>) -> bool {
        self.plans.select(row.layout, |layout| Plan::new(layout, &mut self.table));
        let is_plain = self.plans.current().is_some_and(|plan| plan.is_plain);
        if is_plain {
            (self.compared_at, self.older) = (row.time.nanos(), Some(Vec::new()));
            self.is_ahead = true;
        }
        is_plain
    }

    /// Compares each reading of a sample with the last one of its counter or gauge.
    fn compare(
        &mut self,
        row: SampleRow<'_>,
        kind: SampleKind,
        max_gap: u64,
        listener: &mut impl Listener,
    ) {
        self.update_table();
        self.is_table_used = true;
        let time = row.time.nanos();
        (self.compared_at, self.older) = (time, None);
        self.plans.select(row.layout, |layout| Plan::new(layout, &mut self.table));
        let Some(plan) = self.plans.current() else { return };
        if let Some(last) = self.time {
            report_between(last, row.time, max_gap, kind, listener);
        }
        if let SampleKind::Started(start) = kind
            && start < time
            && time - start <= max_gap
        {
            listener.on_change(Change::Watched { from: Timestamp::clamped(start), to: row.time });
        }
        let cpu_before = self.table.cpu().is_some() || self.table.origin().forgotten;
        let cpu_read = cpu_before && plan.cpu(row.values).is_some();
        let current = CurrentSample { time: row.time, max_gap, kind, cpu_read };
        self.table.pair_counters(plan, row.values, current, listener);
        self.table.pair_gauges(plan, row.values, current, listener);
        self.table.note_listed(plan, row.time);
    }

    /// Adds the last sample to the table, if steady pairs left it out.
    pub(super) fn update_table(&mut self) {
        let plan = self.plans.current().zip(self.time).filter(|_| self.is_ahead);
        if let Some((plan, time)) = plan {
            self.table.set_last(plan, &self.values, time);
            self.is_table_used = true;
        }
        self.is_ahead = false;
    }

    /// The times of the last readings of all that the last sample does not contain, in rising
    /// order.
    pub(super) fn older(&mut self) -> &[u64] {
        self.older.get_or_insert_with(|| self.table.read_before(self.compared_at))
    }

    /// Whether the sample of this time, in nanoseconds since the epoch, has all last readings, or
    /// those after it have. It must be one of the samples that were taken.
    pub(super) fn are_all_from(&mut self, time: u64) -> bool {
        self.compared_at <= time && self.older().is_empty()
    }

    /// The earliest of the last readings of all that a layout contains, from `oldest` on, in
    /// nanoseconds since the epoch.
    pub(super) fn earliest_read(&mut self, layout: &Layout, oldest: u64) -> Option<u64> {
        self.update_table();
        let plan = Plan::new(layout, &mut self.table);
        self.table.last_read_by(&plan).filter(|read| *read >= oldest).min()
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
    let was_restarted = matches!(kind, SampleKind::Started(_) | SampleKind::Restarted);
    if to.nanos() - from.nanos() > max_gap {
        listener.on_change(Change::Gap { from, to });
    } else if !was_restarted {
        listener.on_change(Change::Watched { from, to });
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
