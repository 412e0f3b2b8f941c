//! `cmetrics get`: the last points of a container in a store.

use std::io::{self, Write};
use std::ops::Range;
use std::time::Duration;

use cmetrics_core::point::RollUp;
use cmetrics_core::store::Bearer;
use cmetrics_core::time::unix_seconds;
use cmetrics_core::{DataPoint, Error, Metric, MetricSet, Store};

use crate::args::{GetArgs, PointFormat};
use crate::outcome::{Failure, Status};
use crate::output::{self, Format, OutputOptions, Target, Written};
use crate::{messages, open};

/// The most points that are in memory at once.
const BATCH: usize = 4096;

pub(crate) fn run(args: &GetArgs) -> Result<Status, Failure> {
    let metrics = super::metrics::parse(&args.metrics)?;
    let target = Target::new(args.output.as_deref())?;
    let (store, status) = open::to_read_despite(args.damage, &args.store)?;
    let width = width(args, &store)?;
    let (bearers, range) = match bearers_and_range(args, &store) {
        // The container may be in the damaged part.
        Err(Failure::Usage(reasons)) if status == Status::Damaged => {
            reasons.iter().for_each(messages::error);
            return Ok(status);
        }
        found => found?,
    };

    let by_default = if target.is_terminal() { PointFormat::Table } else { PointFormat::Json };
    let identities: Vec<_> = bearers.iter().map(|bearer| &bearer.identity).collect();
    let options = OutputOptions {
        format: args.format.unwrap_or(by_default),
        extended: args.extended,
        metrics,
        containers: &identities,
    };
    let range = widened(range, width.unwrap_or(1));
    let format = &*options.format();
    let query = Query { args, store: &store, range, width, metrics, format };
    let mut outcome = Outcome::default();
    let written = target.write(|out| query.write(&bearers, &mut outcome, out))?;
    outcome.errors.iter().for_each(messages::error);
    if written == Written::Whole && outcome.points == 0 && outcome.errors.is_empty() && !args.quiet
    {
        query.note_no_points(&bearers);
    }
    Ok(if outcome.errors.is_empty() { status } else { Status::Damaged })
}

/// The width of the wider intervals, if the points are to be rolled up.
fn width(args: &GetArgs, store: &Store) -> Result<Option<u64>, Failure> {
    let of_store = store.settings().interval().as_secs();
    match args.interval {
        Some(width) if width == 0 || !width.is_multiple_of(of_store) => {
            Err(Failure::usage(format!(
                "interval is {width} s, but must be a whole multiple of the store's {of_store} s"
            )))
        }
        width => Ok(width.filter(|&width| width != of_store)),
    }
}

/// The containers whose points are requested, in the order of their first points, and the range of
/// time.
fn bearers_and_range(args: &GetArgs, store: &Store) -> Result<(Vec<Bearer>, Range<u64>), Failure> {
    let last_to = |end: u64| end.saturating_sub(args.period)..end;
    let (mut bearers, range) = if let Some(end) = args.end {
        (store.find(&args.container, unix_seconds(last_to(end)))?, last_to(end))
    } else {
        let ever = store.find(&args.container, ..)?;
        let range = last_to(ever.first().map_or(0, |last| last.last.end()));
        (store.find(&args.container, unix_seconds(range.clone()))?, range)
    };
    if !args.all_bearers {
        bearers.truncate(1);
    }
    bearers.sort_by_key(|bearer| bearer.first.start());
    Ok((bearers, range))
}

/// The range, widened to whole intervals.
fn widened(range: Range<u64>, width: u64) -> Range<u64> {
    range.start / width * width..range.end.div_ceil(width).saturating_mul(width)
}

/// What is read, and how it is written.
struct Query<'g> {
    args: &'g GetArgs,
    store: &'g Store,
    range: Range<u64>,
    width: Option<u64>,
    metrics: MetricSet,
    format: &'g dyn Format,
}

/// What was written, and what could not be read.
#[derive(Default)]
struct Outcome {
    points: u64,
    errors: Vec<Error>,
}

impl Query<'_> {
    fn write(
        &self,
        bearers: &[Bearer],
        outcome: &mut Outcome,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut text = Vec::new();
        self.format.begin(&mut text)?;
        out.write_all(&text)?;
        for bearer in bearers {
            self.write_one(bearer, outcome, out)?;
        }
        out.write_all(self.format.end(outcome.points > 0).as_bytes())
    }

    /// Writes the points of one container. Errors are collected, and the rest is written.
    fn write_one(
        &self,
        bearer: &Bearer,
        outcome: &mut Outcome,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let name = bearer.identity.name();
        let (range, metrics) = (unix_seconds(self.range.clone()), self.read_metrics());
        let read = match self.store.range(name, range, Some(metrics)) {
            Ok(read) => read,
            Err(error) => {
                outcome.errors.push(error);
                return Ok(());
            }
        };
        let mut wider = self.width.and_then(|width| RollUp::new(Duration::from_secs(width)).ok());
        let mut points = Vec::new();
        for point in read {
            match point.and_then(|point| rolled_up(wider.as_mut(), point)) {
                Ok(point) => points.extend(point),
                Err(error) => outcome.errors.push(error),
            }
            if points.len() == BATCH {
                self.write_some(bearer, &mut points, outcome, out)?;
            }
        }
        points.extend(wider.and_then(|mut wider| wider.finish()));
        self.write_some(bearer, &mut points, outcome, out)
    }

    /// The metrics to read: those that are shown, and the one that shares of limits need.
    fn read_metrics(&self) -> MetricSet {
        let mut metrics = self.metrics;
        if self.args.extended {
            metrics.insert(Metric::MemoryWorkingSet);
        }
        metrics
    }

    /// Writes these points, and clears them.
    fn write_some(
        &self,
        bearer: &Bearer,
        points: &mut Vec<DataPoint>,
        outcome: &mut Outcome,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if self.args.complete {
            points.retain(DataPoint::is_complete);
        }
        if points.is_empty() {
            return Ok(());
        }
        if self.args.extended {
            for point in &mut *points {
                point.set_shares(&bearer.limits);
                point.select(self.metrics);
            }
        }
        let mut text = Vec::new();
        self.format.points(&bearer.identity, &mut points.iter(), &mut text)?;
        out.write_all(self.format.before(outcome.points == 0).as_bytes())?;
        outcome.points += points.len() as u64;
        points.clear();
        out.write_all(&text)
    }

    fn note_no_points(&self, bearers: &[Bearer]) {
        let first = bearers.iter().map(|one| one.first.start()).min().unwrap_or_default();
        let last = bearers.iter().map(|one| one.last.end()).max().unwrap_or_default();
        messages::note(format_args!(
            "no {}points of {} from {} to {}: there are some from {} to {}",
            if self.args.complete { "complete " } else { "" },
            self.args.container,
            output::time(self.range.start),
            output::time(self.range.end),
            output::time(first),
            output::time(last),
        ));
    }
}

/// The point itself, or, when points are rolled up, the wider point that it completes.
fn rolled_up(wider: Option<&mut RollUp>, point: DataPoint) -> Result<Option<DataPoint>, Error> {
    match wider {
        Some(wider) => wider.add(&point),
        None => Ok(Some(point)),
    }
}
