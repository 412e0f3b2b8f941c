//! A chunk: consecutive samples of a series, stored together.

use std::sync::Arc;

use super::copies::completed;
use crate::sample::{Layout, Sample, SampleRow};
use crate::time::Timestamp;

/// The most samples of a chunk.
pub(super) const MAX_SAMPLES: usize = 256;
/// The most values of a chunk, unless it has a single sample.
const MAX_VALUES: usize = 1 << 20;
/// With how many of the last layouts a layout is compared before it is added as a new one.
const LAYOUTS_COMPARED: usize = 4;

/// Samples in rising time.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    headers: Vec<SampleHeader>,
    /// The values of all samples, in the order in which they were added.
    values: Vec<u64>,
    /// The layouts, and how many values a sample of each has. Equal layouts are stored once, unless
    /// layouts change all the time.
    layouts: Vec<(Arc<Layout>, usize)>,
    /// How many forgotten samples still have their values in `values`.
    forgotten: usize,
}

/// A sample of a chunk, without its values.
#[derive(Clone, Copy, Debug)]
struct SampleHeader {
    time: Timestamp,
    meta: SampleMeta,
    /// The index of its first value.
    start: u32,
    /// The index of its layout.
    layout: u32,
}

/// What is known of a sample besides its readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SampleMeta {
    /// The last eight bytes of its text.
    pub(super) last: u64,
    /// The length of its text; 0 if the text is not remembered.
    pub(super) length: u32,
    /// Whether all of its readings are from `machinestats`, which contains fewer than other
    /// documents.
    pub(crate) is_partial: bool,
    /// Whether it was set aside. Only owners of a chunk that track this set it.
    pub(crate) is_set_aside: bool,
}

impl SampleMeta {
    /// The metadata of a sample whose text is not remembered.
    pub(crate) fn without_text(is_partial: bool) -> Self {
        Self { is_partial, ..Self::default() }
    }
}

impl Chunk {
    /// An empty chunk with capacity for `capacity` samples like this one.
    pub(super) fn with_capacity(capacity: usize, row: SampleRow<'_>) -> Self {
        Self {
            headers: Vec::with_capacity(capacity),
            values: Vec::with_capacity(capacity * row.values.len().min(MAX_VALUES / MAX_SAMPLES)),
            ..Self::default()
        }
    }

    /// The number of samples.
    pub(crate) fn len(&self) -> usize {
        self.headers.len()
    }

    /// Whether the chunk is too full for another sample of so many values.
    pub(super) fn is_full(&self, values: usize) -> bool {
        self.len() >= MAX_SAMPLES || (self.len() > 1 && self.values.len() + values > MAX_VALUES)
    }

    /// The time of the last sample.
    pub(crate) fn last(&self) -> Option<Timestamp> {
        self.headers.last().map(|header| header.time)
    }

    pub(crate) fn time(&self, index: usize) -> Option<Timestamp> {
        self.headers.get(index).map(|header| header.time)
    }

    /// The number of samples before `time`: the index of a sample of this time, if there is one.
    pub(crate) fn before(&self, time: Timestamp) -> usize {
        self.headers.partition_point(|header| header.time < time)
    }

    pub(crate) fn meta(&self, index: usize) -> Option<SampleMeta> {
        self.headers.get(index).map(|header| header.meta)
    }

    pub(crate) fn meta_mut(&mut self, index: usize) -> Option<&mut SampleMeta> {
        self.headers.get_mut(index).map(|header| &mut header.meta)
    }

    pub(crate) fn row(&self, index: usize) -> Option<SampleRow<'_>> {
        self.headers.get(index).and_then(|header| self.row_of(header))
    }

    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = SampleRow<'_>> {
        self.headers.iter().filter_map(|header| self.row_of(header))
    }

    /// The samples with their metadata.
    pub(crate) fn rows_with_meta(&self) -> impl Iterator<Item = (SampleRow<'_>, SampleMeta)> {
        self.headers.iter().filter_map(|header| Some((self.row_of(header)?, header.meta)))
    }

    /// Adds to a sample what a copy of it has in addition: readings, or that it is no partial one.
    /// Returns the completed sample, or `None` if the copy adds nothing. `meta` is that of the copy.
    pub(crate) fn complete(
        &mut self,
        index: usize,
        copy: &Sample,
        meta: SampleMeta,
    ) -> Option<Sample> {
        let (known, row) = (self.meta(index)?, self.row(index)?);
        let whole = completed(row, known.is_partial, copy)?;
        let is_same = whole.layout() == row.layout && whole.row().values == row.values;
        if is_same && known.is_partial == meta.is_partial {
            return None;
        }
        self.replace(index, whole.row());
        if known.is_partial
            && let Some(known) = self.meta_mut(index)
        {
            *known = SampleMeta { is_set_aside: known.is_set_aside, ..meta };
        }
        Some(whole)
    }

    fn row_of(&self, header: &SampleHeader) -> Option<SampleRow<'_>> {
        let (layout, count) = self.layouts.get(header.layout as usize)?;
        let start = header.start as usize;
        let values = self.values.get(start..start + count)?;
        Some(SampleRow { time: header.time, layout, values })
    }

    /// Adds a sample after all others.
    #[inline]
    pub(super) fn push(&mut self, row: SampleRow<'_>, meta: SampleMeta) {
        if self.headers.len() == 1 {
            // A series with a second sample usually gets as many as a reply of cAdvisor has.
            const MORE: usize = 31;
            self.headers.reserve(MORE);
            self.values.reserve(MORE * row.values.len().min(MAX_VALUES / MAX_SAMPLES));
        }
        let header = self.push_values(row, meta);
        self.headers.push(header);
    }

    /// Inserts a sample at this index.
    pub(crate) fn insert(&mut self, index: usize, row: SampleRow<'_>, meta: SampleMeta) {
        let header = self.push_values(row, meta);
        self.headers.insert(index.min(self.headers.len()), header);
    }

    /// Replaces a sample by another one of the same time. If the layout differs, the old values
    /// stay in `values`, unused: copies complete a sample only a few times.
    pub(crate) fn replace(&mut self, index: usize, row: SampleRow<'_>) {
        let Some(&known) = self.headers.get(index) else { return };
        let layout = self.layouts.get(known.layout as usize);
        if layout.is_some_and(|(layout, _)| layout == row.layout) {
            let values = self.values.iter_mut().skip(known.start as usize);
            values.zip(row.values).for_each(|(slot, value)| *slot = *value);
        } else {
            let header = self.push_values(row, known.meta);
            if let Some(slot) = self.headers.get_mut(index) {
                *slot = header;
            }
        }
    }

    /// Frees unused capacity, for a chunk that gets no more samples.
    pub(super) fn shrink(&mut self) {
        self.headers.shrink_to_fit();
        if self.values.capacity() - self.values.len() > self.values.len() / 16 {
            self.values.shrink_to_fit();
        }
    }

    /// Splits the chunk near this index, and returns the later part. Samples that come in order
    /// then fill the earlier part. As neither part is small, splits are rare.
    pub(super) fn split(&mut self, index: usize) -> Self {
        let least = self.headers.len() / 8;
        let middle = index.clamp(least, self.headers.len() - least);
        let (earlier, later) = self.headers.split_at(middle);
        let (earlier, later) = (self.copy_of(earlier), self.copy_of(later));
        *self = earlier;
        later
    }

    /// Reserves capacity for a sample like this one, and for a few more.
    pub(crate) fn reserve_few(&mut self, row: SampleRow<'_>) {
        // A live container usually keeps this many. Growing up to it step by step would fragment
        // memory.
        const USUAL: usize = 9;
        let few = if self.len() == 0 { USUAL } else { (self.len() / 8).max(1) };
        if self.headers.len() == self.headers.capacity() {
            self.headers.reserve_exact(few);
        }
        if self.values.capacity() - self.values.len() < row.values.len() {
            self.values.reserve_exact(few * row.values.len());
        }
        if self.layouts.is_empty() {
            self.layouts.reserve_exact(1);
        }
    }

    /// Removes the first `count` samples. Their values are freed once they are a fair part of all
    /// values.
    pub(crate) fn forget(&mut self, count: usize) {
        let count = count.min(self.headers.len());
        self.headers.drain(..count);
        self.forgotten += count;
        if self.forgotten <= self.headers.len() / 4 {
            return;
        }
        if self.layouts.len() > LAYOUTS_COMPARED {
            *self = self.copy_of(&self.headers);
            return;
        }
        let first = self.headers.iter().map(|header| header.start).min();
        self.values.drain(..first.map_or(self.values.len(), |first| first as usize));
        for header in &mut self.headers {
            header.start -= first.unwrap_or(0);
        }
        self.forgotten = 0;
    }

    /// Removes a sample. Its values are freed with those of forgotten samples.
    pub(crate) fn remove(&mut self, index: usize) {
        if index < self.headers.len() {
            self.headers.remove(index);
        }
    }

    /// A chunk of these samples only.
    fn copy_of(&self, headers: &[SampleHeader]) -> Self {
        let mut copy = Self { headers: Vec::with_capacity(headers.len()), ..Self::default() };
        for header in headers {
            if let Some(row) = self.row_of(header) {
                copy.push(row, header.meta);
            }
        }
        copy
    }

    /// Appends the values of a sample, and returns its header.
    #[inline]
    fn push_values(&mut self, row: SampleRow<'_>, meta: SampleMeta) -> SampleHeader {
        // The indices fit: a chunk ends long before, and so does a sample's text.
        let narrow = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        let start = narrow(self.values.len());
        let layout = narrow(self.index_of(row.layout));
        self.values.extend_from_slice(row.values);
        SampleHeader { time: row.time, meta, start, layout }
    }

    #[inline]
    fn index_of(&mut self, layout: &Arc<Layout>) -> usize {
        match self.layouts.last() {
            Some((last, _)) if Arc::ptr_eq(last, layout) => self.layouts.len() - 1,
            _ => self.index_among_others(layout),
        }
    }

    fn index_among_others(&mut self, layout: &Arc<Layout>) -> usize {
        let mut recent = self.layouts.iter_mut().enumerate().rev().take(LAYOUTS_COMPARED);
        if let Some((index, (known, _))) = recent.find(|(_, (known, _))| known == layout) {
            // An equal layout. The next sample shares the new one, and comparing pointers is fast.
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
    fn a_copy_completes_a_sample_only_if_it_adds_something() {
        let mut sample = Sample::new(Timestamp::from_nanos(1).unwrap());
        sample.set(Metric::CpuUsage, 1);
        let partial = SampleMeta::without_text(true);
        let mut chunk = Chunk::default();
        chunk.push(sample.row(), partial);
        assert_eq!(chunk.complete(0, &sample, partial), None);
        let mut more = sample.clone();
        more.set(Metric::MemoryUsage, 2);
        more.interface("eth0").set(Metric::NetworkRxBytes, 3);
        assert_eq!(chunk.complete(0, &more, partial), Some(more.clone()));
        for copy in [&more, &sample] {
            assert_eq!(chunk.complete(0, copy, partial), None);
        }
        // A whole copy says that there is no more.
        let whole = SampleMeta::without_text(false);
        assert_eq!(chunk.complete(0, &sample, whole), Some(more.clone()));
        assert_eq!(chunk.complete(0, &more, whole), None);
        assert!(!chunk.meta(0).unwrap().is_partial);
    }

    #[test]
    fn a_chunk_that_is_filled_at_the_end_and_emptied_at_the_start_does_not_grow() {
        let mut chunk = Chunk::default();
        for nanos in 1..10_000 {
            let mut sample = Sample::new(Timestamp::from_nanos(nanos).unwrap());
            sample.set(Metric::CpuUsage, nanos);
            chunk.push(sample.row(), SampleMeta::default());
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
