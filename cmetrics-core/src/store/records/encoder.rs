//! Encodes records.

use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use flate2::Compression;

use super::{
    BEGINNING, CONTAINER, EVENT, METADATA, PACKED, PREVIOUS_LOG, RUN, SHAPE, SYNCED, TABLE, TAIL,
    TAIL_FOR_POINTS, TailExtent,
};
use crate::metric::MetricSet;
use crate::point::DataPoint;
use crate::store::bytes::{put_bytes, put_varint, zigzag};
use crate::store::deflate::{MOST_UNPACKED, pack};
use crate::store::event::Happening;
use crate::store::metadata::Metadata;
use crate::store::packed_tail;
use crate::store::point_rows::{MetricTable, RowShape};
use crate::store::raw;
use crate::store::run::{Run, RunHeader};
use crate::store::stored::StoredContainer;
use crate::store::tail::TailHeader;
use crate::time::Timestamp;

/// The definitions that a log has already: its table of metrics, and the numbers of containers,
/// shapes and beginnings of pieces.
#[derive(Debug, Default)]
pub(in crate::store) struct Encoder {
    pub(super) has_table: bool,
    pub(super) containers: HashMap<u32, u64, foldhash::fast::RandomState>,
    pub(super) shapes: HashMap<RowShape, u64, foldhash::fast::RandomState>,
    pub(super) beginnings: HashMap<Box<[u8]>, u64, foldhash::fast::RandomState>,
    /// The last shape, which the next point usually has, too.
    pub(super) last: Option<(u64, RowShape)>,
}

/// A position in the definitions of a log, to roll back to.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct EncoderMark {
    has_table: bool,
    containers: u64,
    shapes: u64,
    beginnings: u64,
}

impl Encoder {
    /// The current position.
    pub(in crate::store) fn mark(&self) -> EncoderMark {
        let (containers, shapes) = (self.containers.len() as u64, self.shapes.len() as u64);
        let beginnings = self.beginnings.len() as u64;
        EncoderMark { has_table: self.has_table, containers, shapes, beginnings }
    }

    /// Drops the definitions since then, which were not written.
    pub(in crate::store) fn roll_back(&mut self, before: EncoderMark) {
        self.has_table = before.has_table;
        self.containers.retain(|_, number| *number < before.containers);
        self.shapes.retain(|_, number| *number < before.shapes);
        self.beginnings.retain(|_, number| *number < before.beginnings);
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
    /// The rows of all runs.
    rows: Vec<u8>,
    /// The container of the last tail whose points are not recorded.
    last_tail: u64,
}

/// A run of the batch that is being encoded.
#[derive(Debug)]
pub(in crate::store) struct StagedRun {
    header: RunHeader,
    /// Where its rows lie among those of all runs.
    rows: Range<usize>,
}

impl StagedRun {
    /// The run, with its rows among those of all runs.
    pub(in crate::store) fn run<'r>(&self, rows: &'r [u8]) -> Run<'r> {
        let rows = rows.get(self.rows.clone()).unwrap_or_default();
        Run { header: self.header, rows }
    }
}

impl<'b> BatchEncoder<'b> {
    pub(in crate::store) fn new(encoder: &'b mut Encoder, bytes: &'b mut Vec<u8>) -> Self {
        let start = bytes.len();
        if !encoder.has_table {
            encoder.has_table = true;
            bytes.push(TABLE);
            MetricTable::put(bytes, MetricSet::all());
        }
        Self { encoder, bytes, start, rows: Vec::new(), last_tail: 0 }
    }

    /// The same with an empty buffer for rows.
    pub(in crate::store) fn with_rows(self, rows: Vec<u8>) -> Self {
        Self { rows, ..self }
    }

    /// Compresses all records so far, if that saves enough: the records of a poll of many
    /// containers are much alike.
    pub(in crate::store) fn pack(&mut self) {
        const WORTH: RangeInclusive<usize> = 1 << 9..=MOST_UNPACKED;
        /// A tenth smaller than at 1, for a few hundredths of the time that ingesting takes.
        const LEVEL: u32 = 6;
        let records = self.bytes.get(self.start..).unwrap_or_default();
        if !WORTH.contains(&records.len()) {
            return;
        }
        let packed = pack(records, Compression::new(LEVEL));
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

    /// Encodes points of one shape, in rising time, and records them if the number of their
    /// container is given. `None` if there are none.
    pub(in crate::store) fn run(
        &mut self,
        points: &[DataPoint],
        replaces: bool,
        container: Option<u64>,
    ) -> Option<StagedRun> {
        let start = self.rows.len();
        let header = RunHeader::put(&mut self.rows, points, replaces)?;
        let staged = StagedRun { header, rows: start..self.rows.len() };
        if let Some(container) = container {
            let rows = std::mem::take(&mut self.rows);
            self.same_run(container, &staged.run(&rows));
            self.rows = rows;
        }
        Some(staged)
    }

    /// Records an existing run of the container of this number unchanged.
    pub(in crate::store) fn same_run(&mut self, container: u64, run: &Run<'_>) {
        let RunHeader { first, end, count, replaces, shape } = run.header;
        let shape = self.shape(shape);
        self.bytes.push(RUN);
        for number in [container, shape, first, end, count.into()] {
            put_varint(self.bytes, number);
        }
        self.bytes.push(u8::from(replaces));
        put_bytes(self.bytes, run.rows);
    }

    /// The rows of all runs that were recorded.
    pub(in crate::store) fn into_rows(self) -> Vec<u8> {
        self.rows
    }

    pub(in crate::store) fn metadata(&mut self, container: &StoredContainer, metadata: &Metadata) {
        let container_number = self.container(container);
        put_metadata(self.bytes, container_number, metadata);
    }

    /// Records a tail, or what was added to it.
    pub(in crate::store) fn tail(
        &mut self,
        container: &StoredContainer,
        header: &TailHeader,
        pieces: &[Arc<[u8]>],
        extent: TailExtent,
    ) {
        let container_number = self.container(container);
        if extent == TailExtent::AddedForPoints {
            let piece = pieces.first().map(|piece| raw::split(piece));
            let piece = piece.map(|(beginning, rest)| (self.beginning(beginning), rest));
            self.bytes.push(TAIL_FOR_POINTS);
            let step = container_number.wrapping_sub(self.last_tail);
            put_varint(self.bytes, zigzag(step.cast_signed()));
            self.last_tail = container_number;
            return packed_tail::put_added(self.bytes, header, piece);
        }
        self.bytes.push(TAIL);
        put_varint(self.bytes, container_number);
        self.bytes.push(u8::from(extent == TailExtent::Whole));
        packed_tail::put_content(self.bytes, header, pieces);
    }

    /// The number of the beginning of a piece, which most pieces share.
    fn beginning(&mut self, beginning: &[u8]) -> u64 {
        let known = &mut self.encoder.beginnings;
        if let Some(number) = known.get(beginning) {
            return *number;
        }
        let next = known.len() as u64;
        known.insert(beginning.into(), next);
        self.bytes.push(BEGINNING);
        put_varint(self.bytes, next);
        put_bytes(self.bytes, beginning);
        next
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

    /// The number of a container in this log. The first time, its name and metadata are recorded:
    /// those in segments may be newer than the samples that follow.
    pub(in crate::store) fn container(&mut self, container: &StoredContainer) -> u64 {
        let next = self.encoder.containers.len() as u64;
        *self.encoder.containers.entry(container.number).or_insert_with(|| {
            self.bytes.push(CONTAINER);
            put_varint(self.bytes, next);
            put_bytes(self.bytes, container.name.as_bytes());
            let metadata = container.metadata.load();
            if **metadata != Metadata::of_name(&container.name) {
                put_metadata(self.bytes, next, &metadata);
            }
            next
        })
    }

    fn shape(&mut self, shape: RowShape) -> u64 {
        if let Some((number, _)) = self.encoder.last.filter(|(_, last)| *last == shape) {
            return number;
        }
        let next = self.encoder.shapes.len() as u64;
        let number = *self.encoder.shapes.entry(shape).or_insert_with(|| {
            self.bytes.push(SHAPE);
            put_varint(self.bytes, next);
            shape.put(self.bytes);
            next
        });
        self.encoder.last = Some((number, shape));
        number
    }
}

fn put_metadata(bytes: &mut Vec<u8>, container: u64, metadata: &Metadata) {
    bytes.push(METADATA);
    put_varint(bytes, container);
    put_bytes(bytes, &metadata.to_bytes());
}
