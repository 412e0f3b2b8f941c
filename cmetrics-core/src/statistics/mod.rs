//! Statistics of points: over the containers in each interval, and over the time of each container.
//!
//! A value is any number of a row of a [`Table`]. Rows without one are skipped, and so are
//! intervals in which no row has one. All rows are read at the call; results are computed one by
//! one as the iterator is advanced, so that a caller that stops early saves the rest of the work.
//!
//! ```
//! use cmetrics_core::statistics::{self, Rows};
//! use cmetrics_core::point::Table;
//! use cmetrics_core::{Input, Metric, MetricSet, Pipeline};
//!
//! let dump = br#"{
//!     "/a": {"stats": [{"timestamp": "2026-11-21T12:00:00Z", "cpu": {"usage": {"total": 0}}},
//!                      {"timestamp": "2026-11-21T12:00:05Z", "cpu": {"usage": {"total": 10}}}]},
//!     "/b": {"stats": [{"timestamp": "2026-11-21T12:00:00Z", "cpu": {"usage": {"total": 0}}},
//!                      {"timestamp": "2026-11-21T12:00:05Z", "cpu": {"usage": {"total": 30}}}]}}"#;
//! let mut pipeline = Pipeline::default();
//! pipeline.read(Input::bytes("now.json", dump)).into_result().unwrap();
//! let mut table = Table::new(MetricSet::default());
//! pipeline.points().iter().for_each(|point| table.push(point));
//!
//! let cpu = |table: &Table, row| table.growth(row, Metric::CpuUsage).map(|nanos| nanos as f64);
//! let means: Vec<_> = statistics::mean([Rows::from(&table)], cpu).collect();
//! assert_eq!(means[0].0.start(), 1_795_262_400);
//! assert_eq!(means[0].1, 20.0);
//! let mut ninetieth = statistics::quantile([Rows::from(&table)], 0.9, cpu);
//! assert_eq!(ninetieth.next().unwrap().1, 28.0);
//! ```

mod groups;
mod quantile;
#[cfg(test)]
mod tests;
mod usage;

use std::ops::Range;
use std::sync::Arc;

pub use quantile::linear_quantile;
pub use usage::{Quantity, Spread, Usage, usages};

use crate::point::Table;
use crate::time::Interval;
use groups::Groups;

/// A range of rows of a table.
#[derive(Clone, Debug)]
pub struct Rows<'t> {
    /// The table.
    pub table: &'t Table,
    /// The indices of the rows. Those past the table's last row have no values.
    pub rows: Range<usize>,
}

/// All rows.
impl<'t> From<&'t Table> for Rows<'t> {
    fn from(table: &'t Table) -> Self {
        Self { table, rows: 0..table.len() }
    }
}

/// The arithmetic mean of the values in each interval, by interval.
///
/// Intervals of different widths are different intervals, even where they start together.
pub fn mean<'t>(
    rows: impl IntoIterator<Item = Rows<'t>>,
    value: impl Fn(&Table, usize) -> Option<f64>,
) -> impl Iterator<Item = (Interval, f64)> {
    #[expect(clippy::cast_precision_loss, reason = "how many containers there are")]
    let mean = |values: &mut Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    by_interval(rows, value, move |values| Some(mean(values)))
}

/// The `q`-quantile of the values in each interval, by interval: see [`linear_quantile`]. There are
/// no results where `q` is not in 0 to 1.
///
/// Intervals of different widths are different intervals, even where they start together.
pub fn quantile<'t>(
    rows: impl IntoIterator<Item = Rows<'t>>,
    q: f64,
    value: impl Fn(&Table, usize) -> Option<f64>,
) -> impl Iterator<Item = (Interval, f64)> {
    by_interval(rows, value, move |values| {
        values.sort_unstable_by(f64::total_cmp);
        linear_quantile(values, q)
    })
}

/// The values of each container, by name and then by interval. The list of a container without
/// values is empty.
pub fn by_container<'t>(
    rows: impl IntoIterator<Item = Rows<'t>>,
    value: impl Fn(&Table, usize) -> Option<f64>,
) -> impl Iterator<Item = (Arc<str>, Vec<(Interval, f64)>)> {
    let mut containers = Groups::default();
    for (table, row) in table_rows(rows) {
        let Some((name, interval)) = table.name(row).zip(table.interval(row)) else { continue };
        let found = value(table, row).map(|value| (interval, value));
        containers.update(name, |values: &mut Vec<_>| values.extend(found));
    }
    containers.into_sorted().into_iter().map(|(name, mut values): (_, Vec<_>)| {
        // Stable, and cheap where the values are in order, as they usually are.
        values.sort_by_key(|(interval, _)| *interval);
        (name, values)
    })
}

/// Reduces the values in each interval to one.
fn by_interval<'t>(
    rows: impl IntoIterator<Item = Rows<'t>>,
    value: impl Fn(&Table, usize) -> Option<f64>,
    reduce: impl Fn(&mut Vec<f64>) -> Option<f64>,
) -> impl Iterator<Item = (Interval, f64)> {
    let mut intervals = Groups::default();
    for (table, row) in table_rows(rows) {
        if let Some((value, interval)) = value(table, row).zip(table.interval(row)) {
            intervals.update(&interval, |values: &mut Vec<_>| values.push(value));
        }
    }
    let intervals = intervals.into_sorted().into_iter();
    intervals.filter_map(move |(interval, mut values)| Some((interval, reduce(&mut values)?)))
}

/// Each row as its table and its index.
fn table_rows<'t>(
    rows: impl IntoIterator<Item = Rows<'t>>,
) -> impl Iterator<Item = (&'t Table, usize)> {
    rows.into_iter().flat_map(|Rows { table, rows }| rows.map(move |row| (table, row)))
}
