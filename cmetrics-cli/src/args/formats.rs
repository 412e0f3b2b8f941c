//! The output formats that arguments choose.

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PointFormat {
    /// One array, with one point per line
    Json,
    /// One point per line
    Ndjson,
    /// One row per point, one column per figure
    Csv,
    /// For people: CPU in cores, memory, bytes per second; rates are over the covered time
    Table,
    /// With Prometheus' names: exposition text 0.0.4
    Prometheus,
    /// With Prometheus' names: OpenMetrics, as `promtool tsdb create-blocks-from` takes it
    Openmetrics,
    /// With OpenTelemetry's names: one export request per line
    Otlp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Table,
    /// One array, with one item per line
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatsFormat {
    /// For people
    Table,
    /// One object
    Json,
}
