//! One file per format; where they are written to.

pub(crate) mod catalogue;
mod csv;
mod interrupt;
pub(crate) mod json;
mod show;
pub(crate) mod table;
mod target;

use std::io::{self, Write};

use cmetrics_core::{DataPoint, Identity, MetricSet, Series};

pub(crate) use target::{Target, Written};

use crate::args::PointFormat;

/// Writes points, as they are made, in one format.
pub(crate) trait PointWriter {
    /// Writes a point of this container.
    fn point(&mut self, container: &Identity, point: &DataPoint) -> io::Result<()>;

    /// Writes what stands behind the last point.
    fn finish(&mut self) -> io::Result<()>;
}

/// How points are to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout<'a> {
    pub(crate) format: PointFormat,
    /// Whether `samples`, `coverage` and shares of limits are shown too.
    pub(crate) extended: bool,
    /// What is shown beside the documented metrics.
    pub(crate) metrics: MetricSet,
    /// Whose points are to come.
    pub(crate) containers: &'a [&'a Series],
}

impl Layout<'_> {
    /// A writer that has written what stands before the first point.
    pub(crate) fn writer<'w>(
        self,
        out: &'w mut dyn Write,
    ) -> io::Result<Box<dyn PointWriter + 'w>> {
        Ok(match self.format {
            PointFormat::Json => Box::new(json::Json::new(out, self.extended)),
            PointFormat::Ndjson => Box::new(json::Ndjson::new(out, self.extended)),
            PointFormat::Csv => Box::new(csv::Csv::new(out, self.metrics, self.extended)?),
            PointFormat::Table => {
                let containers = self.containers.iter().map(|series| series.identity());
                Box::new(table::Table::new(out, self.metrics, self.extended, containers)?)
            }
        })
    }
}
