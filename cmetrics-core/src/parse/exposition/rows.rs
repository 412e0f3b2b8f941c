//! The rows of the last scrape. Most come again in the next one, in the same order: then their text
//! is compared, not parsed.

use std::collections::HashMap;
use std::hash::BuildHasher;

use super::slot::Slot;

/// A row that is remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RowId(u32);

/// The hash of a head.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeadHash(u64);

/// The rows, and which of them came after which.
#[derive(Debug)]
pub(super) struct Rows {
    /// The heads of all rows, one after another.
    text: Vec<u8>,
    /// The first one stands for the beginning of a document.
    known: Vec<Row>,
    by_hash: HashMap<u64, RowId, foldhash::fast::RandomState>,
    hasher: foldhash::fast::RandomState,
    /// Whether any row is remembered.
    remembers: bool,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    start: u32,
    length: u32,
    next: RowId,
    slot: Slot,
}

/// The most text that is remembered, and the longest head.
const MOST_TEXT: usize = 64 << 20;
const LONGEST_HEAD: usize = 1 << 16;

impl Rows {
    /// The beginning of a document.
    pub(super) const START: RowId = RowId(0);

    pub(super) fn new(remembers: bool) -> Self {
        let start = Row { start: 0, length: 0, next: Self::START, slot: Slot::default() };
        Self {
            text: Vec::new(),
            known: vec![start],
            by_hash: HashMap::default(),
            hasher: foldhash::fast::RandomState::default(),
            remembers,
        }
    }

    /// Forgets all rows.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.remembers);
    }

    /// How many rows are remembered.
    pub(super) fn len(&self) -> usize {
        self.known.len() - 1
    }

    /// If the row that came after `previous` comes again at the beginning of `text`: it, and the
    /// length of its head.
    #[inline]
    pub(super) fn expected(&self, previous: RowId, text: &[u8]) -> Option<(RowId, Slot, usize)> {
        let next = self.known.get(previous.0 as usize)?.next;
        let row = self.known.get(next.0 as usize)?;
        let head = self.head(row)?;
        let is_it = text.get(..head.len()) == Some(head) && !head.is_empty();
        is_it.then_some((next, row.slot, head.len()))
    }

    /// What a head is looked up by.
    pub(super) fn hash(&self, head: &[u8]) -> HeadHash {
        HeadHash(self.hasher.hash_one(head))
    }

    /// The row of this head, if it is remembered. From now on it is expected after `previous`.
    pub(super) fn find(
        &mut self,
        previous: RowId,
        head: &[u8],
        hash: HeadHash,
    ) -> Option<(RowId, Slot)> {
        let found = *self.by_hash.get(&hash.0)?;
        let row = self.known.get(found.0 as usize)?;
        if self.head(row) != Some(head) {
            return None;
        }
        let slot = row.slot;
        self.expect(previous, found);
        Some((found, slot))
    }

    /// Remembers a row, if rows are remembered and there is room. From now on it is expected after `previous`, and
    /// found by its hash, if it has one.
    pub(super) fn add(
        &mut self,
        previous: RowId,
        head: &[u8],
        hash: Option<HeadHash>,
        slot: Slot,
    ) -> Option<RowId> {
        if !self.remembers || head.len() > LONGEST_HEAD || self.text.len() + head.len() > MOST_TEXT
        {
            return None;
        }
        let start = u32::try_from(self.text.len()).ok()?;
        let length = u32::try_from(head.len()).ok()?;
        let new = RowId(u32::try_from(self.known.len()).ok()?);
        self.text.extend_from_slice(head);
        let next = self.known.get(previous.0 as usize).map_or(Self::START, |row| row.next);
        self.known.push(Row { start, length, next, slot });
        if let Some(hash) = hash {
            self.by_hash.insert(hash.0, new);
        }
        self.expect(previous, new);
        Some(new)
    }

    fn expect(&mut self, previous: RowId, next: RowId) {
        if let Some(row) = self.known.get_mut(previous.0 as usize) {
            row.next = next;
        }
    }

    #[inline]
    fn head(&self, row: &Row) -> Option<&[u8]> {
        let start = row.start as usize;
        self.text.get(start..start + row.length as usize)
    }
}
