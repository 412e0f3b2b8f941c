//! `cmetrics points`: makes the points of all inputs together.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use cmetrics_core::names::Subject;
use cmetrics_core::parse::Door;
use cmetrics_core::series::{Events, History};
use cmetrics_core::{Pipeline, Series, Settings};

use crate::args::PointsArgs;
use crate::input;
use crate::mixed::note_mixed_machines;
use crate::outcome::{Failure, Status, status_after};
use crate::output::{Asked, Choice, Format, Target, Written};
use crate::summary::Totals;

pub(crate) fn run(args: &PointsArgs) -> Result<Status, Failure> {
    let started = Instant::now();
    let target = Target::new(args.output.as_deref())?;
    let choice = Choice::new(Asked {
        names: &args.names,
        format: args.format,
        metrics: &args.figures.metrics,
        extended: args.figures.extended,
        complete: args.figures.complete,
        is_terminal: target.is_terminal(),
    })?;
    let settings = settings(args, &choice)?;
    let pipeline = input::read(&args.input, settings)?;
    let selected = input::selected(&pipeline, &args.input)?;

    let identities: Vec<_> = selected.iter().map(|series| series.identity()).collect();
    let format = &*choice.format(&identities);
    let writer = PointWriter { settings, only_complete: args.figures.complete, format };
    let mut totals = Totals::default();
    let written = target.write(|out| {
        format.write(out, &mut |out| writer.write(&pipeline, &selected, &mut totals, out))
    })?;
    if written == Written::Whole && !args.input.quiet {
        totals.print(&pipeline, settings, Some(totals.points), started.elapsed());
        note_mixed_machines(selected.iter().copied());
    }
    Ok(status_after(&pipeline))
}

fn settings(args: &PointsArgs, choice: &Choice) -> Result<Settings, Failure> {
    let interval = args.interval.map_or(Settings::DEFAULT_INTERVAL, Duration::from_secs);
    let settings = Settings::new(interval, args.input.max_gap.map(Duration::from_secs))?;
    let settings = settings.with_doors(&args.input.doors).with_metrics(choice.metrics());
    let settings = if choice.needs_labels() { settings.with_labels() } else { settings };
    Ok(if args.figures.extended { settings.with_shares() } else { settings })
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
    lower_events: Vec<(Door, Events)>,
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
        let (mut written, mut any) = (Ok(()), false);
        let work = |series: &Series| self.make(series);
        pipeline.side_by_side(containers, work, |output| {
            if let Some(series) = in_order.next() {
                totals.add(series, &output.events);
                let lower = output.lower_events.iter();
                totals.add_lower(lower.map(|(door, events)| (door, events)));
            }
            written = self.write_one(output, totals, &mut any, out);
            written.is_ok()
        });
        written?;
        out.write_all(self.format.end(any).as_bytes())
    }

    fn make(&self, series: &Series) -> ContainerOutput {
        let history = series.history(self.settings);
        let (mut text, mut points) = (Vec::new(), 0);
        let wanted =
            history.points.iter().filter(|point| !self.only_complete || point.is_complete());
        let subject = Subject::from(series);
        let mut container = self.format.container(&subject);
        let done = container.points(&mut wanted.inspect(|_| points += 1), &mut text);
        let done = done.and_then(|()| container.finish(&mut text));
        let History { events, lower_events, .. } = history;
        ContainerOutput { text: done.map(|()| text), points, events, lower_events }
    }

    fn write_one(
        &self,
        output: ContainerOutput,
        totals: &mut Totals,
        any: &mut bool,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        totals.points += output.points;
        let text = output.text?;
        if !text.is_empty() {
            out.write_all(self.format.before(!std::mem::replace(any, true)).as_bytes())?;
            out.write_all(&text)?;
        }
        Ok(())
    }
}
