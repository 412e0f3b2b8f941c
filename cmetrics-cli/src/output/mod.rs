//! One file per format; where they are written to.

pub(crate) mod catalogue;
mod csv;
pub(crate) mod json;
mod show;
pub(crate) mod store;
pub(crate) mod table;
mod target;

use std::io;

use cmetrics_core::{DataPoint, Identity, MetricSet};

pub use csv::write_csv;
pub use json::write_json;
pub(crate) use show::{seconds, size, time};
pub use target::write_whole;
pub(crate) use target::{Target, Written};

use crate::args::PointFormat;

/// Turns points into text in one format. Those of several containers may be at it side by side.
pub(crate) trait Format: Sync {
    /// What stands before all points.
    fn begin(&self, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    /// Points of this container, in their order.
    fn points(
        &self,
        container: &Identity,
        points: &mut dyn Iterator<Item = &DataPoint>,
        out: &mut Vec<u8>,
    ) -> io::Result<()>;

    /// What stands before the points of a container, be they the first or not.
    fn before(&self, _first: bool) -> &'static str {
        ""
    }

    /// What stands behind all points, if there are any.
    fn end(&self, _any: bool) -> &'static str {
        ""
    }
}

/// How points are to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutputOptions<'a> {
    pub(crate) format: PointFormat,
    /// Whether `samples`, `coverage` and shares of limits are shown too.
    pub(crate) extended: bool,
    /// What is shown beside the documented metrics.
    pub(crate) metrics: MetricSet,
    /// Whose points are to come.
    pub(crate) containers: &'a [&'a Identity],
}

impl OutputOptions<'_> {
    pub(crate) fn format(self) -> Box<dyn Format> {
        match self.format {
            PointFormat::Json => Box::new(json::Json { extended: self.extended }),
            PointFormat::Ndjson => Box::new(json::Ndjson { extended: self.extended }),
            PointFormat::Csv => Box::new(csv::Csv::new(self.metrics, self.extended)),
            PointFormat::Table => {
                let containers = self.containers.iter().copied();
                Box::new(table::Table::new(self.metrics, self.extended, containers))
            }
        }
    }
}
