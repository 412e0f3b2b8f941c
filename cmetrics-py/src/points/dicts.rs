//! Points as dicts, in the documented shape and units.

use std::iter::Peekable;

use cmetrics_core::metric::Kind;
use cmetrics_core::point::{Column, Figure, Table};
use cmetrics_core::{Interval, Metric, MetricSet};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::PyPoints;

/// The keys of a point in the documented shape, as Python strings.
pub(crate) struct DictShape<'py> {
    name: Key<'py>,
    start: Key<'py>,
    end: Key<'py>,
    documented: Vec<Member<'py>>,
    metrics: Key<'py>,
    /// The key of each selected metric.
    selected: Vec<(Key<'py>, Metric)>,
    /// `ave`, `min` and `max`.
    figures: [Key<'py>; 3],
}

type Key<'py> = Bound<'py, PyString>;

/// A member of a dict: a key and its value.
struct Member<'py>(Key<'py>, Node<'py>);

enum Node<'py> {
    Number(&'static Column),
    Object(Vec<Member<'py>>),
}

impl<'py> DictShape<'py> {
    /// The shape of points with these metrics in addition to the documented ones.
    pub(crate) fn new(py: Python<'py>, selected: MetricSet) -> Self {
        let key = |name: &str| PyString::intern(py, name);
        let mut columns = Column::all().iter().peekable();
        Self {
            name: key("name"),
            start: key("start"),
            end: key("end"),
            documented: members(py, "", &mut columns),
            metrics: key("metrics"),
            selected: selected.iter().map(|metric| (key(metric.name()), metric)).collect(),
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
        if !self.selected.is_empty() {
            point.set_item(&self.metrics, self.metrics(table, row)?)?;
        }
        Ok(point)
    }

    /// The selected metrics, each in its base unit.
    pub(crate) fn metrics(&self, table: &Table, row: usize) -> PyResult<Bound<'py, PyDict>> {
        let metrics = PyDict::new(self.name.py());
        for (key, metric) in &self.selected {
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

/// The members for the columns whose names begin with `above`, which are adjacent.
fn members<'py>(
    py: Python<'py>,
    above: &str,
    columns: &mut Peekable<std::slice::Iter<'static, Column>>,
) -> Vec<Member<'py>> {
    let mut members = Vec::new();
    while let Some(column) = columns.peek().copied() {
        let Some(rest) = column.name().strip_prefix(above) else { break };
        if let Some((key, _)) = rest.split_once('.') {
            let node = Node::Object(self::members(py, &format!("{above}{key}."), columns));
            members.push(Member(PyString::intern(py, key), node));
        } else {
            columns.next();
            members.push(Member(PyString::intern(py, rest), Node::Number(column)));
        }
    }
    members
}

fn fill(
    dict: &Bound<'_, PyDict>,
    members: &[Member<'_>],
    table: &Table,
    row: usize,
) -> PyResult<()> {
    for Member(key, node) in members {
        match node {
            Node::Object(members) => {
                let inner = PyDict::new(dict.py());
                fill(&inner, members, table, row)?;
                dict.set_item(key, inner)?;
            }
            Node::Number(column) => match table.figure(row, column) {
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
        let _gc_paused = GcPaused::new(py)?;
        let list = PyList::empty(py);
        for part in &self.parts {
            let shape = DictShape::new(py, part.table().selected());
            for row in part.rows.clone() {
                list.append(shape.dict(part.frame.name(py, row), part.table(), row)?)?;
            }
        }
        Ok(list)
    }
}

/// Pauses Python's garbage collector while it lives. The collector would search millions of new
/// objects again and again, none of which is garbage.
struct GcPaused<'py>(Option<Bound<'py, PyModule>>);

impl<'py> GcPaused<'py> {
    fn new(py: Python<'py>) -> PyResult<Self> {
        let gc = py.import("gc")?;
        let was_on: bool = gc.call_method0("isenabled")?.extract()?;
        if was_on {
            gc.call_method0("disable")?;
        }
        Ok(Self(was_on.then_some(gc)))
    }
}

impl Drop for GcPaused<'_> {
    fn drop(&mut self) {
        if let Some(gc) = &self.0 {
            // There is no way to handle a failure here.
            let _ = gc.call_method0("enable");
        }
    }
}
