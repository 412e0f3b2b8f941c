//! Decodes records.

use std::collections::HashMap;
use std::sync::Arc;

use super::encoder::Encoder;
use super::{
    BEGINNING, CONTAINER, EVENT, METADATA, PACKED, PREVIOUS_LOG, RUN, SHAPE, SYNCED, TABLE, TAIL,
    TAIL_FOR_POINTS, TailExtent,
};
use crate::store::bytes::{Bytes, unzigzag};
use crate::store::deflate::unpack;
use crate::store::event::Happening;
use crate::store::metadata::Metadata;
use crate::store::packed_tail;
use crate::store::point_rows::{MetricTable, RowReader, RowShape};
use crate::store::run::{Run, RunHeader};
use crate::store::tail::Tail;
use crate::time::Timestamp;

/// A decoded record. Its metrics are this program's.
#[derive(Debug)]
pub(in crate::store) enum Record<'r> {
    Metadata(&'r Arc<str>, Box<Metadata>),
    Run(&'r Arc<str>, Run<'r>),
    /// A container's tail, or what was added to it.
    Tail(&'r Arc<str>, Tail, TailExtent),
    Event(&'r Arc<str>, Timestamp, Happening),
}

/// Decodes the records of a log. It keeps the definitions that later records refer to.
#[derive(Debug)]
pub(in crate::store) struct Decoder {
    width: u64,
    table: MetricTable,
    is_own: bool,
    containers: HashMap<u64, Arc<str>>,
    shapes: HashMap<u64, RowShape>,
    beginnings: HashMap<u64, Box<[u8]>>,
    /// The log was synced at least up to here, by its own records.
    synced: u64,
    previous_log: Option<(u64, u64)>,
}

impl Decoder {
    /// A decoder for a log of points of this width.
    pub(in crate::store) fn new(width: u64) -> Self {
        Self {
            width,
            table: MetricTable::own().clone(),
            is_own: true,
            containers: HashMap::new(),
            shapes: HashMap::new(),
            beginnings: HashMap::new(),
            synced: 0,
            previous_log: None,
        }
    }

    /// The number and length of the preceding log.
    pub(in crate::store) fn previous_log(&self) -> Option<(u64, u64)> {
        self.previous_log
    }

    /// Up to where the log was synced, by its own records.
    pub(in crate::store) fn synced(&self) -> u64 {
        self.synced
    }

    /// An encoder that continues the log, if the log numbers metrics as this program does.
    pub(in crate::store) fn into_encoder(
        self,
        number: impl Fn(&Arc<str>) -> u32,
    ) -> Option<Encoder> {
        let containers = self.containers.iter().map(|(index, name)| (number(name), *index));
        let shapes = self.shapes.iter().map(|(index, shape)| (*shape, *index));
        let (containers, shapes) = (containers.collect(), shapes.collect());
        let beginnings = self.beginnings.into_iter().map(|(index, bytes)| (bytes, index)).collect();
        self.is_own.then_some(Encoder {
            has_table: true,
            containers,
            shapes,
            beginnings,
            last: None,
        })
    }

    /// Decodes the records of a batch. `None` where the bytes are invalid.
    pub(in crate::store) fn read(
        &mut self,
        batch: &[u8],
        each: &mut dyn FnMut(Record<'_>),
    ) -> Option<()> {
        match batch {
            [PACKED, rest @ ..] => {
                let mut rest = Bytes(rest);
                let records = unpack(rest.bytes()?)?;
                if rest.is_empty() { self.read_plain(&records, each) } else { None }
            }
            plain => self.read_plain(plain, each),
        }
    }

    fn read_plain(&mut self, records: &[u8], each: &mut dyn FnMut(Record<'_>)) -> Option<()> {
        let (mut bytes, mut last_tail) = (Bytes(records), 0);
        while !bytes.is_empty() {
            match bytes.take(1)? {
                [TABLE] => {
                    self.table = MetricTable::read(&mut bytes)?;
                    self.is_own = self.table.is_own();
                }
                [CONTAINER] => {
                    let number = bytes.varint()?;
                    self.containers.insert(number, bytes.text()?.into());
                }
                [SHAPE] => {
                    let number = bytes.varint()?;
                    self.shapes.insert(number, RowShape::read(&mut bytes)?);
                }
                [BEGINNING] => {
                    let number = bytes.varint()?;
                    self.beginnings.insert(number, bytes.bytes()?.into());
                }
                [PREVIOUS_LOG] => self.previous_log = Some((bytes.varint()?, bytes.varint()?)),
                [SYNCED] => self.synced = self.synced.max(bytes.varint()?),
                [METADATA] => {
                    let name = self.name(&mut bytes)?;
                    each(Record::Metadata(&name, serde_json::from_slice(bytes.bytes()?).ok()?));
                }
                [RUN] => self.run(&mut bytes, each)?,
                [TAIL] => self.tail(&mut bytes, each)?,
                [TAIL_FOR_POINTS] => self.tail_for_points(&mut last_tail, &mut bytes, each)?,
                [EVENT] => {
                    let name = self.name(&mut bytes)?;
                    let at = Timestamp::from_nanos(bytes.varint()?)?;
                    if let Some(what) = Happening::from_bytes(bytes.bytes()?) {
                        each(Record::Event(&name, at, what));
                    }
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn name(&self, bytes: &mut Bytes<'_>) -> Option<Arc<str>> {
        self.containers.get(&bytes.varint()?).cloned()
    }

    fn run(&self, bytes: &mut Bytes<'_>, each: &mut dyn FnMut(Record<'_>)) -> Option<()> {
        let name = self.name(bytes)?;
        let shape = *self.shapes.get(&bytes.varint()?)?;
        let (first, end) = (bytes.varint()?, bytes.varint()?);
        let count = u32::try_from(bytes.varint()?).ok()?;
        let replaces = bytes.take(1)? == [1];
        let rows = bytes.bytes()?;
        if self.is_own {
            let header = RunHeader { first, end, count, replaces, shape };
            each(Record::Run(&name, Run { header, rows }));
            return Some(());
        }
        let mut rows = RowReader::new(rows, &shape, self.width, first);
        while !rows.is_empty() {
            let point = rows.translated(&name, &self.table)?;
            let mut rows = Vec::new();
            let header = RunHeader::put(&mut rows, &[point], replaces)?;
            each(Record::Run(&name, Run { header, rows: &rows }));
        }
        Some(())
    }

    fn tail(&self, bytes: &mut Bytes<'_>, each: &mut dyn FnMut(Record<'_>)) -> Option<()> {
        let name = self.name(bytes)?;
        let extent = if bytes.take(1)? == [1] { TailExtent::Whole } else { TailExtent::Added };
        each(Record::Tail(&name, packed_tail::read_content(bytes, &self.table)?, extent));
        Some(())
    }

    /// `last` is the container of the last such record of the batch.
    fn tail_for_points(
        &self,
        last: &mut u64,
        bytes: &mut Bytes<'_>,
        each: &mut dyn FnMut(Record<'_>),
    ) -> Option<()> {
        *last = last.wrapping_add(unzigzag(bytes.varint()?).cast_unsigned());
        let name = self.containers.get(last)?;
        let tail = packed_tail::read_added(bytes, &self.beginnings, &self.table)?;
        each(Record::Tail(name, tail, TailExtent::AddedForPoints));
        Some(())
    }
}
