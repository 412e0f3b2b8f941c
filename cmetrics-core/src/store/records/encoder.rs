//! Encodes records.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use flate2::Compression;

use super::{CONTAINER, EVENT, METADATA, PACKED, PREVIOUS_LOG, RUN, SHAPE, SYNCED, TABLE, TAIL};
use crate::metric::MetricSet;
use crate::point::DataPoint;
use crate::store::bytes::{put_bytes, put_varint};
use crate::store::catalog::{Metadata, StoredContainer};
use crate::store::deflate::{MOST_UNPACKED, pack};
use crate::store::event::Happening;
use crate::store::memory::Run;
use crate::store::packed_tail;
use crate::store::point_rows::{MetricTable, RowCoverage, RowShape, put_row};
use crate::store::tail::TailHeader;
use crate::time::Timestamp;

/// The definitions that a log has already: its table of metrics, and the numbers of containers and
/// shapes.
#[derive(Debug, Default)]
pub(in crate::store) struct Encoder {
    pub(super) has_table: bool,
    pub(super) containers: HashMap<u32, u64, foldhash::fast::RandomState>,
    pub(super) shapes: HashMap<RowShape, (u64, Arc<RowShape>), foldhash::fast::RandomState>,
    /// The last shape, which the next point usually has, too.
    pub(super) last: Option<(u64, Arc<RowShape>)>,
}

/// A position in the definitions of a log, to roll back to.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct EncoderMark {
    has_table: bool,
    containers: u64,
    shapes: u64,
}

impl Encoder {
    /// The current position.
    pub(in crate::store) fn mark(&self) -> EncoderMark {
        let (containers, shapes) = (self.containers.len() as u64, self.shapes.len() as u64);
        EncoderMark { has_table: self.has_table, containers, shapes }
    }

    /// Drops the definitions since then, which were not written.
    pub(in crate::store) fn roll_back(&mut self, before: EncoderMark) {
        self.has_table = before.has_table;
        self.containers.retain(|_, number| *number < before.containers);
        self.shapes.retain(|_, (number, _)| *number < before.shapes);
        self.last = None;
    }
}

/// An encoder of one batch.
#[derive(Debug)]
pub(in crate::store) struct BatchEncoder<'b> {
    encoder: &'b mut Encoder,
    bytes: &'b mut Vec<u8>,
    /// Where the batch begins in `bytes`.
    start: usize,
    rows: Vec<u8>,
}

impl<'b> BatchEncoder<'b> {
    pub(in crate::store) fn new(encoder: &'b mut Encoder, bytes: &'b mut Vec<u8>) -> Self {
        let start = bytes.len();
        if !encoder.has_table {
            encoder.has_table = true;
            bytes.push(TABLE);
            MetricTable::put(bytes, MetricSet::all());
        }
        Self { encoder, bytes, start, rows: Vec::new() }
    }

    /// Compresses all records so far, if that saves enough: the records of a poll of many
    /// containers are much alike.
    pub(in crate::store) fn pack(&mut self) {
        const WORTH: RangeInclusive<usize> = 1 << 9..=MOST_UNPACKED;
        let records = self.bytes.get(self.start..).unwrap_or_default();
        if !WORTH.contains(&records.len()) {
            return;
        }
        let packed = pack(records, Compression::fast());
        if packed.len() < records.len() / 8 * 7 {
            self.bytes.truncate(self.start);
            self.bytes.push(PACKED);
            put_bytes(self.bytes, &packed);
        }
    }

    /// Records up to where the log is synced.
    pub(in crate::store) fn synced(&mut self, length: u64) {
        self.bytes.push(SYNCED);
        put_varint(self.bytes, length);
    }

    /// Records the number and length of the preceding log.
    pub(in crate::store) fn previous_log(&mut self, number: u64, length: u64) {
        self.bytes.push(PREVIOUS_LOG);
        put_varint(self.bytes, number);
        put_varint(self.bytes, length);
    }

    /// Records a container's points of one shape, in rising time; at least one.
    pub(in crate::store) fn run(
        &mut self,
        container: &StoredContainer,
        points: &[DataPoint],
        replaces: bool,
    ) -> Option<Run> {
        let (first, last) = (points.first()?, points.last()?);
        let (start, end) = (first.interval().start(), last.interval().end());
        let (number, shape) = self.shape(RowShape::of(first));
        let container_number = self.container(container);
        self.rows.clear();
        let mut expected = start;
        for point in points {
            put_row(&mut self.rows, expected, point);
            expected = point.interval().end();
        }
        let count = u32::try_from(points.len()).ok()?;
        let run =
            Run { first: start, end, count, replaces, shape, rows: self.rows.as_slice().into() };
        self.put_run(container_number, number, &run);
        Some(run)
    }

    /// Records an existing run unchanged.
    pub(in crate::store) fn same_run(&mut self, container: &StoredContainer, run: &Run) {
        let (number, _) = self.shape(*run.shape);
        let container_number = self.container(container);
        self.put_run(container_number, number, run);
    }

    pub(in crate::store) fn metadata(&mut self, container: &StoredContainer, metadata: &Metadata) {
        let container_number = self.container(container);
        self.bytes.push(METADATA);
        put_varint(self.bytes, container_number);
        put_bytes(self.bytes, &metadata.to_bytes());
    }

    /// Records a tail: all of its samples if `whole`, else the samples that were added.
    pub(in crate::store) fn tail(
        &mut self,
        container: &StoredContainer,
        header: &TailHeader,
        pieces: &[Arc<[u8]>],
        whole: bool,
    ) {
        let container_number = self.container(container);
        self.bytes.push(TAIL);
        put_varint(self.bytes, container_number);
        self.bytes.push(u8::from(whole));
        packed_tail::put_content(self.bytes, header, pieces);
    }

    pub(in crate::store) fn event(
        &mut self,
        container: &StoredContainer,
        at: Timestamp,
        what: &Happening,
    ) {
        let container_number = self.container(container);
        self.bytes.push(EVENT);
        put_varint(self.bytes, container_number);
        put_varint(self.bytes, at.nanos());
        put_bytes(self.bytes, &what.to_bytes());
    }

    fn put_run(&mut self, container: u64, shape: u64, run: &Run) {
        self.bytes.push(RUN);
        for number in [container, shape, run.first, run.end, run.count.into()] {
            put_varint(self.bytes, number);
        }
        self.bytes.push(u8::from(run.replaces));
        put_bytes(self.bytes, &run.rows);
    }

    fn container(&mut self, container: &StoredContainer) -> u64 {
        let next = self.encoder.containers.len() as u64;
        *self.encoder.containers.entry(container.number).or_insert_with(|| {
            self.bytes.push(CONTAINER);
            put_varint(self.bytes, next);
            put_bytes(self.bytes, container.name.as_bytes());
            next
        })
    }

    fn shape(&mut self, shape: RowShape) -> (u64, Arc<RowShape>) {
        if let Some((number, last)) = self.encoder.last.as_ref().filter(|(_, last)| **last == shape)
        {
            return (*number, Arc::clone(last));
        }
        let next = self.encoder.shapes.len() as u64;
        let entry = self.encoder.shapes.entry(shape).or_insert_with(|| {
            put_shape(self.bytes, next, &shape);
            (next, Arc::new(shape))
        });
        self.encoder.last = Some(entry.clone());
        entry.clone()
    }
}

fn put_shape(bytes: &mut Vec<u8>, number: u64, shape: &RowShape) {
    bytes.push(SHAPE);
    put_varint(bytes, number);
    for set in [shape.present, shape.too_large, shape.selected] {
        bytes.extend_from_slice(&set.to_bits().to_le_bytes());
    }
    bytes.push(u8::from(shape.has_samples));
    bytes.push(match shape.coverage {
        RowCoverage::Nanos => 0,
        RowCoverage::Part => 1,
        RowCoverage::Unknown => 2,
    });
}
