//! `Summary`: what each container used over all of its time.

use cmetrics_core::container::Identity;
use cmetrics_core::statistics;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyList};

use super::stat;
use super::usage::PyUsage;
use crate::call;
use crate::error;
use crate::points::PyPoints;

/// What each container used over all of its time: a `Usage` for each, by name.
///
/// It can be read like a dict: `len`, `in`, iteration over the names, `keys`, `values`, `items`,
/// `get` and `summary["web"]`, where a container is found by name, alias, cgroup path or the
/// beginning of its id. `polars.DataFrame(summary.to_dicts(), infer_schema_length=None)` makes a
/// table of it.
#[pyclass(frozen, eq, module = "cmetrics", name = "Summary")]
#[derive(Debug, PartialEq)]
pub(crate) struct PySummary {
    usages: Vec<PyUsage>,
    partial: bool,
}

impl PySummary {
    pub(super) fn of(py: Python<'_>, points: &PyPoints, partial: bool) -> PyResult<Self> {
        call::run(py, None, |cancel, _| {
            let usages = statistics::usages(stat::rows(points, cancel), partial);
            let usages = usages.take_while(|_| !cancel.is_cancelled()).map(|usage| {
                let container = points.known().of(&usage.name);
                PyUsage::new(usage, container)
            });
            Self { usages: usages.collect(), partial }
        })
    }

    /// The usages of the containers that a word stands for.
    fn find(&self, word: &str) -> Result<Vec<&PyUsage>, cmetrics_core::Error> {
        let identities = self.usages.iter().map(|usage| &usage.container().identity);
        let found = Identity::find(identities, word)?;
        let is_found =
            |usage: &&PyUsage| found.iter().any(|identity| **identity.name() == *usage.name());
        Ok(self.usages.iter().filter(is_found).collect())
    }
}

#[pymethods]
impl PySummary {
    /// Whether intervals that samples cover only in part are included.
    #[getter]
    fn partial(&self) -> bool {
        self.partial
    }

    fn __len__(&self) -> usize {
        self.usages.len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyList::new(py, self.keys())?.try_iter()
    }

    fn __contains__(&self, container: &str) -> bool {
        self.find(container).is_ok_and(|found| found.len() == 1)
    }

    fn __getitem__(&self, py: Python<'_>, container: &str) -> PyResult<PyUsage> {
        let found = self.find(container).map_err(|unknown| error::single(py, &unknown))?;
        if let [only] = *found {
            return Ok(only.clone());
        }
        let names: Vec<_> = found.iter().map(|usage| usage.name()).collect();
        Err(PyKeyError::new_err(format!("{container:?} means any of {}", names.join(", "))))
    }

    /// What a container used, or `default` if `summary[container]` would raise.
    #[pyo3(signature = (container, default=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        container: &str,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self.find(container).as_deref() {
            Ok([only]) => Ok(Some(Bound::new(py, (*only).clone())?.into_any())),
            _ => Ok(default),
        }
    }

    /// The names of the containers, in order.
    fn keys(&self) -> Vec<&str> {
        self.usages.iter().map(PyUsage::name).collect()
    }

    /// What each container used, in order of the names.
    fn values(&self) -> Vec<PyUsage> {
        self.usages.clone()
    }

    /// The names, each with what the container used.
    fn items(&self) -> Vec<(&str, PyUsage)> {
        self.usages.iter().map(|usage| (usage.name(), usage.clone())).collect()
    }

    /// A flat dict for each container, ready for data frames: see `Usage.to_dict`.
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.usages.iter().map(|usage| usage.to_dict(py)).collect()
    }

    fn __repr__<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        shown(this, "text")
    }

    /// The summary as a table in a notebook.
    fn _repr_html_<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        shown(this, "html")
    }
}

fn shown<'py>(summary: &Bound<'py, PySummary>, how: &str) -> PyResult<Bound<'py, PyAny>> {
    summary.py().import("cmetrics._summary")?.getattr(how)?.call1((summary,))
}

#[pymethods]
impl PyPoints {
    /// What each container used over its complete intervals, as a `Summary` by container.
    ///
    /// For CPU in cores, memory in bytes and the bytes per second of network and disks it has the
    /// mean, the median, the 95th and 99th percentile and the greatest value. Memory is the mean
    /// reading of each interval. In a mean, the weight of a rate is the seconds of its interval
    /// that samples cover, and that of memory the seconds of the interval; percentiles are over
    /// intervals, interpolated linearly between two of them as in `numpy.quantile`.
    ///
    /// An interval is complete if samples cover all of it (`coverage` is 1); a point of unknown
    /// coverage is not complete. `partial=True` includes all intervals. A container without such
    /// intervals is included, with 0 `intervals` and `None` for each quantity.
    ///
    /// For one figure: `points.summary()["web"].cores.p95`.
    #[pyo3(signature = (*, partial=false))]
    fn summary(&self, py: Python<'_>, partial: bool) -> PyResult<PySummary> {
        PySummary::of(py, self, partial)
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PySummary>()
}
