//! Encodes points as rows of bytes, for the log and for memory.
//!
//! All rows of a run have one shape, so a row consists of numbers alone.

use std::sync::{Arc, LazyLock};

use super::bytes::{Bytes, put_varint, unzigzag, zigzag};
use crate::metric::{Kind, Metric, MetricSet};
use crate::point::{DataPoint, Figures, Gauge, Level, ReadingSummary, Watched};
use crate::time::{Interval, NANOS_PER_SECOND};

const COUNTERS: MetricSet = MetricSet::of_kind(Kind::Counter);
const GAUGES: MetricSet = MetricSet::of_kind(Kind::Gauge);

/// The shape of the rows of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RowShape {
    pub(super) present: MetricSet,
    pub(super) too_large: MetricSet,
    pub(super) selected: MetricSet,
    pub(super) has_samples: bool,
    pub(super) coverage: RowCoverage,
}

/// How rows store the coverage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum RowCoverage {
    Nanos,
    Part,
    Unknown,
}

/// The tags of gauges: how a gauge is known.
const READ: u64 = 0;
const READ_WIDE: u64 = 1;
const BETWEEN: u64 = 2;
const FIGURES: u64 = 3;

impl RowShape {
    pub(super) fn of(point: &DataPoint) -> Self {
        let figures = point.figures();
        Self {
            present: figures.present(),
            too_large: figures.too_large(),
            selected: point.selected(),
            has_samples: point.samples().is_some(),
            coverage: match point.watched() {
                Watched::Nanos(_) => RowCoverage::Nanos,
                Watched::Part(_) => RowCoverage::Part,
                Watched::Unknown => RowCoverage::Unknown,
            },
        }
    }

    pub(super) fn put(&self, bytes: &mut Vec<u8>) {
        for set in [self.present, self.too_large, self.selected] {
            bytes.extend_from_slice(&set.to_bits().to_le_bytes());
        }
        bytes.push(u8::from(self.has_samples));
        bytes.push(match self.coverage {
            RowCoverage::Nanos => 0,
            RowCoverage::Part => 1,
            RowCoverage::Unknown => 2,
        });
    }

    /// `None` where the bytes are no shape.
    pub(super) fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        let mut set = || {
            let number = u128::from_le_bytes(bytes.take(16)?.try_into().ok()?);
            Some(MetricSet::from_bits(number))
        };
        let (present, too_large, selected) = (set()?, set()?, set()?);
        let has_samples = bytes.take(1)? == [1];
        let coverage = match bytes.take(1)? {
            [0] => RowCoverage::Nanos,
            [1] => RowCoverage::Part,
            [2] => RowCoverage::Unknown,
            _ => return None,
        };
        Some(Self { present, too_large, selected, has_samples, coverage })
    }

    /// The metrics of its points, measured or not.
    pub(super) fn carried(&self) -> MetricSet {
        self.present.union(self.selected).union(self.too_large)
    }
}

/// Appends a point of the run's shape that begins at or after `expected`, in seconds.
#[inline]
pub(super) fn put_row(bytes: &mut Vec<u8>, expected: u64, point: &DataPoint) {
    let interval = point.interval();
    let width = interval.seconds();
    put_varint(bytes, interval.start().saturating_sub(expected) / width);
    let samples = point.samples().unwrap_or_default();
    if point.samples().is_some() {
        put_varint(bytes, samples);
    }
    match point.watched() {
        Watched::Nanos(nanos) => {
            put_varint(bytes, zigzag((width * NANOS_PER_SECOND).wrapping_sub(nanos).cast_signed()));
        }
        Watched::Part(part) => bytes.extend_from_slice(&part.to_le_bytes()),
        Watched::Unknown => {}
    }
    for growth in point.figures().growths() {
        put_varint(bytes, *growth);
    }
    for level in point.figures().levels() {
        put_level(bytes, samples, level);
    }
}

#[inline]
fn put_level(bytes: &mut Vec<u8>, samples: u64, level: &Level) {
    match *level {
        Level::Read(readings) => {
            let (number, min) = (readings.number(), readings.min);
            // At least 0: no reading is below the least.
            let rest = readings.sum() - u128::from(number) * u128::from(min);
            let wide = u64::try_from(rest).is_err();
            // The usual case, as many readings as samples, takes no extra byte.
            let more = zigzag(number.wrapping_sub(samples).cast_signed());
            put_varint(bytes, more << 2 | if wide { READ_WIDE } else { READ });
            put_varint(bytes, min);
            put_varint(bytes, readings.max - min);
            #[expect(clippy::cast_possible_truncation, reason = "in halves")]
            put_varint(bytes, rest as u64);
            if wide {
                put_varint(bytes, (rest >> 64) as u64);
            }
        }
        Level::Between(from, to) => {
            put_varint(bytes, BETWEEN);
            put_varint(bytes, from.0);
            put_varint(bytes, to.0.wrapping_sub(from.0));
            put_varint(bytes, from.1);
            put_varint(bytes, to.1);
        }
        Level::Inexact(Gauge { ave, min, max }) => {
            put_varint(bytes, FIGURES);
            for figure in [ave, min, max] {
                bytes.extend_from_slice(&figure.to_le_bytes());
            }
        }
    }
}

/// Reads the rows of a run.
#[derive(Clone, Debug)]
pub(super) struct RowReader<'r> {
    bytes: Bytes<'r>,
    shape: &'r RowShape,
    width: u64,
    expected: u64,
}

impl<'r> RowReader<'r> {
    /// Rows of this shape and width. The first begins at or after `first`.
    pub(super) fn new(bytes: &'r [u8], shape: &'r RowShape, width: u64, first: u64) -> Self {
        Self { bytes: Bytes(bytes), shape, width, expected: first }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next point. `None` where the bytes are invalid.
    #[inline]
    pub(super) fn point(&mut self, name: &Arc<str>) -> Option<DataPoint> {
        let (counters, gauges) =
            (self.shape.present.intersection(COUNTERS), self.shape.present.intersection(GAUGES));
        let header = self.header()?;
        let mut failed = false;
        let mut bytes = self.bytes;
        let growths =
            (0..counters.len()).map_while(|_| bytes.varint().or_else(|| none(&mut failed)));
        let growths: smallvec::SmallVec<[u64; 16]> = growths.collect();
        let samples = header.samples.unwrap_or_default();
        let levels = (0..gauges.len())
            .map_while(|_| level(&mut bytes, samples).or_else(|| none(&mut failed)));
        let figures = Figures::new(self.shape.present, growths.into_iter(), levels);
        self.bytes = bytes;
        if failed {
            return None;
        }
        let (name, RowHeader { interval, samples, watched }) = (Arc::clone(name), header);
        let figures = figures.with_too_large(self.shape.too_large);
        let selected = self.shape.selected;
        Some(DataPoint::from_parts(name, interval, samples, watched, figures, selected))
    }

    /// Adds the growths and levels of the next point to columns, each in the order of the metrics
    /// that are present. `None` where the bytes are invalid; then some may have been added.
    pub(super) fn columns(
        &mut self,
        growths: &mut [Vec<u64>],
        levels: &mut [Vec<Level>],
    ) -> Option<RowHeader> {
        let header = self.header()?;
        for column in growths {
            column.push(self.bytes.varint()?);
        }
        for column in levels {
            column.push(level(&mut self.bytes, header.samples.unwrap_or_default())?);
        }
        Some(header)
    }

    /// The next point of a run whose metrics are numbered by `table`. Unknown metrics are dropped.
    pub(super) fn translated(&mut self, name: &Arc<str>, table: &MetricTable) -> Option<DataPoint> {
        let header = self.header()?;
        let mut figures = Figures::default();
        for place in places(self.shape.present, table, Kind::Counter) {
            let growth = self.bytes.varint()?;
            if let Some(metric) = table.metric(place) {
                figures.set_growth(metric, growth);
            }
        }
        for place in places(self.shape.present, table, Kind::Gauge) {
            let level = level(&mut self.bytes, header.samples.unwrap_or_default())?;
            if let Some(metric) = table.metric(place) {
                figures.set_level(metric, level);
            }
        }
        let (name, RowHeader { interval, samples, watched }) = (Arc::clone(name), header);
        let figures = figures.with_too_large(table.set(self.shape.too_large));
        let selected = table.set(self.shape.selected);
        Some(DataPoint::from_parts(name, interval, samples, watched, figures, selected))
    }

    fn header(&mut self) -> Option<RowHeader> {
        let skipped = self.bytes.varint()?.checked_mul(self.width)?;
        let start = self.expected.checked_add(skipped)?;
        let interval = Interval::new(start, start.checked_add(self.width)?)?;
        self.expected = interval.end();
        let samples = if self.shape.has_samples { Some(self.bytes.varint()?) } else { None };
        let watched = match self.shape.coverage {
            RowCoverage::Nanos => {
                let missing = unzigzag(self.bytes.varint()?);
                let whole = self.width.checked_mul(NANOS_PER_SECOND)?;
                Watched::Nanos(whole.wrapping_sub(missing.cast_unsigned()))
            }
            RowCoverage::Part => Watched::Part(f64::from_bits(self.bytes.u64()?)),
            RowCoverage::Unknown => Watched::Unknown,
        };
        Some(RowHeader { interval, samples, watched })
    }
}

/// The fields before a row's figures.
pub(super) struct RowHeader {
    pub(super) interval: Interval,
    pub(super) samples: Option<u64>,
    pub(super) watched: Watched,
}

fn none<T>(failed: &mut bool) -> Option<T> {
    *failed = true;
    None
}

#[inline]
fn level(bytes: &mut Bytes<'_>, samples: u64) -> Option<Level> {
    let tag = bytes.varint()?;
    match tag & 3 {
        BETWEEN => {
            let (from, time) = (bytes.varint()?, bytes.varint()?);
            let to = from.wrapping_add(time);
            Some(Level::Between((from, bytes.varint()?), (to, bytes.varint()?)))
        }
        FIGURES => {
            let mut figure = || Some(f64::from_bits(bytes.u64()?));
            Some(Level::Inexact(Gauge { ave: figure()?, min: figure()?, max: figure()? }))
        }
        read => {
            let number = samples.wrapping_add(unzigzag(tag >> 2).cast_unsigned());
            let min = bytes.varint()?;
            let max = min.checked_add(bytes.varint()?)?;
            let low = u128::from(bytes.varint()?);
            let high = if read == READ_WIDE { u128::from(bytes.varint()?) } else { 0 };
            let rest = high.checked_mul(1 << 64)?.checked_add(low)?;
            let sum = u128::from(number).checked_mul(u128::from(min))?.checked_add(rest)?;
            ReadingSummary::new(number, sum, min, max).map(Level::Read)
        }
    }
}

/// The metrics as a file numbers them: by their position in the table of the program that wrote it.
#[derive(Clone, Debug)]
pub(super) struct MetricTable {
    /// `None` for an unknown metric.
    rows: Vec<(Option<Metric>, Kind)>,
    is_own: bool,
}

impl MetricTable {
    /// The numbering of this program.
    pub(super) fn own() -> &'static Self {
        static OWN: LazyLock<MetricTable> = LazyLock::new(|| {
            let rows = Metric::ALL.iter().copied().map(|metric| (Some(metric), metric.kind()));
            MetricTable { rows: rows.collect(), is_own: true }
        });
        &OWN
    }

    /// Whether it equals the numbering of this program.
    pub(super) fn is_own(&self) -> bool {
        self.is_own
    }

    /// Appends a table with the names of these metrics at their positions.
    pub(super) fn put(bytes: &mut Vec<u8>, used: MetricSet) {
        put_varint(bytes, Metric::ALL.len() as u64);
        for &metric in Metric::ALL {
            bytes.push(u8::from(metric.kind() == Kind::Gauge));
            let name = if used.contains(metric) { metric.name() } else { "" };
            super::bytes::put_bytes(bytes, name.as_bytes());
        }
    }

    /// `None` where the bytes are no table.
    pub(super) fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        const MOST: u64 = 128;
        let count = bytes.varint().filter(|count| *count <= MOST)?;
        let (mut rows, mut is_own) = (Vec::new(), true);
        for own in Metric::ALL.iter().copied().map(Some).chain(std::iter::repeat(None)) {
            if rows.len() as u64 == count {
                break;
            }
            let kind = match bytes.take(1)? {
                [0] => Kind::Counter,
                [1] => Kind::Gauge,
                _ => return None,
            };
            let name = bytes.text()?;
            // Usually a metric has the same position here, and a search by name takes much longer.
            let same = own.filter(|own| own.name() == name);
            let metric: Option<Metric> = same.or_else(|| name.parse().ok());
            let metric = metric.filter(|metric| metric.kind() == kind);
            is_own &= name.is_empty() || (metric.is_some() && metric == own);
            rows.push((metric, kind));
        }
        Some(Self { rows, is_own })
    }

    fn metric(&self, place: usize) -> Option<Metric> {
        self.rows.get(place)?.0
    }

    fn kind(&self, place: usize) -> Option<Kind> {
        self.rows.get(place).map(|(_, kind)| *kind)
    }

    /// The metrics at these positions.
    pub(super) fn set(&self, places: MetricSet) -> MetricSet {
        places.indices().filter_map(|place| self.metric(place)).collect()
    }
}

/// The positions of a kind in a set.
fn places(set: MetricSet, table: &MetricTable, kind: Kind) -> impl Iterator<Item = usize> {
    set.indices().filter(move |&place| table.kind(place) == Some(kind))
}
