//! The index: where everything in a segment lies.

use crate::store::bytes::{Bytes, put_varint, unzigzag, zigzag};

/// Where a frame lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) length: u32,
}

impl Place {
    /// `None` for a length of 0, which stands for nothing.
    pub(super) fn some(self) -> Option<Self> {
        (self.length > 0).then_some(self)
    }

    pub(super) fn end(self) -> u64 {
        self.offset.saturating_add(self.length.into())
    }
}

/// A block, as the index tells of it. Times are in intervals since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) first: u64,
    // In two parts, as there are many blocks: 24 bytes for each.
    offset_low: u32,
    offset_high: u16,
    pub(super) count: u16,
    pub(super) length: u32,
    /// How many intervals it spans.
    pub(super) span: u32,
}

impl Listed {
    /// `None` for a place or number of points that no segment has.
    pub(super) fn new(place: Place, first: u64, count: u64, span: u32) -> Option<Self> {
        let Place { offset, length } = place;
        let offset_high = u16::try_from(offset >> 32).ok()?;
        #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
        let offset_low = offset as u32;
        let count = u16::try_from(count).ok()?;
        Some(Self { first, offset_low, offset_high, count, length, span })
    }

    pub(super) fn place(&self) -> Place {
        let offset = u64::from(self.offset_high) << 32 | u64::from(self.offset_low);
        Place { offset, length: self.length }
    }
}

/// A container, as the index tells of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where its name ends among all names, and its blocks among all blocks.
    pub(super) name_end: u32,
    pub(super) blocks_end: u32,
    pub(super) events: Place,
    pub(super) tail: Place,
    pub(super) is_superseding: bool,
}

/// Where what names some containers lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) place: Place,
    /// The container behind its last.
    pub(super) end: u32,
}

/// How many containers a page tells of.
const PAGE: usize = 256;

/// The number of a page's first container, and all of their names.
pub(super) fn names_of_page(bytes: &[u8]) -> Option<(u64, Vec<String>)> {
    let mut bytes = Bytes(bytes);
    let mut index = Index::default();
    let (start, mut cursor, mut known) = (bytes.varint()?, Cursor::default(), 0);
    while !bytes.is_empty() {
        index.take_entry(&mut cursor, &mut known, &mut bytes)?;
    }
    Some((start, (0..index.entries.len()).map(|entry| index.name(entry).to_owned()).collect()))
}

/// All that the index tells.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) directories: Vec<Place>,
    pub(super) groups: Vec<Group>,
    /// By the directory's metrics: the first interval of which anything is told.
    pub(super) since: Vec<u64>,
    pub(super) names: String,
    pub(super) entries: Vec<Entry>,
    pub(super) blocks: Vec<Listed>,
}

const SUPERSEDING: u64 = 1;
const EVENTS: u64 = 2;
const TAIL: u64 = 4;

/// Where the last frame that was told of ends, which the next one as a rule follows.
#[derive(Debug, Default)]
struct Cursor(u64);

impl Cursor {
    fn put(&mut self, place: Place, bytes: &mut Vec<u8>) {
        put_varint(bytes, place.offset.wrapping_sub(self.0));
        put_varint(bytes, place.length.into());
        self.0 = place.end();
    }

    fn take(&mut self, bytes: &mut Bytes<'_>) -> Option<Place> {
        let offset = self.0.checked_add(bytes.varint()?)?;
        let place = Place { offset, length: narrow(bytes.varint()?)? };
        self.0 = place.end();
        Some(place)
    }
}

fn narrow(number: u64) -> Option<u32> {
    u32::try_from(number).ok()
}

impl Index {
    pub(super) fn bytes(&self, pages: &[Place]) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_varint(&mut bytes, self.directories.len() as u64);
        let mut cursor = Cursor::default();
        for place in &self.directories {
            cursor.put(*place, &mut bytes);
        }
        put_varint(&mut bytes, self.since.len() as u64);
        let mut known = 0_u64;
        for since in &self.since {
            put_varint(&mut bytes, zigzag(since.wrapping_sub(known).cast_signed()));
            known = *since;
        }
        put_varint(&mut bytes, self.groups.len() as u64);
        let (mut cursor, mut before) = (Cursor::default(), 0);
        for group in &self.groups {
            cursor.put(group.place, &mut bytes);
            put_varint(&mut bytes, (group.end - before).into());
            before = group.end;
        }
        put_varint(&mut bytes, pages.len() as u64);
        let mut cursor = Cursor::default();
        for place in pages {
            cursor.put(*place, &mut bytes);
        }
        bytes
    }

    /// The pages that tell of all containers.
    pub(super) fn pages(&self) -> impl Iterator<Item = Vec<u8>> {
        let starts = (0..self.entries.len()).step_by(PAGE);
        starts.map(|start| {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, start as u64);
            self.put_entries(start..self.entries.len().min(start + PAGE), &mut bytes);
            bytes
        })
    }

    fn put_entries(&self, range: std::ops::Range<usize>, bytes: &mut Vec<u8>) {
        let (mut cursor, mut known) = (Cursor::default(), 0);
        for (index, entry) in range.clone().zip(self.entries.get(range).unwrap_or_default()) {
            put_name(self.name(index), bytes);
            let flags = [
                (entry.is_superseding, SUPERSEDING),
                (entry.events.length > 0, EVENTS),
                (entry.tail.length > 0, TAIL),
            ];
            let flags = flags.iter().filter(|(is, _)| *is).map(|(_, flag)| flag).sum();
            put_varint(bytes, flags);
            let blocks = self.blocks_of(index);
            put_varint(bytes, blocks.len() as u64);
            for block in blocks {
                cursor.put(block.place(), bytes);
                put_varint(bytes, zigzag(block.first.wrapping_sub(known).cast_signed()));
                put_varint(bytes, block.count.into());
                put_varint(bytes, block.span.saturating_sub(block.count.into()).into());
                known = block.first;
            }
            for place in [entry.events, entry.tail].into_iter().filter_map(Place::some) {
                cursor.put(place, bytes);
            }
        }
    }

    /// The index without its pages, and where these lie; `None` for bytes that are no index.
    pub(super) fn take(bytes: &mut Bytes<'_>) -> Option<(Self, Vec<Place>)> {
        let mut index = Self::default();
        let mut cursor = Cursor::default();
        for _ in 0..bytes.varint()? {
            index.directories.push(cursor.take(bytes)?);
        }
        let mut known = 0_u64;
        for _ in 0..bytes.varint()? {
            known = known.wrapping_add(unzigzag(bytes.varint()?).cast_unsigned());
            index.since.push(known);
        }
        let (mut cursor, mut end) = (Cursor::default(), 0_u32);
        for _ in 0..bytes.varint()? {
            let place = cursor.take(bytes)?;
            end = end.checked_add(narrow(bytes.varint()?)?)?;
            index.groups.push(Group { place, end });
        }
        let (mut cursor, mut pages) = (Cursor::default(), Vec::new());
        for _ in 0..bytes.varint()? {
            pages.push(cursor.take(bytes)?);
        }
        bytes.is_empty().then_some((index, pages))
    }

    /// Adds what a page tells of the next containers.
    pub(super) fn add_page(&mut self, bytes: &mut Bytes<'_>) -> Option<()> {
        let start = bytes.varint()?;
        if start != self.entries.len() as u64 {
            return None;
        }
        let (mut cursor, mut known) = (Cursor::default(), 0);
        while !bytes.is_empty() {
            self.take_entry(&mut cursor, &mut known, bytes)?;
        }
        Some(())
    }

    /// Gives back what memory it does not need, once all pages are added. Says whether all is as
    /// it must be.
    pub(super) fn finish(&mut self) -> bool {
        self.entries.shrink_to_fit();
        self.blocks.shrink_to_fit();
        self.names.shrink_to_fit();
        self.is_sound()
    }

    fn take_entry(
        &mut self,
        cursor: &mut Cursor,
        known: &mut u64,
        bytes: &mut Bytes<'_>,
    ) -> Option<()> {
        take_name(bytes, &mut self.names)?;
        let flags = bytes.varint().filter(|flags| *flags < 8)?;
        for _ in 0..bytes.varint()? {
            let place = cursor.take(bytes)?;
            let first = known.wrapping_add(unzigzag(bytes.varint()?).cast_unsigned());
            let count = bytes.varint().filter(|count| *count > 0)?;
            let span = narrow(count)?.checked_add(narrow(bytes.varint()?)?)?;
            *known = first;
            first.checked_add(span.into())?;
            self.blocks.push(Listed::new(place, first, count, span)?);
        }
        let mut place = |flag| match flags & flag {
            0 => Some(Place::default()),
            _ => cursor.take(bytes),
        };
        let (events, tail) = (place(EVENTS)?, place(TAIL)?);
        self.entries.push(Entry {
            name_end: narrow(self.names.len() as u64)?,
            blocks_end: narrow(self.blocks.len() as u64)?,
            events,
            tail,
            is_superseding: flags & SUPERSEDING != 0,
        });
        Some(())
    }

    /// Whether names rise, blocks follow each other in time, and each container has its group.
    fn is_sound(&self) -> bool {
        let grouped = self.groups.last().map_or(0, |group| group.end as usize);
        let names = (0..self.entries.len()).map(|index| self.name(index));
        let mut before = None;
        let mut rise = names.map(|name| before.replace(name).is_none_or(|before| before < name));
        let in_order = |index| {
            self.blocks_of(index).windows(2).all(|pair| match pair {
                [left, right] => left.first + u64::from(left.span) <= right.first,
                _ => true,
            })
        };
        grouped == self.entries.len()
            && rise.all(|rises| rises)
            && (0..self.entries.len()).all(in_order)
    }

    pub(super) fn name(&self, index: usize) -> &str {
        let before = index.checked_sub(1).and_then(|before| self.entries.get(before));
        let start = before.map_or(0, |before| before.name_end as usize);
        let end = self.entries.get(index).map_or(start, |entry| entry.name_end as usize);
        self.names.get(start..end).unwrap_or_default()
    }

    pub(super) fn blocks_of(&self, index: usize) -> &[Listed] {
        let before = index.checked_sub(1).and_then(|before| self.entries.get(before));
        let start = before.map_or(0, |before| before.blocks_end as usize);
        let end = self.entries.get(index).map_or(start, |entry| entry.blocks_end as usize);
        self.blocks.get(start..end).unwrap_or_default()
    }
}

/// As bytes, an id has half the length.
const ID: usize = 64;

/// Appends a name: 0 and 32 bytes for an id, else its length and one more, and the text.
fn put_name(name: &str, bytes: &mut Vec<u8>) {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if name.len() == ID && name.bytes().all(is_digit) {
        bytes.push(0);
        let digit = |byte: u8| if byte.is_ascii_digit() { byte - b'0' } else { byte - b'a' + 10 };
        let (pairs, _) = name.as_bytes().as_chunks::<2>();
        bytes.extend(pairs.iter().map(|[high, low]| digit(*high) << 4 | digit(*low)));
    } else {
        put_varint(bytes, name.len() as u64 + 1);
        bytes.extend_from_slice(name.as_bytes());
    }
}

fn take_name(bytes: &mut Bytes<'_>, names: &mut String) -> Option<()> {
    let length = bytes.varint()?;
    if let Some(length) = length.checked_sub(1) {
        let text = bytes.take(usize::try_from(length).ok()?)?;
        names.push_str(std::str::from_utf8(text).ok()?);
        return Some(());
    }
    for byte in bytes.take(ID / 2)? {
        let digit = |digit| char::from_digit(digit, 16);
        names.push(digit((byte >> 4).into())?);
        names.push(digit((byte & 15).into())?);
    }
    Some(())
}
