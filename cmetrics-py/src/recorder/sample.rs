//! Samples that are made in Python.

use cmetrics_core::metric::UnknownMetric;
use cmetrics_core::{Metric, Sample, Timestamp};
use pyo3::prelude::*;
use pyo3::types::PyMapping;

use crate::error;

/// A sample with these readings.
pub(super) fn sample(at: Timestamp, readings: &Bound<'_, PyMapping>) -> PyResult<Sample> {
    let py = readings.py();
    let mut sample = Sample::new(at);
    for reading in readings.items()?.iter() {
        let (name, value): (String, Bound<'_, PyAny>) = reading.extract()?;
        let metric: Metric = name.parse().map_err(|unknown: UnknownMetric| {
            error::setting_error(py, Some("readings"), &unknown.to_string())
        })?;
        let value: u64 = value.extract().map_err(|_| {
            let message = format!("readings[{name:?}] must be a whole number from 0 to 2**64 - 1");
            error::setting_error(py, Some("readings"), &message)
        })?;
        sample.set(metric, value);
    }
    Ok(sample)
}
