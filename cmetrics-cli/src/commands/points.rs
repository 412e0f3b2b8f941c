//! `cmetrics points`: the points of all inputs together.

use std::io;
use std::time::Instant;

use cmetrics_core::{DataPoint, MetricSet, Pipeline, Series, Settings};

use crate::args::{PointFormat, PointsArgs};
use crate::input;
use crate::outcome::{Failure, Status, status_after};
use crate::output::{Layout, PointWriter, Target, Written};
use crate::summary::Totals;

pub(crate) fn run(args: &PointsArgs) -> Result<Status, Failure> {
    let started = Instant::now();
    let settings = settings(args)?;
    let target = Target::new(args.output.as_deref())?;
    let pipeline = input::read(&args.input, settings)?;
    let selected = input::selected(&pipeline, &args.input.containers)?;

    let mut totals = Totals::default();
    let by_default = if target.is_terminal() { PointFormat::Table } else { PointFormat::Json };
    let layout = Layout {
        format: args.format.unwrap_or(by_default),
        extended: args.extended,
        metrics: settings.metrics(),
        containers: &selected,
    };
    let written = target.write(|out| {
        let mut writer = layout.writer(out)?;
        for series in &selected {
            write_series(series, &pipeline, args.complete, &mut *writer, &mut totals)?;
        }
        writer.finish()
    })?;
    if written == Written::Whole && !args.input.quiet {
        totals.tell(&pipeline, Some(totals.points), started.elapsed());
    }
    Ok(status_after(&pipeline))
}

fn settings(args: &PointsArgs) -> Result<Settings, Failure> {
    let interval = args.interval.unwrap_or(Settings::DEFAULT_INTERVAL);
    let words: Vec<_> = args.metrics.iter().map(|word| word.trim()).collect();
    let settings = Settings::new(interval, args.input.max_gap)?;
    let settings = settings.with_metrics(MetricSet::named(&words)?);
    Ok(if args.extended { settings.with_shares() } else { settings })
}

/// Makes the points of one container and writes them. No more than these are in memory.
fn write_series(
    series: &Series,
    pipeline: &Pipeline,
    only_complete: bool,
    writer: &mut dyn PointWriter,
    totals: &mut Totals,
) -> io::Result<()> {
    let history = series.history(pipeline.settings());
    totals.add(series, &history.events);
    let wanted = |point: &&DataPoint| !only_complete || point.is_complete();
    for point in history.points.iter().filter(wanted) {
        writer.point(series.identity(), point)?;
        totals.points += 1;
    }
    Ok(())
}
