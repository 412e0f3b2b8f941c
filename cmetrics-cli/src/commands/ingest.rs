//! `cmetrics ingest`: puts the samples of all inputs into a store, as one batch.

use std::time::{Duration, Instant};

use cmetrics_core::store::{Kept, StoreOptions, StoreStats};
use cmetrics_core::{Metric, MetricSet, Pipeline};

use crate::args::IngestArgs;
use crate::mixed::note_mixed_machines;
use crate::outcome::{Failure, Status, status_after};
use crate::output;
use crate::progress::with_spinner;
use crate::summary::{counted, print_speed};
use crate::{input, messages, open};

pub(crate) fn run(args: &IngestArgs) -> Result<Status, Failure> {
    let started = Instant::now();
    let metrics = crate::args::metrics(&args.metrics)?;
    input::check(&args.input)?;
    if !args.input.doors.is_empty() {
        let message = "--doors changes nothing here: a store keeps every door, and ranks them when \
                       it is read (cmetrics get --doors LIST)";
        return Err(Failure::usage(message));
    }
    // First, so that a problem with the store is reported before all inputs are read.
    let store = open::to_write(&args.store, options(args, metrics), args.wait)?;
    let verbose = !args.input.quiet;
    let before = if verbose { Some(store.stats()?) } else { None };

    let pipeline = input::read(&args.input, store.settings())?;
    let selected = input::selected(&pipeline, &args.input)?;
    if let Some(now) = open::now() {
        store.advance(now);
    }
    let series = selected.iter().copied();
    let kept = with_spinner(verbose, "writing", || {
        if args.strict { store.ingest_strictly(series) } else { store.ingest(series) }
    })?;
    let after = if verbose { Some(store.stats()?) } else { None };
    let closed = with_spinner(verbose, "closing", || store.close());
    if closed.is_err() {
        messages::note("what was ingested is stored, but the store could not be closed:");
    }
    closed?;
    if let (Some(before), Some(after)) = (before, after) {
        print_totals(&kept, &pipeline, started.elapsed());
        note_mixed_machines(selected.iter().copied());
        note_store(&kept, &before, &after);
        note_new_metrics(metrics, &before, &after);
        note_missing_metrics(metrics, &kept, &before);
    }
    Ok(status_after(&pipeline))
}

fn options(args: &IngestArgs, metrics: MetricSet) -> StoreOptions {
    let mut options = StoreOptions::default().with_metrics(metrics).with_sync(args.sync);
    if let Some(interval) = args.interval {
        options = options.with_interval(Duration::from_secs(interval));
    }
    if let Some(max_gap) = args.input.max_gap {
        options = options.with_max_gap(Duration::from_secs(max_gap));
    }
    if let Some(lateness) = args.lateness {
        options = options.with_lateness(Duration::from_secs(lateness));
    }
    options
}

/// Prints how many samples and points were added.
fn print_totals(kept: &Kept, pipeline: &Pipeline, time: Duration) {
    let read = pipeline.summary();
    let (all, points) = (pipeline.series().count() as u64, kept.points);
    let of_all = if all == kept.containers { String::new() } else { format!(" of {all}") };
    let ahead = match kept.ahead {
        0 => String::new(),
        ahead => format!(", {ahead} refused"),
    };
    let errors = match read.errors {
        0 => String::new(),
        errors => format!(", {}", counted(errors, "error")),
    };
    messages::plain(format_args!(
        "{}, {}{of_all} {}: {}, {} already there, {} old{ahead}{errors}",
        counted(read.inputs, "file"),
        kept.containers,
        if all == 1 { "container" } else { "containers" },
        counted(kept.accepted, "new sample"),
        kept.duplicates,
        kept.old,
    ));
    messages::plain(format_args!(
        "{} added, {} replaced, {} unchanged, {} refused",
        counted(points.added, "point"),
        points.replaced,
        points.unchanged,
        points.refused,
    ));
    print_speed(read.bytes, None, time);
}

/// Prints notes on what needs attention in the store.
fn note_store(kept: &Kept, before: &StoreStats, after: &StoreStats) {
    if kept.partial_edges > 0 {
        let edges = counted(kept.partial_edges, "point");
        messages::note(format_args!(
            "samples cover {edges} only in part: old samples came without those next to them, which \
             are no longer stored"
        ));
    }
    if kept.accepted > 0 && kept.points.added + kept.points.replaced == 0 {
        messages::note(
            "the points of the new samples are not final yet; until then, each query makes them anew",
        );
    }
    if kept.unlabelled > 0 {
        let chains = counted(kept.unlabelled, "container");
        messages::note(format_args!(
            "labels of {chains} are not kept, since they take more than 128 KiB; the samples are"
        ));
    }
    if kept.ahead > 0 {
        messages::note(format_args!(
            "refused samples are of times more than an hour from now: see that the clocks are right"
        ));
    }
    if kept.points.refused > 0 {
        let kept = match after.floor {
            None => String::new(),
            Some(floor) => {
                format!(", or before {}, which is not kept", output::time(floor.seconds()))
            }
        };
        messages::note(format_args!(
            "refused points begin more than an hour from now{kept}: see that the clocks are right"
        ));
    }
    if before.torn_bytes > 0 {
        let bytes = counted(before.torn_bytes, "byte");
        messages::note(format_args!(
            "{bytes} at the end of the log were being written when their writer was stopped; \
             they were never reported as stored"
        ));
    }
    if let Some(trouble) = &after.trouble {
        messages::note(format_args!(
            "everything is stored in the log, but no segment could be made: {trouble}"
        ));
    }
}

/// Prints a note on metrics that earlier runs kept and this one does not.
fn note_missing_metrics(metrics: MetricSet, kept: &Kept, before: &StoreStats) {
    let asked = metrics.union(MetricSet::documented());
    let is_missing = |metric: &&Metric| !asked.contains(**metric);
    let missing: Vec<_> = before.since.keys().filter(is_missing).collect();
    let (Some(first), true) = (missing.first(), kept.accepted > 0) else { return };
    let (others, were) = match missing.len() - 1 {
        0 => (String::new(), "was"),
        others => (format!(" and {others} more"), "were"),
    };
    messages::note(format_args!(
        "{first}{others} {were} kept so far, and the new points are without: --metrics names what a \
         run keeps"
    ));
}

/// Prints a note on metrics that points have only from now on.
fn note_new_metrics(metrics: MetricSet, before: &StoreStats, after: &StoreStats) {
    let had_points = before.sealed_points + before.recent_points > 0;
    let is_new = |metric: &_| !before.since.contains_key(metric);
    let new: Vec<_> = metrics.iter().filter(is_new).collect();
    let (Some(first), true) = (new.first(), had_points) else { return };
    let (others, were) = match new.len() - 1 {
        0 => (String::new(), "was"),
        others => (format!(" and {others} more"), "were"),
    };
    let since = new.iter().filter_map(|metric| after.since.get(metric)).min();
    let since = since.map_or_else(
        || "from now on".to_owned(),
        |since| format!("since {}", output::time(since.seconds())),
    );
    messages::note(format_args!(
        "{first}{others} {were} not kept so far, but {since}; earlier points stay without, even if \
         their dumps are ingested again"
    ));
}
