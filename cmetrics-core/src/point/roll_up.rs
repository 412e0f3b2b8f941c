//! Points of wider intervals, made of points.

use std::sync::Arc;

use super::level::Gathered;
use super::{DataPoint, Figures, Watched};
use crate::error::{Error, Problem};
use crate::metric::{Kind, Metric, MetricSet};
use crate::time::{Interval, NANOS_PER_SECOND};

/// Makes points of a wider interval, a whole multiple of theirs (contract, *Roll-ups*).
///
/// Of points that were made of samples come the very points that the samples would make at the
/// wider width: growth is added up, and a gauge's mean is over all of its readings. Where a point
/// was read back from JSON, the parts of its means are not known: then each interval counts the
/// same.
///
/// ```
/// use cmetrics_core::{Metric, Pipeline, RollUp};
///
/// let dump = br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
///     {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 100}}},
///     {"timestamp": "2026-11-21T12:00:07Z", "cpu": {"usage": {"total": 180}}}]}}"#;
/// let mut pipeline = Pipeline::default();
/// pipeline.read("now.json", &dump[..]);
/// let minutes = RollUp::new(60).unwrap().of(pipeline.points()).unwrap();
/// assert_eq!(minutes.len(), 1);
/// assert_eq!(minutes[0].growth(Metric::CpuUsage), Some(80));
/// assert_eq!(minutes[0].samples(), Some(2));
/// ```
#[derive(Clone, Debug)]
pub struct RollUp {
    width: u64,
    wide: Option<Wide>,
}

/// A wider point being gathered.
#[derive(Clone, Debug)]
struct Wide {
    name: Arc<str>,
    interval: Interval,
    /// How many intervals make it up.
    of: u64,
    /// Where the last point that was added ends.
    until: u64,
    samples: Option<u64>,
    watched: Watched,
    present: MetricSet,
    too_large: MetricSet,
    growths: [u128; Metric::ALL.len()],
    gauges: Vec<(Metric, Gathered)>,
    selected: MetricSet,
}

impl RollUp {
    /// To intervals of so many seconds.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for 0.
    pub fn new(seconds: u64) -> Result<Self, Error> {
        if seconds == 0 {
            return Err(refused(seconds, "at least 1 s".to_owned()));
        }
        Ok(Self { width: seconds, wide: None })
    }

    /// Rolls these points up, of one container after another and each in rising time.
    ///
    /// # Errors
    /// As [`add`](Self::add).
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

    /// Adds the next point: later than those before, or another container's. Gives the wider point
    /// before it, once that is whole.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) where the width is no whole multiple of
    /// the point's.
    pub fn add(&mut self, point: &DataPoint) -> Result<Option<DataPoint>, Error> {
        let width = point.interval.seconds();
        if !self.width.is_multiple_of(width) {
            return Err(refused(self.width, format!("a whole multiple of the points' {width} s")));
        }
        let start = point.interval.start() / self.width * self.width;
        let goes_on = |wide: &Wide| wide.interval.start() == start && wide.name == point.name;
        let done = if self.wide.as_ref().is_some_and(goes_on) { None } else { self.finish() };
        if self.wide.is_none() {
            let interval = Interval::new(start, start.saturating_add(self.width));
            self.wide = interval.map(|interval| Wide::new(point, interval));
        }
        if let Some(wide) = &mut self.wide {
            wide.add(point);
        }
        Ok(done)
    }

    /// The last wider point, as no more points come.
    pub fn finish(&mut self) -> Option<DataPoint> {
        self.wide.take().map(Wide::into_point)
    }
}

impl Wide {
    fn new(first: &DataPoint, interval: Interval) -> Self {
        Self {
            name: Arc::clone(&first.name),
            interval,
            of: interval.seconds() / first.interval.seconds().max(1),
            until: 0,
            samples: Some(0),
            watched: Watched::Nanos(0),
            present: MetricSet::default(),
            too_large: MetricSet::default(),
            growths: [0; Metric::ALL.len()],
            gauges: Vec::new(),
            selected: MetricSet::default(),
        }
    }

    fn add(&mut self, point: &DataPoint) {
        if point.interval.start() < self.until {
            return;
        }
        self.until = point.interval.end();
        self.samples = self.samples.zip(point.samples).map(|(known, more)| known + more);
        self.watched = watched(self, point);
        self.selected = self.selected.and(point.selected);
        let present = point.figures.present();
        let grown = present.within(MetricSet::of_kind(Kind::Counter));
        for (metric, growth) in grown.iter().zip(point.figures.growths()) {
            if let Some(sum) = self.growths.get_mut(metric as usize) {
                *sum += u128::from(*growth);
            }
        }
        let read = present.within(MetricSet::of_kind(Kind::Gauge));
        for (metric, level) in read.iter().zip(point.figures.levels()) {
            let index = self.gauges.iter().position(|(known, _)| *known == metric);
            let index = index.unwrap_or_else(|| {
                self.gauges.push((metric, Gathered::default()));
                self.gauges.len() - 1
            });
            if let Some((_, gathered)) = self.gauges.get_mut(index) {
                gathered.add(level, point.interval, metric);
            }
        }
        self.present = self.present.and(present);
        self.too_large = self.too_large.and(point.figures.too_large());
    }

    fn into_point(self) -> DataPoint {
        let (mut figures, mut too_large) = (Figures::default(), self.too_large);
        for metric in self.present.within(MetricSet::of_kind(Kind::Counter)).iter() {
            let sum = self.growths.get(metric as usize).copied().unwrap_or_default();
            match u64::try_from(sum) {
                Ok(growth) if !too_large.contains(metric) => figures.set_growth(metric, growth),
                _ => too_large.insert(metric),
            }
        }
        for (metric, gathered) in &self.gauges {
            if let Some(level) = gathered.level(self.of) {
                figures.set_level(*metric, level);
            }
        }
        let (which, figures) = ((self.name, self.interval), figures.with_too_large(too_large));
        DataPoint::from_parts(which, self.samples, self.watched, figures, self.selected)
    }
}

/// How much of the wider interval is covered, with this point.
fn watched(wide: &Wide, point: &DataPoint) -> Watched {
    if let (Watched::Nanos(known), Watched::Nanos(more)) = (wide.watched, point.watched) {
        return Watched::Nanos(known + more);
    }
    #[expect(clippy::cast_precision_loss, reason = "parts of a whole")]
    let (part, whole) = (point.interval.seconds() as f64, wide.interval.seconds() as f64);
    let known = match wide.watched {
        #[expect(clippy::cast_precision_loss, reason = "as above")]
        Watched::Nanos(nanos) => Some(nanos as f64 / (whole * NANOS_PER_SECOND as f64)),
        Watched::Part(known) => Some(known),
        Watched::Unknown => None,
    };
    let both = known.zip(point.coverage());
    both.map_or(Watched::Unknown, |(known, more)| Watched::Part(known + more * part / whole))
}

#[cold]
fn refused(seconds: u64, allowed: String) -> Error {
    Error::new(Problem::Setting { name: "interval", value: format!("{seconds} s"), allowed })
}
