//! Segments: immutable files of points, column by column (`docs/format.md`).

mod bits;
mod block;
mod block_builder;
mod block_layout;
mod cells;
mod column;
mod column_encoder;
mod columns;
mod damage;
mod directory;
mod extras;
mod file;
mod frame;
mod from_figures;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod gauge_decoder;
mod index;
mod metadata;
pub(super) mod numbers;
mod packed;
mod page;
mod page_cache;
mod plan;
mod point_decoder;
mod salvage;
mod scale;
mod shape;
mod table_decoder;
#[cfg(test)]
mod tests;
mod writer;

use std::ops::Range;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use block::BlockHeader;
use columns::Columns;
pub(crate) use damage::{Damage, DamageKind, Part};
use directory::Directory;
use extras::Extras;
use file::File;
use frame::Kind;
use index::{BlockEntry, FramePlace, Group, Index};
use metadata::{StoredMetadata, read_events, read_metadata_group};
use page::Page;
use page_cache::Slots;
pub(crate) use page_cache::{Listing, PageCache};
#[expect(unused_imports, reason = "for the store")]
pub(crate) use salvage::{SalvagedContainer, SalvagedSegment};
#[allow(unused_imports, reason = "for the store")]
pub(crate) use writer::{Finished, SegmentWriter};

use crate::cancel::Cancel;
use crate::metric::{Metric, MetricSet};
use crate::point::{DataPoint, Table};
use crate::store::bytes::Bytes;
use crate::store::disk::ReadFile;

/// The first bytes of a segment. The footer of version 1 has them, too.
const MAGIC: [u8; 8] = *b"cmseg\r\n\x01";
/// The magic in the footer of version 2, which readers of version 1 do not know.
const MAGIC_2: [u8; 8] = *b"cmseg\r\n\x02";
/// The same of version 3, which may have groups of events and tails.
const MAGIC_3: [u8; 8] = *b"cmseg\r\n\x03";
/// The placeholder for a container's name in its metadata. No text contains this byte.
const NAME_PLACEHOLDER: u8 = 0xff;
/// The length of the index, the length of the file, the magic and a checksum.
const FOOTER: usize = 4 + 8 + 8 + 4;

/// A segment that is open for reading. Its directory and the places of its pages are in memory.
pub(crate) struct Segment {
    file: File,
    index: Index,
    directory: Directory,
    /// The place of each page, and the number of its first container.
    pages: Vec<(FramePlace, usize)>,
    /// The number of its containers.
    count: usize,
    /// Whether any of them has a tail.
    has_tails: bool,
    slots: Slots,
    cache: Arc<PageCache>,
    /// The group of events and tails that was read last, and its number: containers are mostly read
    /// in order.
    last_extras: ArcSwapOption<(usize, Extras)>,
}

/// A block: consecutive points of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The start of its first point and the end of its last one, in seconds since the epoch.
    pub(crate) first: u64,
    pub(crate) end: u64,
    pub(crate) count: u32,
    /// The number of its container.
    pub(crate) container: usize,
    entry: BlockEntry,
}

/// Buffers for reading blocks.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    bytes: Vec<u8>,
    columns: Columns,
}

impl Scratch {
    /// The approximate size of its buffers, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.bytes.capacity() + self.columns.size()
    }
}

/// An event of a container: its time in nanoseconds, and its content.
pub(crate) type Event = (u64, Vec<u8>);

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Segment").field("containers", &self.count).finish_non_exhaustive()
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        self.cache.forget(&self.slots);
    }
}

impl Segment {
    /// Reads the footer, the index, the directory and all pages. Passes the number, the name and
    /// the end of the last block, in seconds, of each container to `each`. Pages are cached when
    /// they are next needed.
    ///
    /// # Errors
    /// [`Damage`] if one of them cannot be read.
    pub(crate) fn open(
        file: Arc<dyn ReadFile>,
        cache: &Arc<PageCache>,
        each: &mut dyn FnMut(usize, &str, Option<u64>),
    ) -> Result<Self, Damage> {
        let file = File::open(file)?;
        let index_place = file.index()?;
        let mut bytes = Vec::new();
        let content = file.frame(index_place, Kind::Index, &mut bytes)?;
        let wrong = |wrong| damage(index_place, Part::Index, wrong);
        let taken = Index::take(&mut Bytes(content));
        let (index, places) = taken.ok_or_else(|| wrong(DamageKind::Malformed))?;
        let (mut doubt, mut unread) = (None, None);
        let directory = read_directory(&file, &index, |damage| match damage.kind {
            DamageKind::Io(_) => unread = Some(damage),
            _ => doubt = Some(damage),
        });
        if let Some(unread) = unread {
            // It may be readable the next time, so opening must not go on without it.
            return Err(unread);
        }
        let seconds = directory.interval_seconds;
        if seconds == 0 {
            return Err(doubt.unwrap_or_else(|| wrong(DamageKind::NoDirectory)));
        }
        let (mut pages, mut count) = (Vec::with_capacity(places.len()), 0);
        let mut has_tails = false;
        let mut last = String::new();
        for place in places {
            let content = file.frame(place, Kind::Page, &mut bytes)?;
            let first = count;
            let start = Page::skim(content, &mut |name, end, entry| {
                has_tails |= entry.has_tail();
                let rises = count == 0 || *last < *name;
                last.clear();
                last.push_str(name);
                each(count, name, end.map(|end| end.saturating_mul(seconds)));
                count += 1;
                rises.then_some(())
            });
            let is_one = start == Some(first as u64) && count > first;
            is_one
                .then_some(())
                .ok_or_else(|| damage(place, Part::Names, DamageKind::Malformed))?;
            pages.push((place, first));
        }
        if index.groups.last().map_or(0, |group| group.end as usize) != count {
            return Err(wrong(DamageKind::Malformed));
        }
        let (slots, cache) = (pages.iter().map(|_| None.into()).collect(), Arc::clone(cache));
        let last_extras = ArcSwapOption::empty();
        Ok(Self { file, index, directory, pages, count, has_tails, slots, cache, last_extras })
    }

    /// The index listing of a container.
    ///
    /// # Errors
    /// [`Damage`] if its page cannot be read.
    pub(crate) fn listing(&self, container: usize) -> Result<Option<Listing>, Damage> {
        let behind = self.pages.partition_point(|(_, first)| *first <= container);
        let Some(&(place, first)) = behind.checked_sub(1).and_then(|at| self.pages.get(at)) else {
            return Ok(None);
        };
        if container >= self.count {
            return Ok(None);
        }
        let listing = |page| Listing { page, index: container - first, container };
        let slot = self.slots.get(behind - 1);
        if let Some(page) = slot.and_then(ArcSwapOption::load_full) {
            return Ok(Some(listing(page)));
        }
        let page = Arc::new(read_page(&self.file, place, first, &mut Vec::new())?);
        self.cache.insert(&self.slots, behind - 1, &page);
        Ok(Some(listing(page)))
    }

    /// The number of its containers.
    pub(crate) fn containers(&self) -> usize {
        self.count
    }

    /// Whether any of them has a tail.
    pub(crate) fn has_tails(&self) -> bool {
        self.has_tails
    }

    /// The width of its points, in seconds.
    pub(crate) fn interval_seconds(&self) -> u64 {
        self.directory.interval_seconds
    }

    /// A container's blocks, in rising time.
    pub(crate) fn blocks(&self, listing: &Listing) -> impl ExactSizeIterator<Item = Block> {
        let (seconds, container) = (self.interval_seconds(), listing.container);
        listing.blocks().iter().map(move |entry| {
            let (first, end) = times(entry, seconds);
            Block { first, end, count: entry.count.into(), container, entry: *entry }
        })
    }

    /// Appends the points of a block that begin in a range of seconds.
    ///
    /// # Errors
    /// [`Damage`] if it cannot be read; then no point is appended.
    pub(crate) fn read(
        &self,
        block: Block,
        name: &Arc<str>,
        range: &Range<u64>,
        scratch: &mut Scratch,
        points: &mut Vec<DataPoint>,
    ) -> Result<(), Damage> {
        let rows = self.decode(block, name, range, scratch)?;
        self.points(block, name, rows, scratch, points)
    }

    /// Decodes a block, and returns the rows of the points that begin in a range of seconds.
    ///
    /// # Errors
    /// [`Damage`] if it cannot be read.
    pub(crate) fn decode(
        &self,
        block: Block,
        name: &Arc<str>,
        range: &Range<u64>,
        scratch: &mut Scratch,
    ) -> Result<Range<usize>, Damage> {
        let entry = &block.entry;
        let place = entry.place();
        let described = |damage| self.of_block(block, name, damage);
        let content = self.file.frame(place, Kind::Points, &mut scratch.bytes);
        let mut bytes = Bytes(content.map_err(described)?);
        let wrong = |wrong| described(damage(place, Part::Points, wrong));
        let header = BlockHeader::take(&mut bytes).ok_or_else(|| wrong(DamageKind::Malformed))?;
        let expected = (block.container as u64, entry.first, usize::from(entry.count));
        if (header.container, header.first, header.count) != expected {
            return Err(wrong(DamageKind::Malformed));
        }
        let columns = &mut scratch.columns;
        columns.read(header, bytes.0, &self.directory).map_err(wrong)?;
        Ok(columns.rows_in(range, &self.directory))
    }

    /// Appends the points of these rows of the block that was decoded last.
    ///
    /// # Errors
    /// [`Damage`] if the numbers are those of no point; then none is appended.
    pub(crate) fn points(
        &self,
        block: Block,
        name: &Arc<str>,
        rows: Range<usize>,
        scratch: &mut Scratch,
        points: &mut Vec<DataPoint>,
    ) -> Result<(), Damage> {
        let made = scratch.columns.points(name, rows, &self.directory, points);
        made.map_err(|kind| {
            self.of_block(block, name, damage(block.entry.place(), Part::Points, kind))
        })
    }

    /// Appends these rows of the block that was decoded last to a table, with the metrics that are
    /// wanted.
    ///
    /// # Errors
    /// [`Damage`] if the numbers are those of no point; then none is appended.
    pub(crate) fn append(
        &self,
        block: Block,
        name: &Arc<str>,
        rows: Range<usize>,
        scratch: &mut Scratch,
        wanted: MetricSet,
        table: &mut Table,
    ) -> Result<(), Damage> {
        let appended = scratch.columns.append(name, rows, &self.directory, wanted, table);
        appended.map_err(|kind| {
            self.of_block(block, name, damage(block.entry.place(), Part::Points, kind))
        })
    }

    /// Damage, with the container and the time of a block.
    fn of_block(&self, block: Block, name: &Arc<str>, damage: Damage) -> Damage {
        let time = Some(times(&block.entry, self.interval_seconds()));
        Damage { container: Some(Arc::clone(name)), time, ..damage }
    }

    /// Passes the metadata of each container to `each` for which `name` returns its name.
    ///
    /// # Errors
    /// [`Damage`] of the first unreadable group; the others are passed on.
    pub(crate) fn each_metadata<'n>(
        &self,
        name: &dyn Fn(usize) -> Option<&'n str>,
        each: &mut dyn FnMut(usize, &[u8]),
    ) -> Result<(), Damage> {
        let (mut first_damage, mut start) = (None, 0);
        for group in &self.index.groups {
            let mut containers = start..group.end as usize;
            start = containers.end;
            if containers.all(|container| name(container).is_none()) {
                continue;
            }
            match self.group(*group) {
                Ok((first, group_metadata)) => {
                    for (container, metadata) in (first..).zip(&group_metadata) {
                        if let Some(name) = name(container) {
                            each(container, &metadata.of(name));
                        }
                    }
                }
                Err(damage) => first_damage = first_damage.or(Some(damage)),
            }
        }
        first_damage.map_or(Ok(()), Err)
    }

    /// The number of a group's first container, and the metadata of all.
    fn group(&self, group: Group) -> Result<(usize, Vec<StoredMetadata>), Damage> {
        let mut bytes = Vec::new();
        let content = self.file.frame(group.place, Kind::Metadata, &mut bytes)?;
        read_metadata_group(content).map_err(|wrong| damage(group.place, Part::Metadata, wrong))
    }

    /// A container's samples of intervals that have no points yet.
    pub(crate) fn tail(&self, container: usize) -> Result<Option<Vec<u8>>, Damage> {
        let Some(listing) = self.listing(container)? else { return Ok(None) };
        if listing.has_grouped_tail() {
            return self.grouped(&listing, |(_, tail)| tail.to_vec()).map(Some);
        }
        let tail = listing.tail().map(|place| self.read_own(&listing, place, Kind::Tail));
        tail.transpose()
    }

    /// A container's events, in rising time.
    pub(crate) fn events(&self, container: usize) -> Result<Vec<Event>, Damage> {
        let Some(listing) = self.listing(container)? else { return Ok(Vec::new()) };
        let (place, bytes) = match listing.events() {
            Some(place) => (place, self.read_own(&listing, place, Kind::Events)?),
            None if listing.has_grouped_events() => {
                let place = self.group_of(container).1;
                (place, self.grouped(&listing, |(events, _)| events.to_vec())?)
            }
            None => return Ok(Vec::new()),
        };
        read_events(&bytes).ok_or_else(|| Damage {
            container: Some(listing.name().into()),
            ..damage(place, Part::Events, DamageKind::Malformed)
        })
    }

    /// What is taken of the events and the tail of a container in a group.
    fn grouped(
        &self,
        listing: &Listing,
        take: impl FnOnce((&[u8], &[u8])) -> Vec<u8>,
    ) -> Result<Vec<u8>, Damage> {
        let container = listing.container;
        let (number, place) = self.group_of(container);
        let described =
            |damage: Damage| Damage { container: Some(listing.name().into()), ..damage };
        let wrong = |kind| described(damage(place, Part::Extras, kind));
        if let Some(last) = self.last_extras.load().as_ref().filter(|last| last.0 == number) {
            return last.1.of(container).map(take).map_err(wrong);
        }
        let extras = self.extras(place).map_err(described)?;
        let taken = extras.of(container).map(take).map_err(wrong);
        self.last_extras.store(Some(Arc::new((number, extras))));
        taken
    }

    /// The number and the place of the group that has the events and the tail of a container.
    fn group_of(&self, container: usize) -> (usize, FramePlace) {
        let groups = &self.index.extras;
        let number = groups.partition_point(|group| group.end as usize <= container);
        (number, groups.get(number).map_or_else(FramePlace::default, |group| group.place))
    }

    fn extras(&self, place: FramePlace) -> Result<Extras, Damage> {
        let mut bytes = Vec::new();
        let content = self.file.frame(place, Kind::Extras, &mut bytes)?;
        Extras::read(content).map_err(|wrong| damage(place, Part::Extras, wrong))
    }

    fn read_own(
        &self,
        listing: &Listing,
        place: FramePlace,
        kind: Kind,
    ) -> Result<Vec<u8>, Damage> {
        let mut bytes = Vec::new();
        let content = self.file.frame(place, kind, &mut bytes);
        let own = content.and_then(|content| {
            let mut content = Bytes(content);
            let is_own = content.varint() == Some(listing.container as u64);
            let wrong = || damage(place, kind.part(), DamageKind::Malformed);
            if is_own { Ok(content.0.to_vec()) } else { Err(wrong()) }
        });
        own.map_err(|mut damage| {
            damage.container = Some(listing.name().into());
            damage
        })
    }

    /// Its metrics, each with the start of its first value, in seconds since the epoch.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (Metric, u64)> {
        let seconds = self.interval_seconds();
        (0_u32..).zip(&self.index.since).filter_map(move |(number, since)| {
            let since = since.checked_mul(seconds)?;
            self.directory.metric(number).map(|metric| (metric, since))
        })
    }

    /// Reads everything until it is cancelled, and reports all damage to `tell`.
    pub(crate) fn verify(&self, cancel: &Cancel, mut tell: impl FnMut(Damage)) {
        let mut start = [0; MAGIC.len()];
        let place = FramePlace { offset: 0, length: 8 };
        match self.file.inner.read_at(&mut start, 0) {
            Ok(()) if start == MAGIC => {}
            Ok(()) => tell(damage(place, Part::Start, DamageKind::Malformed)),
            Err(cause) => tell(damage(place, Part::Start, DamageKind::Io(cause))),
        }
        read_directory(&self.file, &self.index, &mut tell);
        let (mut scratch, mut points) = (Scratch::default(), Vec::new());
        for container in 0..self.count {
            let listing = match self.listing(container) {
                Ok(Some(listing)) => listing,
                Ok(None) => continue,
                Err(damage) => {
                    tell(damage);
                    continue;
                }
            };
            let (name, all) = (listing.name().into(), 0..u64::MAX);
            for block in self.blocks(&listing) {
                if cancel.is_cancelled() {
                    return;
                }
                points.clear();
                let read = self.read(block, &name, &all, &mut scratch, &mut points);
                read.err().into_iter().for_each(&mut tell);
            }
            if !listing.has_grouped_events() {
                self.events(container).err().into_iter().for_each(&mut tell);
            }
            if !listing.has_grouped_tail() {
                self.tail(container).err().into_iter().for_each(&mut tell);
            }
        }
        for group in &self.index.groups {
            self.group(*group).err().into_iter().for_each(&mut tell);
        }
        for Group { place, end } in &self.index.extras {
            match self.extras(*place) {
                Ok(extras) if extras.is_valid(*end) => {}
                Ok(_) => tell(damage(*place, Part::Extras, DamageKind::Malformed)),
                Err(damage) => tell(damage),
            }
        }
    }
}

/// Reads a page whose first container has the number `start`.
fn read_page(
    file: &File,
    place: FramePlace,
    start: usize,
    bytes: &mut Vec<u8>,
) -> Result<Page, Damage> {
    let content = file.frame(place, Kind::Page, bytes)?;
    let page = Page::take(content).filter(|(first, _)| *first == start as u64);
    page.map(|(_, page)| page).ok_or_else(|| damage(place, Part::Names, DamageKind::Malformed))
}

/// Reads all readable directories, and reports the others to `tell`.
fn read_directory(file: &File, index: &Index, mut tell: impl FnMut(Damage)) -> Directory {
    let (mut directory, mut bytes) = (Directory::default(), Vec::new());
    for place in &index.directories {
        let content = file.frame(*place, Kind::Directory, &mut bytes);
        let added = content.and_then(|content| {
            let added = directory.add(content);
            added.map_err(|wrong| damage(*place, Part::Directory, wrong))
        });
        added.err().into_iter().for_each(&mut tell);
    }
    directory
}

/// The start of a block's first point and the end of its last one, in seconds.
fn times(entry: &BlockEntry, seconds: u64) -> (u64, u64) {
    let end = entry.first.saturating_add(entry.span.into());
    (entry.first.saturating_mul(seconds), end.saturating_mul(seconds))
}

fn damage(place: FramePlace, part: Part, kind: DamageKind) -> Damage {
    let FramePlace { offset, length } = place;
    Damage { offset, length: length.into(), part, kind, container: None, time: None }
}
