//! A table in the form in which it is serialised.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::Table;
use crate::metric::{Kind, Metric, MetricSet};
use crate::point::{DataPoint, Figures, Level, Shares, Watched};
use crate::time::{Interval, NANOS_PER_SECOND};

/// The columns of a table. Metrics are stored by name, because their numbers differ between
/// releases.
#[derive(Serialize, Deserialize)]
struct SerializedTable {
    selected: Vec<String>,
    names: Vec<String>,
    keys: Vec<i32>,
    intervals: Vec<(u64, u64)>,
    samples: Vec<Option<u64>>,
    watched: Vec<Watched>,
    shares: Vec<Option<Shares>>,
    growths: Vec<(String, Vec<Option<u64>>)>,
    levels: Vec<(String, Vec<Option<Level>>)>,
    too_large: Vec<(usize, Vec<String>)>,
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = || 0..self.len();
        let interval = |row| self.interval(row).map_or((0, 0), |one| (one.start(), one.end()));
        let growths = self.growths.iter().filter(|one| !one.exact.values.is_empty());
        let levels = self.levels.iter().filter(|one| !one.exact.values.is_empty());
        let columns = SerializedTable {
            selected: names(self.selected),
            names: self.names.iter().map(ToString::to_string).collect(),
            keys: self.keys.clone(),
            intervals: rows().map(interval).collect(),
            samples: rows().map(|row| self.samples(row)).collect(),
            watched: self.watched.clone(),
            shares: rows().map(|row| self.shares(row)).collect(),
            growths: growths
                .map(|one| (one.metric.name().to_owned(), rows().map(|row| one.exact.get(row))))
                .map(|(name, values)| (name, values.collect()))
                .collect(),
            levels: levels
                .map(|one| (one.metric.name().to_owned(), rows().map(|row| one.exact.get(row))))
                .map(|(name, values)| (name, values.collect()))
                .collect(),
            too_large: self.too_large.iter().map(|(row, set)| (*row, names(*set))).collect(),
        };
        columns.serialize(serializer)
    }
}

fn names(set: MetricSet) -> Vec<String> {
    set.iter().map(|metric| metric.name().to_owned()).collect()
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let columns = SerializedTable::deserialize(deserializer)?;
        columns.table().ok_or_else(|| D::Error::custom("columns that make no points"))
    }
}

impl SerializedTable {
    /// The table, or `None` where the columns do not fit each other, a metric is unknown or of
    /// another kind, or a point is impossible.
    fn table(mut self) -> Option<Table> {
        let selected = MetricSet::named(&self.selected).ok()?;
        let growths = std::mem::take(&mut self.growths);
        let levels = std::mem::take(&mut self.levels);
        let growths: Vec<_> = of_kind(growths, Kind::Counter)?;
        let levels: Vec<_> = of_kind(levels, Kind::Gauge)?;
        let too_large = self.too_large()?;
        let names: Vec<_> = self.names.iter().map(|name| name.as_str().into()).collect();
        let mut table = Table::new(selected);
        for (row, key) in self.keys.iter().enumerate() {
            let name = usize::try_from(*key).ok().and_then(|key| names.get(key))?;
            let interval = self.interval(row)?;
            let mut figures = Figures::default();
            for (metric, column) in &growths {
                if let Some(growth) = column.get(row)? {
                    figures.set_growth(*metric, *growth);
                }
            }
            for (metric, column) in &levels {
                if let Some(level) = column.get(row)? {
                    figures.set_level(*metric, level.is_possible(interval).then_some(*level)?);
                }
            }
            let name = std::sync::Arc::clone(name);
            let too_large = too_large.get(&row).copied().unwrap_or_default();
            let figures = figures.with_too_large(too_large);
            let (samples, watched) = (*self.samples.get(row)?, self.covered(row, interval)?);
            let mut point =
                DataPoint::from_parts(name, interval, samples, watched, figures, selected);
            point.shares = self.shares.get(row)?.map(Box::new);
            table.push(&point);
        }
        Some(table)
    }

    fn interval(&self, row: usize) -> Option<Interval> {
        let (start, end) = *self.intervals.get(row)?;
        Interval::from_serialized(start, end)
    }

    /// How much of a row's interval is covered. `None` for more than its width.
    fn covered(&self, row: usize, interval: Interval) -> Option<Watched> {
        let whole = interval.seconds().saturating_mul(NANOS_PER_SECOND);
        let watched = *self.watched.get(row)?;
        (!matches!(watched, Watched::Nanos(nanos) if nanos > whole)).then_some(watched)
    }

    /// The metrics that are too large, by row. `None` for a row that is not there.
    fn too_large(&self) -> Option<BTreeMap<usize, MetricSet>> {
        let set = |(row, names): &(usize, Vec<String>)| {
            let row = (*row < self.keys.len()).then_some(*row)?;
            Some((row, MetricSet::named(names).ok()?))
        };
        self.too_large.iter().map(set).collect()
    }
}

/// The columns by metric. `None` unless all metrics are of this kind.
fn of_kind<T>(columns: Vec<(String, Vec<T>)>, kind: Kind) -> Option<Vec<(Metric, Vec<T>)>> {
    let metric = |name: &str| name.parse().ok().filter(|metric: &Metric| metric.kind() == kind);
    columns.into_iter().map(|(name, column)| Some((metric(&name)?, column))).collect()
}
