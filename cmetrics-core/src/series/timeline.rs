//! The samples of a container in rising time, whatever order they came in.

use super::chunk::{Chunk, MOST, Mark};
use crate::sample::Row;
use crate::time::Timestamp;

/// Of so many chunks it does not matter if the last is all but empty.
const FEW: usize = 4;

/// Samples in rising time, each time once.
///
/// Polls repeat the last minutes in order, so the sample looked for is as a rule the one behind
/// the last one that was found, or newer than all.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// None of them empty.
    chunks: Vec<Chunk>,
    len: usize,
    /// The last sample's time.
    newest: Option<Timestamp>,
    /// The place that is looked at first.
    hint: Place,
}

/// Where a sample lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    chunk: usize,
    index: usize,
}

impl Timeline {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn rows(&self) -> impl DoubleEndedIterator<Item = Row<'_>> {
        self.chunks.iter().flat_map(Chunk::rows)
    }

    /// Where the sample of this time lies.
    pub(super) fn find(&mut self, time: Timestamp) -> Option<Place> {
        if self.newest < Some(time) {
            return None;
        }
        let place = if self.time(self.hint) == Some(time) { self.hint } else { self.search(time) };
        if self.time(place) == Some(time) {
            self.hint = self.behind(place);
            Some(place)
        } else {
            self.hint = place;
            None
        }
    }

    pub(super) fn time(&self, place: Place) -> Option<Timestamp> {
        self.chunks.get(place.chunk)?.time(place.index)
    }

    pub(super) fn row(&self, place: Place) -> Option<Row<'_>> {
        self.chunks.get(place.chunk)?.row(place.index)
    }

    pub(super) fn mark(&self, place: Place) -> Option<Mark> {
        self.chunks.get(place.chunk)?.mark(place.index)
    }

    pub(super) fn mark_mut(&mut self, place: Place) -> Option<&mut Mark> {
        self.chunks.get_mut(place.chunk)?.mark_mut(place.index)
    }

    /// The time of the sample behind this one.
    pub(super) fn next_time(&self, place: Place) -> Option<Timestamp> {
        self.time(self.behind(place))
    }

    /// Puts another reading of a sample in its place.
    pub(super) fn replace(&mut self, place: Place, row: Row<'_>) {
        if let Some(chunk) = self.chunks.get_mut(place.chunk) {
            chunk.replace(place.index, row);
        }
    }

    /// Adds a sample of a time at which there is none.
    pub(super) fn insert(&mut self, row: Row<'_>, mark: Mark) {
        self.len += 1;
        if self.newest < Some(row.time) {
            self.newest = Some(row.time);
            return self.append(row, mark);
        }
        let mut place = self.behind_the_chunk_before(self.search(row.time), row);
        if self.chunks.get(place.chunk).is_some_and(|chunk| chunk.is_full(row.values.len())) {
            place = self.make_room(place);
        }
        if let Some(chunk) = self.chunks.get_mut(place.chunk) {
            chunk.insert(place.index, row, mark);
        }
        self.hint = self.behind(place);
    }

    /// Takes all of `later`, where it lies behind what is here; else gives it back.
    pub(super) fn append_all(&mut self, later: Self) -> Result<(), Self> {
        if later.len > 0 && later.time(Place::default()) <= self.newest {
            return Err(later);
        }
        if let Some(last) = self.chunks.last_mut() {
            last.close();
        }
        self.chunks.extend(later.chunks);
        self.len += later.len;
        self.newest = self.newest.max(later.newest);
        Ok(())
    }

    /// The samples later than this one.
    pub(super) fn rows_behind(&self, time: Option<Timestamp>) -> impl Iterator<Item = Row<'_>> {
        let first = time.map_or_else(Place::default, |time| self.search(time));
        let chunks = self.chunks.iter().skip(first.chunk);
        let rows = chunks.flat_map(Chunk::rows).skip(first.index);
        rows.skip_while(move |row| Some(row.time) <= time)
    }

    /// Forgets the samples before `time`.
    pub(super) fn forget_before(&mut self, time: Timestamp) {
        let first = self.search(time);
        if first == Place::default() {
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
        self.hint = Place::default();
    }

    /// The samples, and what is known of them besides.
    pub(super) fn marked_rows(&self) -> impl Iterator<Item = (Row<'_>, Mark)> {
        self.chunks.iter().flat_map(Chunk::marked_rows)
    }

    fn append(&mut self, row: Row<'_>, mark: Mark) {
        if let Some(last) = self.chunks.last_mut() {
            if !last.is_full(row.values.len()) {
                return last.push(row, mark);
            }
            last.close();
        }
        let mut chunk = match self.chunks.len() {
            0 => Chunk::default(),
            1..=FEW => Chunk::with_room(MOST / 2, row),
            _ => Chunk::with_room(MOST, row),
        };
        chunk.push(row, mark);
        self.chunks.push(chunk);
    }

    /// The first sample that is not before `time`.
    fn search(&self, time: Timestamp) -> Place {
        let chunk = self.chunks.partition_point(|chunk| chunk.last() < Some(time));
        let index = self.chunks.get(chunk).map_or(0, |chunk| chunk.before(time));
        Place { chunk, index }
    }

    fn behind(&self, place: Place) -> Place {
        let next = Place { index: place.index + 1, ..place };
        match self.chunks.get(place.chunk) {
            Some(chunk) if next.index >= chunk.len() => Place { chunk: place.chunk + 1, index: 0 },
            _ => next,
        }
    }

    /// Where a sample goes to the front of a chunk, it may as well go behind all of the chunk
    /// before, if there is room: so a hole is filled in order without moving anything.
    fn behind_the_chunk_before(&self, place: Place, row: Row<'_>) -> Place {
        let before = place.chunk.checked_sub(1).filter(|_| place.index == 0);
        let before = before.and_then(|index| Some((index, self.chunks.get(index)?)));
        match before {
            Some((index, chunk)) if !chunk.is_full(row.values.len()) => {
                Place { chunk: index, index: chunk.len() }
            }
            _ => place,
        }
    }

    /// Makes room in a full chunk, and says where the place is then. In front of a chunk a new one
    /// begins: so it is where all comes newest first.
    fn make_room(&mut self, place: Place) -> Place {
        if place.index == 0 {
            self.chunks.insert(place.chunk, Chunk::default());
            return place;
        }
        let Some(chunk) = self.chunks.get_mut(place.chunk) else { return place };
        let later = chunk.split(place.index);
        let earlier = chunk.len();
        self.chunks.insert(place.chunk + 1, later);
        if place.index <= earlier {
            place
        } else {
            Place { chunk: place.chunk + 1, index: place.index - earlier }
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
    use crate::sample::Sample;

    fn sample(nanos: u64) -> Sample {
        let mut sample = Sample::new(Timestamp::from_nanos(nanos).unwrap());
        sample.set(Metric::CpuUsage, nanos);
        sample
    }

    /// Adds these times in this order, as the reader of polls does.
    fn timeline(times: impl Iterator<Item = u64>) -> Timeline {
        let mut timeline = Timeline::default();
        for nanos in times {
            let sample = sample(nanos);
            if timeline.find(sample.time()).is_none() {
                timeline.insert(sample.row(), Mark::default());
            }
        }
        timeline
    }

    fn times(timeline: &Timeline) -> Vec<u64> {
        timeline.rows().map(|row| row.time.nanos()).collect()
    }

    #[test]
    fn samples_lie_in_the_order_of_their_time_whatever_order_they_came_in() {
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
    fn what_lies_before_a_time_is_forgotten_and_the_rest_is_found() {
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
                timeline.insert(sample(nanos).row(), Mark::default());
            }
            let behind: Vec<_> = timeline.rows_behind(Some(sample(4_998).time())).collect();
            let rest = (since.max(4_999)..=all + 2).map(|nanos| sample(nanos).time());
            assert!(behind.iter().map(|row| row.time).eq(rest));
            assert_eq!(timeline.rows_behind(None).count(), timeline.len());
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
                    if let Some(place) = known {
                        prop_assert_eq!(timeline.time(place), Some(sample.time()));
                        let next = map.range(sample.time()..).nth(1).map(|(time, _)| *time);
                        prop_assert_eq!(timeline.next_time(place), next);
                    } else {
                        timeline.insert(sample.row(), Mark::default());
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
