//! `Series`: values over time.

use arrow_buffer::ScalarBuffer;
use cmetrics_core::Interval;
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyList};

use crate::points::column::PyColumn;
use crate::points::field::Field;

/// Values over time: one for each interval that has one, in order.
///
/// `len`, indices and iteration go over `(time, value)` pairs. For a plot:
/// `plt.plot(*series.to_numpy())`, or `plt.plot(series.times, series.values)`.
#[pyclass(frozen, eq, module = "cmetrics", name = "Series")]
#[derive(Debug, PartialEq)]
pub(crate) struct PySeries {
    stat: String,
    unit: Option<String>,
    times: ScalarBuffer<i64>,
    values: ScalarBuffer<f64>,
}

impl PySeries {
    /// The values of a field, with times in seconds since `origin`.
    pub(super) fn new(field: &Field, values: &[(Interval, f64)], origin: i64) -> Self {
        let time = |interval: &Interval| {
            i64::try_from(interval.start()).unwrap_or(i64::MAX).saturating_sub(origin)
        };
        Self {
            stat: field.name().to_owned(),
            unit: field.unit(),
            times: values.iter().map(|(interval, _)| time(interval)).collect(),
            values: values.iter().map(|(_, value)| *value).collect(),
        }
    }
}

#[pymethods]
impl PySeries {
    /// The stat of the values: one of `Results.get_stats()`.
    #[getter]
    fn stat(&self) -> &str {
        &self.stat
    }

    /// The unit of the values.
    #[getter]
    fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// Where the intervals start, in whole seconds.
    ///
    /// Since the Unix epoch, or since the first point of all with `relative=True`.
    #[getter]
    fn times<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.times.iter())
    }

    /// The values, one for each of `times`.
    #[getter]
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.values.iter())
    }

    /// The times and the values, as two NumPy arrays.
    ///
    /// They are `int64` and `float64`, both of the shape `(len(series),)`, and read-only views of
    /// the series' own numbers. Raises `ImportError` without NumPy.
    fn to_numpy<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let frames = py.import("cmetrics._frames")?;
        let numpy = frames.getattr("_library")?.call1(("numpy", "to_numpy"))?;
        let array = |column| numpy.call_method1("asarray", (Bound::new(py, column)?,));
        let (times, values) = (self.times.inner().clone(), self.values.inner().clone());
        Ok((
            array(PyColumn::of_all(times, self.times.len(), "<i8"))?,
            array(PyColumn::of_all(values, self.values.len(), "<f8"))?,
        ))
    }

    fn __len__(&self) -> usize {
        self.times.len()
    }

    fn __getitem__(&self, index: isize) -> PyResult<(i64, f64)> {
        let place = if index < 0 {
            self.times.len().checked_add_signed(index)
        } else {
            index.try_into().ok()
        };
        let pair = place.and_then(|place| self.times.get(place).zip(self.values.get(place)));
        let pair = pair.map(|(time, value)| (*time, *value));
        pair.ok_or_else(|| PyIndexError::new_err("series index out of range"))
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        let pairs: Vec<_> = self.times.iter().zip(self.values.iter()).collect();
        PyList::new(py, pairs)?.try_iter()
    }

    fn __repr__(&self) -> String {
        let stat = &self.stat;
        let Some((first, last)) = self.times.first().zip(self.times.last()) else {
            return format!("<Series {stat}: no values>");
        };
        let unit = self.unit.as_ref().map_or_else(String::new, |unit| format!(" in {unit}"));
        let (many, plural) = (self.times.len(), if self.times.len() == 1 { "" } else { "s" });
        format!("<Series {stat}: {many} value{plural}{unit}, {first} to {last}>")
    }
}
