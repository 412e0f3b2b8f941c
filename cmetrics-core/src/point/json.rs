//! The documented shape: columns as nested objects, there and back.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Column, DataPoint, Figure, Gauge};
use crate::metric::{Kind, Metric};
use crate::sample::Readings;
use crate::time::Interval;

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Whole(value) => serializer.serialize_u64(value),
            Self::Real(value) => serializer.serialize_f64(value),
        }
    }
}

/// The columns of a point that share the first `depth` keys, as an object of the rest.
struct Group<'p> {
    point: &'p DataPoint,
    columns: &'p [Column],
    depth: usize,
}

impl Group<'_> {
    fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let key = |column: &Column| column.name().split('.').nth(self.depth).map(str::to_owned);
        for columns in self.columns.chunk_by(|left, right| key(left) == key(right)) {
            let [first, ..] = columns else { continue };
            let depth = self.depth + 1;
            let key = key(first).unwrap_or_default();
            if first.name().split('.').count() == depth {
                map.serialize_entry(&key, &first.figure(self.point))?;
            } else {
                map.serialize_entry(&key, &Group { point: self.point, columns, depth })?;
            }
        }
        Ok(())
    }
}

impl Serialize for Group<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.serialize_into(&mut map)?;
        map.end()
    }
}

fn serialize_documented<M: SerializeMap>(point: &DataPoint, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("name", point.name())?;
    map.serialize_entry("start", &point.interval.start())?;
    map.serialize_entry("end", &point.interval.end())?;
    Group { point, columns: Column::all(), depth: 0 }.serialize_into(map)
}

impl Serialize for DataPoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        serialize_documented(self, &mut map)?;
        map.end()
    }
}

/// A point that is serialised with `samples` and `coverage` behind the documented keys.
#[derive(Clone, Copy, Debug)]
pub struct Extended<'p>(pub &'p DataPoint);

impl Serialize for Extended<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        serialize_documented(self.0, &mut map)?;
        map.serialize_entry("samples", &self.0.samples)?;
        map.serialize_entry("coverage", &self.0.coverage)?;
        map.end()
    }
}

/// Any JSON value of a point's sections.
#[derive(Deserialize)]
#[serde(untagged)]
enum Tree {
    Absent(()),
    Whole(u64),
    Real(f64),
    Object(BTreeMap<String, Tree>),
}

#[derive(Deserialize)]
struct Document {
    name: String,
    start: u64,
    end: u64,
    samples: Option<u64>,
    coverage: Option<f64>,
    #[serde(flatten)]
    sections: BTreeMap<String, Tree>,
}

impl<'de> Deserialize<'de> for DataPoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Document { name, start, end, samples, coverage, sections } =
            Document::deserialize(deserializer)?;
        let interval = Interval::new(start, end)
            .ok_or_else(|| D::Error::custom(format!("no interval: {start} to {end}")))?;
        let (growths, gauges) = (Readings::default(), Vec::new());
        let mut point =
            Self { name: Arc::from(name), interval, samples, coverage, growths, gauges };
        let sections = Tree::Object(sections);
        for columns in Column::all().chunk_by(|left, right| left.metric() == right.metric()) {
            let numbers = columns.iter().map(|column| number(&sections, column));
            let numbers = numbers.collect::<Result<Vec<_>, _>>().map_err(D::Error::custom)?;
            if let Some(column) = columns.first() {
                point.read(column, &numbers).map_err(D::Error::custom)?;
            }
        }
        Ok(point)
    }
}

impl DataPoint {
    /// Sets a metric from the numbers of its columns, which are in the documented unit.
    fn read(&mut self, column: &Column, numbers: &[Option<Figure>]) -> Result<(), String> {
        let metric: Metric = column.metric();
        let divisor = f64::from(column.divisor());
        let real = |figure| match figure {
            #[expect(clippy::cast_precision_loss, reason = "documented as floating-point")]
            Figure::Whole(value) => value as f64 * divisor,
            Figure::Real(value) => value * divisor,
        };
        match (metric.kind(), numbers) {
            (Kind::Counter, [Some(figure)]) => {
                let growth = match *figure {
                    Figure::Whole(value) if column.divisor() == 1 => Some(value),
                    figure => whole(real(figure)),
                };
                let growth =
                    growth.ok_or_else(|| format!("{}: expected a whole number", column.name()))?;
                self.set(metric, Some(growth), None);
            }
            (Kind::Gauge, [Some(ave), Some(min), Some(max)]) => {
                let gauge = Gauge { ave: real(*ave), min: real(*min), max: real(*max) };
                self.set(metric, None, Some(gauge));
            }
            _ => {}
        }
        Ok(())
    }
}

/// The whole number that a float stands for.
fn whole(value: f64) -> Option<u64> {
    let fits = value >= 0.0 && value < 2f64.powi(64) && value.fract() == 0.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
    fits.then_some(value as u64)
}

fn number(sections: &Tree, column: &Column) -> Result<Option<Figure>, String> {
    let mut tree = sections;
    for key in column.name().split('.') {
        let Tree::Object(inner) = tree else {
            return Err(format!("{}: expected an object around it", column.name()));
        };
        tree = inner.get(key).ok_or_else(|| format!("{} is missing", column.name()))?;
    }
    match tree {
        Tree::Absent(()) => Ok(None),
        Tree::Whole(value) => Ok(Some(Figure::Whole(*value))),
        Tree::Real(value) => Ok(Some(Figure::Real(*value))),
        Tree::Object(_) => Err(format!("{}: expected a number or null", column.name())),
    }
}
