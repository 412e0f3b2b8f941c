//! Converts arguments from Python to the types of the core.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::time::Duration;

use cmetrics_core::parse::Door;
use cmetrics_core::pipeline::MachineName;
use cmetrics_core::{MetricSet, Settings, Timestamp};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDict, PyString};

use crate::error;
use crate::points::field::Texts;

const MICROS_PER_SECOND: i64 = 1_000_000;

/// The words of an argument that is one word or an iterable of words; `None` without an argument.
pub(crate) fn words(argument: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Vec<String>>> {
    let Some(object) = argument else { return Ok(None) };
    if let Ok(word) = object.cast::<PyString>() {
        return Ok(Some(vec![word.to_cow()?.into_owned()]));
    }
    object.try_iter()?.map(|word| word?.extract()).collect::<PyResult<_>>().map(Some)
}

/// A number of whole seconds.
pub(crate) fn seconds(py: Python<'_>, name: &'static str, seconds: i128) -> PyResult<u64> {
    u64::try_from(seconds).map_err(|_| {
        let shown = name.replace('_', " ");
        let message = format!("{shown} is {seconds} s, which is out of range");
        error::setting_error(py, Some(name), &message)
    })
}

/// A length of time, of whole seconds.
pub(crate) fn length_of_time(
    py: Python<'_>,
    name: &'static str,
    seconds: i128,
) -> PyResult<Duration> {
    self::seconds(py, name, seconds).map(Duration::from_secs)
}

/// A number of things, 0 or more.
pub(crate) fn number(py: Python<'_>, name: &'static str, number: i128) -> PyResult<usize> {
    usize::try_from(number).map_err(|_| {
        let shown = name.replace('_', " ");
        error::setting_error(py, Some(name), &format!("{shown} is {number}, which is out of range"))
    })
}

/// A duration in seconds, whole or not.
pub(crate) fn duration(py: Python<'_>, name: &'static str, seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(|_| {
        let message = format!("{name} is {seconds} s, which is out of range");
        error::setting_error(py, Some(name), &message)
    })
}

/// An instant in microseconds since the epoch, from seconds, a `datetime` or a text.
pub(crate) fn micros(name: &'static str, argument: &Bound<'_, PyAny>) -> PyResult<i64> {
    let py = argument.py();
    if let Ok(text) = argument.cast::<PyString>() {
        let text = text.to_cow()?;
        let time = Timestamp::parse(&text).map_err(|cause| {
            let message = format!(
                "{name} is {text:?}: expected a time such as 2026-11-21T12:00:00Z: {cause}"
            );
            error::setting_error(py, Some(name), &message)
        })?;
        let nanos = time.map_or(0, Timestamp::nanos);
        return Ok(i64::try_from(nanos / 1000).unwrap_or(i64::MAX));
    }
    let seconds: f64 = if argument.cast::<PyDateTime>().is_ok() {
        since_epoch(argument)?
    } else if let Ok(whole) = argument.extract::<i64>() {
        return Ok(whole.saturating_mul(MICROS_PER_SECOND));
    } else {
        argument.extract().map_err(|_| {
            let message = format!("{name}: expected seconds since the epoch, a datetime or a text");
            PyTypeError::new_err(message)
        })?
    };
    if seconds.is_nan() {
        return Err(error::setting_error(py, Some(name), &format!("{name} is not a number")));
    }
    #[expect(clippy::cast_possible_truncation, reason = "what is beyond is cut to the ends")]
    #[expect(clippy::cast_precision_loss, reason = "10^6 is exact")]
    Ok((seconds * MICROS_PER_SECOND as f64).round() as i64)
}

/// The timestamp of a sample; a text is parsed to the nanosecond.
pub(crate) fn timestamp(name: &'static str, argument: &Bound<'_, PyAny>) -> PyResult<Timestamp> {
    let micros = micros(name, argument)?;
    let exact = argument.extract::<String>().ok().and_then(|text| Timestamp::parse(&text).ok()?);
    let rounded = || Timestamp::from_nanos(u64::try_from(micros).ok()?.checked_mul(1000)?);
    exact.or_else(rounded).ok_or_else(|| {
        let message = format!("{name} must be after 1970-01-01T00:00:00Z and before the year 2263");
        error::setting_error(argument.py(), Some(name), &message)
    })
}

/// The first whole second at or after an instant, and 0 for one before the epoch.
fn second(name: &'static str, argument: &Bound<'_, PyAny>) -> PyResult<u64> {
    let micros = u64::try_from(micros(name, argument)?).unwrap_or_default();
    Ok(micros.div_ceil(MICROS_PER_SECOND.unsigned_abs()))
}

/// A range of whole seconds; without `start` from the epoch on, without `end` unbounded.
pub(crate) fn range(
    start: Option<&Bound<'_, PyAny>>,
    end: Option<&Bound<'_, PyAny>>,
) -> PyResult<Range<u64>> {
    let start = start.map(|start| second("start", start)).transpose()?;
    let end = end.map(|end| second("end", end)).transpose()?;
    Ok(start.unwrap_or_default()..end.unwrap_or(u64::MAX))
}

/// The seconds of a `datetime`, which is in UTC if it has no zone.
fn since_epoch(time: &Bound<'_, PyAny>) -> PyResult<f64> {
    if !time.getattr("tzinfo")?.is_none() {
        return time.call_method0("timestamp")?.extract();
    }
    let utc = time.py().import("datetime")?.getattr("timezone")?.getattr("utc")?;
    let keywords = PyDict::new(time.py());
    keywords.set_item("tzinfo", utc)?;
    time.call_method("replace", (), Some(&keywords))?.call_method0("timestamp")?.extract()
}

// Signatures in Python's help have the literal.
const _: () = assert!(Settings::DEFAULT_INTERVAL.as_secs() == 5, "signatures say so");

/// The settings of points, with shares of limits.
pub(crate) fn settings(
    py: Python<'_>,
    interval: i128,
    max_gap: Option<i128>,
    metrics: Option<&Bound<'_, PyAny>>,
) -> PyResult<Settings> {
    let settings = plain_settings(py, interval, max_gap)?;
    Ok(settings.with_metrics(self::metrics(py, metrics)?).with_shares())
}

/// Settings without metrics in addition to the documented ones, and without shares.
pub(crate) fn plain_settings(
    py: Python<'_>,
    interval: i128,
    max_gap: Option<i128>,
) -> PyResult<Settings> {
    let interval = length_of_time(py, "interval", interval)?;
    let max_gap = max_gap.map(|gap| length_of_time(py, "max_gap", gap)).transpose()?;
    Settings::new(interval, max_gap).map_err(|refused| error::single(py, &refused))
}

/// The settings with this rank of doors, and with labels if containers are chosen by them.
pub(crate) fn with_doors(
    py: Python<'_>,
    settings: Settings,
    doors: Option<&Bound<'_, PyAny>>,
    label: Option<&Labels>,
) -> PyResult<Settings> {
    let words = self::words(doors)?.unwrap_or_default();
    let doors: Result<Vec<Door>, _> = words.iter().map(|word| word.parse()).collect();
    let doors =
        doors.map_err(|unknown| error::setting_error(py, Some("doors"), &unknown.to_string()))?;
    let settings = settings.with_doors(&doors);
    Ok(if label.is_some() { settings.with_labels() } else { settings })
}

/// Labels and their values.
pub(crate) type Labels = BTreeMap<String, String>;

/// The metrics that words name; none without words.
pub(crate) fn metrics(py: Python<'_>, words: Option<&Bound<'_, PyAny>>) -> PyResult<MetricSet> {
    let words = self::words(words)?.unwrap_or_default();
    MetricSet::named(&words)
        .map_err(|unknown| error::setting_error(py, Some("metrics"), &unknown.to_string()))
}

/// How the machine of a dump is named.
pub(crate) fn machine(
    py: Python<'_>,
    machine: Option<String>,
    by_folder: bool,
) -> PyResult<MachineName> {
    match (machine, by_folder) {
        (Some(_), true) => {
            let message = "machine is given, and machine_by_folder: give one of them";
            Err(error::setting_error(py, Some("machine"), message))
        }
        (Some(machine), false) => Ok(MachineName::Given(machine)),
        (None, true) => Ok(MachineName::Folder),
        (None, false) => Ok(MachineName::None),
    }
}

/// The number of threads; by default the number of cores.
pub(crate) fn threads(py: Python<'_>, threads: Option<i64>) -> PyResult<NonZeroUsize> {
    let Some(threads) = threads else {
        return Ok(std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN));
    };
    let valid = usize::try_from(threads).ok().and_then(NonZeroUsize::new);
    valid.ok_or_else(|| {
        error::setting_error(
            py,
            Some("threads"),
            &format!("threads is {threads}, but must be 1 or more"),
        )
    })
}

/// The Arrow type of texts.
pub(crate) fn texts(py: Python<'_>, word: &str) -> PyResult<Texts> {
    match word {
        "utf8" => Ok(Texts::Utf8),
        "dictionary" => Ok(Texts::Dictionary),
        "view" => Ok(Texts::View),
        _ => {
            let message = format!("texts is {word:?}, but must be utf8, dictionary or view");
            Err(error::setting_error(py, Some("texts"), &message))
        }
    }
}
