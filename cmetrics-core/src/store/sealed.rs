//! A segment of the store, with the positions of its containers.

use std::collections::HashSet;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use flate2::Crc;
use smallvec::SmallVec;

use super::catalog::Catalog;
use super::disk::ReadFile;
use super::event::Happening;
use super::manifest::SegmentEntry;
use super::metadata::Metadata;
use super::packed_tail;
use super::segment::{Block, Damage, Listing, Scratch, Segment};
use super::stored::StoredContainer;
use super::tail::Tail;
use crate::cancel::Cancel;
use crate::error::Error;
use crate::metric::MetricSet;
use crate::point::{DataPoint, Table};
use crate::time::Timestamp;

const PREFIX: &str = "segment-";

/// The name of a segment's file.
pub(super) fn segment_name(number: u64) -> String {
    format!("{PREFIX}{number:010}")
}

/// The number of the segment whose file has this name.
pub(super) fn segment_number(name: &str) -> Option<u64> {
    let number = name.strip_prefix(PREFIX)?.parse().ok()?;
    (segment_name(number) == name).then_some(number)
}

/// A container's blocks: usually few for a time range.
pub(super) type Blocks = SmallVec<[Block; 4]>;

/// A segment that is part of the store.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) entry: SegmentEntry,
    pub(super) segment: Segment,
    file: Arc<dyn ReadFile>,
    path: PathBuf,
    /// Sorted by the numbers that containers have in this process.
    places: Vec<ContainerPlace>,
}

/// A container and its position in a segment.
#[derive(Debug)]
struct ContainerPlace {
    /// A copy of the container's number, which lookups compare.
    number: u32,
    place: u32,
    container: Arc<StoredContainer>,
}

impl Sealed {
    /// Opens a segment, and adds its containers to the catalog.
    pub(super) fn open(
        entry: SegmentEntry,
        file: Arc<dyn ReadFile>,
        path: PathBuf,
        catalog: &Catalog,
    ) -> Result<Self, Error> {
        let mut places = Vec::new();
        let mut note = |place, name: &str, end: Option<u64>| {
            let container =
                catalog.get(name).unwrap_or_else(|| catalog.get_or_insert(&name.into()));
            if let Some(end) = end {
                container.note_interval(end.saturating_sub(1));
            }
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            places.push(ContainerPlace { number: container.number, place, container });
        };
        let segment = Segment::open(Arc::clone(&file), &catalog.pages, &mut note)
            .map_err(|damage| damage.into_error(&path))?;
        places.sort_unstable_by_key(|placed| placed.number);
        let sealed = Self { entry, segment, file, path, places };
        sealed.check_length()?;
        Ok(sealed)
    }

    /// Checks its length against the manifest, if that has one.
    fn check_length(&self) -> Result<(), Error> {
        let failed = |cause| Error::store("read", self.path.clone(), cause);
        let length = self.file.length().map_err(failed)?;
        let expected = self.entry.bytes;
        if expected == 0 || expected == length {
            return Ok(());
        }
        let what =
            format!("it has {length} bytes, and the manifest says {expected}: it is another one");
        Err(Error::damaged(&self.path, None, what))
    }

    /// Checks its checksum against the manifest.
    pub(super) fn check_whole(&self, cancel: &Cancel) -> Result<(), Error> {
        let failed = |cause| Error::store("read", self.path.clone(), cause);
        let (mut crc, mut offset) = (Crc::new(), 0);
        let (length, mut buffer) = (self.file.length().map_err(failed)?, vec![0; 1 << 16]);
        while offset < length && !cancel.is_cancelled() {
            let step = (length - offset).min(buffer.len() as u64);
            let Some(part) = buffer.get_mut(..usize::try_from(step).unwrap_or_default()) else {
                break;
            };
            self.file.read_at(part, offset).map_err(failed)?;
            crc.update(part);
            offset += step;
        }
        if cancel.is_cancelled() || crc.sum() == self.entry.checksum {
            return Ok(());
        }
        let what =
            "its checksum is not the one that the manifest has: it is another one, or changed";
        Err(Error::damaged(&self.path, None, what))
    }

    /// Loads the metadata of containers that are not in `loaded` yet. The newest segment is loaded
    /// first.
    pub(super) fn load_metadata(
        &self,
        catalog: &Catalog,
        loaded: &mut HashSet<u32>,
    ) -> Result<(), Error> {
        if self.entry.tails {
            return Ok(());
        }
        let mut by_place: Vec<Option<&Arc<StoredContainer>>> =
            vec![None; self.segment.containers()];
        for placed in self.places.iter().filter(|placed| !loaded.contains(&placed.number)) {
            if let Some(container) = by_place.get_mut(placed.place as usize) {
                *container = Some(&placed.container);
            }
        }
        let container = |place: usize| by_place.get(place).copied().flatten();
        let name = |place: usize| container(place).map(|container| &*container.name);
        let read = self.segment.each_metadata(&name, &mut |place, metadata| {
            if let Some(container) = container(place)
                && let Ok(metadata) = serde_json::from_slice::<Metadata>(metadata)
            {
                catalog.describe(container, metadata);
                loaded.insert(container.number);
            }
        });
        read.map_err(|damage| self.error(damage))
    }

    /// A container's blocks of points, in rising time.
    pub(super) fn blocks(&self, number: u32) -> Result<Blocks, Error> {
        let Some(place) = self.place(number) else { return Ok(Blocks::new()) };
        let listing = self.listing(place)?;
        Ok(listing.iter().flat_map(|listing| self.segment.blocks(listing)).collect())
    }

    /// Whether a container's points replace those of older segments.
    pub(super) fn is_superseding(&self, place: usize) -> Result<bool, Error> {
        Ok(self.listing(place)?.is_some_and(|listing| listing.is_superseding()))
    }

    fn listing(&self, place: usize) -> Result<Option<Listing>, Error> {
        self.segment.listing(place).map_err(|damage| self.error(damage))
    }

    /// A container's position in the segment.
    pub(super) fn place(&self, number: u32) -> Option<usize> {
        // Mostly a segment has all containers of consecutive numbers.
        let first = self.places.first()?.number;
        let index = number.checked_sub(first)? as usize;
        let is_there = |placed: &&ContainerPlace| placed.number == number;
        if let Some(placed) = self.places.get(index).filter(is_there) {
            return Some(placed.place as usize);
        }
        let index = self.places.binary_search_by_key(&number, |placed| placed.number).ok()?;
        self.places.get(index).map(|placed| placed.place as usize)
    }

    /// Whether points of it may begin in a range of seconds.
    pub(super) fn spans(&self, range: &Range<u64>) -> bool {
        !self.entry.tails && self.entry.first < range.end && self.entry.end > range.start
    }

    /// The containers of the segment.
    pub(super) fn containers(&self) -> impl ExactSizeIterator<Item = &Arc<StoredContainer>> {
        self.places.iter().map(|placed| &placed.container)
    }

    /// Decodes a block, and returns the rows of the points that begin in a range of seconds.
    pub(super) fn decode(
        &self,
        block: Block,
        name: &Arc<str>,
        range: &Range<u64>,
        scratch: &mut Scratch,
    ) -> Result<Range<usize>, Error> {
        let decoded = self.segment.decode(block, name, range, scratch);
        decoded.map_err(|damage| self.error(damage))
    }

    /// Appends the points of these rows of the block that was decoded last.
    pub(super) fn points(
        &self,
        block: Block,
        name: &Arc<str>,
        rows: Range<usize>,
        scratch: &mut Scratch,
        points: &mut Vec<DataPoint>,
    ) -> Result<(), Error> {
        let made = self.segment.points(block, name, rows, scratch, points);
        made.map_err(|damage| self.error(damage))
    }

    /// Appends these rows of the block that was decoded last to a table, with the metrics that are
    /// wanted.
    pub(super) fn append(
        &self,
        block: Block,
        name: &Arc<str>,
        rows: Range<usize>,
        scratch: &mut Scratch,
        wanted: MetricSet,
        table: &mut Table,
    ) -> Result<(), Error> {
        let appended = self.segment.append(block, name, rows, scratch, wanted, table);
        appended.map_err(|damage| self.error(damage))
    }

    /// Whether it has a raw tail of a container.
    pub(super) fn has_tail(&self, place: usize) -> Result<bool, Error> {
        Ok(self.listing(place)?.is_some_and(|listing| listing.has_tail()))
    }

    /// The raw tail that a container had when the segment was made.
    pub(super) fn tail(&self, place: usize) -> Result<Option<Tail>, Error> {
        let packed = self.segment.tail(place).map_err(|damage| self.error(damage))?;
        Ok(packed.and_then(|packed| packed_tail::read(&packed)))
    }

    /// A container's events.
    pub(super) fn events(&self, place: usize) -> Result<Vec<(Timestamp, Happening)>, Error> {
        let events = self.segment.events(place).map_err(|damage| self.error(damage))?;
        let event = |(at, bytes): (u64, Vec<u8>)| {
            Some((Timestamp::from_nanos(at)?, Happening::from_bytes(&bytes)?))
        };
        Ok(events.into_iter().filter_map(event).collect())
    }

    pub(super) fn error(&self, damage: Damage) -> Error {
        damage.into_error(&self.path)
    }
}
