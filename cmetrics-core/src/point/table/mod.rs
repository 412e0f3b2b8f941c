//! Points in columns.

mod columns;
mod numbers;
mod rows;
mod serialized;
mod validity;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub(crate) use numbers::{Numbers, Starts};
pub(crate) use rows::Rows;
pub use validity::Validity;

use super::rate::{per_second, rate_seconds};
use super::{Column, DataPoint, Figure, Figures, Gauge, Shares, Watched};
use crate::metric::{Kind, Metric, MetricSet};
use crate::time::Interval;
use columns::{GrowthColumn, LevelColumn, Nullable, by_kind};

const COUNTERS: MetricSet = MetricSet::of_kind(Kind::Counter);
const GAUGES: MetricSet = MetricSet::of_kind(Kind::Gauge);
/// The metrics that shares of limits are computed from. Points with shares have them, selected or
/// not.
const OF_SHARES: MetricSet = {
    let mut set = MetricSet::from_bits(0);
    set.insert(Metric::MemoryWorkingSet);
    set
};
const MICROS_PER_SECOND: u64 = 1_000_000;

/// Points in columns, as in a data frame. Each point can be read again exactly, takes less memory,
/// and the values of each figure are contiguous.
///
/// ```
/// use cmetrics_core::point::{Column, Table, Values};
/// use cmetrics_core::{Input, MetricSet, Pipeline};
///
/// let dump = br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
///     {"timestamp": "2026-11-21T12:00:00Z", "cpu": {"usage": {"total": 0}}},
///     {"timestamp": "2026-11-21T12:00:10Z", "cpu": {"usage": {"total": 3000}}}]}}"#;
/// let mut pipeline = Pipeline::default();
/// pipeline.read(Input::bytes("now.json", dump)).into_result().unwrap();
/// let points = pipeline.points();
/// let mut table = Table::new(MetricSet::default());
/// points.iter().for_each(|point| table.push(point));
///
/// let cpu = table.values(&Column::all()[0]).unwrap();
/// assert!(matches!(cpu, (Values::Whole([1500, 1500, ..]), _)));
/// assert_eq!(table.point(1).as_ref(), points.get(1));
/// ```
#[derive(Clone, Debug)]
pub struct Table {
    selected: MetricSet,
    /// The metrics that have a column: the selected and documented ones, and those of shares.
    carried: MetricSet,
    columns: Vec<Column>,
    names: Vec<Arc<str>>,
    key_by_name: HashMap<Arc<str>, i32>,
    keys: Vec<i32>,
    starts: Vec<i64>,
    ends: Vec<i64>,
    samples: Nullable<u64>,
    coverage: Nullable<f64>,
    watched: Vec<Watched>,
    growths: Vec<GrowthColumn>,
    levels: Vec<LevelColumn>,
    shares: Nullable<Shares>,
    /// By row: the metrics whose figure did not fit 64 bits. There are hardly ever any.
    too_large: BTreeMap<usize, MetricSet>,
}

/// The values of a column. A row without a value has an arbitrary number.
#[derive(Clone, Copy, Debug)]
pub enum Values<'t> {
    /// Counts.
    Whole(&'t [u64]),
    /// Anything else.
    Real(&'t [f64]),
}

impl Table {
    /// An empty table of points with these metrics in addition to the documented ones.
    pub fn new(selected: MetricSet) -> Self {
        let columns = Column::of_points(selected);
        let carried = MetricSet::documented().union(selected).union(OF_SHARES);
        let (growths, levels) = by_kind(carried, &columns);
        Self {
            selected,
            carried,
            columns,
            names: Vec::new(),
            key_by_name: HashMap::new(),
            keys: Vec::new(),
            starts: Vec::new(),
            ends: Vec::new(),
            samples: Nullable::default(),
            coverage: Nullable::default(),
            watched: Vec::new(),
            growths,
            levels,
            shares: Nullable::default(),
            too_large: BTreeMap::new(),
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The metrics of its points in addition to the documented ones.
    pub fn selected(&self) -> MetricSet {
        self.selected
    }

    /// Removes all rows. The memory is kept for those that follow.
    pub fn clear(&mut self) {
        self.names.clear();
        self.key_by_name.clear();
        self.keys.clear();
        self.starts.clear();
        self.ends.clear();
        self.samples.clear();
        self.coverage.clear();
        self.watched.clear();
        self.growths.iter_mut().for_each(GrowthColumn::clear);
        self.levels.iter_mut().for_each(LevelColumn::clear);
        self.shares.clear();
        self.too_large.clear();
    }

    /// Adds a point as the last row. Metrics that the table has no column for are left out. Times
    /// after the year 294,246, which is Arrow's last, are clamped to its end.
    pub fn push(&mut self, point: &DataPoint) {
        let row = self.len();
        let (figures, interval) = (point.figures(), point.interval());
        let key = self.key(point.shared_name());
        self.keys.push(key);
        self.starts.push(micros(interval.start()));
        self.ends.push(micros(interval.end()));
        self.samples.push(row, point.samples());
        self.coverage.push(row, point.coverage());
        self.watched.push(point.watched());
        self.shares.push(row, point.shares());
        let present = figures.present();
        let direct = present.intersection(self.carried) == present;
        let mut grown = figures.growths().iter();
        for column in &mut self.growths {
            let growth = if !present.contains(column.metric) {
                None
            } else if direct {
                grown.next().copied()
            } else {
                figures.growth(column.metric)
            };
            column.push(row, growth);
        }
        for column in &mut self.levels {
            column.push(row, figures.level(column.metric).copied(), interval);
        }
        let too_large = figures.too_large().intersection(self.carried);
        if !too_large.is_empty() {
            self.too_large.insert(row, too_large);
        }
    }

    /// The index of a container's name in [`names`](Self::names), which is added if it is new.
    fn key(&mut self, name: &Arc<str>) -> i32 {
        let last = self.keys.last().copied();
        if let Some(last) = last.filter(|&key| self.name_of(key) == Some(name)) {
            return last;
        }
        if let Some(key) = self.key_by_name.get(name) {
            return *key;
        }
        let key = i32::try_from(self.names.len()).unwrap_or(i32::MAX);
        self.names.push(Arc::clone(name));
        self.key_by_name.insert(Arc::clone(name), key);
        key
    }

    fn name_of(&self, key: i32) -> Option<&Arc<str>> {
        self.names.get(usize::try_from(key).ok()?)
    }

    /// The point in a row, as it was added.
    pub fn point(&self, row: usize) -> Option<DataPoint> {
        let name = Arc::clone(self.name_of(*self.keys.get(row)?)?);
        let interval = self.interval(row)?;
        let grown = || self.growths.iter().map(|one| (one.metric, one.exact.get(row)));
        let read = || self.levels.iter().map(|one| (one.metric, one.exact.get(row)));
        let counters = grown().filter(|(_, growth)| growth.is_some()).map(|(metric, _)| metric);
        let gauges = read().filter(|(_, level)| level.is_some()).map(|(metric, _)| metric);
        let (growths, levels) =
            (grown().filter_map(|(_, growth)| growth), read().filter_map(|(_, level)| level));
        let figures = Figures::new(counters.chain(gauges).collect(), growths, levels);
        let figures = figures.with_too_large(self.too_large.get(&row).copied().unwrap_or_default());
        let watched = self.watched.get(row).copied().unwrap_or(Watched::Unknown);
        let samples = self.samples.get(row);
        let mut point =
            DataPoint::from_parts(name, interval, samples, watched, figures, self.selected);
        point.shares = self.shares(row).map(Box::new);
        Some(point)
    }

    /// The distinct names of the containers.
    pub fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// For each row, the index of its container in [`names`](Self::names).
    pub fn keys(&self) -> &[i32] {
        &self.keys
    }

    /// The start of each row's interval, in microseconds since the Unix epoch, as in an Arrow
    /// timestamp.
    pub fn starts_micros(&self) -> &[i64] {
        &self.starts
    }

    /// The end of each row's interval, in microseconds since the Unix epoch.
    pub fn ends_micros(&self) -> &[i64] {
        &self.ends
    }

    /// The number of samples in each row's interval; `None` where no row has it.
    pub fn all_samples(&self) -> Option<(&[u64], &Validity)> {
        let Nullable { values, validity } = &self.samples;
        (!values.is_empty()).then_some((values, validity))
    }

    /// The part of each row's interval that samples cover; `None` where no row has it.
    pub fn all_coverage(&self) -> Option<(&[f64], &Validity)> {
        let Nullable { values, validity } = &self.coverage;
        (!values.is_empty()).then_some((values, validity))
    }

    /// Its columns: the documented ones, then those of the selected metrics, without those that
    /// have the figure of a documented column in the same unit.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The values of a column; `None` where no row has a value, and for a column of another table.
    pub fn values(&self, column: &Column) -> Option<(Values<'_>, &Validity)> {
        let metric = column.metric();
        match metric.kind() {
            Kind::Counter => {
                let GrowthColumn { exact, scaled, .. } = self.growth_column(metric)?;
                let values = match scaled.as_ref().filter(|_| column.divisor() != 1) {
                    Some((_, scaled)) => Values::Real(scaled),
                    None => Values::Whole(&exact.values),
                };
                (!exact.values.is_empty()).then_some((values, &exact.validity))
            }
            Kind::Gauge => {
                let gauge = self.level_column(metric)?;
                let values = gauge.figures(column).filter(|values| !values.is_empty())?;
                Some((Values::Real(values), &gauge.exact.validity))
            }
        }
    }

    /// The container's name in a row.
    pub fn name(&self, row: usize) -> Option<&Arc<str>> {
        self.name_of(*self.keys.get(row)?)
    }

    /// The interval of a row.
    pub fn interval(&self, row: usize) -> Option<Interval> {
        let seconds = |micros: i64| u64::try_from(micros).ok().map(|time| time / MICROS_PER_SECOND);
        Interval::new(seconds(*self.starts.get(row)?)?, seconds(*self.ends.get(row)?)?)
    }

    /// The number of samples in a row's interval.
    pub fn samples(&self, row: usize) -> Option<u64> {
        self.samples.get(row)
    }

    /// The part of a row's interval that samples cover, 0 to 1.
    pub fn coverage(&self, row: usize) -> Option<f64> {
        self.coverage.get(row)
    }

    /// The growth of a counter in a row, in its base unit.
    pub fn growth(&self, row: usize, metric: Metric) -> Option<u64> {
        self.growth_column(metric)?.exact.get(row)
    }

    /// The number of seconds that the rates of a row are over, see
    /// [`DataPoint::rate_seconds`](crate::DataPoint::rate_seconds).
    pub fn rate_seconds(&self, row: usize) -> Option<f64> {
        rate_seconds(self.interval(row)?, self.coverage(row))
    }

    /// The growth of a counter per second in a row, in its base unit, over the time that samples
    /// cover.
    pub fn per_second(&self, row: usize, metric: Metric) -> Option<f64> {
        per_second(self.growth(row, metric), self.interval(row)?, self.coverage(row))
    }

    /// The figures of a gauge in a row, in its base unit.
    pub fn gauge(&self, row: usize, metric: Metric) -> Option<Gauge> {
        let level = self.level_column(metric)?.exact.get(row)?;
        Some(level.gauge(self.interval(row)?, metric))
    }

    /// The number of a column in a row.
    pub fn figure(&self, row: usize, column: &Column) -> Option<Figure> {
        let (values, _) = self.values(column).filter(|(_, validity)| validity.is_valid(row))?;
        match values {
            Values::Whole(values) => values.get(row).copied().map(Figure::Whole),
            Values::Real(values) => values.get(row).copied().map(Figure::Real),
        }
    }

    /// The metrics whose figure did not fit 64 bits, by row.
    pub fn too_large(&self) -> impl Iterator<Item = (usize, MetricSet)> {
        self.too_large.iter().map(|(row, metrics)| (*row, *metrics))
    }

    /// The shares of the container's limits that were used in a row.
    pub fn shares(&self, row: usize) -> Option<Shares> {
        self.shares.get(row)
    }

    fn growth_column(&self, metric: Metric) -> Option<&GrowthColumn> {
        let carried = self.carried.intersection(COUNTERS);
        self.growths.get(carried.contains(metric).then(|| carried.rank(metric))?)
    }

    fn level_column(&self, metric: Metric) -> Option<&LevelColumn> {
        let carried = self.carried.intersection(GAUGES);
        self.levels.get(carried.contains(metric).then(|| carried.rank(metric))?)
    }
}

#[cfg(test)]
impl Table {
    /// Asserts that it is the same as another, exactly.
    pub(crate) fn assert_is(&self, other: &Self) {
        let (own, other) = (self.exact(), other.exact());
        for (own, other) in own.iter().zip(other) {
            assert_eq!(*own, other);
        }
    }

    fn exact(&self) -> Vec<String> {
        let mut known: Vec<_> = self.key_by_name.iter().collect();
        known.sort_unstable();
        let mut parts = vec![
            format!("{:?} {:?} {known:?}", self.selected, self.names),
            format!("{:?} {:?} {:?}", self.keys, self.starts, self.ends),
            format!("{:?} {:?} {:?}", self.samples, self.coverage, self.watched),
            format!("{:?} {:?}", self.shares, self.too_large),
        ];
        parts.extend(self.growths.iter().map(|column| format!("{column:?}")));
        parts.extend(self.levels.iter().map(|column| format!("{column:?}")));
        parts
    }
}

/// Microseconds since the epoch. Arrow's timestamps end in the year 294 247.
fn micros(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(MICROS_PER_SECOND)).unwrap_or(i64::MAX)
}
