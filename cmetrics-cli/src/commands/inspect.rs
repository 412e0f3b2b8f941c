//! `cmetrics inspect`: statistics of each container's samples.

use std::time::{Duration, Instant};

use cmetrics_core::parse::Note;
use cmetrics_core::series::Inspection;
use cmetrics_core::{Cancel, Series, Settings};

use crate::args::{InspectArgs, ListFormat};
use crate::input;
use crate::messages;
use crate::mixed::note_mixed_machines;
use crate::outcome::{Failure, Status, status_after};
use crate::output::{self, Target, Written};
use crate::summary::Totals;

pub(crate) fn run(args: &InspectArgs) -> Result<Status, Failure> {
    let started = Instant::now();
    let settings = settings(args.input.max_gap)?.with_doors(&args.input.doors).with_labels();
    let pipeline = input::read(&args.input, settings)?;
    let selected = input::selected(&pipeline, &args.input)?;

    let mut totals = Totals::default();
    let (mut inspected, never) = (Vec::new(), Cancel::default());
    for series in &selected {
        let chains = series.inspect_chains_until(settings, &never).unwrap_or_default();
        let mut told = chains.iter().filter(|chain| chain.samples > 0);
        let highest = told.next().map(|chain| chain.events.clone()).unwrap_or_default();
        totals.add(series, &highest);
        totals.add_lower(told.map(|chain| (&chain.door, &chain.events)));
        inspected.extend(chains.into_iter().map(|inspection| (*series, inspection)));
    }
    let written = Target::standard_output().write(|out| match args.format {
        ListFormat::Json => output::json::write_inspections(&inspected, out),
        ListFormat::Table => output::table::write_inspections(&inspected, out),
    })?;
    if written == Written::Whole && !args.input.quiet {
        print_notes(&inspected);
        totals.print(&pipeline, settings, None, started.elapsed());
        note_mixed_machines(selected.iter().copied());
    }
    Ok(status_after(&pipeline))
}

/// Prints what to know of the samples: each note once, with the first container and how many more
/// it holds for.
fn print_notes(inspected: &[(&Series, Inspection)]) {
    for note in Note::ALL {
        let mut noted = inspected.iter().filter(|(_, inspection)| inspection.notes.contains(note));
        let Some((first, inspection)) = noted.next() else { continue };
        let name = first.identity().name();
        let others = match noted.count() {
            0 => String::new(),
            1 => " and 1 more".to_owned(),
            more => format!(" and {more} more"),
        };
        messages::note(format_args!("{name} ({}){others}: {}", inspection.door, note.text()));
    }
}

/// The output does not depend on the interval, so it is one that allows the gap.
fn settings(max_gap: Option<u64>) -> Result<Settings, cmetrics_core::Error> {
    let max_gap = max_gap.map(Duration::from_secs);
    let (least, default) = (Duration::from_secs(1), Settings::DEFAULT_INTERVAL);
    Settings::new(max_gap.map_or(default, |gap| gap.clamp(least, default)), max_gap)
}
