//! Samples close together in time, side by side in memory.

use std::sync::Arc;

use super::completed;
use crate::sample::{Layout, Row, Sample};
use crate::time::Timestamp;

/// How many samples a chunk holds at most.
pub(super) const MOST: usize = 256;
/// How many values a chunk holds at most, a single sample's aside.
const MOST_VALUES: usize = 1 << 20;
/// How many layouts are compared before one is taken for new.
const LOOKED_BACK: usize = 4;

/// Samples in rising time.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    entries: Vec<Entry>,
    /// The samples' values, in the order in which they came.
    values: Vec<u64>,
    /// What the values mean, and how many a sample has. Each content once, where layouts do not
    /// change all the time.
    layouts: Vec<(Arc<Layout>, usize)>,
    /// How many samples were forgotten, whose values are still there.
    forgotten: usize,
}

/// One sample of a chunk.
#[derive(Clone, Copy, Debug)]
struct Entry {
    time: Timestamp,
    mark: Mark,
    start: u32,
    layout: u32,
}

/// What is known of a sample besides what it measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The last eight bytes of its text.
    pub(super) last: u64,
    /// The length of its text; 0 where that is not remembered.
    pub(super) length: u32,
    /// Whether only `machinestats`, which tells less, told of it.
    pub(crate) from_machine_stats: bool,
    /// Whether it was set aside, as far as whoever keeps it notes that.
    pub(crate) is_set_aside: bool,
}

impl Chunk {
    /// An empty chunk with room for so many samples like this one.
    pub(super) fn with_room(room: usize, row: Row<'_>) -> Self {
        Self {
            entries: Vec::with_capacity(room),
            values: Vec::with_capacity(room * row.values.len().min(MOST_VALUES / MOST)),
            ..Self::default()
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether a sample of so many values has no place here.
    pub(super) fn is_full(&self, values: usize) -> bool {
        self.len() >= MOST || (self.len() > 1 && self.values.len() + values > MOST_VALUES)
    }

    pub(crate) fn last(&self) -> Option<Timestamp> {
        self.entries.last().map(|entry| entry.time)
    }

    pub(crate) fn time(&self, index: usize) -> Option<Timestamp> {
        self.entries.get(index).map(|entry| entry.time)
    }

    /// How many samples lie before `time`.
    pub(crate) fn before(&self, time: Timestamp) -> usize {
        self.entries.partition_point(|entry| entry.time < time)
    }

    pub(crate) fn mark(&self, index: usize) -> Option<Mark> {
        self.entries.get(index).map(|entry| entry.mark)
    }

    pub(crate) fn mark_mut(&mut self, index: usize) -> Option<&mut Mark> {
        self.entries.get_mut(index).map(|entry| &mut entry.mark)
    }

    pub(crate) fn row(&self, index: usize) -> Option<Row<'_>> {
        self.entries.get(index).and_then(|entry| self.row_of(entry))
    }

    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = Row<'_>> {
        self.entries.iter().filter_map(|entry| self.row_of(entry))
    }

    /// The samples, and what is known of them besides.
    pub(crate) fn marked_rows(&self) -> impl Iterator<Item = (Row<'_>, Mark)> {
        self.entries.iter().filter_map(|entry| Some((self.row_of(entry)?, entry.mark)))
    }

    /// Adds to a sample what a copy tells besides, and returns it if that is anything.
    pub(crate) fn complete(
        &mut self,
        index: usize,
        copy: &Sample,
        from_machine_stats: bool,
    ) -> Option<Sample> {
        let known = self.mark(index)?;
        let whole = completed(self.row(index)?, known.from_machine_stats, copy)?;
        self.replace(index, whole.row());
        if let Some(known) = self.mark_mut(index).filter(|known| known.from_machine_stats) {
            known.from_machine_stats = from_machine_stats;
        }
        Some(whole)
    }

    fn row_of(&self, entry: &Entry) -> Option<Row<'_>> {
        let (layout, count) = self.layouts.get(entry.layout as usize)?;
        let start = entry.start as usize;
        let values = self.values.get(start..start + count)?;
        Some(Row { time: entry.time, layout, values })
    }

    /// Adds a sample behind all others.
    #[inline]
    pub(super) fn push(&mut self, row: Row<'_>, mark: Mark) {
        if self.entries.len() == 1 {
            // Where there are two, there are as a rule a reply's worth.
            const MORE: usize = 31;
            self.entries.reserve(MORE);
            self.values.reserve(MORE * row.values.len().min(MOST_VALUES / MOST));
        }
        let entry = self.store(row, mark);
        self.entries.push(entry);
    }

    /// Adds a sample at this place among the others.
    pub(crate) fn insert(&mut self, index: usize, row: Row<'_>, mark: Mark) {
        let entry = self.store(row, mark);
        self.entries.insert(index.min(self.entries.len()), entry);
    }

    /// Puts another reading of a sample in its place. Of a longer one the old values stay behind
    /// in the arena: copies complete each other a few times at most.
    pub(crate) fn replace(&mut self, index: usize, row: Row<'_>) {
        let Some(&known) = self.entries.get(index) else { return };
        let layout = self.layouts.get(known.layout as usize);
        if layout.is_some_and(|(layout, _)| layout == row.layout) {
            let values = self.values.iter_mut().skip(known.start as usize);
            values.zip(row.values).for_each(|(place, value)| *place = *value);
        } else {
            let entry = self.store(row, known.mark);
            if let Some(place) = self.entries.get_mut(index) {
                *place = entry;
            }
        }
    }

    /// Gives back the room that a chunk which is full will not need.
    pub(super) fn close(&mut self) {
        self.entries.shrink_to_fit();
        if self.values.capacity() - self.values.len() > self.values.len() / 16 {
            self.values.shrink_to_fit();
        }
    }

    /// Splits a chunk in two near this place, and returns the later part. What comes in order
    /// fills the earlier one; and as neither is small, a split is paid for by many samples.
    pub(super) fn split(&mut self, index: usize) -> Self {
        let least = self.entries.len() / 8;
        let middle = index.clamp(least, self.entries.len() - least);
        let (earlier, later) = self.entries.split_at(middle);
        let (earlier, later) = (self.copied(earlier), self.copied(later));
        *self = earlier;
        later
    }

    /// Makes room for a sample like this one, and for few more.
    pub(crate) fn reserve_few(&mut self, row: Row<'_>) {
        // What is kept of a live container as a rule: to grow up to there step by step would leave
        // holes in memory.
        const USUAL: usize = 9;
        let few = if self.len() == 0 { USUAL } else { (self.len() / 8).max(1) };
        if self.entries.len() == self.entries.capacity() {
            self.entries.reserve_exact(few);
        }
        if self.values.capacity() - self.values.len() < row.values.len() {
            self.values.reserve_exact(few * row.values.len());
        }
        if self.layouts.is_empty() {
            self.layouts.reserve_exact(1);
        }
    }

    /// Forgets this many samples from the first on. Their values go once they are a fair part of
    /// all.
    pub(crate) fn forget(&mut self, count: usize) {
        let count = count.min(self.entries.len());
        self.entries.drain(..count);
        self.forgotten += count;
        if self.forgotten <= self.entries.len() / 4 {
            return;
        }
        if self.layouts.len() > LOOKED_BACK {
            *self = self.copied(&self.entries);
            return;
        }
        let first = self.entries.iter().map(|entry| entry.start).min();
        self.values.drain(..first.map_or(self.values.len(), |first| first as usize));
        for entry in &mut self.entries {
            entry.start -= first.unwrap_or(0);
        }
        self.forgotten = 0;
    }

    /// Removes a sample. Its values go with those that are forgotten.
    pub(crate) fn remove(&mut self, index: usize) {
        if index < self.entries.len() {
            self.entries.remove(index);
        }
    }

    fn copied(&self, entries: &[Entry]) -> Self {
        let mut copy = Self { entries: Vec::with_capacity(entries.len()), ..Self::default() };
        for entry in entries {
            if let Some(row) = self.row_of(entry) {
                copy.push(row, entry.mark);
            }
        }
        copy
    }

    #[inline]
    fn store(&mut self, row: Row<'_>, mark: Mark) -> Entry {
        // No input is long enough for more: a chunk ends long before, a sample's text too.
        let narrow = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        let start = narrow(self.values.len());
        let layout = narrow(self.index_of(row.layout));
        self.values.extend_from_slice(row.values);
        Entry { time: row.time, mark, start, layout }
    }

    #[inline]
    fn index_of(&mut self, layout: &Arc<Layout>) -> usize {
        match self.layouts.last() {
            Some((last, _)) if Arc::ptr_eq(last, layout) => self.layouts.len() - 1,
            _ => self.index_among_others(layout),
        }
    }

    fn index_among_others(&mut self, layout: &Arc<Layout>) -> usize {
        let mut recent = self.layouts.iter_mut().enumerate().rev().take(LOOKED_BACK);
        if let Some((index, (known, _))) = recent.find(|(_, (known, _))| known == layout) {
            // Of the same content, and the one that the next sample shares.
            *known = Arc::clone(layout);
            return index;
        }
        self.layouts.push((Arc::clone(layout), layout.len()));
        self.layouts.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Metric;

    #[test]
    fn a_chunk_that_is_filled_behind_and_emptied_before_does_not_grow() {
        let mut chunk = Chunk::default();
        for nanos in 1..10_000 {
            let mut sample = Sample::new(Timestamp::from_nanos(nanos).unwrap());
            sample.set(Metric::CpuUsage, nanos);
            chunk.push(sample.row(), Mark::default());
            if chunk.len() > 20 {
                chunk.forget(3);
            }
            assert!(chunk.values.len() <= 42 && chunk.layouts.len() == 1);
            let mut values = chunk.rows().map(|row| (row.time.nanos(), row.values[0]));
            assert!(values.all(|(time, value)| time == value));
        }
        assert!((18..=21).contains(&chunk.len()));
    }
}
