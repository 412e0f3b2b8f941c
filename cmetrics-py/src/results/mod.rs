//! `results`: statistics of a whole run over many hosts, which are the containers.

mod series;
mod stat;
mod summary;
mod usage;

use cmetrics_core::Interval;
use cmetrics_core::point::Table;
use cmetrics_core::statistics;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::call;
use crate::error;
use crate::points::PyPoints;
use series::PySeries;
use summary::PySummary;

const MICROS_PER_SECOND: i64 = 1_000_000;

/// Results of a whole run over many hosts. Here containers are called hosts.
///
/// The stats are the fields of points that are numbers.
///
/// `get_avg_stat`, `get_median_stat` and `get_stat_quantile` return one value for each interval,
/// over the hosts that have a value in it: what was not measured is left out, and is never 0. Each
/// point counts, so a host with two points of an interval counts twice. Intervals of different
/// widths are different intervals. The interpreter is free for other threads meanwhile.
#[pyclass(frozen, module = "cmetrics", name = "Results")]
#[derive(Debug)]
pub(crate) struct PyResults {
    points: Py<PyPoints>,
}

/// How the values in an interval are reduced to one.
#[derive(Clone, Copy, Debug)]
enum Reduction {
    Mean,
    Quantile(f64),
}

impl PyResults {
    fn over_hosts(
        &self,
        py: Python<'_>,
        stat: &str,
        relative: bool,
        reduction: Reduction,
    ) -> PyResult<PySeries> {
        let points = self.points.get();
        let field = stat::named(py, points, stat)?;
        call::run(py, None, |cancel, _| {
            let rows = stat::rows(points, cancel);
            let number = |table: &Table, row: usize| stat::number(&field, table, row);
            let goes_on = |_: &(Interval, f64)| !cancel.is_cancelled();
            let values: Vec<_> = match reduction {
                Reduction::Mean => statistics::mean(rows, number).take_while(goes_on).collect(),
                Reduction::Quantile(q) => {
                    statistics::quantile(rows, q, number).take_while(goes_on).collect()
                }
            };
            PySeries::new(&field, &values, origin(points, relative))
        })
    }
}

/// The origin of times, in seconds since the epoch.
fn origin(points: &PyPoints, relative: bool) -> i64 {
    let starts = points.parts().iter().flat_map(|part| {
        part.table().starts_micros().get(part.rows.clone()).unwrap_or_default().iter().copied()
    });
    let first = if relative { starts.min() } else { None };
    first.map_or(0, |micros| micros / MICROS_PER_SECOND)
}

#[pymethods]
impl PyResults {
    /// The points that these are the results of.
    #[getter]
    fn points(&self, py: Python<'_>) -> Py<PyPoints> {
        self.points.clone_ref(py)
    }

    /// The names of the containers, in order.
    ///
    /// The name of a container is its id, or the path of a cgroup without one;
    /// `results.points.containers` has the aliases.
    fn get_hosts(&self) -> Vec<String> {
        let mut names: Vec<_> = self.points.get().names().iter().map(ToString::to_string).collect();
        names.sort_unstable();
        names
    }

    /// The names of the stats: the numeric fields of the points, then the rates.
    ///
    /// Those are the figures of the documented point in its units, such as `cpu.usage` and
    /// `memory.ave`, the selected metrics, such as `memory.working_set.ave`, and
    /// `cpu.cores`, `network.tx_bytes_per_second`, `network.rx_bytes_per_second`,
    /// `diskio.read_bytes_per_second` and `diskio.written_bytes_per_second`. `results.points.units`
    /// has the units. In addition to these, `samples`, `coverage`, `of_limit.cpu` and
    /// `of_limit.memory` can be used.
    fn get_stats(&self) -> Vec<String> {
        stat::names(self.points.get())
    }

    /// The values of a stat by host: a dict of a `Series` for each host, by name.
    ///
    /// Intervals without a value are left out; a host without any has an empty series. Times are in
    /// seconds since the Unix epoch, or since the first point of all with `relative=True`.
    ///
    /// Raises `SettingError` for an unknown stat.
    #[pyo3(signature = (stat, *, relative=false))]
    fn get_stat_per_host<'py>(
        &self,
        py: Python<'py>,
        stat: &str,
        relative: bool,
    ) -> PyResult<Bound<'py, PyDict>> {
        let points = self.points.get();
        let field = stat::named(py, points, stat)?;
        let hosts: Vec<_> = call::run(py, None, |cancel, _| {
            let rows = stat::rows(points, cancel);
            let number = |table: &Table, row: usize| stat::number(&field, table, row);
            let origin = origin(points, relative);
            let hosts = statistics::by_container(rows, number);
            let hosts = hosts.take_while(|_| !cancel.is_cancelled());
            hosts.map(|(name, values)| (name, PySeries::new(&field, &values, origin))).collect()
        })?;
        let by_host = PyDict::new(py);
        for (name, series) in hosts {
            by_host.set_item(&*name, Bound::new(py, series)?)?;
        }
        Ok(by_host)
    }

    /// The mean of a stat over the hosts, as a `Series` of one value for each interval.
    ///
    /// Each host that has a value in an interval counts the same. Times are in seconds since the
    /// Unix epoch, or since the first point of all with `relative=True`.
    ///
    /// Raises `SettingError` for an unknown stat.
    #[pyo3(signature = (stat, *, relative=false))]
    fn get_avg_stat(&self, py: Python<'_>, stat: &str, relative: bool) -> PyResult<PySeries> {
        self.over_hosts(py, stat, relative, Reduction::Mean)
    }

    /// The median of a stat over the hosts, as a `Series` of one value for each interval.
    ///
    /// See `get_stat_quantile`; the median is the quantile of 0.5.
    #[pyo3(signature = (stat, *, relative=false))]
    fn get_median_stat(&self, py: Python<'_>, stat: &str, relative: bool) -> PyResult<PySeries> {
        self.over_hosts(py, stat, relative, Reduction::Quantile(0.5))
    }

    /// A quantile of a stat over the hosts, as a `Series` of one value for each interval.
    ///
    /// `q` is 0 to 1: 0.95 is for the value that 95 % of the hosts do not exceed, interpolated
    /// linearly between two hosts as in `numpy.quantile`. Hosts without a value in an interval are
    /// left out there. Times are in seconds since the Unix epoch, or since the first point of all
    /// with `relative=True`.
    ///
    /// Raises `SettingError` for an unknown stat, and if `q` is not in 0 to 1.
    #[pyo3(signature = (stat, q, *, relative=false))]
    fn get_stat_quantile(
        &self,
        py: Python<'_>,
        stat: &str,
        q: f64,
        relative: bool,
    ) -> PyResult<PySeries> {
        if !(0.0..=1.0).contains(&q) {
            let message = format!("q is {q:?}, but must be 0 to 1");
            return Err(error::setting_error(py, Some("q"), &message));
        }
        self.over_hosts(py, stat, relative, Reduction::Quantile(q))
    }

    /// What each host used over its complete intervals: see `Points.summary`.
    #[pyo3(signature = (*, partial=false))]
    fn summary(&self, py: Python<'_>, partial: bool) -> PyResult<PySummary> {
        PySummary::of(py, self.points.get(), partial)
    }

    fn __repr__(&self) -> String {
        let points = self.points.get();
        let (hosts, rows) = (points.names().len(), points.len());
        let plural = if hosts == 1 { "" } else { "s" };
        format!(
            "<Results: {hosts} host{plural}, {} stats, {rows} points>",
            stat::names(points).len()
        )
    }
}

/// Gathers a whole run over many hosts: the containers are the hosts.
///
/// `sources` is what `points` takes, with the same keywords; or points that are made already; or a
/// store, or anything else with a method `range` that returns points, which then gets the keywords.
///
/// >>> results = cmetrics.results("dumps/", machine_by_folder=True)
/// >>> results.get_hosts()
/// >>> plt.plot(*results.get_stat_quantile("cpu.cores", 0.95, relative=True).to_numpy())
///
/// Raises what `points` does; `results(error.points)` are then the results of the points that could
/// be made. Raises `SettingError` for keywords together with points.
#[pyfunction]
#[pyo3(signature = (sources, **keywords))]
fn results(
    sources: &Bound<'_, PyAny>,
    keywords: Option<&Bound<'_, PyDict>>,
) -> PyResult<PyResults> {
    let py = sources.py();
    if let Ok(points) = sources.cast::<PyPoints>() {
        return match keywords.and_then(|keywords| keywords.keys().iter().next()) {
            Some(keyword) => {
                let message = format!(
                    "{keyword} is given, but these points are made already: see Points.select and \
                     Points.resample"
                );
                Err(error::setting_error(py, Some(&keyword.to_string()), &message))
            }
            None => Ok(PyResults { points: points.clone().unbind() }),
        };
    }
    let made = if sources.hasattr("range")? {
        sources.call_method("range", (), keywords)?
    } else {
        py.import("cmetrics._cmetrics")?.getattr("points")?.call((sources,), keywords)?
    };
    let points = made.cast_into::<PyPoints>().map_err(|refused| {
        let kind = refused.into_inner().get_type();
        PyTypeError::new_err(format!("range() gave no Points, but {kind}"))
    })?;
    Ok(PyResults { points: points.unbind() })
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyResults>()?;
    module.add_class::<PySeries>()?;
    summary::register(module)?;
    usage::register(module)?;
    module.add_function(wrap_pyfunction!(results, module)?)
}
