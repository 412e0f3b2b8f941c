//! Points as JSON in the documented shape, which nests the columns in objects.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::shape::{DOCUMENTED, Member, Node};
use super::{Column, DataPoint, Figure, Figures, Gauge, Shares, Watched};
use crate::error::{Error, Problem};
use crate::metric::{Kind, Metric, MetricSet};
use crate::time::Interval;

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Whole(value) => serializer.serialize_u64(value),
            Self::Real(value) => serializer.serialize_f64(value),
        }
    }
}

/// The members of an object in a point.
struct Members<'p>(&'p DataPoint, &'static [Member]);

impl Members<'_> {
    fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Self(point, members) = *self;
        for (key, node) in members {
            match node {
                Node::Number(column) => map.serialize_entry(key, &column.figure(point))?,
                Node::Object(members) => map.serialize_entry(key, &Members(point, members))?,
            }
        }
        Ok(())
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.serialize_into(&mut map)?;
        map.end()
    }
}

/// The selected metrics, each by its name and in its base unit.
pub(super) struct Metrics<'p>(pub(super) &'p DataPoint);

impl Serialize for Metrics<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for metric in self.0.selected.iter() {
            match metric.kind() {
                Kind::Counter => map.serialize_entry(metric.name(), &self.0.growth(metric))?,
                Kind::Gauge => {
                    let gauge = self.0.gauge(metric);
                    let figures = [
                        ("ave", gauge.map(|gauge| gauge.ave)),
                        ("min", gauge.map(|gauge| gauge.min)),
                        ("max", gauge.map(|gauge| gauge.max)),
                    ];
                    map.serialize_entry(metric.name(), &Object(figures))?;
                }
            }
        }
        map.end()
    }
}

/// An object of these members.
struct Object<const N: usize>([(&'static str, Option<f64>); N]);

impl<const N: usize> Serialize for Object<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0)
    }
}

fn serialize_documented<M: SerializeMap>(point: &DataPoint, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("name", point.name())?;
    map.serialize_entry("start", &point.interval.start())?;
    map.serialize_entry("end", &point.interval.end())?;
    Members(point, &DOCUMENTED).serialize_into(map)?;
    if !point.selected.is_empty() {
        map.serialize_entry("metrics", &Metrics(point))?;
    }
    Ok(())
}

impl Serialize for DataPoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        serialize_documented(self, &mut map)?;
        map.end()
    }
}

/// A point that is serialised with more keys after the documented ones: `samples`, `coverage` and,
/// if selected, its shares of the limits (`of_limit`).
#[derive(Clone, Copy, Debug)]
pub struct Extended<'p>(pub &'p DataPoint);

impl Serialize for Extended<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        serialize_documented(self.0, &mut map)?;
        map.serialize_entry("samples", &self.0.samples)?;
        map.serialize_entry("coverage", &self.0.coverage())?;
        if let Some(shares) = self.0.shares.as_deref() {
            map.serialize_entry("of_limit", shares)?;
        }
        map.end()
    }
}

/// A JSON value in a point's sections.
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
    #[serde(default)]
    metrics: BTreeMap<String, Tree>,
    of_limit: Option<Shares>,
    #[serde(flatten)]
    sections: BTreeMap<String, Tree>,
}

impl<'de> Deserialize<'de> for DataPoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Document { name, start, end, samples, coverage, metrics, of_limit, sections } =
            Document::deserialize(deserializer)?;
        let interval = Interval::from_serialized(start, end)
            .ok_or_else(|| D::Error::custom(format!("no interval: {start} to {end}")))?;
        let mut point = Self {
            name: name.into(),
            interval,
            samples,
            watched: coverage.map_or(Watched::Unknown, Watched::Part),
            figures: Figures::default(),
            selected: MetricSet::default(),
            shares: of_limit.map(Box::new),
        };
        point.read_all(Column::all(), &Tree::Object(sections), "").map_err(D::Error::custom)?;
        let names: Vec<_> = metrics.keys().collect();
        point.selected = MetricSet::named(&names).map_err(D::Error::custom)?;
        let columns = Column::of_metrics(point.selected);
        let metrics = Tree::Object(metrics);
        point.read_all(&columns, &metrics, "metrics").map_err(D::Error::custom)?;
        Ok(point)
    }
}

impl DataPoint {
    /// Makes a point of the numbers in its columns: the documented ones, and those of the
    /// `selected` metrics. The exact parts of its figures are unknown, as with a point that was
    /// read from JSON.
    ///
    /// # Errors
    /// [`ErrorKind::Value`](crate::ErrorKind::Value) where the number of a counter is not whole.
    ///
    /// ```
    /// use cmetrics_core::point::Figure;
    /// use cmetrics_core::{DataPoint, Interval, MetricSet};
    ///
    /// let interval = Interval::new(10, 15).unwrap();
    /// let cpu = |column: &cmetrics_core::point::Column| {
    ///     (column.name() == "cpu.usage").then_some(Figure::Whole(5_000_000_000))
    /// };
    /// let none = MetricSet::default();
    /// let point = DataPoint::from_columns("/docker", interval, None, None, none, cpu).unwrap();
    /// assert_eq!(point.cpu_cores(), Some(1.0));
    /// ```
    pub fn from_columns(
        name: &str,
        interval: Interval,
        samples: Option<u64>,
        coverage: Option<f64>,
        selected: MetricSet,
        figure: impl Fn(&Column) -> Option<Figure>,
    ) -> Result<Self, Error> {
        let watched = coverage.map_or(Watched::Unknown, Watched::Part);
        let figures = Figures::default();
        let mut point =
            Self::from_parts(name.into(), interval, samples, watched, figures, selected);
        let columns = Column::of_points(selected);
        for columns in columns.chunk_by(|left, right| {
            (left.metric(), left.divisor()) == (right.metric(), right.divisor())
        }) {
            let numbers: Vec<_> = columns.iter().map(&figure).collect();
            if let Some(column) = columns.first() {
                point
                    .read(column, &numbers)
                    .map_err(|_| Error::new(Problem::Column(column.name().to_owned())))?;
            }
        }
        Ok(point)
    }

    /// Sets the metrics of these columns from their numbers in `tree`.
    fn read_all(&mut self, columns: &[Column], tree: &Tree, below: &str) -> Result<(), String> {
        for columns in columns.chunk_by(|left, right| left.metric() == right.metric()) {
            let numbers = columns.iter().map(|column| number(tree, column));
            let numbers: Vec<_> = numbers.collect::<Result<_, _>>().map_err(|error| {
                if below.is_empty() { error } else { format!("{below}.{error}") }
            })?;
            if let Some(column) = columns.first() {
                self.read(column, &numbers)?;
            }
        }
        Ok(())
    }

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

/// The float as a whole number, if it is one.
fn whole(value: f64) -> Option<u64> {
    let fits = value >= 0.0 && value < 2f64.powi(64) && value.fract() == 0.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
    fits.then_some(value as u64)
}

fn number(tree: &Tree, column: &Column) -> Result<Option<Figure>, String> {
    match tree.at(column.name()) {
        None => Err(format!("{} is missing", column.name())),
        Some(Tree::Absent(())) => Ok(None),
        Some(Tree::Whole(value)) => Ok(Some(Figure::Whole(*value))),
        Some(Tree::Real(value)) => Ok(Some(Figure::Real(*value))),
        Some(Tree::Object(_)) => Err(format!("{}: expected a number or null", column.name())),
    }
}

impl Tree {
    /// The value at this path. Keys may contain dots.
    fn at(&self, path: &str) -> Option<&Self> {
        let Self::Object(inner) = self else { return None };
        if let Some(found) = inner.get(path) {
            return Some(found);
        }
        path.match_indices('.').find_map(|(dot, _)| {
            let (key, rest) = path.split_at_checked(dot)?;
            inner.get(key)?.at(rest.get(1..)?)
        })
    }
}
