//! Output formats, one per file, and the target that they are written to.

pub(crate) mod catalogue;
mod csv;
pub(crate) mod json;
mod show;
pub(crate) mod store;
pub(crate) mod table;
mod target;

use std::io;

use cmetrics_core::container::Identity;
use cmetrics_core::{DataPoint, MetricSet};

pub use csv::write_csv;
pub use json::write_json;
pub(crate) use show::{seconds, size, time};
pub use target::write_whole;
pub(crate) use target::{Target, Written};

use crate::args::PointFormat;

/// Turns points into text in one format. Several threads may use it at once, each for a container.
pub(crate) trait Format: Sync {
    /// Writes the text before all points.
    fn begin(&self, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    /// Writes points of one container, in their order.
    fn points(
        &self,
        container: &Identity,
        points: &mut dyn Iterator<Item = &DataPoint>,
        out: &mut Vec<u8>,
    ) -> io::Result<()>;

    /// The text before the points of a container, which may be the first one.
    fn before(&self, _first: bool) -> &'static str {
        ""
    }

    /// The text after all points, of which there may be none.
    fn end(&self, _any: bool) -> &'static str {
        ""
    }
}

/// How points are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutputOptions<'a> {
    pub(crate) format: PointFormat,
    /// Whether `samples`, `coverage` and shares of limits are written.
    pub(crate) extended: bool,
    /// The metrics that are written in addition to the documented ones.
    pub(crate) metrics: MetricSet,
    /// The containers whose points are written.
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
