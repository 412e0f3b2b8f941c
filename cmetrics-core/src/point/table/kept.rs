//! A table as it is kept between processes.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::Table;
use crate::metric::{Kind, Metric, MetricSet};
use crate::point::{DataPoint, Figures, Level, Shares, Watched};
use crate::time::Interval;

/// By columns, in which metrics have their names: other releases number them otherwise.
#[derive(Serialize, Deserialize)]
struct Kept {
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
        let kept = Kept {
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
        kept.serialize(serializer)
    }
}

fn names(set: MetricSet) -> Vec<String> {
    set.iter().map(|metric| metric.name().to_owned()).collect()
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kept = Kept::deserialize(deserializer)?;
        kept.table().ok_or_else(|| D::Error::custom("columns that make no points"))
    }
}

impl Kept {
    /// `None` where the columns do not fit each other, or a metric has no such kind.
    fn table(mut self) -> Option<Table> {
        let selected = MetricSet::named(&self.selected).ok()?;
        let growths = std::mem::take(&mut self.growths);
        let levels = std::mem::take(&mut self.levels);
        let growths: Vec<_> = known(growths, Kind::Counter)?;
        let levels: Vec<_> = known(levels, Kind::Gauge)?;
        let names: Vec<_> = self.names.iter().map(|name| name.as_str().into()).collect();
        let mut table = Table::new(selected);
        for (row, key) in self.keys.iter().enumerate() {
            let name = usize::try_from(*key).ok().and_then(|key| names.get(key))?;
            let (start, end) = *self.intervals.get(row)?;
            let mut figures = Figures::default();
            for (metric, column) in &growths {
                if let Some(growth) = column.get(row)? {
                    figures.set_growth(*metric, *growth);
                }
            }
            for (metric, column) in &levels {
                if let Some(level) = column.get(row)? {
                    figures.set_level(*metric, *level);
                }
            }
            let which = (std::sync::Arc::clone(name), Interval::new(start, end)?);
            let figures = figures.with_too_large(self.too_large_in(row));
            let (samples, watched) = (*self.samples.get(row)?, *self.watched.get(row)?);
            let mut point = DataPoint::from_parts(which, samples, watched, figures, selected);
            point.shares = self.shares.get(row)?.map(Box::new);
            table.push(&point);
        }
        Some(table)
    }

    fn too_large_in(&self, row: usize) -> MetricSet {
        let place = self.too_large.binary_search_by_key(&row, |(row, _)| *row).ok();
        let names = place.and_then(|place| self.too_large.get(place)).map(|(_, names)| names);
        names.and_then(|names| MetricSet::named(names).ok()).unwrap_or_default()
    }
}

/// The columns of metrics, which must be of this kind.
fn known<T>(columns: Vec<(String, Vec<T>)>, kind: Kind) -> Option<Vec<(Metric, Vec<T>)>> {
    let metric = |name: &str| name.parse().ok().filter(|metric: &Metric| metric.kind() == kind);
    columns.into_iter().map(|(name, column)| Some((metric(&name)?, column))).collect()
}
