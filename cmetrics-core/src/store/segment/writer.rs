//! Writes a segment.

use std::io;
use std::sync::Arc;

use super::block::MOST_POINTS;
use super::block_builder::{BlockBuilder, invalid_input};
use super::directory::DirectoryBuilder;
use super::extras::{self, ExtrasBuilder};
use super::frame::{self, Kind};
use super::gauge_decoder::is_line;
use super::index::{BlockEntry, FramePlace, Group, Index};
use super::metadata::put_metadata;
use super::page::{Page, PageEntry};
use super::{FOOTER, MAGIC, MAGIC_2, MAGIC_3};
use crate::point::{DataPoint, Level};
use crate::store::bytes::{put_bytes, put_varint};
use crate::store::deflate::{MOST_UNPACKED, pack};
use crate::store::disk::AppendFile;

/// The most containers in a group of metadata, and the most bytes between two groups.
const MOST_IN_GROUP: u32 = 64;
const MOST_BETWEEN_GROUPS: u64 = 1 << 16;
/// From this length on, a segment has its directory twice.
const LONG: u64 = 1 << 16;
/// How many bytes are written at a time.
const AT_ONCE: usize = 1 << 16;

/// A writer of a segment, from start to end.
pub(crate) struct SegmentWriter<'w> {
    out: &'w dyn AppendFile,
    pending: Vec<u8>,
    /// A buffer for a block.
    content: Vec<u8>,
    offset: u64,
    crc: flate2::Crc,
    interval_seconds: u64,
    most_points: usize,
    directory: DirectoryBuilder,
    index: Index,
    containers: Page,
    block: BlockBuilder,
    last_shape: u32,
    /// The container that is being written.
    current: Option<Current>,
    /// The metadata of the containers of the current group.
    group_metadata: Vec<u8>,
    grouped: u32,
    group_offset: u64,
    extras: ExtrasBuilder,
    points: u64,
    first: u64,
    end: u64,
}

/// A container that is being written.
struct Current {
    name: Arc<str>,
    tail: Option<Vec<u8>>,
    events: Vec<u8>,
    last_event: u64,
    last: Option<u64>,
    is_superseding: bool,
}

/// What was written. Times are in seconds; without points, both are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finished {
    pub(crate) bytes: u64,
    pub(crate) points: u64,
    pub(crate) first: u64,
    pub(crate) end: u64,
    /// CRC-32 of the whole file.
    pub(crate) checksum: u32,
}

impl std::fmt::Debug for SegmentWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("offset", &self.offset).finish_non_exhaustive()
    }
}

impl<'w> SegmentWriter<'w> {
    /// A segment of points of this width, with blocks of at most so many points.
    pub(crate) fn new(
        out: &'w dyn AppendFile,
        interval_seconds: u64,
        most_points_a_block: usize,
    ) -> Self {
        let mut writer = Self {
            out,
            pending: Vec::new(),
            content: Vec::new(),
            offset: 0,
            crc: flate2::Crc::new(),
            interval_seconds,
            most_points: most_points_a_block.clamp(1, MOST_POINTS),
            directory: DirectoryBuilder::default(),
            index: Index::default(),
            containers: Page::default(),
            block: BlockBuilder::default(),
            last_shape: 0,
            current: None,
            group_metadata: Vec::new(),
            grouped: 0,
            group_offset: 0,
            extras: ExtrasBuilder::default(),
            points: 0,
            first: 0,
            end: 0,
        };
        writer.append(&MAGIC);
        writer
    }

    /// Writes other names of metrics, as a later version may.
    #[cfg(test)]
    pub(super) fn rename(&mut self, metric: crate::metric::Metric, name: &'static str) {
        self.directory.renamed.insert(metric, name);
    }

    fn append(&mut self, bytes: &[u8]) {
        self.crc.update(bytes);
        self.pending.extend_from_slice(bytes);
        self.offset += bytes.len() as u64;
    }

    fn frame(&mut self, kind: Kind, content: &[u8]) -> io::Result<FramePlace> {
        let start = self.pending.len();
        frame::put(&mut self.pending, kind, content);
        let frame = self.pending.get(start..).unwrap_or_default();
        let place = FramePlace { offset: self.offset, length: narrow(frame.len())? };
        self.crc.update(frame);
        self.offset += frame.len() as u64;
        if self.pending.len() >= AT_ONCE {
            self.flush()?;
        }
        Ok(place)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write(&self.pending)?;
        self.pending.clear();
        Ok(())
    }

    /// Begins the next container, in rising order of names. `tail` has its samples of intervals
    /// without points.
    pub(crate) fn container(
        &mut self,
        name: &Arc<str>,
        metadata: &[u8],
        tail: Option<&[u8]>,
    ) -> io::Result<()> {
        if self.current.as_ref().is_some_and(|current| current.name >= *name) {
            return Err(invalid_input("containers must come in rising order of name"));
        }
        if metadata.len() + name.len() > MOST_UNPACKED / 2 {
            return Err(invalid_input("more than 8 MiB that names a container"));
        }
        self.end_container()?;
        if self.grouped >= MOST_IN_GROUP
            || self.group_metadata.len() + metadata.len() + name.len() > AT_ONCE
            || self.offset - self.group_offset > MOST_BETWEEN_GROUPS
        {
            self.end_group()?;
        }
        put_metadata(&mut self.group_metadata, name, metadata);
        self.grouped += 1;
        self.current = Some(Current {
            name: Arc::clone(name),
            tail: tail.map(<[u8]>::to_vec),
            events: Vec::new(),
            last_event: 0,
            last: None,
            is_superseding: false,
        });
        Ok(())
    }

    /// Marks the container's points as replacing those of older segments.
    pub(crate) fn superseding(&mut self) {
        if let Some(current) = &mut self.current {
            current.is_superseding = true;
        }
    }

    /// Adds an event of the container, not earlier than the last one.
    pub(crate) fn event(&mut self, at_nanos: u64, bytes: &[u8]) -> io::Result<()> {
        let current =
            self.current.as_mut().ok_or_else(|| invalid_input("an event of no container"))?;
        let step = at_nanos.checked_sub(current.last_event);
        let step = step.ok_or_else(|| invalid_input("events must come in rising time"))?;
        current.last_event = at_nanos;
        put_varint(&mut current.events, step);
        put_bytes(&mut current.events, bytes);
        Ok(())
    }

    /// Adds a point of the container, later than the last one.
    pub(crate) fn point(&mut self, point: &DataPoint) -> io::Result<()> {
        let interval = point.interval();
        let current =
            self.current.as_mut().ok_or_else(|| invalid_input("a point of no container"))?;
        if interval.seconds() != self.interval_seconds {
            return Err(invalid_input("a point of another width"));
        }
        if current.last.is_some_and(|last| last >= interval.start()) {
            return Err(invalid_input("points must come in rising time"));
        }
        let lines = point.figures().levels().iter();
        if lines.into_iter().any(
            |level| matches!(level, Level::Between(from, to) if !is_line(*from, *to, interval.start())),
        ) {
            return Err(invalid_input("a line that does not begin before its point"));
        }
        let number = interval.start() / self.interval_seconds;
        // The index has the number of intervals that a block spans in 32 bits.
        let is_far = self.block.first().is_some_and(|first| number - first >= 1 << 31);
        if self.block.len() >= self.most_points || self.block.is_full() || is_far {
            self.end_block()?;
        }
        let last = self.current.as_mut().and_then(|current| current.last.replace(interval.start()));
        let is_first = last.is_none();
        let shape = match self.directory.shape(self.last_shape) {
            Some(shape_entry) if shape_entry.key.is_of(point) => self.last_shape,
            _ => self.directory.number(point),
        };
        // Later points of the same shape add nothing to its metrics.
        if shape != self.last_shape || is_first {
            self.note_metrics(shape, number);
        }
        self.last_shape = shape;
        self.block.add(point, shape);
        self.first =
            if self.points == 0 { interval.start() } else { self.first.min(interval.start()) };
        self.end = self.end.max(interval.end());
        self.points += 1;
        Ok(())
    }

    /// Updates the first interval of the metrics of a shape.
    fn note_metrics(&mut self, shape: u32, start: u64) {
        let length = self.directory.metrics().len();
        self.index.since.resize(length.max(self.index.since.len()), u64::MAX);
        let Some(shape_entry) = self.directory.shape(shape) else { return };
        for column in &shape_entry.columns {
            let Some((metric, _)) = column.metric() else { continue };
            if let Some(since) = self.index.since.get_mut(metric as usize) {
                *since = start.min(*since);
            }
        }
    }

    fn end_block(&mut self) -> io::Result<()> {
        let (Some(first), Some(last)) = (self.block.first(), self.block.last()) else {
            return Ok(());
        };
        if let Some(added) = self.directory.added(self.interval_seconds) {
            let place = self.frame(Kind::Directory, &added)?;
            self.index.directories.push(place);
        }
        let name = self.current.as_ref().map_or("", |current| &current.name);
        let mut content = std::mem::take(&mut self.content);
        content.clear();
        self.block.put(self.containers.entries.len() as u64, name, &self.directory, &mut content);
        let place = self.frame(Kind::Points, &content)?;
        self.content = content;
        let span = u32::try_from(last - first + 1).ok();
        let entry =
            span.and_then(|span| BlockEntry::new(place, first, self.block.len() as u64, span));
        self.containers
            .blocks
            .push(entry.ok_or_else(|| invalid_input("more than a segment holds"))?);
        self.block.clear();
        Ok(())
    }

    fn end_container(&mut self) -> io::Result<()> {
        self.end_block()?;
        let Some(current) = self.current.take() else { return Ok(()) };
        let (events, tail) = (&*current.events, current.tail.as_deref().unwrap_or_default());
        self.containers.names.push_str(&current.name);
        let number = self.containers.entries.len() as u64;
        let mut entry = PageEntry {
            name_end: narrow(self.containers.names.len())?,
            blocks_end: narrow(self.containers.blocks.len())?,
            is_superseding: current.is_superseding,
            ..PageEntry::default()
        };
        if events.len() + tail.len() < extras::LONG {
            self.extras.add(number, events, tail);
            (entry.has_grouped_events, entry.has_grouped_tail) =
                (!events.is_empty(), !tail.is_empty());
        } else {
            self.extras.add(number, &[], &[]);
            entry.events = self.own_frame(Kind::Events, number, events)?;
            entry.tail = self.own_frame(Kind::Tail, number, tail)?;
        }
        self.containers.entries.push(entry);
        if self.extras.is_full() { self.end_extras() } else { Ok(()) }
    }

    /// A frame of one container, if there is anything for it.
    fn own_frame(&mut self, kind: Kind, container: u64, content: &[u8]) -> io::Result<FramePlace> {
        if content.is_empty() {
            return Ok(FramePlace::default());
        }
        let mut numbered = Vec::with_capacity(content.len() + 4);
        put_varint(&mut numbered, container);
        numbered.extend_from_slice(content);
        self.frame(kind, &numbered)
    }

    fn end_extras(&mut self) -> io::Result<()> {
        let Some(content) = self.extras.take() else { return Ok(()) };
        let place = self.frame(Kind::Extras, &content)?;
        let end = narrow(self.containers.entries.len())?;
        self.index.extras.push(Group { place, end });
        Ok(())
    }

    fn end_group(&mut self) -> io::Result<()> {
        if self.grouped == 0 {
            return Ok(());
        }
        let end = narrow(self.containers.entries.len())?;
        let mut content = Vec::new();
        put_varint(&mut content, u64::from(end - self.grouped));
        content.extend(pack(&self.group_metadata, flate2::Compression::best()));
        let place = self.frame(Kind::Metadata, &content)?;
        self.index.groups.push(Group { place, end });
        self.group_metadata.clear();
        self.grouped = 0;
        self.group_offset = self.offset;
        Ok(())
    }

    /// Writes the rest. The caller must sync the file.
    pub(crate) fn finish(mut self) -> io::Result<Finished> {
        self.end_container()?;
        self.end_extras()?;
        self.end_group()?;
        if self.index.directories.is_empty() || self.offset > LONG {
            let place = self.frame(Kind::Directory, &self.directory.all(self.interval_seconds))?;
            self.index.directories.push(place);
        }
        let mut pages = Vec::new();
        for page in self.containers.pages().collect::<Vec<_>>() {
            pages.push(self.frame(Kind::Page, &page)?);
        }
        let index = self.frame(Kind::Index, &self.index.bytes(&pages))?;
        let mut footer = Vec::with_capacity(FOOTER);
        footer.extend(index.length.to_le_bytes());
        footer.extend((self.offset + FOOTER as u64).to_le_bytes());
        footer.extend(match self.directory.is_newer() {
            _ if !self.index.extras.is_empty() => MAGIC_3,
            true => MAGIC_2,
            false => MAGIC,
        });
        footer.extend(frame::checksum(&footer).to_le_bytes());
        self.append(&footer);
        self.flush()?;
        let Self { offset: bytes, points, first, end, crc, .. } = self;
        Ok(Finished { bytes, points, first, end, checksum: crc.sum() })
    }
}

fn narrow(length: usize) -> io::Result<u32> {
    u32::try_from(length).map_err(|_| invalid_input("more than a segment holds"))
}
