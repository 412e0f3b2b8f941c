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
