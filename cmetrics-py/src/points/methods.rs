//! The Python methods of `Points`.

use std::sync::Arc;

use cmetrics_core::Interval;
use cmetrics_core::point::Values;
use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyList, PySlice};

use super::column::PyColumn;
use super::field::{Field, RATES};
use super::iterator::PyPointIterator;
use super::metadata::{EventKind, EventMetadata};
use super::{PyPoints, Selection};
use crate::arguments;
use crate::container::PyContainer;
use crate::error;
use crate::event::PyEvent;
use crate::point::PyPoint;

/// What `points[...]` returns.
#[derive(IntoPyObject)]
enum PointOrPoints {
    Point(PyPoint),
    Points(PyPoints),
}

#[pymethods]
impl PyPoints {
    fn __len__(&self) -> usize {
        self.rows
    }

    fn __iter__(this: Py<Self>) -> PyPointIterator {
        PyPointIterator::new(this)
    }

    // Without it, `reversed` needs the C slots of a sequence, which a class with slices lacks.
    fn __reversed__(this: &Bound<'_, Self>) -> PyResult<PyPointIterator> {
        let py = this.py();
        let backwards = this.get().slice(&PySlice::new(py, isize::MAX, isize::MIN, -1))?;
        Ok(PyPointIterator::new(Py::new(py, backwards)?))
    }

    fn __getitem__(&self, index: &Bound<'_, PyAny>) -> PyResult<PointOrPoints> {
        match index.cast::<PySlice>() {
            Ok(slice) => self.slice(slice).map(PointOrPoints::Points),
            Err(_) => self.item(index).map(PointOrPoints::Point),
        }
    }

    // Merges what is known about the containers.
    fn __add__(&self, other: &Self) -> Self {
        let parts = self.parts.iter().chain(&other.parts).cloned().collect();
        let errors = self.errors.iter().chain(other.errors.iter());
        let errors = Python::attach(|py| errors.map(|error| error.clone_ref(py)).collect());
        let known = Arc::new(self.known.and(&other.known));
        Self { known, errors: Arc::new(errors), ..self.with(parts) }
    }

    fn __reduce__<'py>(
        this: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let py = this.py();
        let points = this.get();
        let kept = py.detach(|| points.to_bytes())?;
        let maker = py.import("cmetrics._cmetrics")?.getattr("_points_from_bytes")?;
        Ok((maker, (PyBytes::new(py, &kept),)))
    }

    /// The fields of data frames, in order.
    #[getter]
    fn fields(&self) -> Vec<String> {
        self.shown().iter().map(|field| field.name().to_owned()).collect()
    }

    /// The unit of each field that has one.
    ///
    /// Those in `fields`, and all others that can be selected.
    #[getter]
    fn units<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let units = PyDict::new(py);
        for field in Field::all(self.metrics()) {
            if let Some(unit) = field.unit() {
                units.set_item(field.name(), unit)?;
            }
        }
        Ok(units)
    }

    /// The containers of these points, in order of appearance.
    #[getter]
    fn containers(&self) -> Vec<PyContainer> {
        self.names().iter().map(|name| PyContainer(self.known.of(name))).collect()
    }

    /// The limits of the containers of these points, by name; see `Container.limits`.
    #[getter]
    fn limits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let every = PyDict::new(py);
        for name in self.names() {
            every.set_item(&*name, PyContainer(self.known.of(&name)).limits(py)?)?;
        }
        Ok(every)
    }

    /// The events of the containers of these points.
    ///
    /// Restarts, gaps, impossible CPU readings and the like, sorted by container and time.
    #[getter]
    fn events(&self) -> Vec<PyEvent> {
        let mut events = Vec::new();
        for name in self.names() {
            let known = self.known.of(&name);
            events.extend(known.events.iter().map(|event| PyEvent::new(&name, event.clone())));
        }
        events.extend(self.too_large());
        events.sort_by_key(PyEvent::key);
        events
    }

    /// The errors of the inputs, as exceptions.
    #[getter]
    fn errors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.errors.iter().map(|error| error.bind(py)))
    }

    /// Select points, without a copy, and the fields of their data frames.
    ///
    /// `container` selects containers by id, the beginning of an id, alias or cgroup path. `start`
    /// and `end` select the points whose intervals start in `[start, end)`: seconds since the
    /// epoch, a `datetime` (one without a zone is in UTC) or an ISO 8601 text. `complete` selects
    /// the points whose interval is completely covered by samples.
    ///
    /// `fields` are the columns of data frames, by name: those in `fields`, rates such as
    /// `cpu.cores`, `samples`, `coverage`, `rate_seconds`, `of_limit.cpu`, `of_limit.memory`,
    /// `alias`, `image` and `machine`. `rates=True` adds `cpu.cores` and the bytes per second of
    /// network and disks: over the time that samples cover, which is `rate_seconds`.
    /// `texts` is the Arrow type of names: `utf8`, `dictionary` or `view`.
    ///
    /// Raises `UnknownContainerError` or `SettingError`.
    #[pyo3(signature = (
        container=None, *, start=None, end=None, complete=false, fields=None, rates=false, texts=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "by keyword")]
    fn select(
        &self,
        py: Python<'_>,
        container: Option<&Bound<'_, PyAny>>,
        start: Option<&Bound<'_, PyAny>>,
        end: Option<&Bound<'_, PyAny>>,
        complete: bool,
        fields: Option<&Bound<'_, PyAny>>,
        rates: bool,
        texts: Option<&str>,
    ) -> PyResult<Self> {
        let containers = arguments::words(container)?;
        let micros = |name, instant: Option<&Bound<'_, PyAny>>| {
            instant.map(|instant| arguments::micros(name, instant)).transpose()
        };
        let (from, until) = (micros("start", start)?, micros("end", end)?);
        let asked = Selection { containers, from, until, complete };
        let (mut chosen, unknown) = py.detach(|| self.selected(&asked));
        if let Some(first) = unknown.first() {
            return Err(error::single(py, first));
        }
        if let Some(names) = arguments::words(fields)? {
            let fields = names.iter().map(|name| self.field(py, name));
            chosen.fields = Some(fields.collect::<PyResult<_>>()?);
        }
        if rates {
            let mut fields = chosen.shown();
            let more = RATES.map(Field::Rate).into_iter();
            let more: Vec<_> = more.filter(|field| !fields.contains(field)).collect();
            fields.extend(more);
            chosen.fields = Some(fields);
        }
        if let Some(texts) = texts {
            chosen.texts = arguments::texts(py, texts)?;
        }
        Ok(chosen)
    }

    /// Roll the points up to intervals of this many seconds, a whole multiple of their width.
    ///
    /// These are the points that the same samples make at that width: growth is added up, and means
    /// are over all readings, so that this is exact. Raises `SettingError` for another width.
    fn resample(&self, py: Python<'_>, seconds: i128) -> PyResult<Self> {
        let seconds = arguments::seconds(py, "seconds", seconds)?;
        py.detach(|| self.resampled(seconds)).map_err(|refused| error::single(py, &refused))
    }

    /// The values of a field, `None` where there is none; times in whole seconds since the epoch.
    fn to_list<'py>(&self, py: Python<'py>, field: &str) -> PyResult<Bound<'py, PyList>> {
        self.list(py, &self.field(py, field)?)
    }

    /// The points in the documented shape and units, ready for `json.dumps`.
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.dicts(py)
    }

    /// The numbers of a field, for NumPy.
    fn _column(&self, py: Python<'_>, field: &str) -> PyResult<PyColumn> {
        let field = self.field(py, field)?;
        if field.is_text() {
            return Err(PyTypeError::new_err(format!("{} holds no numbers", field.name())));
        }
        Ok(py.detach(|| PyColumn::of(&field, &self.parts, &self.known)))
    }

    /// An Arrow stream of these points, anew at each call.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema; // need not be followed
        self.export().stream(py)
    }

    /// The Arrow schema of these points.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        self.export().schema_capsule(py)
    }

    /// An exception of a call that raised has these points, and they have the exception. Where
    /// other points share the errors, none of them may claim to be who keeps them.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if Arc::strong_count(&self.errors) > 1 {
            return Ok(());
        }
        self.errors.iter().try_for_each(|error| visit.call(error))
    }

    fn __repr__(&self) -> String {
        let ends = || {
            self.parts
                .iter()
                .flat_map(|part| part.rows.clone().filter_map(|row| part.table().interval(row)))
        };
        let start = ends().map(Interval::start).min();
        let end = ends().map(Interval::end).max();
        let Some((start, end)) = start.zip(end) else {
            return "<Points: none>".to_owned();
        };
        let containers = self.names().len();
        let plural = if containers == 1 { "" } else { "s" };
        let points = self.rows;
        format!("<Points: {points} of {containers} container{plural}, {start} to {end}>")
    }
}

impl PyPoints {
    /// Events for the growths that do not fit the signed integers of data frames, or 64 bits.
    fn too_large(&self) -> Vec<PyEvent> {
        let mut events = Vec::new();
        for part in &self.parts {
            let table = part.table();
            let mut note = |row: usize, metric: &str, growth| {
                let at = table
                    .interval(row)
                    .map(|interval| interval.start().saturating_mul(1_000_000_000));
                let event = EventMetadata {
                    metric: Some(metric.to_owned()),
                    growth,
                    ..EventMetadata::new(EventKind::TooLarge, at)
                };
                events.extend(table.name(row).map(|name| PyEvent::new(name, event)));
            };
            for (row, metrics) in table.too_large().filter(|(row, _)| part.rows.contains(row)) {
                metrics.iter().for_each(|metric| note(row, metric.name(), None));
            }
            for column in table.columns().iter().filter(|column| column.is_whole()) {
                let Some((Values::Whole(values), _)) = table.values(column) else {
                    continue;
                };
                let rows = values.get(part.rows.clone()).unwrap_or_default();
                for (row, growth) in part.rows.clone().zip(rows) {
                    if i64::try_from(*growth).is_err() {
                        note(row, column.metric().name(), Some(u128::from(*growth)));
                    }
                }
            }
        }
        events
    }
}
