//! The directory of a segment: the names of its metrics, and the shapes of its points.

use std::collections::HashMap;

use flate2::Compression;

use super::damage::DamageKind;
use super::shape::{Column, CoverageForm, MOST_METRICS, PointShape, ShapeKey, ShapeMetric, State};
use crate::metric::{Kind, Metric, MetricSet};
use crate::point::DataPoint;
use crate::store::bytes::{Bytes, put_bytes, put_varint};
use crate::store::deflate::{pack, unpack};

/// A directory that is being written.
#[derive(Debug, Default)]
pub(super) struct DirectoryBuilder {
    /// By this version's metrics.
    numbers: HashMap<Metric, u32>,
    metrics: Vec<Metric>,
    keys: HashMap<ShapeKey, u32>,
    shapes: Vec<ShapeEntry>,
    /// The numbers of metrics and shapes that were written.
    written: (usize, usize),
    /// Other names for metrics, as another version may have.
    #[cfg(test)]
    pub(super) renamed: HashMap<Metric, &'static str>,
}

/// A shape of a directory that is being written.
#[derive(Debug)]
pub(super) struct ShapeEntry {
    pub(super) key: ShapeKey,
    shape: PointShape,
    /// Its columns, in the order of a point's numbers.
    pub(super) columns: Vec<Column>,
}

impl DirectoryBuilder {
    /// The number of a point's shape, added if it is new.
    pub(super) fn number(&mut self, point: &DataPoint) -> u32 {
        let key = ShapeKey::of(point);
        if let Some(number) = self.keys.get(&key) {
            return *number;
        }
        for metric in key.metrics().iter() {
            if !self.numbers.contains_key(&metric) {
                self.numbers.insert(metric, narrow(self.metrics.len()));
                self.metrics.push(metric);
            }
        }
        let shape = key.shape(|metric| self.numbers.get(&metric).copied().unwrap_or(0));
        let columns = self.in_order(&shape);
        let number = narrow(self.shapes.len());
        self.keys.insert(key.clone(), number);
        self.shapes.push(ShapeEntry { key, shape, columns });
        number
    }

    fn in_order(&self, shape: &PointShape) -> Vec<Column> {
        let metric = |column: &Column| {
            let (number, part) = column.metric()?;
            let metric = self.metrics.get(number as usize)?;
            Some((metric.kind() == Kind::Gauge, *metric as u32, part))
        };
        let mut columns = shape.columns();
        columns.sort_by_key(metric);
        columns
    }

    pub(super) fn shape(&self, number: u32) -> Option<&ShapeEntry> {
        self.shapes.get(number as usize)
    }

    pub(super) fn metric(&self, number: u32) -> Option<Metric> {
        self.metrics.get(number as usize).copied()
    }

    pub(super) fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// Whether readers of version 1 do not know any of the shapes.
    pub(super) fn is_newer(&self) -> bool {
        self.shapes.iter().any(|entry| entry.shape.is_newer())
    }

    /// Encodes what was added since the last call.
    pub(super) fn added(&mut self, interval_seconds: u64) -> Option<Vec<u8>> {
        let from = self.written;
        self.written = (self.metrics.len(), self.shapes.len());
        (from != self.written).then(|| self.bytes(from, interval_seconds))
    }

    /// Encodes the whole directory.
    pub(super) fn all(&self, interval_seconds: u64) -> Vec<u8> {
        self.bytes((0, 0), interval_seconds)
    }

    fn bytes(&self, from: (usize, usize), interval_seconds: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_varint(&mut bytes, interval_seconds);
        let metrics = self.metrics.get(from.0..).unwrap_or_default();
        put_varint(&mut bytes, from.0 as u64);
        put_varint(&mut bytes, metrics.len() as u64);
        for metric in metrics {
            let name = metric.name();
            #[cfg(test)]
            let name = self.renamed.get(metric).copied().unwrap_or(name);
            put_bytes(&mut bytes, name.as_bytes());
            put_bytes(&mut bytes, metric.unit().to_string().as_bytes());
            put_varint(&mut bytes, u64::from(metric.kind() == Kind::Gauge));
            put_varint(&mut bytes, metric.info().per_unit.into());
        }
        let shapes = self.shapes.get(from.1..).unwrap_or_default();
        put_varint(&mut bytes, from.1 as u64);
        put_varint(&mut bytes, shapes.len() as u64);
        for entry in shapes {
            entry.shape.put(&mut bytes);
        }
        pack(&bytes, Compression::best())
    }
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// The directory of a segment that is being read.
#[derive(Debug, Default)]
pub(super) struct Directory {
    pub(super) interval_seconds: u64,
    /// By number; `None` for metrics that this version does not know.
    metrics: HashMap<u32, Option<Metric>>,
    shapes: HashMap<u32, ShapeDecoder>,
}

/// What is needed to decode points of a shape.
#[derive(Debug)]
pub(super) struct ShapeDecoder {
    /// In rising order.
    pub(super) columns: Vec<Column>,
    pub(super) has_samples: bool,
    pub(super) watched: CoverageForm,
    pub(super) present: MetricSet,
    pub(super) too_large: MetricSet,
    pub(super) selected: MetricSet,
    /// The columns of the growths, in the order of their metrics.
    pub(super) growths: Vec<Column>,
    /// The first column of each gauge, in the order of their metrics, and the number of its units
    /// in a base unit.
    pub(super) levels: Vec<(State, Column, f64)>,
}

impl Directory {
    /// Adds the content of a frame. Known entries stay.
    pub(super) fn add(&mut self, packed: &[u8]) -> Result<(), DamageKind> {
        let unpacked = unpack(packed).ok_or(DamageKind::Malformed)?;
        let mut bytes = Bytes(&unpacked);
        self.take(&mut bytes).filter(|()| bytes.is_empty()).ok_or(DamageKind::Malformed)
    }

    fn take(&mut self, bytes: &mut Bytes<'_>) -> Option<()> {
        self.interval_seconds = bytes.varint().filter(|&seconds| seconds > 0)?;
        let first = bytes.varint()?;
        for number in first..first.checked_add(bytes.varint()?)? {
            let number = u32::try_from(number).ok().filter(|&number| number < MOST_METRICS)?;
            let (name, unit) = (bytes.text()?, bytes.text()?);
            let (kind, per_unit) = (bytes.varint()?, bytes.varint()?);
            let known = Metric::ALL.iter().copied().find(|metric| {
                metric.name() == name
                    && metric.unit().to_string() == unit
                    && u64::from(metric.kind() == Kind::Gauge) == kind
                    && u64::from(metric.info().per_unit) == per_unit
            });
            self.metrics.entry(number).or_insert(known);
        }
        let first = bytes.varint()?;
        for number in first..first.checked_add(bytes.varint()?)? {
            let shape = PointShape::take(bytes)?;
            let decoder = self.decoder(&shape)?;
            self.shapes.entry(u32::try_from(number).ok()?).or_insert(decoder);
        }
        Some(())
    }

    /// `None` if the shape refers to unknown numbers of metrics.
    fn decoder(&self, shape: &PointShape) -> Option<ShapeDecoder> {
        let mut decoder = ShapeDecoder {
            columns: shape.columns(),
            has_samples: shape.has_samples,
            watched: shape.watched,
            present: MetricSet::default(),
            too_large: MetricSet::default(),
            selected: MetricSet::default(),
            growths: Vec::new(),
            levels: Vec::new(),
        };
        let mut known = Vec::new();
        for entry in &shape.metrics {
            known.extend(self.metrics.get(&entry.metric)?.map(|metric| (metric, *entry)));
        }
        known.sort_by_key(|(metric, _)| *metric as u8);
        for (metric, entry) in known {
            decoder.add(metric, entry)?;
        }
        Some(decoder)
    }

    pub(super) fn shape(&self, number: u32) -> Option<&ShapeDecoder> {
        self.shapes.get(&number)
    }

    pub(super) fn metric(&self, number: u32) -> Option<Metric> {
        self.metrics.get(&number).copied().flatten()
    }
}

impl ShapeDecoder {
    fn add(&mut self, metric: Metric, entry: ShapeMetric) -> Option<()> {
        if entry.is_selected {
            self.selected.insert(metric);
        }
        let column = Column::of(entry.metric, entry.state.parts().start);
        match (entry.state, metric.kind()) {
            (State::Absent, _) => return Some(()),
            (State::TooLarge, _) => {
                self.too_large.insert(metric);
                return Some(());
            }
            (State::Growth, Kind::Counter) => self.growths.push(column),
            (State::Read | State::Between | State::Figures | State::WholeFigures, Kind::Gauge) => {
                self.levels.push((entry.state, column, metric.info().per_unit.into()));
            }
            _ => return None,
        }
        // Two metrics of one name are invalid.
        let is_new = !self.present.contains(metric);
        self.present.insert(metric);
        is_new.then_some(())
    }
}
