//! Segments: immutable files of points, column by column (`docs/format.md`).

mod about;
mod bits;
mod block;
mod choose;
mod column;
mod columns;
mod damage;
mod directory;
mod file;
mod frame;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod given;
mod index;
mod layout;
mod make;
mod packed;
mod plan;
mod rows;
mod salvage;
mod shape;
#[cfg(test)]
mod tests;
mod writer;

use std::ops::Range;
use std::sync::Arc;

use about::{read_abouts, read_events};
use block::Header;
use columns::Columns;
pub(crate) use damage::{Damage, Part, Wrong};
use directory::Directory;
use file::File;
use frame::Kind;
use index::{Index, Listed, Place};
#[expect(unused_imports, reason = "for the store")]
pub(crate) use salvage::{Found, Salvaged};
#[allow(unused_imports, reason = "for the store")]
pub(crate) use writer::{Finished, Writer};

use crate::cancel::Cancel;
use crate::metric::Metric;
use crate::point::DataPoint;
use crate::store::bytes::Bytes;
use crate::store::disk::Stored;

/// What a segment of this version begins with, and nearly ends with.
const MAGIC: [u8; 8] = *b"cmseg\r\n\x01";
/// What one nearly ends with that has more than readers of version 1 know.
const MAGIC_2: [u8; 8] = *b"cmseg\r\n\x02";
/// What stands for a container's name in what names it: no text holds such a byte.
const NAME: u8 = 0xff;
/// The index's length, the file's, the magic and a checksum.
const FOOTER: usize = 4 + 8 + 8 + 4;

/// A segment that can be read. In memory are its index and directory.
pub(crate) struct Segment {
    file: File,
    index: Index,
    directory: Directory,
}

/// Points of a container that lie together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// In seconds since the epoch: where its first point begins, and where its last one ends.
    pub(crate) first: u64,
    pub(crate) end: u64,
    pub(crate) count: u32,
    /// How many bytes it has.
    pub(crate) length: u32,
}

/// Room for reading blocks.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    bytes: Vec<u8>,
    columns: Columns,
}

/// What happened to a container, and when in nanoseconds.
pub(crate) type Event = (u64, Vec<u8>);

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let containers = self.index.entries.len();
        f.debug_struct("Segment").field("containers", &containers).finish_non_exhaustive()
    }
}

impl Segment {
    /// Reads the footer, the index and the directory.
    ///
    /// # Errors
    /// [`Damage`] where one of them cannot be read.
    pub(crate) fn open(stored: Arc<dyn Stored>) -> Result<Self, Damage> {
        let file = File::open(stored)?;
        let index_place = file.index()?;
        let mut bytes = Vec::new();
        let content = file.frame(index_place, Kind::Index, &mut bytes)?;
        let wrong = |wrong| damage(index_place, Part::Index, wrong);
        let taken = Index::take(&mut Bytes(content));
        let (mut index, pages) = taken.ok_or_else(|| wrong(Wrong::Form))?;
        for place in &pages {
            let content = file.frame(*place, Kind::Page, &mut bytes)?;
            let added = index.add_page(&mut Bytes(content));
            added.ok_or_else(|| damage(*place, Part::Names, Wrong::Form))?;
        }
        if !index.finish() {
            return Err(wrong(Wrong::Form));
        }
        let mut doubt = None;
        let directory = read_directory(&file, &index, |damage| doubt = Some(damage));
        if directory.interval_seconds == 0 {
            return Err(doubt.unwrap_or_else(|| wrong(Wrong::NoDirectory)));
        }
        Ok(Self { file, index, directory })
    }

    /// The width of its points, in seconds.
    pub(crate) fn interval_seconds(&self) -> u64 {
        self.directory.interval_seconds
    }

    /// How many bytes of memory it takes.
    #[cfg(test)]
    pub(crate) fn memory(&self) -> usize {
        self.index.names.capacity()
            + self.index.entries.capacity() * size_of::<index::Entry>()
            + self.index.blocks.capacity() * size_of::<Listed>()
            + self.index.groups.capacity() * size_of::<index::Group>()
    }

    /// Its containers, in rising order of name.
    pub(crate) fn containers(&self) -> impl Iterator<Item = (usize, &str)> {
        (0..self.index.entries.len()).map(|index| (index, self.index.name(index)))
    }

    /// The container of this name.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.index.entries.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.index.name(middle).cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Whether a container's points replace those of older segments.
    pub(crate) fn is_superseding(&self, container: usize) -> bool {
        self.index.entries.get(container).is_some_and(|entry| entry.is_superseding)
    }

    /// A container's blocks, in rising time.
    pub(crate) fn blocks(&self, container: usize) -> impl ExactSizeIterator<Item = Block> {
        let seconds = self.interval_seconds();
        self.index.blocks_of(container).iter().map(move |listed| {
            let (first, end) = times(listed, seconds);
            Block { first, end, count: listed.count.into(), length: listed.length }
        })
    }

    /// Appends those points of a container's block that begin in a range of seconds.
    ///
    /// # Errors
    /// [`Damage`] where it cannot be read; then no point is appended.
    pub(crate) fn read(
        &self,
        container: usize,
        block: usize,
        (name, range): (&Arc<str>, &Range<u64>),
        scratch: &mut Scratch,
        points: &mut Vec<DataPoint>,
    ) -> Result<(), Damage> {
        let Some(listed) = self.index.blocks_of(container).get(block) else { return Ok(()) };
        let place = listed.place();
        let described = |mut damage: Damage| {
            damage.container = Some(Arc::clone(name));
            damage.time = Some(times(listed, self.interval_seconds()));
            damage
        };
        let content = self.file.frame(place, Kind::Points, &mut scratch.bytes);
        let mut bytes = Bytes(content.map_err(described)?);
        let wrong = |wrong| described(damage(place, Part::Points, wrong));
        let header = Header::take(&mut bytes).ok_or_else(|| wrong(Wrong::Form))?;
        let told = (container as u64, listed.first, usize::from(listed.count));
        if (header.container, header.first, header.count) != told {
            return Err(wrong(Wrong::Form));
        }
        let columns = &mut scratch.columns;
        columns.read(header, bytes.0, &self.directory).map_err(wrong)?;
        columns.points((name, range), &self.directory, points).map_err(wrong)
    }

    /// Tells what names each container.
    ///
    /// # Errors
    /// [`Damage`] of the first group of them that cannot be read; the others are told of.
    pub(crate) fn each_about(&self, each: &mut dyn FnMut(&str, &[u8])) -> Result<(), Damage> {
        let (mut first_damage, mut bytes) = (None, Vec::new());
        for group in &self.index.groups {
            let content = self.file.frame(group.place, Kind::About, &mut bytes);
            let abouts = content.and_then(|content| {
                read_abouts(content).map_err(|wrong| damage(group.place, Part::About, wrong))
            });
            match abouts {
                Ok((first, abouts)) => {
                    for (container, about) in (first..).zip(&abouts) {
                        let name = self.index.name(container);
                        each(name, &about.of(name));
                    }
                }
                Err(damage) => first_damage = first_damage.or(Some(damage)),
            }
        }
        first_damage.map_or(Ok(()), Err)
    }

    /// What names a container.
    pub(crate) fn about(&self, container: usize) -> Result<Vec<u8>, Damage> {
        let group = self.index.groups.partition_point(|group| group.end as usize <= container);
        let Some(group) = self.index.groups.get(group) else { return Ok(Vec::new()) };
        let described = |mut damage: Damage| {
            damage.container = Some(self.index.name(container).into());
            damage
        };
        let mut bytes = Vec::new();
        let content = self.file.frame(group.place, Kind::About, &mut bytes);
        let abouts = read_abouts(content.map_err(described)?);
        let wrong = |wrong| described(damage(group.place, Part::About, wrong));
        let (first, abouts) = abouts.map_err(wrong)?;
        let about = container.checked_sub(first).and_then(|index| abouts.into_iter().nth(index));
        let about = about.ok_or_else(|| wrong(Wrong::Form))?;
        Ok(about.of(self.index.name(container)))
    }

    /// A container's samples of intervals that have no points yet.
    pub(crate) fn tail(&self, container: usize) -> Result<Option<Vec<u8>>, Damage> {
        let place = self.index.entries.get(container).and_then(|entry| entry.tail.some());
        let tail = place.map(|place| self.read_own(container, place, Kind::Tail));
        tail.transpose()
    }

    /// A container's events, in rising time.
    pub(crate) fn events(&self, container: usize) -> Result<Vec<Event>, Damage> {
        let place = self.index.entries.get(container).and_then(|entry| entry.events.some());
        let Some(place) = place else { return Ok(Vec::new()) };
        let bytes = self.read_own(container, place, Kind::Events)?;
        read_events(&bytes).ok_or_else(|| Damage {
            container: Some(self.index.name(container).into()),
            ..damage(place, Part::Events, Wrong::Form)
        })
    }

    fn read_own(&self, container: usize, place: Place, kind: Kind) -> Result<Vec<u8>, Damage> {
        let mut bytes = Vec::new();
        let content = self.file.frame(place, kind, &mut bytes);
        let own = content.and_then(|content| {
            let mut content = Bytes(content);
            let is_own = content.varint() == Some(container as u64);
            let wrong = || damage(place, kind.part(), Wrong::Form);
            if is_own { Ok(content.0.to_vec()) } else { Err(wrong()) }
        });
        own.map_err(|mut damage| {
            damage.container = Some(self.index.name(container).into());
            damage
        })
    }

    /// The metrics that it tells of, and since when (seconds since the epoch).
    pub(crate) fn columns(&self) -> impl Iterator<Item = (Metric, u64)> {
        let seconds = self.interval_seconds();
        (0_u32..).zip(&self.index.since).filter_map(move |(number, since)| {
            let since = since.checked_mul(seconds)?;
            self.directory.metric(number).map(|metric| (metric, since))
        })
    }

    /// Reads everything until it is cancelled, and tells of all that cannot be read.
    pub(crate) fn verify(&self, cancel: &Cancel, mut tell: impl FnMut(Damage)) {
        let mut start = [0; MAGIC.len()];
        let place = Place { offset: 0, length: 8 };
        match self.file.stored.read_at(&mut start, 0) {
            Ok(()) if start == MAGIC => {}
            Ok(()) => tell(damage(place, Part::Start, Wrong::Form)),
            Err(cause) => tell(damage(place, Part::Start, Wrong::Io(cause))),
        }
        read_directory(&self.file, &self.index, &mut tell);
        let (mut scratch, mut points) = (Scratch::default(), Vec::new());
        for (container, name) in self.containers() {
            let name = name.into();
            for block in 0..self.index.blocks_of(container).len() {
                if cancel.is_cancelled() {
                    return;
                }
                points.clear();
                if let Err(damage) =
                    self.read(container, block, (&name, &(0..u64::MAX)), &mut scratch, &mut points)
                {
                    tell(damage);
                }
            }
            self.events(container).err().into_iter().for_each(&mut tell);
            self.tail(container).err().into_iter().for_each(&mut tell);
        }
        let mut first = 0;
        for group in &self.index.groups {
            self.about(first).err().into_iter().for_each(&mut tell);
            first = group.end as usize;
        }
    }
}

/// Reads all directories that can be read, and tells of the others.
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

/// In seconds: where a block's first point begins, and where its last one ends.
fn times(listed: &Listed, seconds: u64) -> (u64, u64) {
    let end = listed.first.saturating_add(listed.span.into());
    (listed.first.saturating_mul(seconds), end.saturating_mul(seconds))
}

fn damage(place: Place, part: Part, wrong: Wrong) -> Damage {
    let Place { offset, length } = place;
    Damage { offset, length: length.into(), part, wrong, container: None, time: None }
}
