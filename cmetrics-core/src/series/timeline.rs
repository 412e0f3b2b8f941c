//! The samples of a container in rising time.

use super::chunk::{Chunk, MAX_SAMPLES, SampleMeta};
use crate::sample::{Sample, SampleRow};
use crate::time::Timestamp;

/// A timeline of up to this many chunks allocates the next one at half its size, in case it stays
/// almost empty.
const FEW_CHUNKS: usize = 4;

/// Samples in rising time, each time once.
///
/// Polls repeat the samples of the last minutes in order. So the sample that is looked up is
/// usually the one after the last one that was found, or newer than all.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// None of them empty.
    chunks: Vec<Chunk>,
    len: usize,
    /// The last sample's time.
    newest: Option<Timestamp>,
    /// The position that is tried first.
    hint: Position,
}

/// The position of a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    chunk: usize,
    index: usize,
}

impl Timeline {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn rows(&self) -> impl DoubleEndedIterator<Item = SampleRow<'_>> {
        self.chunks.iter().flat_map(Chunk::rows)
    }

    /// The position of the sample of this time.
    pub(super) fn find(&mut self, time: Timestamp) -> Option<Position> {
        if self.newest < Some(time) {
            return None;
        }
        let position =
            if self.time(self.hint) == Some(time) { self.hint } else { self.search(time) };
        if self.time(position) == Some(time) {
            self.hint = self.next_position(position);
            Some(position)
        } else {
            self.hint = position;
            None
        }
    }

    pub(super) fn time(&self, position: Position) -> Option<Timestamp> {
        self.chunks.get(position.chunk)?.time(position.index)
    }

    pub(super) fn meta(&self, position: Position) -> Option<SampleMeta> {
        self.chunks.get(position.chunk)?.meta(position.index)
    }

    /// The time of the sample after this one.
    pub(super) fn next_time(&self, position: Position) -> Option<Timestamp> {
        self.time(self.next_position(position))
    }

    /// Adds to a sample what a copy of it has in addition. `meta` is that of the copy.
    pub(super) fn complete(&mut self, position: Position, copy: &Sample, meta: SampleMeta) {
        if let Some(chunk) = self.chunks.get_mut(position.chunk) {
            chunk.complete(position.index, copy, meta);
        }
    }

    /// Adds a sample. There must be none of its time.
    pub(super) fn insert(&mut self, row: SampleRow<'_>, meta: SampleMeta) {
        self.len += 1;
        if self.newest < Some(row.time) {
            self.newest = Some(row.time);
            return self.append(row, meta);
        }
        let mut position = self.prefer_previous_chunk(self.search(row.time), row);
        if self.chunks.get(position.chunk).is_some_and(|chunk| chunk.is_full(row.values.len())) {
            position = self.split_full(position);
        }
        if let Some(chunk) = self.chunks.get_mut(position.chunk) {
            chunk.insert(position.index, row, meta);
        }
        self.hint = self.next_position(position);
    }

    /// Appends all samples of `later`. If they do not all lie after those here, returns them as an
    /// error.
    pub(super) fn append_all(&mut self, later: Self) -> Result<(), Self> {
        if later.len > 0 && later.time(Position::default()) <= self.newest {
            return Err(later);
        }
        if let Some(last) = self.chunks.last_mut() {
            last.shrink();
        }
        self.chunks.extend(later.chunks);
        self.len += later.len;
        self.newest = self.newest.max(later.newest);
        Ok(())
    }

    /// The samples later than `time`, or all samples.
    pub(super) fn rows_after(
        &self,
        time: Option<Timestamp>,
    ) -> impl Iterator<Item = SampleRow<'_>> {
        let first = time.map_or_else(Position::default, |time| self.search(time));
        let chunks = self.chunks.iter().skip(first.chunk);
        let rows = chunks.flat_map(Chunk::rows).skip(first.index);
        rows.skip_while(move |row| Some(row.time) <= time)
    }

    /// Removes the samples before `time`.
    pub(super) fn forget_before(&mut self, time: Timestamp) {
        let first = self.search(time);
        if first == Position::default() {
            return;
        }
        self.len -= self.chunks.drain(..first.chunk).map(|chunk| chunk.len()).sum::<usize>();
        if let Some(chunk) = self.chunks.first_mut() {
            chunk.forget(first.index);
            self.len -= first.index;
        }
        if self.chunks.is_empty() {
            self.newest = None;
        }
        self.hint = Position::default();
    }

    /// The samples with their metadata.
    pub(super) fn rows_with_meta(&self) -> impl Iterator<Item = (SampleRow<'_>, SampleMeta)> {
        self.chunks.iter().flat_map(Chunk::rows_with_meta)
    }

    /// Adds a sample after all others.
    fn append(&mut self, row: SampleRow<'_>, meta: SampleMeta) {
        if let Some(last) = self.chunks.last_mut() {
            if !last.is_full(row.values.len()) {
                return last.push(row, meta);
            }
            last.shrink();
        }
        let mut chunk = match self.chunks.len() {
            0 => Chunk::default(),
            1..=FEW_CHUNKS => Chunk::with_capacity(MAX_SAMPLES / 2, row),
            _ => Chunk::with_capacity(MAX_SAMPLES, row),
        };
        chunk.push(row, meta);
        self.chunks.push(chunk);
    }

    /// The position of the first sample that is not before `time`.
    fn search(&self, time: Timestamp) -> Position {
        let chunk = self.chunks.partition_point(|chunk| chunk.last() < Some(time));
        let index = self.chunks.get(chunk).map_or(0, |chunk| chunk.before(time));
        Position { chunk, index }
    }

    /// The position after this one.
    fn next_position(&self, position: Position) -> Position {
        let next = Position { index: position.index + 1, ..position };
        match self.chunks.get(position.chunk) {
            Some(chunk) if next.index >= chunk.len() => {
                Position { chunk: position.chunk + 1, index: 0 }
            }
            _ => next,
        }
    }

    /// The end of the previous chunk, if `position` is the front of a chunk and the previous one is
    /// not full. So samples that fill a hole in order are appended, and none are moved.
    fn prefer_previous_chunk(&self, position: Position, row: SampleRow<'_>) -> Position {
        let before = position.chunk.checked_sub(1).filter(|_| position.index == 0);
        let before = before.and_then(|index| Some((index, self.chunks.get(index)?)));
        match before {
            Some((index, chunk)) if !chunk.is_full(row.values.len()) => {
                Position { chunk: index, index: chunk.len() }
            }
            _ => position,
        }
    }

    /// Makes space for a sample at this position of a full chunk, and returns its new position. At
    /// the front of a chunk a new chunk is inserted, which suits samples that come newest first.
    fn split_full(&mut self, position: Position) -> Position {
        if position.index == 0 {
            self.chunks.insert(position.chunk, Chunk::default());
            return position;
        }
        let Some(chunk) = self.chunks.get_mut(position.chunk) else { return position };
        let later = chunk.split(position.index);
        let earlier = chunk.len();
        self.chunks.insert(position.chunk + 1, later);
        if position.index <= earlier {
            position
        } else {
            Position { chunk: position.chunk + 1, index: position.index - earlier }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::metric::Metric;

    fn sample(nanos: u64) -> Sample {
        let mut sample = Sample::new(Timestamp::from_nanos(nanos).unwrap());
        sample.set(Metric::CpuUsage, nanos);
        sample
    }

    /// Adds samples of these times in this order, as a pipeline that reads polls does.
    fn timeline(times: impl Iterator<Item = u64>) -> Timeline {
        let mut timeline = Timeline::default();
        for nanos in times {
            let sample = sample(nanos);
            if timeline.find(sample.time()).is_none() {
                timeline.insert(sample.row(), SampleMeta::default());
            }
        }
        timeline
    }

    fn times(timeline: &Timeline) -> Vec<u64> {
        timeline.rows().map(|row| row.time.nanos()).collect()
    }

    #[test]
    fn samples_are_in_rising_time_whatever_order_they_came_in() {
        let all: Vec<_> = (1..=5_000).collect();
        let scattered = (1..=5_000).map(|number| number * 1_237 % 5_003);
        let late_hole = (1..=1_000).chain(4_001..=5_000).chain(1_001..=4_000);
        let polls = (0..5_000_u64).flat_map(|last| last.saturating_sub(50)..last).skip(1);
        let blocks = (0..10).rev().flat_map(|block| block * 500 + 1..=block * 500 + 500);
        assert_eq!(times(&timeline(all.iter().copied())), all);
        assert_eq!(times(&timeline(all.iter().rev().copied())), all);
        assert_eq!(times(&timeline(late_hole)), all);
        assert_eq!(times(&timeline(blocks)), all);
        assert_eq!(
            times(&timeline(scattered.filter(|time| (1..=5_000).contains(time)))).len(),
            4_998
        );
        assert_eq!(times(&timeline(polls.filter(|&time| time > 0))), all[..4_998]);
    }

    #[test]
    fn chunks_are_well_filled_whatever_the_order() {
        let blocks = (0..100).rev().flat_map(|block| block * 50 + 1..=block * 50 + 50);
        for (timeline, most) in [
            (timeline(1..=5_000), 20),
            (timeline((1..=5_000).rev()), 20),
            (timeline((1..=1_000).chain(4_001..=5_000).chain(1_001..=4_000)), 24),
            (timeline(blocks), 45),
        ] {
            assert!(timeline.chunks.len() <= most, "{} chunks", timeline.chunks.len());
        }
    }

    #[test]
    fn samples_share_the_layout_of_those_before_them() {
        let timeline = timeline(1..=1_000);
        let mut layouts: Vec<_> = timeline.rows().map(|row| Arc::as_ptr(row.layout)).collect();
        layouts.dedup();
        assert_eq!(layouts.len(), timeline.chunks.len());
    }

    #[test]
    fn samples_before_a_time_are_forgotten_and_the_rest_is_found() {
        for (since, all) in [(1, 5_000), (2, 5_000), (257, 5_000), (2_000, 5_000), (5_001, 5_000)] {
            let mut timeline = timeline(1..=all);
            timeline.forget_before(sample(since).time());
            assert_eq!(times(&timeline), (since..=all).collect::<Vec<_>>());
            assert_eq!(timeline.len(), times(&timeline).len());
            for nanos in [1, since - 1, since, 4_000, all].into_iter().filter(|&nanos| nanos > 0) {
                let known = timeline.find(sample(nanos).time()).is_some();
                assert_eq!(known, nanos >= since && nanos <= all, "{nanos} since {since}");
            }
            for nanos in [all + 2, all + 1] {
                timeline.insert(sample(nanos).row(), SampleMeta::default());
            }
            let behind: Vec<_> = timeline.rows_after(Some(sample(4_998).time())).collect();
            let rest = (since.max(4_999)..=all + 2).map(|nanos| sample(nanos).time());
            assert!(behind.iter().map(|row| row.time).eq(rest));
            assert_eq!(timeline.rows_after(None).count(), timeline.len());
        }
    }

    proptest! {
        #[test]
        fn a_timeline_is_a_map_by_time(
            steps in vec((1_u64..3_000, 1_u64..80, any::<bool>()), 1..60),
        ) {
            let (mut timeline, mut map) = (Timeline::default(), BTreeMap::new());
            for (number, (start, length, rising)) in (0_u64..).zip(steps) {
                for step in 0..length {
                    let nanos = if rising { start + step } else { start + length - step };
                    let mut sample = sample(nanos);
                    sample.set(Metric::MemoryUsage, number);
                    let known = timeline.find(sample.time());
                    prop_assert_eq!(known.is_some(), map.contains_key(&sample.time()));
                    if let Some(position) = known {
                        prop_assert_eq!(timeline.time(position), Some(sample.time()));
                        let next = map.range(sample.time()..).nth(1).map(|(time, _)| *time);
                        prop_assert_eq!(timeline.next_time(position), next);
                    } else {
                        timeline.insert(sample.row(), SampleMeta::default());
                        map.insert(sample.time(), sample);
                    }
                }
            }
            prop_assert_eq!(timeline.len(), map.len());
            let found: Vec<_> = timeline.rows().map(Sample::from).collect();
            prop_assert_eq!(found, map.values().cloned().collect::<Vec<_>>());
            let reversed: Vec<_> = timeline.rows().rev().map(|row| row.time).collect();
            prop_assert_eq!(reversed, map.keys().rev().copied().collect::<Vec<_>>());
        }
    }
}
