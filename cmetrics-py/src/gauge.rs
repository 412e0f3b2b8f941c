//! `Gauge`: the three figures of a gauge.

use pyo3::prelude::*;

/// The figures of a gauge in an interval.
#[pyclass(frozen, eq, module = "cmetrics", name = "Gauge")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PyGauge(cmetrics_core::point::Gauge);

#[pymethods]
impl PyGauge {
    /// Arithmetic mean of the readings.
    #[getter]
    fn ave(&self) -> f64 {
        self.0.ave
    }

    /// The least reading.
    #[getter]
    fn min(&self) -> f64 {
        self.0.min
    }

    /// The greatest reading.
    #[getter]
    fn max(&self) -> f64 {
        self.0.max
    }

    pub(crate) fn __repr__(&self) -> String {
        let cmetrics_core::point::Gauge { ave, min, max } = self.0;
        format!("Gauge(ave={ave:?}, min={min:?}, max={max:?})")
    }
}

impl From<cmetrics_core::point::Gauge> for PyGauge {
    fn from(gauge: cmetrics_core::point::Gauge) -> Self {
        Self(gauge)
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyGauge>()
}
