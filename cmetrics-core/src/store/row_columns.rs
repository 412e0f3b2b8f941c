//! Puts rows of memory into a table, many of one shape at a time.

use std::ops::Range;
use std::sync::Arc;

use super::point_rows::{RowCoverage, RowReader, RowShape};
use super::run::Run;
use crate::metric::{Kind, MetricSet};
use crate::point::{Level, Numbers, Starts, Table, Watched};

const COUNTERS: MetricSet = MetricSet::of_kind(Kind::Counter);
const GAUGES: MetricSet = MetricSet::of_kind(Kind::Gauge);

/// The numbers of consecutive rows of one shape, by column.
#[derive(Debug, Default)]
pub(super) struct RowColumns {
    shape: Option<RowShape>,
    /// In intervals since the epoch.
    starts: Vec<u64>,
    samples: Vec<u64>,
    watched: Vec<Watched>,
    /// By counter and by gauge that are present, in their order.
    growths: Vec<Vec<u64>>,
    levels: Vec<Vec<Level>>,
}

/// Where rows go.
#[derive(Debug)]
pub(super) struct RowTarget<'t> {
    pub(super) name: &'t Arc<str>,
    /// The width of intervals, in seconds.
    pub(super) width: u64,
    /// Only points that begin in this range of seconds.
    pub(super) range: &'t Range<u64>,
    /// Only these metrics.
    pub(super) wanted: MetricSet,
    pub(super) table: &'t mut Table,
}

impl RowColumns {
    /// Adds the rows of a run, which come after those before.
    pub(super) fn add(&mut self, run: &Run<'_>, target: &mut RowTarget<'_>) {
        let shape = run.header.shape;
        if self.shape != Some(shape) {
            self.put(target);
            self.shape = Some(shape);
            self.growths.resize_with(shape.present.intersection(COUNTERS).len(), Vec::new);
            self.levels.resize_with(shape.present.intersection(GAUGES).len(), Vec::new);
        }
        let mut rows = RowReader::new(run.rows, &shape, target.width, run.header.first);
        while !rows.is_empty() {
            let row = self.starts.len();
            let Some(header) = rows.columns(&mut self.growths, &mut self.levels) else {
                return self.cut(row);
            };
            self.samples.push(header.samples.unwrap_or_default());
            self.watched.push(header.watched);
            let (start, width) = (header.interval.start(), target.width);
            // Most intervals are consecutive, which takes no division to see.
            let next = self.starts.last().map(|last| last + 1);
            let next = next.filter(|next| next.checked_mul(width) == Some(start));
            self.starts.push(next.unwrap_or_else(|| start / width.max(1)));
        }
    }

    /// Appends all rows to the table, and empties the columns.
    pub(super) fn put(&mut self, target: &mut RowTarget<'_>) {
        let Some(shape) = self.shape.take() else { return };
        let begins_before = |time: u64| {
            let is_before = |start: &u64| start.saturating_mul(target.width) < time;
            self.starts.partition_point(is_before)
        };
        let rows = begins_before(target.range.start)..begins_before(target.range.end);
        if !rows.is_empty() {
            self.append(&shape, rows, target);
        }
        self.cut(0);
    }

    fn append(&self, shape: &RowShape, of: Range<usize>, target: &mut RowTarget<'_>) {
        let starts = Starts { numbers: part(&self.starts, &of), seconds: target.width };
        let (present, wanted) = (shape.present, target.wanted);
        let mut rows = target.table.begin_rows(target.name, starts);
        if shape.has_samples {
            rows.samples(Numbers::Varying(part(&self.samples, &of)));
        }
        if shape.coverage != RowCoverage::Unknown {
            rows.watched(part(&self.watched, &of).iter().copied());
        }
        for (metric, growths) in present.intersection(COUNTERS).iter().zip(&self.growths) {
            if wanted.contains(metric) {
                rows.growths(metric, Numbers::Varying(part(growths, &of)));
            }
        }
        for (metric, levels) in present.intersection(GAUGES).iter().zip(&self.levels) {
            if wanted.contains(metric) {
                let each = part(levels, &of).iter().zip(starts.intervals());
                rows.levels(
                    metric,
                    each.map(|(level, interval)| (*level, level.gauge(interval, metric))),
                );
            }
        }
        rows.too_large(shape.too_large.intersection(wanted));
    }

    /// Keeps only so many rows.
    fn cut(&mut self, rows: usize) {
        self.starts.truncate(rows);
        self.samples.truncate(rows);
        self.watched.truncate(rows);
        self.growths.iter_mut().for_each(|column| column.truncate(rows));
        self.levels.iter_mut().for_each(|column| column.truncate(rows));
    }
}

fn part<'p, T>(column: &'p [T], rows: &Range<usize>) -> &'p [T] {
    column.get(rows.clone()).unwrap_or_default()
}
