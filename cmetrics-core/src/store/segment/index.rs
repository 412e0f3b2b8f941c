//! The index of a segment: where its frames lie.

use crate::store::bytes::{Bytes, put_varint, unzigzag, zigzag};

/// The place of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FramePlace {
    pub(super) offset: u64,
    pub(super) length: u32,
}

impl FramePlace {
    /// `None` for a length of 0, which stands for no frame.
    pub(super) fn some(self) -> Option<Self> {
        (self.length > 0).then_some(self)
    }

    pub(super) fn end(self) -> u64 {
        self.offset.saturating_add(self.length.into())
    }
}

/// A block in the index. Times are in intervals since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockEntry {
    pub(super) first: u64,
    // In two parts, to save memory: an entry takes 24 bytes, and there are many.
    offset_low: u32,
    offset_high: u16,
    pub(super) count: u16,
    pub(super) length: u32,
    /// The number of intervals that it spans.
    pub(super) span: u32,
}

impl BlockEntry {
    /// `None` for a place or number of points that no segment has.
    pub(super) fn new(place: FramePlace, first: u64, count: u64, span: u32) -> Option<Self> {
        let FramePlace { offset, length } = place;
        let offset_high = u16::try_from(offset >> 32).ok()?;
        #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
        let offset_low = offset as u32;
        let count = u16::try_from(count).ok()?;
        Some(Self { first, offset_low, offset_high, count, length, span })
    }

    pub(super) fn place(&self) -> FramePlace {
        let offset = u64::from(self.offset_high) << 32 | u64::from(self.offset_low);
        FramePlace { offset, length: self.length }
    }
}

/// A group of containers whose metadata, or whose events and tails, lie in one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) place: FramePlace,
    /// One more than the number of its last container.
    pub(super) end: u32,
}

/// The index without its pages.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) directories: Vec<FramePlace>,
    pub(super) groups: Vec<Group>,
    /// The events and tails of containers; some may have none.
    pub(super) extras: Vec<Group>,
    /// By the directory's metrics: the first interval with a value.
    pub(super) since: Vec<u64>,
}

/// The end of the last frame in a list. Places are stored relative to it, since the next frame
/// usually follows.
#[derive(Debug, Default)]
pub(super) struct Cursor(u64);

impl Cursor {
    pub(super) fn put(&mut self, place: FramePlace, bytes: &mut Vec<u8>) {
        put_varint(bytes, place.offset.wrapping_sub(self.0));
        put_varint(bytes, place.length.into());
        self.0 = place.end();
    }

    pub(super) fn take(&mut self, bytes: &mut Bytes<'_>) -> Option<FramePlace> {
        let offset = self.0.checked_add(bytes.varint()?)?;
        let place = FramePlace { offset, length: narrow(bytes.varint()?)? };
        self.0 = place.end();
        Some(place)
    }
}

pub(super) fn narrow(number: u64) -> Option<u32> {
    u32::try_from(number).ok()
}

impl Index {
    pub(super) fn bytes(&self, pages: &[FramePlace]) -> Vec<u8> {
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
        put_groups(&self.groups, &mut bytes);
        put_varint(&mut bytes, pages.len() as u64);
        let mut cursor = Cursor::default();
        for place in pages {
            cursor.put(*place, &mut bytes);
        }
        if !self.extras.is_empty() {
            put_groups(&self.extras, &mut bytes);
        }
        bytes
    }

    /// Decodes the index and the places of its pages. `None` where the bytes are invalid.
    pub(super) fn take(bytes: &mut Bytes<'_>) -> Option<(Self, Vec<FramePlace>)> {
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
        index.groups = take_groups(bytes)?;
        let (mut cursor, mut pages) = (Cursor::default(), Vec::new());
        for _ in 0..bytes.varint()? {
            pages.push(cursor.take(bytes)?);
        }
        if !bytes.is_empty() {
            index.extras = take_groups(bytes)?;
        }
        bytes.is_empty().then_some((index, pages))
    }
}

fn put_groups(groups: &[Group], bytes: &mut Vec<u8>) {
    put_varint(bytes, groups.len() as u64);
    let (mut cursor, mut before) = (Cursor::default(), 0);
    for group in groups {
        cursor.put(group.place, bytes);
        put_varint(bytes, (group.end - before).into());
        before = group.end;
    }
}

fn take_groups(bytes: &mut Bytes<'_>) -> Option<Vec<Group>> {
    let (mut groups, mut cursor, mut end) = (Vec::new(), Cursor::default(), 0_u32);
    for _ in 0..bytes.varint()? {
        let place = cursor.take(bytes)?;
        end = end.checked_add(narrow(bytes.varint()?)?)?;
        groups.push(Group { place, end });
    }
    Some(groups)
}
