//! `cmetrics get`: the last points of a container in a store.

use std::io::{self, Write};
use std::ops::Range;

use cmetrics_core::{Bearer, DataPoint, Error, Metric, MetricSet, RollUp, Store};

use crate::args::{GetArgs, PointFormat};
use crate::outcome::{Failure, Status};
use crate::output::{self, Format, Layout, Target, Written};
use crate::{messages, opened};

/// So many points are in memory at once.
const AT_ONCE: usize = 4096;

pub(crate) fn run(args: &GetArgs) -> Result<Status, Failure> {
    let metrics = super::metrics::asked_for(&args.metrics)?;
    let target = Target::new(args.output.as_deref())?;
    let (store, status) = opened::to_read_despite(args.damage, &args.store)?;
    let width = width(args, &store)?;
    let (bearers, range) = match asked_for(args, &store) {
        // It may be in what is damaged.
        Err(Failure::Usage(reasons)) if status == Status::Damaged => {
            reasons.iter().for_each(messages::error);
            return Ok(status);
        }
        asked => asked?,
    };

    let by_default = if target.is_terminal() { PointFormat::Table } else { PointFormat::Json };
    let identities: Vec<_> = bearers.iter().map(|bearer| &bearer.identity).collect();
    let layout = Layout {
        format: args.format.unwrap_or(by_default),
        extended: args.extended,
        metrics,
        containers: &identities,
    };
    let range = widened(range, width.unwrap_or(1));
    let format = &*layout.format();
    let getting = Getting { args, store: &store, range, width, metrics, format };
    let mut got = Got::default();
    let written = target.write(|out| getting.write(&bearers, &mut got, out))?;
    got.errors.iter().for_each(messages::error);
    if written == Written::Whole && got.points == 0 && got.errors.is_empty() && !args.quiet {
        getting.tell_of_nothing(&bearers);
    }
    Ok(if got.errors.is_empty() { status } else { Status::Damaged })
}

/// The width of the wider intervals, where they are asked for.
fn width(args: &GetArgs, store: &Store) -> Result<Option<u64>, Failure> {
    let of_store = store.settings().interval();
    match args.interval {
        Some(width) if width == 0 || !width.is_multiple_of(of_store) => {
            Err(Failure::usage(format!(
                "interval is {width} s, but must be a whole multiple of the store's {of_store} s"
            )))
        }
        width => Ok(width.filter(|&width| width != of_store)),
    }
}

/// Whose points are asked for, the first bearer first, and of which time.
fn asked_for(args: &GetArgs, store: &Store) -> Result<(Vec<Bearer>, Range<u64>), Failure> {
    let last_to = |end: u64| end.saturating_sub(args.period)..end;
    let (mut bearers, range) = if let Some(end) = args.end {
        (store.find(&args.container, last_to(end))?, last_to(end))
    } else {
        let ever = store.find(&args.container, 0..u64::MAX)?;
        let range = last_to(ever.first().map_or(0, |last| last.span.end));
        (store.find(&args.container, range.clone())?, range)
    };
    if !args.all_bearers {
        bearers.truncate(1);
    }
    bearers.sort_by_key(|bearer| bearer.span.start);
    Ok((bearers, range))
}

/// The range with whole intervals at both ends.
fn widened(range: Range<u64>, width: u64) -> Range<u64> {
    range.start / width * width..range.end.div_ceil(width).saturating_mul(width)
}

/// What is got, and how.
struct Getting<'g> {
    args: &'g GetArgs,
    store: &'g Store,
    range: Range<u64>,
    width: Option<u64>,
    metrics: MetricSet,
    format: &'g dyn Format,
}

/// What was got.
#[derive(Default)]
struct Got {
    points: u64,
    errors: Vec<Error>,
}

impl Getting<'_> {
    fn write(&self, bearers: &[Bearer], got: &mut Got, out: &mut dyn Write) -> io::Result<()> {
        let mut text = Vec::new();
        self.format.begin(&mut text)?;
        out.write_all(&text)?;
        for bearer in bearers {
            self.write_one(bearer, got, out)?;
        }
        out.write_all(self.format.end(got.points > 0).as_bytes())
    }

    /// Writes the points of one container. What cannot be read is noted; the rest is written.
    fn write_one(&self, bearer: &Bearer, got: &mut Got, out: &mut dyn Write) -> io::Result<()> {
        let name = bearer.identity.name();
        let read = match self.store.range(name, self.range.clone(), Some(self.read_metrics())) {
            Ok(read) => read,
            Err(error) => {
                got.errors.push(error);
                return Ok(());
            }
        };
        let mut wider = self.width.and_then(|width| RollUp::new(width).ok());
        let mut points = Vec::new();
        for point in read {
            match point.and_then(|point| rolled_up(wider.as_mut(), point)) {
                Ok(point) => points.extend(point),
                Err(error) => got.errors.push(error),
            }
            if points.len() == AT_ONCE {
                self.write_some(bearer, &mut points, got, out)?;
            }
        }
        points.extend(wider.and_then(|mut wider| wider.finish()));
        self.write_some(bearer, &mut points, got, out)
    }

    /// What is read: for the shares of limits more than is shown.
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
        got: &mut Got,
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
        out.write_all(self.format.before(got.points == 0).as_bytes())?;
        got.points += points.len() as u64;
        points.clear();
        out.write_all(&text)
    }

    fn tell_of_nothing(&self, bearers: &[Bearer]) {
        let spans = bearers.iter().map(|bearer| &bearer.span);
        let first = spans.clone().map(|span| span.start).min().unwrap_or_default();
        let last = spans.map(|span| span.end).max().unwrap_or_default();
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

/// The point itself, or the wider point that it is the first behind.
fn rolled_up(wider: Option<&mut RollUp>, point: DataPoint) -> Result<Option<DataPoint>, Error> {
    match wider {
        Some(wider) => wider.add(&point),
        None => Ok(Some(point)),
    }
}
