//! A metric as lists in JSON have it.

use serde::Serialize;

use super::{Kind, Metric};

/// A metric as `cmetrics metrics --format json` writes it.
#[derive(Clone, Debug, Serialize)]
pub struct MetricJson {
    /// See [`Metric::name`].
    pub name: &'static str,
    /// `counter` or `gauge`.
    pub kind: &'static str,
    /// See [`Metric::unit`].
    pub unit: String,
    /// The key of its section.
    pub section: &'static str,
    /// See [`Metric::path`].
    pub path: &'static str,
    /// See [`Metric::description`].
    pub description: &'static str,
}

impl From<Metric> for MetricJson {
    fn from(metric: Metric) -> Self {
        Self {
            name: metric.name(),
            kind: match metric.kind() {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
            },
            unit: metric.unit().to_string(),
            section: metric.section().key(),
            path: metric.path(),
            description: metric.description(),
        }
    }
}
