//! The pages of the index: containers, and the places of their blocks.

use std::ops::Range;

use super::index::{BlockEntry, Cursor, FramePlace, narrow};
use crate::store::bytes::{Bytes, put_varint, unzigzag, zigzag};

/// A container in the index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PageEntry {
    /// The end of its name among all names, and of its blocks among all blocks.
    pub(super) name_end: u32,
    pub(super) blocks_end: u32,
    pub(super) events: FramePlace,
    pub(super) tail: FramePlace,
    /// Whether it has events and a tail in a group, and not in frames of their own.
    pub(super) has_grouped_events: bool,
    pub(super) has_grouped_tail: bool,
    pub(super) is_superseding: bool,
}

impl PageEntry {
    /// Whether it has a tail.
    pub(super) fn has_tail(&self) -> bool {
        self.has_grouped_tail || self.tail.length > 0
    }
}

/// Receives a container's name, the end of its last block, and its entry.
type Skimmed<'s> = dyn FnMut(&str, Option<u64>, &PageEntry) -> Option<()> + 's;

/// The number of containers of a page.
const PAGE: usize = 256;

const SUPERSEDING: u64 = 1;
const EVENTS: u64 = 2;
const TAIL: u64 = 4;
const GROUPED_EVENTS: u64 = 8;
const GROUPED_TAIL: u64 = 16;

/// Consecutive containers, in rising order of name.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) names: String,
    pub(super) entries: Vec<PageEntry>,
    pub(super) blocks: Vec<BlockEntry>,
}

impl Page {
    /// Encodes all containers as pages.
    pub(super) fn pages(&self) -> impl Iterator<Item = Vec<u8>> {
        let starts = (0..self.entries.len()).step_by(PAGE);
        starts.map(|start| {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, start as u64);
            self.put_entries(start..self.entries.len().min(start + PAGE), &mut bytes);
            bytes
        })
    }

    fn put_entries(&self, range: Range<usize>, bytes: &mut Vec<u8>) {
        let (mut cursor, mut known) = (Cursor::default(), 0);
        for (index, entry) in range.clone().zip(self.entries.get(range).unwrap_or_default()) {
            put_name(self.name(index), bytes);
            let flags = [
                (entry.is_superseding, SUPERSEDING),
                (entry.events.length > 0, EVENTS),
                (entry.tail.length > 0, TAIL),
                (entry.has_grouped_events, GROUPED_EVENTS),
                (entry.has_grouped_tail, GROUPED_TAIL),
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
            for place in [entry.events, entry.tail].into_iter().filter_map(FramePlace::some) {
                cursor.put(place, bytes);
            }
        }
    }

    /// Decodes a page and the number of its first container. `None` where the bytes are invalid.
    pub(super) fn take(bytes: &[u8]) -> Option<(u64, Self)> {
        let mut bytes = Bytes(bytes);
        let mut page = Self::default();
        let (start, mut cursor, mut known) = (bytes.varint()?, Cursor::default(), 0);
        while !bytes.is_empty() {
            page.take_entry(&mut cursor, &mut known, &mut bytes)?;
        }
        page.entries.shrink_to_fit();
        page.blocks.shrink_to_fit();
        page.names.shrink_to_fit();
        page.is_sound().then_some((start, page))
    }

    /// Passes the name of each container of a page to `each`, with the end of its last block in
    /// intervals and its entry, and returns the number of the first container. `None` where the bytes are
    /// invalid.
    pub(super) fn skim(bytes: &[u8], each: &mut Skimmed<'_>) -> Option<u64> {
        let (mut bytes, mut one) = (Bytes(bytes), Self::default());
        let (start, mut cursor, mut known) = (bytes.varint()?, Cursor::default(), 0);
        while !bytes.is_empty() {
            one.names.clear();
            one.entries.clear();
            one.blocks.clear();
            one.take_entry(&mut cursor, &mut known, &mut bytes)?;
            let end = one.blocks.last().map(|last| last.first + u64::from(last.span));
            each(one.name(0), end, one.entries.first()?)?;
        }
        Some(start)
    }

    fn take_entry(
        &mut self,
        cursor: &mut Cursor,
        known: &mut u64,
        bytes: &mut Bytes<'_>,
    ) -> Option<()> {
        take_name(bytes, &mut self.names)?;
        let flags = bytes.varint().filter(|flags| *flags < 32)?;
        for _ in 0..bytes.varint()? {
            let place = cursor.take(bytes)?;
            let first = known.wrapping_add(unzigzag(bytes.varint()?).cast_unsigned());
            let count = bytes.varint().filter(|count| *count > 0)?;
            let span = narrow(count)?.checked_add(narrow(bytes.varint()?)?)?;
            *known = first;
            first.checked_add(span.into())?;
            self.blocks.push(BlockEntry::new(place, first, count, span)?);
        }
        let mut place = |flag| match flags & flag {
            0 => Some(FramePlace::default()),
            _ => cursor.take(bytes),
        };
        let (events, tail) = (place(EVENTS)?, place(TAIL)?);
        self.entries.push(PageEntry {
            name_end: narrow(self.names.len() as u64)?,
            blocks_end: narrow(self.blocks.len() as u64)?,
            events,
            tail,
            has_grouped_events: flags & GROUPED_EVENTS != 0,
            has_grouped_tail: flags & GROUPED_TAIL != 0,
            is_superseding: flags & SUPERSEDING != 0,
        });
        Some(())
    }

    /// Whether names rise, and blocks follow each other in time.
    fn is_sound(&self) -> bool {
        let names = (0..self.entries.len()).map(|index| self.name(index));
        let mut before = None;
        let mut rise = names.map(|name| before.replace(name).is_none_or(|before| before < name));
        let in_order = |index| {
            self.blocks_of(index).windows(2).all(|pair| match pair {
                [left, right] => left.first + u64::from(left.span) <= right.first,
                _ => true,
            })
        };
        rise.all(|rises| rises) && (0..self.entries.len()).all(in_order)
    }

    /// Its size in memory, in bytes.
    pub(super) fn memory(&self) -> usize {
        size_of::<Self>()
            + self.names.capacity()
            + self.entries.capacity() * size_of::<PageEntry>()
            + self.blocks.capacity() * size_of::<BlockEntry>()
    }

    pub(super) fn name(&self, index: usize) -> &str {
        let before = index.checked_sub(1).and_then(|before| self.entries.get(before));
        let start = before.map_or(0, |before| before.name_end as usize);
        let end = self.entries.get(index).map_or(start, |entry| entry.name_end as usize);
        self.names.get(start..end).unwrap_or_default()
    }

    pub(super) fn blocks_of(&self, index: usize) -> &[BlockEntry] {
        let before = index.checked_sub(1).and_then(|before| self.entries.get(before));
        let start = before.map_or(0, |before| before.blocks_end as usize);
        let end = self.entries.get(index).map_or(start, |entry| entry.blocks_end as usize);
        self.blocks.get(start..end).unwrap_or_default()
    }
}

/// The length of an id. As bytes it takes half of that.
const ID: usize = 64;

/// Appends a name: 0 and 32 bytes for an id, else its length plus one, and the text.
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
