//! The methods of `Store` for maintenance.

use std::path::PathBuf;
use std::time::SystemTime;

use cmetrics_core::store::Retention;
use cmetrics_core::time::unix_seconds;
use cmetrics_core::{Store, Timestamp};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::{PyStore, figures};
use crate::arguments;
use crate::call;
use crate::error;

#[pymethods]
impl PyStore {
    /// Drop old points.
    ///
    /// Either `age`: keep what ends in the last so many seconds before `now` (by default the time
    /// of this machine's clock); or `points`: keep at least this many of the newest points, because
    /// whole segments are dropped; or `since`: keep what ends after this time. Dropped points are
    /// not returned any more, and are refused if they are added again, until an earlier `since` is
    /// set.
    ///
    /// Returns a dict: how many `segments` were dropped, the `points` in them, and `floor`: points
    /// that end at or before this second are not returned. Raises `SettingError` unless exactly one
    /// of the three is given, and `RefusedError` if the time would drop everything that is stored.
    #[pyo3(signature = (*, age=None, points=None, since=None, now=None))]
    fn retain<'py>(
        &self,
        py: Python<'py>,
        age: Option<i128>,
        points: Option<i128>,
        since: Option<&Bound<'py, PyAny>>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let retention = match (age, points, since) {
            (Some(age), None, None) => Retention::Age {
                now: now.map_or_else(|| clock(py), |now| arguments::timestamp("now", now))?,
                age: arguments::length_of_time(py, "age", age)?,
            },
            (None, None, Some(since)) => Retention::Since(arguments::timestamp("since", since)?),
            (None, Some(points), None) => {
                Retention::Points(arguments::number(py, "points", points)? as u64)
            }
            _ => {
                let message = "give age, in seconds, points, or since: one of them";
                return Err(error::setting_error(py, Some("age"), message));
            }
        };
        let retained = self.work(py, |store, cancel| store.until(cancel).retain(retention))?;
        figures::retained(py, &retained)
    }

    /// Remove wrong points, events and samples of a container in `[start, end)`.
    ///
    /// `start` and `end` are as for `range`; whole intervals are removed. This cannot be undone,
    /// though an earlier snapshot still has them. Later samples are ingested as if the removed ones
    /// had never been there: so a sample with a time in the future, from a wrong clock, no longer
    /// makes all others old.
    ///
    /// Returns a dict: the `container`'s name, and how many `points` and `events` were removed.
    /// Raises `UnknownContainerError` unless the name matches exactly one container.
    #[pyo3(signature = (container, start=None, end=None))]
    fn remove<'py>(
        &self,
        py: Python<'py>,
        container: String,
        start: Option<&Bound<'py, PyAny>>,
        end: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let range = arguments::range(start, end)?;
        let removed = self.work(py, move |store, cancel| {
            store.until(cancel).remove(&container, unix_seconds(range))
        })?;
        figures::removed(py, &removed)
    }

    /// Merge everything stored into one segment, which takes less space and reads faster.
    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        self.work(py, |store, cancel| store.until(cancel).compact())
    }

    /// Read everything, and return all damage, as exceptions with file and offset.
    fn verify<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let damages = self.work(py, |store, cancel| store.until(cancel).verify())?;
        error::exceptions(py, &damages)
    }

    /// Make a new store of everything that can be read of a damaged one, which stays as it is.
    ///
    /// Points that were replaced by others that cannot be read come back only with
    /// `superseded=True`. Returns a dict: how many `points` of how many `containers` are saved, and
    /// `lost`: what could not be read, as exceptions. Raises `ReadError` if `to` exists already, or
    /// cannot be written.
    #[staticmethod]
    #[pyo3(signature = (path, to, *, superseded=false))]
    fn salvage(
        py: Python<'_>,
        path: PathBuf,
        to: PathBuf,
        superseded: bool,
    ) -> PyResult<Bound<'_, PyDict>> {
        let salvaged = call::run(py, None, move |cancel, _| {
            Store::salvage_until(path, to, superseded, cancel)
        })?;
        figures::salvaged(py, &salvaged.map_err(|failure| error::single(py, &failure))?)
    }

    /// Copy the store as it is into a new folder, also while it is written to.
    ///
    /// On the same file system the copy takes hardly any space. Raises `ReadError` if `to` exists
    /// already, or cannot be written.
    fn snapshot(&self, py: Python<'_>, to: PathBuf) -> PyResult<()> {
        self.work(py, move |store, cancel| store.until(cancel).snapshot(to))
    }
}

/// The time of this machine's clock.
fn clock(py: Python<'_>) -> PyResult<Timestamp> {
    Timestamp::try_from(SystemTime::now()).map_err(|_| {
        let message = "now: the clock of this machine is wrong: give the time";
        error::setting_error(py, Some("now"), message)
    })
}
