//! `cmetrics metrics`: lists the metrics that points can have.

use cmetrics_core::metric::UnknownMetric;
use cmetrics_core::{Metric, MetricSet};

use crate::args::{ListFormat, MetricsArgs};
use crate::outcome::{Failure, Status};
use crate::output::{Target, catalogue};

pub(crate) fn run(args: &MetricsArgs) -> Result<Status, Failure> {
    let found = args.pattern.as_deref().map_or_else(|| Ok(MetricSet::all()), matching)?;
    Target::standard_output().write(|out| match args.format {
        ListFormat::Table => catalogue::write_table(found, out),
        ListFormat::Json => catalogue::write_json(found, out),
    })?;
    Ok(Status::AllWell)
}

/// The metrics that `points --metrics` would take for the pattern, else all whose names contain it.
fn matching(pattern: &str) -> Result<MetricSet, UnknownMetric> {
    MetricSet::named(&[pattern]).or_else(|unknown| {
        let contains = |metric: &Metric| metric.name().contains(pattern);
        let found: MetricSet = Metric::ALL.iter().copied().filter(contains).collect();
        if found.is_empty() { Err(unknown) } else { Ok(found) }
    })
}
