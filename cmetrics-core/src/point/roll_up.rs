//! Rolls points up to wider intervals.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::level::GaugeRollUp;
use super::shares::SharesRollUp;
use super::{DataPoint, Figures, Shares, Watched};
use crate::error::{Error, Problem};
use crate::metric::{Kind, Metric, MetricSet};
use crate::settings::whole_seconds;
use crate::time::{Interval, NANOS_PER_SECOND};

/// Rolls points up to wider intervals, whose width is a whole multiple of theirs (`docs/points.md`,
/// *Roll-ups*).
///
/// Points that were made of samples result in exactly the points that the samples would make at the
/// wider width: growth is added up, and a gauge's mean is over all of its readings. The exact parts
/// of a point that was read from JSON are unknown; then a mean is that of the intervals' means,
/// with equal weights. If all points have shares of limits, so has the wider point: the shares of
/// its figures in the same limits or, if limits change, those of each interval in its own limits.
///
/// No interval is emitted twice, and no point is dropped silently: a point that is not later than
/// the points of its container before it is an error.
///
/// ```
/// use std::time::Duration;
///
/// use cmetrics_core::point::RollUp;
/// use cmetrics_core::{Input, Metric, Pipeline};
///
/// let dump = br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
///     {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 100}}},
///     {"timestamp": "2026-11-21T12:00:07Z", "cpu": {"usage": {"total": 180}}}]}}"#;
/// let mut pipeline = Pipeline::default();
/// pipeline.read(Input::bytes("now.json", dump)).into_result().unwrap();
/// let minutes = RollUp::new(Duration::from_secs(60)).unwrap().of(pipeline.points()).unwrap();
/// assert_eq!(minutes.len(), 1);
/// assert_eq!(minutes[0].growth(Metric::CpuUsage), Some(80));
/// assert_eq!(minutes[0].samples(), Some(2));
/// ```
#[derive(Clone, Debug)]
pub struct RollUp {
    /// In seconds.
    width: u64,
    open: Option<OpenPoint>,
    /// The last interval of each container that was emitted.
    emitted: HashMap<Arc<str>, Interval>,
}

/// A wider point that is not complete yet.
#[derive(Clone, Debug)]
struct OpenPoint {
    name: Arc<str>,
    interval: Interval,
    /// The interval of the point that was added last.
    last: Interval,
    samples: Option<u64>,
    watched: Watched,
    present: MetricSet,
    too_large: MetricSet,
    growths: [u128; Metric::ALL.len()],
    gauges: Vec<(Metric, GaugeRollUp)>,
    selected: MetricSet,
    shares: SharesRollUp,
}

impl RollUp {
    /// Rolls up to intervals of this width: whole seconds.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for 0, and for a fraction of a second.
    pub fn new(width: Duration) -> Result<Self, Error> {
        let width = whole_seconds("interval", width)?;
        if width == 0 {
            return Err(invalid_width(width, "at least 1 s".to_owned()));
        }
        Ok(Self { width, open: None, emitted: HashMap::new() })
    }

    /// Rolls these points up. They must come one container after another, each in rising time.
    ///
    /// # Errors
    /// Those of [`add`](Self::add).
    pub fn of(
        mut self,
        points: impl IntoIterator<Item = DataPoint>,
    ) -> Result<Vec<DataPoint>, Error> {
        let mut wide = Vec::new();
        for point in points {
            wide.extend(self.add(&point)?);
        }
        wide.extend(self.finish());
        Ok(wide)
    }

    /// Adds the next point: a later one of the same container, or one of another container. Returns
    /// the wider point before it if this point completes that. A point that is an error changes
    /// nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) if the width is not a whole multiple of
    /// the point's, and [`ErrorKind::Refused`](crate::ErrorKind::Refused) if the point is not later
    /// than the last one of its container and the wider points of it that were emitted, or if the
    /// end of its wider interval does not fit 64 bits.
    pub fn add(&mut self, point: &DataPoint) -> Result<Option<DataPoint>, Error> {
        let interval = self.wider(point)?;
        let is_same = |open: &OpenPoint| open.interval == interval && open.name == point.name;
        if let Some(open) = self.open.as_mut().filter(|open| is_same(open)) {
            check_later(point, open.last)?;
            open.add(point);
            return Ok(None);
        }
        let same_container = self.open.as_ref().filter(|open| open.name == point.name);
        let last =
            same_container.map(|open| open.last).or_else(|| self.emitted.get(&point.name).copied());
        if let Some(last) = last {
            check_later(point, last)?;
        }
        let done = self.finish();
        self.open.insert(OpenPoint::new(point, interval)).add(point);
        Ok(done)
    }

    /// Returns the last wider point, when no more points follow.
    #[must_use = "it is the last point"]
    pub fn finish(&mut self) -> Option<DataPoint> {
        let open = self.open.take()?;
        self.emitted.insert(Arc::clone(&open.name), open.interval);
        Some(open.into_point())
    }

    /// The wider interval that contains a point's interval.
    fn wider(&self, point: &DataPoint) -> Result<Interval, Error> {
        let width = point.interval.seconds();
        if !self.width.is_multiple_of(width) {
            return Err(invalid_width(
                self.width,
                format!("a whole multiple of the points' {width} s"),
            ));
        }
        let start = point.interval.start() / self.width * self.width;
        let end = start.checked_add(self.width);
        let interval = end.and_then(|end| Interval::new(start, end));
        interval.ok_or_else(|| {
            let why = format!("no interval of {} s begins so late; leave it out", self.width);
            cannot_roll_up(point, why)
        })
    }
}

/// Checks that a point is later than an earlier interval of its container.
fn check_later(point: &DataPoint, last: Interval) -> Result<(), Error> {
    if point.interval.start() >= last.end() {
        return Ok(());
    }
    let (start, end) = (last.start(), last.end());
    let why = format!(
        "one from {start} up to {end} came before it; add each container's points once, and in \
         rising time"
    );
    Err(cannot_roll_up(point, why))
}

impl OpenPoint {
    fn new(first: &DataPoint, interval: Interval) -> Self {
        Self {
            name: Arc::clone(&first.name),
            interval,
            last: first.interval,
            samples: Some(0),
            watched: Watched::Nanos(0),
            present: MetricSet::default(),
            too_large: MetricSet::default(),
            growths: [0; Metric::ALL.len()],
            gauges: Vec::new(),
            selected: MetricSet::default(),
            shares: SharesRollUp::default(),
        }
    }

    fn add(&mut self, point: &DataPoint) {
        self.last = point.interval;
        let samples = self.samples.zip(point.samples);
        self.samples = samples.and_then(|(known, more)| known.checked_add(more));
        self.watched = watched(self, point);
        self.shares.add(point);
        self.selected = self.selected.union(point.selected);
        let present = point.figures.present();
        let grown = present.intersection(MetricSet::of_kind(Kind::Counter));
        for (metric, growth) in grown.iter().zip(point.figures.growths()) {
            if let Some(sum) = self.growths.get_mut(metric as usize) {
                *sum += u128::from(*growth);
            }
        }
        let read = present.intersection(MetricSet::of_kind(Kind::Gauge));
        for (metric, level) in read.iter().zip(point.figures.levels()) {
            let index = self.gauges.iter().position(|(known, _)| *known == metric);
            let index = index.unwrap_or_else(|| {
                self.gauges.push((metric, GaugeRollUp::default()));
                self.gauges.len() - 1
            });
            if let Some((_, roll_up)) = self.gauges.get_mut(index) {
                roll_up.add(level, point.interval, metric);
            }
        }
        self.present = self.present.union(present);
        self.too_large = self.too_large.union(point.figures.too_large());
    }

    fn into_point(self) -> DataPoint {
        let (mut figures, mut too_large) = (Figures::default(), self.too_large);
        for metric in self.present.intersection(MetricSet::of_kind(Kind::Counter)).iter() {
            let sum = self.growths.get(metric as usize).copied().unwrap_or_default();
            match u64::try_from(sum) {
                Ok(growth) if !too_large.contains(metric) => figures.set_growth(metric, growth),
                _ => too_large.insert(metric),
            }
        }
        for (metric, roll_up) in self.gauges.iter().filter(|(one, _)| !too_large.contains(*one)) {
            if let Some(level) = roll_up.level(self.interval) {
                figures.set_level(*metric, level);
            }
        }
        let shares = self.shares.shares(self.interval.seconds());
        let Self { name, interval, samples, watched, selected, .. } = self;
        let figures = figures.with_too_large(too_large);
        let mut point = DataPoint::from_parts(name, interval, samples, watched, figures, selected);
        // Growth that does not fit has no share.
        let without_cpu = |shares| Shares { cpu: None, ..shares };
        let shares = match point.growth(Metric::CpuUsage) {
            None if too_large.contains(Metric::CpuUsage) => shares.map(without_cpu),
            _ => shares,
        };
        point.shares = shares.map(Box::new);
        point
    }
}

/// How much of the wider interval is covered, including this point.
fn watched(open: &OpenPoint, point: &DataPoint) -> Watched {
    if let (Watched::Nanos(known), Watched::Nanos(more)) = (open.watched, point.watched) {
        return Watched::Nanos(known.saturating_add(more));
    }
    #[expect(clippy::cast_precision_loss, reason = "parts of a whole")]
    let (part, whole) = (point.interval.seconds() as f64, open.interval.seconds() as f64);
    let known = match open.watched {
        #[expect(clippy::cast_precision_loss, reason = "as above")]
        Watched::Nanos(nanos) => Some(nanos as f64 / (whole * NANOS_PER_SECOND as f64)),
        Watched::Part(known) => Some(known),
        Watched::Unknown => None,
    };
    let both = known.zip(point.coverage());
    both.map_or(Watched::Unknown, |(known, more)| Watched::Part(known + more * part / whole))
}

#[cold]
fn invalid_width(seconds: u64, allowed: String) -> Error {
    Error::new(Problem::Setting { name: "interval", value: format!("{seconds} s"), allowed })
}

#[cold]
fn cannot_roll_up(point: &DataPoint, why: String) -> Error {
    let (name, interval) = (Arc::clone(&point.name), point.interval);
    Error::new(Problem::RollUp { name, interval, why })
}
