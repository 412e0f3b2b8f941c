//! Points as dicts, in the documented shape and units.

use std::iter::Peekable;

use cmetrics_core::{Column, Figure, Interval, Kind, Metric, MetricSet, Table};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::PyPoints;

/// The keys of a point in the documented shape, as Python has them.
pub(crate) struct Shape<'py> {
    name: Key<'py>,
    start: Key<'py>,
    end: Key<'py>,
    documented: Vec<Entry<'py>>,
    metrics: Key<'py>,
    /// Of each metric that was asked for.
    asked: Vec<(Key<'py>, Metric)>,
    /// `ave`, `min` and `max`.
    figures: [Key<'py>; 3],
}

type Key<'py> = Bound<'py, PyString>;

/// A key, and what lies below it.
struct Entry<'py>(Key<'py>, Below<'py>);

enum Below<'py> {
    Number(&'static Column),
    Entries(Vec<Entry<'py>>),
}

impl<'py> Shape<'py> {
    /// Of points that carry these metrics beside the documented ones.
    pub(crate) fn new(py: Python<'py>, asked: MetricSet) -> Self {
        let key = |name: &str| PyString::intern(py, name);
        let mut columns = Column::all().iter().peekable();
        Self {
            name: key("name"),
            start: key("start"),
            end: key("end"),
            documented: entries(py, "", &mut columns),
            metrics: key("metrics"),
            asked: asked.iter().map(|metric| (key(metric.name()), metric)).collect(),
            figures: ["ave", "min", "max"].map(key),
        }
    }

    /// The point in a row.
    pub(crate) fn dict(
        &self,
        name: Option<Key<'py>>,
        table: &Table,
        row: usize,
    ) -> PyResult<Bound<'py, PyDict>> {
        let point = PyDict::new(self.name.py());
        point.set_item(&self.name, name)?;
        let interval = table.interval(row);
        point.set_item(&self.start, interval.map(Interval::start))?;
        point.set_item(&self.end, interval.map(Interval::end))?;
        fill(&point, &self.documented, table, row)?;
        if !self.asked.is_empty() {
            point.set_item(&self.metrics, self.metrics(table, row)?)?;
        }
        Ok(point)
    }

    /// The metrics that were asked for, each in its base unit.
    pub(crate) fn metrics(&self, table: &Table, row: usize) -> PyResult<Bound<'py, PyDict>> {
        let metrics = PyDict::new(self.name.py());
        for (key, metric) in &self.asked {
            match metric.kind() {
                Kind::Counter => metrics.set_item(key, table.growth(row, *metric))?,
                Kind::Gauge => {
                    let gauge = table.gauge(row, *metric);
                    let figures = PyDict::new(key.py());
                    let [ave, min, max] = &self.figures;
                    figures.set_item(ave, gauge.map(|gauge| gauge.ave))?;
                    figures.set_item(min, gauge.map(|gauge| gauge.min))?;
                    figures.set_item(max, gauge.map(|gauge| gauge.max))?;
                    metrics.set_item(key, figures)?;
                }
            }
        }
        Ok(metrics)
    }
}

/// The entries of the columns whose names begin with `above`, which come one after another.
fn entries<'py>(
    py: Python<'py>,
    above: &str,
    columns: &mut Peekable<std::slice::Iter<'static, Column>>,
) -> Vec<Entry<'py>> {
    let mut entries = Vec::new();
    while let Some(column) = columns.peek().copied() {
        let Some(rest) = column.name().strip_prefix(above) else { break };
        if let Some((key, _)) = rest.split_once('.') {
            let below = Below::Entries(self::entries(py, &format!("{above}{key}."), columns));
            entries.push(Entry(PyString::intern(py, key), below));
        } else {
            columns.next();
            entries.push(Entry(PyString::intern(py, rest), Below::Number(column)));
        }
    }
    entries
}

fn fill(
    dict: &Bound<'_, PyDict>,
    entries: &[Entry<'_>],
    table: &Table,
    row: usize,
) -> PyResult<()> {
    for Entry(key, below) in entries {
        match below {
            Below::Entries(entries) => {
                let inner = PyDict::new(dict.py());
                fill(&inner, entries, table, row)?;
                dict.set_item(key, inner)?;
            }
            Below::Number(column) => match table.figure(row, column) {
                None => dict.set_item(key, dict.py().None())?,
                Some(Figure::Whole(value)) => dict.set_item(key, value)?,
                Some(Figure::Real(value)) => dict.set_item(key, value)?,
            },
        }
    }
    Ok(())
}

impl PyPoints {
    pub(super) fn dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let _uncollected = Uncollected::new(py)?;
        let list = PyList::empty(py);
        for part in &self.parts {
            let shape = Shape::new(py, part.table().selected());
            for row in part.rows.clone() {
                list.append(shape.dict(part.frame.name(py, row), part.table(), row)?)?;
            }
        }
        Ok(list)
    }
}

/// The time in which Python looks for no garbage: millions of new objects would make it look
/// through all of them again and again, where there is none.
struct Uncollected<'py>(Option<Bound<'py, PyModule>>);

impl<'py> Uncollected<'py> {
    fn new(py: Python<'py>) -> PyResult<Self> {
        let gc = py.import("gc")?;
        let was_on: bool = gc.call_method0("isenabled")?.extract()?;
        if was_on {
            gc.call_method0("disable")?;
        }
        Ok(Self(was_on.then_some(gc)))
    }
}

impl Drop for Uncollected<'_> {
    fn drop(&mut self) {
        if let Some(gc) = &self.0 {
            // It fails for no reason that anybody could mend here.
            let _ = gc.call_method0("enable");
        }
    }
}
