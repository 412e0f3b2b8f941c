//! The data point: the use of resources by a container in one interval.

mod column;
mod csv;
mod figures;
mod json;
mod level;
mod line;
mod rate;
mod roll_up;
mod shape;
mod shares;
mod table;
mod text;

use std::sync::Arc;

pub use column::{Column, Figure};
pub use csv::Csv;
pub(crate) use figures::{Figures, INLINE_GAUGES, INLINE_GROWTHS, Padded};
pub use json::Extended;
pub(crate) use level::{Level, ReadingSummary};
pub use roll_up::RollUp;
pub use shares::Shares;
pub(crate) use table::{Numbers, Rows, Starts};
pub use table::{Table, Validity, Values};

use serde::{Deserialize, Serialize};

use crate::container::Limits;
use crate::metric::{Kind, Metric, MetricSet};
use crate::time::{Interval, NANOS_PER_SECOND};
use rate::{per_second, rate_seconds};

/// The mean, the least and the greatest of a gauge in an interval, in the metric's base unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gauge {
    /// Arithmetic mean of the readings.
    pub ave: f64,
    /// The least reading.
    pub min: f64,
    /// The greatest reading.
    pub max: f64,
}

/// What a container used in one interval.
///
/// It is serialised in the documented shape (`docs/points.md`), and deserialised from it. A metric
/// that was not measured is `None` here and `null` there, never 0.
///
/// ```
/// use cmetrics_core::{DataPoint, Input, Metric, Pipeline};
///
/// let dump = br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
///     {"timestamp": "2026-11-21T12:00:00Z", "cpu": {"usage": {"total": 0}}},
///     {"timestamp": "2026-11-21T12:00:04Z", "cpu": {"usage": {"total": 6000000000}}}]}}"#;
/// let mut pipeline = Pipeline::default();
/// pipeline.read(Input::bytes("now.json", dump)).into_result().unwrap();
/// let point: &DataPoint = &pipeline.points()[0];
/// assert_eq!(point.name(), "/docker");
/// assert_eq!(point.cpu_cores(), Some(1.5)); // 6 s of CPU in the 4 s that are covered
/// assert_eq!(point.growth(Metric::CpuUsage), Some(6_000_000_000));
/// assert_eq!(point.memory(), None);
/// assert_eq!(point.coverage(), Some(0.8));
/// ```
///
/// Points are equal when their figures are. A point that was made of samples also keeps the exact
/// parts of its figures, so that it can be rolled up exactly ([`is_exact`](Self::is_exact)).
#[derive(Clone, Debug)]
pub struct DataPoint {
    name: Arc<str>,
    interval: Interval,
    samples: Option<u64>,
    watched: Watched,
    figures: Figures,
    /// The metrics that were selected in addition to the documented ones.
    selected: MetricSet,
    /// Boxed, because few points have them.
    shares: Option<Box<Shares>>,
}

/// How much of an interval samples cover. What is covered was watched.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Watched {
    /// This many nanoseconds.
    Nanos(u64),
    /// This part, 0 to 1, of which the exact time is not known.
    Part(f64),
    Unknown,
}

/// The value of a metric in an interval, in its base unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// The growth of a counter.
    Growth(u64),
    /// The figures of a gauge.
    Gauge(Gauge),
}

impl DataPoint {
    /// Computes the shares of these limits that were used. The share of memory needs the working
    /// set.
    pub fn set_shares(&mut self, limits: &Limits) {
        let of = |used: Option<f64>, limit: Option<f64>| Some(used? / limit?);
        // The share of what the limit allows in the whole interval, also where samples cover less.
        #[expect(clippy::cast_precision_loss, reason = "a share is a floating-point number")]
        let cores = self
            .growth(Metric::CpuUsage)
            .map(|nanos| nanos as f64 / self.interval.seconds() as f64 / NANOS_PER_SECOND as f64);
        let working_set = self.gauge(Metric::MemoryWorkingSet).map(|gauge| gauge.ave);
        #[expect(clippy::cast_precision_loss, reason = "a share is a floating-point number")]
        let memory_limit = limits.memory_bytes.map(|bytes| bytes as f64);
        self.shares = Some(Box::new(Shares {
            cpu: of(cores, limits.cpu_cores),
            memory: of(working_set, memory_limit),
        }));
    }

    /// The container's id, or the path of a cgroup without one.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The interval.
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// The number of the container's samples in the interval; `None` for a point that was read from
    /// JSON without it.
    pub fn samples(&self) -> Option<u64> {
        self.samples
    }

    /// The part of the interval, 0 to 1, that lies between samples with no gap or restart between
    /// them; `None` for a point that was read from JSON without it.
    pub fn coverage(&self) -> Option<f64> {
        self.watched.coverage(self.interval)
    }

    /// Whether samples cover the whole interval.
    pub fn is_complete(&self) -> bool {
        self.coverage().is_some_and(|coverage| coverage >= 1.0)
    }

    /// The growth of a counter, in its base unit; `None` where it was not measured, and for a
    /// gauge.
    pub fn growth(&self, metric: Metric) -> Option<u64> {
        self.figures.growth(metric)
    }

    /// The number of seconds that its rates are over: those of the interval that samples
    /// [cover](Self::coverage), or all of them where the coverage is unknown. `None` where samples
    /// cover less than a tenth of a second, which is too little for a rate.
    pub fn rate_seconds(&self) -> Option<f64> {
        rate_seconds(self.interval, self.coverage())
    }

    /// The growth of a counter per second, in its base unit, over the time that samples cover
    /// ([`rate_seconds`](Self::rate_seconds)). So the rate of an interval that is covered in part
    /// compares with those of complete intervals.
    pub fn per_second(&self, metric: Metric) -> Option<f64> {
        per_second(self.growth(metric), self.interval, self.coverage())
    }

    /// The figures of a gauge, in its base unit; `None` where it was not measured, and for a
    /// counter.
    pub fn gauge(&self, metric: Metric) -> Option<Gauge> {
        self.figures.level(metric).map(|level| level.gauge(self.interval, metric))
    }

    /// The figures of a gauge, in the unit that collectors have.
    pub(crate) fn gauge_of_readings(&self, metric: Metric) -> Option<Gauge> {
        self.figures.level(metric).map(|level| level.gauge_of_readings(self.interval, metric))
    }

    /// The value of a documented metric, or of one that was
    /// [selected](crate::Settings::with_metrics). `None` where it was not measured.
    pub fn value(&self, metric: Metric) -> Option<Value> {
        let growth = self.growth(metric).map(Value::Growth);
        growth.or_else(|| self.gauge(metric).map(Value::Gauge))
    }

    /// Whether the exact parts of its figures are known: the sum and number of a gauge's readings,
    /// and the covered time. They are known for a point that was made of samples, but not for one
    /// that was read from JSON.
    pub fn is_exact(&self) -> bool {
        let covered = matches!(self.watched, Watched::Nanos(_)) && self.samples.is_some();
        covered && self.figures.levels().iter().all(Level::is_exact)
    }

    /// The metrics that were selected in addition to the documented ones.
    pub fn selected(&self) -> MetricSet {
        self.selected
    }

    /// The shares of the container's limits that were used; `None` unless
    /// [selected](crate::Settings::with_shares).
    pub fn shares(&self) -> Option<Shares> {
        self.shares.as_deref().copied()
    }

    /// CPU in cores, over the time that samples cover: 1.0 is one core that is always busy.
    pub fn cpu_cores(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "10^9 is exact")]
        self.per_second(Metric::CpuUsage).map(|nanos| nanos / NANOS_PER_SECOND as f64)
    }

    /// Runnable threads, where cAdvisor's load reader is on.
    pub fn load(&self) -> Option<Gauge> {
        self.gauge(Metric::CpuLoad)
    }

    /// Memory in bytes.
    pub fn memory(&self) -> Option<Gauge> {
        self.gauge(Metric::MemoryUsage)
    }

    /// Bytes sent per second, over the time that samples cover.
    pub fn tx_bytes_per_second(&self) -> Option<f64> {
        self.per_second(Metric::NetworkTxBytes)
    }

    /// Bytes received per second, over the time that samples cover.
    pub fn rx_bytes_per_second(&self) -> Option<f64> {
        self.per_second(Metric::NetworkRxBytes)
    }

    /// Bytes read from disks per second, over the time that samples cover.
    pub fn read_bytes_per_second(&self) -> Option<f64> {
        self.per_second(Metric::DiskioRead)
    }

    /// Bytes written to disks per second, over the time that samples cover.
    pub fn written_bytes_per_second(&self) -> Option<f64> {
        self.per_second(Metric::DiskioWrite)
    }

    #[inline]
    pub(crate) fn from_parts(
        name: Arc<str>,
        interval: Interval,
        samples: Option<u64>,
        watched: Watched,
        figures: Figures,
        selected: MetricSet,
    ) -> Self {
        Self { name, interval, samples, watched, figures, selected, shares: None }
    }

    /// Selects these metrics in addition to the documented ones, and drops all others. A metric
    /// that the point was made without stays unknown.
    pub fn select(&mut self, metrics: MetricSet) {
        let wanted = MetricSet::documented().union(metrics);
        self.keep(|metric| wanted.contains(metric));
        self.selected = metrics;
    }

    /// Keeps the figures of the metrics for which `keep` returns `true`.
    pub(crate) fn keep(&mut self, keep: impl Fn(Metric) -> bool) {
        let present = self.figures.present();
        let known = present.union(self.figures.too_large());
        if known.filter(&keep) != known {
            let kept = present.filter(&keep);
            let mut figures = Figures::default();
            figures.fill_from(&self.figures, kept);
            let too_large = self.figures.too_large().filter(keep);
            self.figures = figures.with_too_large(too_large);
        }
    }

    /// Takes the figures that are missing here from another point of the interval.
    pub(crate) fn fill_from(&mut self, other: &Self) {
        let missing = other.figures.present().difference(self.figures.present());
        self.figures.fill_from(&other.figures, missing);
    }

    /// The same point under another name.
    pub(crate) fn renamed(self, name: Arc<str>) -> Self {
        Self { name, ..self }
    }

    /// The name, shared.
    pub(crate) fn shared_name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn watched(&self) -> Watched {
        self.watched
    }

    pub(crate) fn figures(&self) -> &Figures {
        &self.figures
    }

    fn set(&mut self, metric: Metric, growth: Option<u64>, gauge: Option<Gauge>) {
        match (metric.kind(), growth, gauge) {
            (Kind::Counter, Some(growth), _) => self.figures.set_growth(metric, growth),
            (Kind::Gauge, _, Some(gauge)) => self.figures.set_gauge(metric, gauge),
            _ => {}
        }
    }
}

impl PartialEq for DataPoint {
    fn eq(&self, other: &Self) -> bool {
        let gauges = |point: &Self| {
            let gauges = point.figures.present().intersection(MetricSet::of_kind(Kind::Gauge));
            let levels = gauges.iter().zip(point.figures.levels());
            levels.map(|(metric, level)| level.gauge(point.interval, metric)).collect::<Vec<_>>()
        };
        self.name == other.name
            && self.interval == other.interval
            && self.samples == other.samples
            && self.coverage() == other.coverage()
            && self.figures.present() == other.figures.present()
            && self.figures.growths() == other.figures.growths()
            && gauges(self) == gauges(other)
            && self.selected == other.selected
            && self.shares == other.shares
    }
}
