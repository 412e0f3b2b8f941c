//! `cmetrics points`: makes the points of all inputs together.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use cmetrics_core::series::Events;
use cmetrics_core::{Pipeline, Series, Settings};

use crate::args::{PointFormat, PointsArgs};
use crate::input;
use crate::mixed::note_mixed_machines;
use crate::outcome::{Failure, Status, status_after};
use crate::output::{Format, OutputOptions, Target, Written};
use crate::summary::Totals;

pub(crate) fn run(args: &PointsArgs) -> Result<Status, Failure> {
    let started = Instant::now();
    let settings = settings(args)?;
    let target = Target::new(args.output.as_deref())?;
    let pipeline = input::read(&args.input, settings)?;
    let selected = input::selected(&pipeline, &args.input)?;

    let by_default = if target.is_terminal() { PointFormat::Table } else { PointFormat::Json };
    let identities: Vec<_> = selected.iter().map(|series| series.identity()).collect();
    let options = OutputOptions {
        format: args.format.unwrap_or(by_default),
        extended: args.extended,
        metrics: settings.metrics(),
        containers: &identities,
    };
    let writer = PointWriter { settings, only_complete: args.complete, format: &*options.format() };
    let mut totals = Totals::default();
    let written = target.write(|out| writer.write(&pipeline, &selected, &mut totals, out))?;
    if written == Written::Whole && !args.input.quiet {
        totals.print(&pipeline, settings, Some(totals.points), started.elapsed());
        note_mixed_machines(selected.iter().copied());
    }
    Ok(status_after(&pipeline))
}

fn settings(args: &PointsArgs) -> Result<Settings, Failure> {
    let interval = args.interval.map_or(Settings::DEFAULT_INTERVAL, Duration::from_secs);
    let settings = Settings::new(interval, args.input.max_gap.map(Duration::from_secs))?;
    let settings = settings.with_doors(&args.input.doors);
    let settings = settings.with_metrics(super::metrics::parse(&args.metrics)?);
    Ok(if args.extended { settings.with_shares() } else { settings })
}

/// How points are made and written.
struct PointWriter<'m> {
    settings: Settings,
    only_complete: bool,
    format: &'m dyn Format,
}

/// The output for one container.
struct ContainerOutput {
    text: io::Result<Vec<u8>>,
    points: u64,
    events: Events,
}

impl PointWriter<'_> {
    /// Makes the points of these containers in parallel, and writes them in order. Only points that
    /// wait to be written are in memory.
    fn write(
        &self,
        pipeline: &Pipeline,
        containers: &[&Series],
        totals: &mut Totals,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut text = Vec::new();
        self.format.begin(&mut text)?;
        out.write_all(&text)?;
        let mut in_order = containers.iter();
        let mut written = Ok(());
        let work = |series: &Series| self.make(series);
        pipeline.side_by_side(containers, work, |output| {
            if let Some(series) = in_order.next() {
                totals.add(series, &output.events);
            }
            written = self.write_one(output, totals, out);
            written.is_ok()
        });
        written?;
        out.write_all(self.format.end(totals.points > 0).as_bytes())
    }

    fn make(&self, series: &Series) -> ContainerOutput {
        let history = series.history(self.settings);
        let (mut text, mut points) = (Vec::new(), 0);
        let wanted =
            history.points.iter().filter(|point| !self.only_complete || point.is_complete());
        let done =
            self.format.points(series.identity(), &mut wanted.inspect(|_| points += 1), &mut text);
        ContainerOutput { text: done.map(|()| text), points, events: history.events }
    }

    fn write_one(
        &self,
        output: ContainerOutput,
        totals: &mut Totals,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if output.points > 0 {
            out.write_all(self.format.before(totals.points == 0).as_bytes())?;
            out.write_all(&output.text?)?;
            totals.points += output.points;
        }
        Ok(())
    }
}
