//! Looking after a store.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use cmetrics_core::{Retention, Store, Timestamp};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::{PyStore, figures};
use crate::arguments;
use crate::call;
use crate::error;

#[pymethods]
impl PyStore {
    /// Drop what is older, or more, than is to be kept.
    ///
    /// Either `age`: keep what ends in the last so many seconds before `now` (the time of this
    /// machine's clock unless said otherwise); or `points`: keep at least so many, the newest, as whole
    /// segments are dropped; or `since`: keep what ends after this time. What is dropped is not
    /// answered any more, and refused from then on, until an earlier `since` is given.
    ///
    /// Returns a dict: how many `segments` are gone, the `points` in them, and `floor`: points that
    /// end at or before this second are not answered. Raises `SettingError` unless one of the three
    /// is given, and `RefusedError` where a time would have all dropped that is stored.
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
                seconds: arguments::seconds(py, "age", age)?,
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

    /// Take out what is wrong: a container's points, events and samples in `[start, end)`.
    ///
    /// `start` and `end` are as for `range`; whole intervals are taken out. They are gone for good,
    /// though a snapshot that was made before has them still. What is ingested later is taken as if
    /// they had never been there: so a sample that a wrong clock gave a time of the future no longer
    /// makes all others old.
    ///
    /// Returns a dict: the `container`'s name, and how many `points` and `events` were answered that
    /// are not any more. Raises `UnknownContainerError` unless one container is meant.
    #[pyo3(signature = (container, start=None, end=None))]
    fn remove<'py>(
        &self,
        py: Python<'py>,
        container: String,
        start: Option<&Bound<'py, PyAny>>,
        end: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let range = arguments::range(start, end)?;
        let removed =
            self.work(py, move |store, cancel| store.until(cancel).remove(&container, range))?;
        figures::removed(py, &removed)
    }

    /// Make one segment of all that is stored: it takes less room then, and is read faster.
    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        self.work(py, |store, cancel| store.until(cancel).compact())
    }

    /// Read everything, and return what is damaged, as exceptions with file and place.
    fn verify<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let damages = self.work(py, |store, cancel| store.until(cancel).verify())?;
        error::exceptions(py, &damages)
    }

    /// Make a new store of all that can be read of a damaged one, which stays as it is.
    ///
    /// Points whose place others took that cannot be read any more come back only with
    /// `superseded=True`. Returns a dict: how many `points` of how many `containers` are saved, and
    /// `lost`: what could not be read, as exceptions. Raises `ReadError` where `to` is there
    /// already, or cannot be written.
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

    /// Copy the store as it is into a new folder, while it is written to.
    ///
    /// On one file system the copy takes hardly any room. Raises `ReadError` where `to` is there
    /// already, or cannot be written.
    fn snapshot(&self, py: Python<'_>, to: PathBuf) -> PyResult<()> {
        self.work(py, move |store, cancel| store.until(cancel).snapshot(to))
    }
}

/// The time of this machine's clock.
fn clock(py: Python<'_>) -> PyResult<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    let nanos = since.and_then(|since| u64::try_from(since.as_nanos()).ok());
    nanos.and_then(Timestamp::from_nanos).ok_or_else(|| {
        let message = "now: the clock of this machine is wrong: give the time";
        error::setting_error(py, Some("now"), message)
    })
}
