//! Appends consecutive rows of one container, column by column.

use std::sync::Arc;

use super::columns::{GrowthColumn, LevelColumn};
use super::{COUNTERS, GAUGES, Numbers, Starts, Table};
use crate::metric::{Metric, MetricSet};
use crate::point::{Gauge, Level, Watched};

/// Rows that are being appended. Columns that are not given have no value in them.
#[derive(Debug)]
pub(crate) struct Rows<'t> {
    table: &'t mut Table,
    starts: Starts<'t>,
    /// The index of the first of them.
    first: usize,
}

impl Table {
    /// Begins to append rows of a container.
    pub(crate) fn begin_rows<'t>(&'t mut self, name: &Arc<str>, starts: Starts<'t>) -> Rows<'t> {
        let (first, key) = (self.len(), self.key(name));
        self.keys.resize(first + starts.numbers.len(), key);
        starts.put_micros(0, &mut self.starts);
        starts.put_micros(starts.seconds, &mut self.ends);
        Rows { table: self, starts, first }
    }

    fn growth_column_mut(&mut self, metric: Metric) -> Option<&mut GrowthColumn> {
        let carried = self.carried.intersection(COUNTERS);
        self.growths.get_mut(carried.contains(metric).then(|| carried.rank(metric))?)
    }

    fn level_column_mut(&mut self, metric: Metric) -> Option<&mut LevelColumn> {
        let carried = self.carried.intersection(GAUGES);
        self.levels.get_mut(carried.contains(metric).then(|| carried.rank(metric))?)
    }
}

impl Rows<'_> {
    fn count(&self) -> usize {
        self.starts.numbers.len()
    }

    /// Sets the numbers of samples.
    pub(crate) fn samples(&mut self, numbers: Numbers<'_>) {
        self.table.samples.extend_numbers(self.first, numbers, self.count());
    }

    /// Sets how much is covered, the same in each row.
    pub(crate) fn watched_alike(&mut self, watched: Watched) {
        let rows = self.first + self.count();
        self.table.watched.resize(rows, watched);
        let interval = self.starts.intervals().next();
        if let Some(coverage) = interval.and_then(|interval| watched.coverage(interval)) {
            let coverage = std::iter::repeat_n(coverage, self.count());
            self.table.coverage.extend(self.first, coverage);
        }
    }

    /// Sets how much is covered by row, which must be known in each.
    pub(crate) fn watched(&mut self, watched: impl Iterator<Item = Watched>) {
        self.table.watched.extend(watched);
        let new = self.table.watched.get(self.first..).unwrap_or_default();
        let each = new.iter().zip(self.starts.intervals());
        let coverage = each.map_while(|(watched, interval)| watched.coverage(interval));
        self.table.coverage.extend(self.first, coverage);
    }

    /// Sets the growths of a counter, if it has a column.
    pub(crate) fn growths(&mut self, metric: Metric, numbers: Numbers<'_>) {
        let (first, count) = (self.first, self.count());
        if let Some(column) = self.table.growth_column_mut(metric) {
            column.extend(first, numbers, count);
        }
    }

    /// Sets the levels of a gauge, with their figures in base units, if it has a column.
    #[inline]
    pub(crate) fn levels(&mut self, metric: Metric, levels: impl Iterator<Item = (Level, Gauge)>) {
        let first = self.first;
        if let Some(column) = self.table.level_column_mut(metric) {
            column.extend(first, levels);
        }
    }

    /// Sets the metrics whose figure did not fit 64 bits, the same in each row.
    pub(crate) fn too_large(&mut self, metrics: MetricSet) {
        let metrics = metrics.intersection(self.table.carried);
        if !metrics.is_empty() {
            let rows = self.first..self.first + self.count();
            self.table.too_large.extend(rows.map(|row| (row, metrics)));
        }
    }
}

/// Pads the columns that were not given.
impl Drop for Rows<'_> {
    fn drop(&mut self) {
        let (table, rows) = (&mut *self.table, self.first + self.starts.numbers.len());
        table.samples.pad(rows);
        table.coverage.pad(rows);
        table.watched.resize(rows, Watched::Unknown);
        table.shares.pad(rows);
        table.growths.iter_mut().for_each(|column| column.pad(rows));
        table.levels.iter_mut().for_each(|column| column.pad(rows));
    }
}
