//! `cmetrics get`: the last points of a container in a store.

use std::io::{self, Write};
use std::ops::Range;
use std::time::Duration;

use cmetrics_core::names::Subject;
use cmetrics_core::point::RollUp;
use cmetrics_core::store::{Bearer, StoreOptions};
use cmetrics_core::time::unix_seconds;
use cmetrics_core::{DataPoint, Error, Metric, MetricSet, Store};

use crate::args::GetArgs;
use crate::outcome::{Failure, Status};
use crate::output::{self, Asked, Choice, ContainerText, Format, Target, Written};
use crate::{messages, open};

/// The most points that are in memory at once.
const BATCH: usize = 4096;

pub(crate) fn run(args: &GetArgs) -> Result<Status, Failure> {
    let target = Target::new(args.output.as_deref())?;
    let choice = Choice::new(Asked {
        names: &args.names,
        format: args.format,
        metrics: &args.metrics,
        extended: args.extended,
        complete: args.complete,
        is_terminal: target.is_terminal(),
    })?;
    let options = match args.doors.as_slice() {
        [] => StoreOptions::default(),
        doors => StoreOptions::default().with_doors(doors),
    };
    let (store, status) = open::to_read_with(args.damage, &args.store, options)?;
    let width = width(args, &store)?;
    let (bearers, range) = match bearers_and_range(args, &store) {
        // The container may be in the damaged part.
        Err(Failure::Usage(reasons)) if status == Status::Damaged => {
            reasons.iter().for_each(messages::error);
            return Ok(status);
        }
        found => found?,
    };

    let identities: Vec<_> = bearers.iter().map(|bearer| &bearer.identity).collect();
    let range = widened(range, width.unwrap_or(1));
    let format = &*choice.format(&identities);
    let (metrics, since) = (choice.metrics(), choice.since());
    let query = Query { args, store: &store, range, width, metrics, since, format };
    let mut outcome = Outcome::default();
    let written = target
        .write(|out| format.write(out, &mut |out| query.write(&bearers, &mut outcome, out)))?;
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
        (found(args, store, last_to(end))?, last_to(end))
    } else {
        let ever = found(args, store, 0..u64::MAX)?;
        let newest = ever.iter().map(|bearer| bearer.last.end()).max();
        let range = last_to(newest.unwrap_or_default());
        (found(args, store, range.clone())?, range)
    };
    if args.container.is_some() && !args.all_bearers {
        bearers.truncate(1);
    }
    bearers.sort_by_key(|bearer| bearer.first.start());
    Ok((bearers, range))
}

/// The containers of that name, with those labels, or both.
fn found(args: &GetArgs, store: &Store, range: Range<u64>) -> Result<Vec<Bearer>, Failure> {
    let range = unix_seconds(range);
    let found = match &args.container {
        Some(word) => {
            let mut found = store.find(word, range)?;
            found.retain(|bearer| args.labels.are_of(&bearer.identity));
            found
        }
        None => match store.find_labelled(args.labels.iter(), range)? {
            // There may be some outside of the range.
            none if none.is_empty() => store.find_labelled(args.labels.iter(), ..)?,
            some => some,
        },
    };
    args.labels.some(found)
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
    /// Where sums are 0, if that is not at the first point.
    since: Option<u64>,
    format: &'g dyn Format,
}

/// What was written, and what could not be read.
#[derive(Default)]
struct Outcome {
    points: u64,
    /// Whether any text of a container was written.
    any: bool,
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
        out.write_all(self.format.end(outcome.any).as_bytes())
    }

    /// Writes the points of one container. Errors are collected, and the rest is written.
    fn write_one(
        &self,
        bearer: &Bearer,
        outcome: &mut Outcome,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let subject = Subject::from(bearer);
        let mut container = self.format.container(&subject);
        self.pass(bearer, &mut *container, outcome);
        let mut wider = self.width.and_then(|width| RollUp::new(Duration::from_secs(width)).ok());
        let mut points = Vec::new();
        for point in self.read(bearer, self.range.clone(), outcome).into_iter().flatten() {
            match point.and_then(|point| rolled_up(wider.as_mut(), point)) {
                Ok(point) => points.extend(point),
                Err(error) => outcome.errors.push(error),
            }
            if points.len() == BATCH {
                self.write_some(bearer, &mut *container, &mut points, outcome, out)?;
            }
        }
        points.extend(wider.and_then(|mut wider| wider.finish()));
        self.write_some(bearer, &mut *container, &mut points, outcome, out)?;
        let mut text = Vec::new();
        container.finish(&mut text)?;
        self.write_text(&text, outcome, out)
    }

    /// The points of one container in this time; none, and an error, if they cannot be read.
    fn read<'s>(
        &'s self,
        bearer: &Bearer,
        range: Range<u64>,
        outcome: &mut Outcome,
    ) -> Option<impl Iterator<Item = Result<DataPoint, Error>> + use<'s>> {
        let (range, metrics) = (unix_seconds(range), self.read_metrics());
        let read = self.store.range(bearer.identity.name(), range, Some(metrics));
        read.map_err(|error| outcome.errors.push(error)).ok()
    }

    /// Adds up the growth from where sums are 0 to the first point that is written.
    fn pass(&self, bearer: &Bearer, container: &mut dyn ContainerText, outcome: &mut Outcome) {
        let Some(since) = self.since.filter(|since| *since < self.range.start) else { return };
        for point in self.read(bearer, since..self.range.start, outcome).into_iter().flatten() {
            match point {
                // One that reaches into the period is among those that are written.
                Ok(point) if point.interval().end() <= self.range.start => container.pass(&point),
                Ok(_) => {}
                Err(error) => outcome.errors.push(error),
            }
        }
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
        container: &mut dyn ContainerText,
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
        container.points(&mut points.iter(), &mut text)?;
        outcome.points += points.len() as u64;
        points.clear();
        self.write_text(&text, outcome, out)
    }

    fn write_text(
        &self,
        text: &[u8],
        outcome: &mut Outcome,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let first = !std::mem::replace(&mut outcome.any, true);
        out.write_all(self.format.before(first).as_bytes())?;
        out.write_all(text)
    }

    fn note_no_points(&self, bearers: &[Bearer]) {
        let first = bearers.iter().map(|one| one.first.start()).min().unwrap_or_default();
        let last = bearers.iter().map(|one| one.last.end()).max().unwrap_or_default();
        messages::note(format_args!(
            "no {}points{} from {} to {}: there are some from {} to {}",
            if self.args.complete { "complete " } else { "" },
            self.args.container.as_ref().map(|word| format!(" of {word}")).unwrap_or_default(),
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
