//! The rows of the last scrapes. Most come again in the next one, in the same order: then their text
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
    /// The number of the document.
    document: u32,
    /// Whether any row is remembered.
    remembers: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    start: u32,
    length: u32,
    next: RowId,
    /// The last document that had it.
    document: u32,
    slot: Slot,
}

/// The most text that is remembered, and the longest head.
const MOST_TEXT: usize = 64 << 20;
const LONGEST_HEAD: usize = 1 << 16;

impl Rows {
    /// The beginning of a document.
    pub(super) const START: RowId = RowId(0);

    pub(super) fn new(remembers: bool) -> Self {
        Self {
            text: Vec::new(),
            known: vec![Row::default()],
            by_hash: HashMap::default(),
            hasher: foldhash::fast::RandomState::default(),
            document: 0,
            remembers,
        }
    }

    /// Forgets all rows.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.remembers);
    }

    /// Whether they take so much room that it is better to begin anew than to forget some.
    pub(super) fn is_large(&self) -> bool {
        self.text.len() > MOST_TEXT / 4
    }

    /// Ends a document.
    pub(super) fn end_document(&mut self) {
        self.document = self.document.saturating_add(1);
    }

    /// Forgets the rows that none of the last documents had, as many as that.
    pub(super) fn forget_before(&mut self, documents: u32) {
        let since = self.document.saturating_add(1).saturating_sub(documents);
        // Where each row is from now on; the first one in place of those that are forgotten.
        let mut places = Vec::with_capacity(self.known.len());
        let (mut kept, mut end) = (0, 0);
        self.known.retain_mut(|row| {
            let text = row.start as usize..row.start as usize + row.length as usize;
            let is_kept = (row.document >= since || kept == 0) && text.end <= self.text.len();
            places.push(if is_kept { RowId(kept) } else { Self::START });
            if is_kept {
                self.text.copy_within(text, end as usize);
                row.start = end;
                (kept, end) = (kept + 1, end + row.length);
            }
            is_kept
        });
        self.text.truncate(end as usize);
        let place = |row: RowId| places.get(row.0 as usize).copied().unwrap_or(Self::START);
        self.known.iter_mut().for_each(|row| row.next = place(row.next));
        self.by_hash.retain(|_, row| {
            *row = place(*row);
            *row != Self::START
        });
    }

    /// How many rows are remembered.
    pub(super) fn len(&self) -> usize {
        self.known.len() - 1
    }

    /// If the row that came after `previous` comes again at the beginning of `text`: it, and the
    /// length of its head.
    #[inline]
    pub(super) fn expected(
        &mut self,
        previous: RowId,
        text: &[u8],
    ) -> Option<(RowId, Slot, usize)> {
        let next = self.known.get(previous.0 as usize)?.next;
        let row = self.known.get_mut(next.0 as usize)?;
        let (start, length) = (row.start as usize, row.length as usize);
        let is_it = length > 0 && text.get(..length) == self.text.get(start..start + length);
        if !is_it {
            return None;
        }
        row.document = self.document;
        Some((next, row.slot, length))
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
        let row = self.known.get_mut(found.0 as usize)?;
        let text = row.start as usize..row.start as usize + row.length as usize;
        if self.text.get(text) != Some(head) {
            return None;
        }
        row.document = self.document;
        let slot = row.slot;
        self.expect(previous, found);
        Some((found, slot))
    }

    /// Remembers a row, if rows are remembered and there is room. From now on it is expected after
    /// `previous`, and found by its hash.
    pub(super) fn add(
        &mut self,
        previous: RowId,
        head: &[u8],
        hash: HeadHash,
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
        self.known.push(Row { start, length, next, document: self.document, slot });
        self.by_hash.insert(hash.0, new);
        self.expect(previous, new);
        Some(new)
    }

    fn expect(&mut self, previous: RowId, next: RowId) {
        if let Some(row) = self.known.get_mut(previous.0 as usize) {
            row.next = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a document of these heads. Returns how many of them were expected, and were known.
    fn read(rows: &mut Rows, heads: &[&str]) -> (usize, usize) {
        let (mut previous, mut expected, mut known) = (Rows::START, 0, 0);
        for head in heads.iter().map(|head| head.as_bytes()) {
            let line = [head, b" 1\n"].concat();
            let slot = Slot { subject: u32::from(head[0]), ..Slot::default() };
            let hash = rows.hash(head);
            let (row, told) = if let Some((row, told, length)) = rows.expected(previous, &line) {
                assert_eq!(length, head.len());
                expected += 1;
                (row, told)
            } else if let Some(found) = rows.find(previous, head, hash) {
                known += 1;
                found
            } else {
                (rows.add(previous, head, hash, slot).unwrap(), slot)
            };
            assert_eq!(told, slot, "{head:?}");
            previous = row;
        }
        rows.end_document();
        (expected, known)
    }

    #[test]
    fn a_row_that_comes_again_is_expected_or_found() {
        let mut rows = Rows::new(true);
        assert_eq!(read(&mut rows, &["a", "b", "c", "d"]), (0, 0));
        assert_eq!(read(&mut rows, &["a", "b", "c", "d"]), (4, 0));
        assert_eq!(read(&mut rows, &["a", "new", "b", "c", "d"]), (4, 0));
        // Behind what is missing the next row is looked up, and those behind that are expected.
        assert_eq!(read(&mut rows, &["c", "d"]), (1, 1));
        assert_eq!(read(&mut rows, &["a", "b", "c", "d"]), (2, 2));
        assert_eq!(rows.len(), 5);
    }

    #[test]
    fn rows_that_the_last_documents_lack_are_forgotten_and_the_others_stay() {
        let mut rows = Rows::new(true);
        read(&mut rows, &["old", "a", "both", "b"]);
        read(&mut rows, &["x", "both", "y"]);
        read(&mut rows, &["a", "both", "b"]);
        rows.forget_before(3);
        assert_eq!((rows.len(), rows.text.len()), (5, "xbothyab".len()));
        assert_eq!(read(&mut rows, &["a", "both", "b"]), (3, 0));
        assert_eq!(read(&mut rows, &["x", "both", "y"]), (1, 2));
        assert_eq!(read(&mut rows, &["old"]), (0, 0));
        rows.forget_before(2);
        assert_eq!((rows.len(), rows.by_hash.len()), (1, 1));
        assert_eq!(read(&mut rows, &["a", "old"]), (1, 0));
        rows.clear();
        assert_eq!(read(&mut rows, &["a", "old"]), (0, 0));
    }
}
