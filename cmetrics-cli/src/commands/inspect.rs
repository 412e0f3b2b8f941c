//! `cmetrics inspect`: statistics of each container's samples.

use std::time::{Duration, Instant};

use cmetrics_core::Settings;

use crate::args::{InspectArgs, ListFormat};
use crate::input;
use crate::mixed::note_mixed_machines;
use crate::outcome::{Failure, Status, status_after};
use crate::output::{self, Target, Written};
use crate::summary::Totals;

pub(crate) fn run(args: &InspectArgs) -> Result<Status, Failure> {
    let started = Instant::now();
    let settings = settings(args.input.max_gap)?;
    let pipeline = input::read(&args.input, settings)?;
    let selected = input::selected(&pipeline, &args.input.containers)?;

    let mut totals = Totals::default();
    let inspected: Vec<_> = selected
        .iter()
        .map(|series| {
            let inspection = series.inspect(settings);
            totals.add(series, &inspection.events);
            (*series, inspection)
        })
        .collect();
    let written = Target::standard_output().write(|out| match args.format {
        ListFormat::Json => output::json::write_inspections(&inspected, out),
        ListFormat::Table => output::table::write_inspections(&inspected, out),
    })?;
    if written == Written::Whole && !args.input.quiet {
        totals.print(&pipeline, settings, None, started.elapsed());
        note_mixed_machines(selected.iter().copied());
    }
    Ok(status_after(&pipeline))
}

/// The output does not depend on the interval, so it is one that allows the gap.
fn settings(max_gap: Option<u64>) -> Result<Settings, cmetrics_core::Error> {
    let max_gap = max_gap.map(Duration::from_secs);
    let (least, default) = (Duration::from_secs(1), Settings::DEFAULT_INTERVAL);
    Settings::new(max_gap.map_or(default, |gap| gap.clamp(least, default)), max_gap)
}
