//! The methods of `Store` that read.

use std::sync::Arc;

use cmetrics_core::time::unix_seconds;
use cmetrics_core::{Cancel, Store};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::PyStore;
use super::query::{Query, QueryTime};
use crate::arguments::{self, Labels};
use crate::container::PyContainer;
use crate::error;
use crate::event::PyEvent;
use crate::points::PyPoints;
use crate::points::metadata::{ContainerMetadata, EventMetadata};
use crate::read::OnError;

#[pymethods]
impl PyStore {
    /// Return the last points of a container, including those that are not final.
    ///
    /// These are the points of the last `seconds` before its newest point ends; with `None` in the
    /// place of a container, those of each container. Everything else is as for `range`.
    #[pyo3(signature = (
        container, seconds, *, metrics=None, interval=None, all_bearers=false, on_error="raise",
        label=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "by keyword")]
    fn last<'py>(
        &self,
        py: Python<'py>,
        container: Option<&Bound<'py, PyAny>>,
        seconds: i128,
        metrics: Option<&Bound<'py, PyAny>>,
        interval: Option<i128>,
        all_bearers: bool,
        on_error: &str,
        label: Option<Labels>,
    ) -> PyResult<Bound<'py, PyPoints>> {
        let time = QueryTime::Last(arguments::seconds(py, "seconds", seconds)?);
        let which = QueryArguments { container, metrics, interval, all_bearers, label };
        self.get(py, &which.query(py, time)?, on_error)
    }

    /// Return the points of a range of time, including those that are not final.
    ///
    /// `container` selects containers by id, the beginning of an id, alias, cgroup path or
    /// `NAMESPACE/POD/CONTAINER`, and `label` by their labels: a dict of labels and values, all of
    /// which a container must have; without them all are read. An alias stands for the container that had it last in that time, with
    /// `all_bearers=True` for all that had it. `start` and `end` select the points whose intervals
    /// start in `[start, end)`: seconds since the epoch, a `datetime` (one without a zone is in
    /// UTC) or an ISO 8601 text. With `metrics` points have these metrics in addition to the
    /// documented ones, if they were kept; without it those that they were made with. `interval`
    /// rolls points up to a whole multiple of the store's interval, and includes those that overlap
    /// the range only in part.
    ///
    /// The points have the aliases, limits and events of their containers. Raises
    /// `UnknownContainerError`, `DamagedError` for what cannot be read (both with the rest in
    /// `points`; `on_error` is as for `cmetrics.points`) and `SettingError`.
    ///
    /// ```python
    /// frame = store.range("web", "2026-11-21T12:00:00Z", interval=60).to_polars()
    /// ```
    #[pyo3(signature = (
        container=None, start=None, end=None, *, metrics=None, interval=None, all_bearers=false,
        on_error="raise", label=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "by keyword")]
    fn range<'py>(
        &self,
        py: Python<'py>,
        container: Option<&Bound<'py, PyAny>>,
        start: Option<&Bound<'py, PyAny>>,
        end: Option<&Bound<'py, PyAny>>,
        metrics: Option<&Bound<'py, PyAny>>,
        interval: Option<i128>,
        all_bearers: bool,
        on_error: &str,
        label: Option<Labels>,
    ) -> PyResult<Bound<'py, PyPoints>> {
        let time = QueryTime::Range(arguments::range(start, end)?);
        let which = QueryArguments { container, metrics, interval, all_bearers, label };
        self.get(py, &which.query(py, time)?, on_error)
    }

    /// Draw the points of a range of time: `range(...).plot(**options)`.
    #[pyo3(signature = (container=None, start=None, end=None, *, label=None, **options))]
    fn plot<'py>(
        &self,
        py: Python<'py>,
        container: Option<&Bound<'py, PyAny>>,
        start: Option<&Bound<'py, PyAny>>,
        end: Option<&Bound<'py, PyAny>>,
        label: Option<Labels>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let points = self.range(py, container, start, end, None, None, false, "raise", label)?;
        points.call_method("plot", (), options)
    }

    /// List the containers that the store has data of, sorted by name.
    ///
    /// With `label`, a dict of labels and values, only those that have all of them.
    #[pyo3(signature = (*, label=None))]
    fn containers(&self, py: Python<'_>, label: Option<Labels>) -> PyResult<Vec<PyContainer>> {
        let label = label.unwrap_or_default();
        let find = |store: &Store, cancel: &Cancel| store.until(cancel).find_labelled(&label, ..);
        let container = |bearer| PyContainer(Arc::new(ContainerMetadata::from(bearer)));
        Ok(self.work(py, find)?.into_iter().map(container).collect())
    }

    /// List the events in `[start, end)`, sorted by container and time.
    ///
    /// These are restarts, gaps, growth across them that belongs to no interval, impossible CPU
    /// readings, and changes of limits and labels. `start` and `end` are as for `range`. Of a
    /// container that was read by several doors they are those of the highest, with
    /// `every_door=True` those of each.
    #[pyo3(signature = (start=None, end=None, *, every_door=false))]
    fn events(
        &self,
        py: Python<'_>,
        start: Option<&Bound<'_, PyAny>>,
        end: Option<&Bound<'_, PyAny>>,
        every_door: bool,
    ) -> PyResult<Vec<PyEvent>> {
        let range = unix_seconds(arguments::range(start, end)?);
        let events = self.work(py, |store, cancel| {
            let store = store.until(cancel);
            if every_door { store.events_by_door(range) } else { store.events(range) }
        })?;
        let shown = events.iter().filter_map(|event| {
            let shown = PyEvent::new(&event.container, EventMetadata::of_stored(event)?);
            Some(shown.of_door(event.door))
        });
        Ok(shown.collect())
    }
}

impl PyStore {
    fn get<'py>(
        &self,
        py: Python<'py>,
        query: &Query,
        on_error: &str,
    ) -> PyResult<Bound<'py, PyPoints>> {
        let on_error = OnError::of(py, on_error)?;
        let result = self.work(py, |store, cancel| query.read(store, cancel))?;
        on_error.attach(py, result.points, &error::exceptions(py, &result.errors)?)
    }
}

/// The arguments of a query, as Python objects.
struct QueryArguments<'a, 'py> {
    container: Option<&'a Bound<'py, PyAny>>,
    metrics: Option<&'a Bound<'py, PyAny>>,
    interval: Option<i128>,
    all_bearers: bool,
    label: Option<Labels>,
}

impl QueryArguments<'_, '_> {
    fn query(self, py: Python<'_>, time: QueryTime) -> PyResult<Query> {
        let interval = self.interval.map(|interval| arguments::seconds(py, "interval", interval));
        let metrics = self.metrics.map(|metrics| arguments::metrics(py, Some(metrics)));
        Ok(Query {
            containers: arguments::words(self.container)?,
            labels: self.label.unwrap_or_default(),
            time,
            metrics: metrics.transpose()?,
            interval: interval.transpose()?,
            all_bearers: self.all_bearers,
        })
    }
}
