//! What comes of adding samples to a tail.

use std::sync::Arc;

use super::Marks;
use super::way::{Heard, Way};
use crate::metric::Metric;
use crate::point::DataPoint;
use crate::sample::Row;
use crate::series::{Chunk, Mark, Room};
use crate::store::event::Happening;
use crate::store::raw::Packer;
use crate::time::{Interval, Timestamp};

/// What came of adding samples to a tail.
#[derive(Debug, Default)]
pub(crate) struct Grown {
    /// The samples that are new or more complete, packed.
    pub(crate) piece: Option<Arc<[u8]>>,
    pub(crate) marks: Marks,
    /// The start that counts at the sample that the tail begins with now.
    pub(crate) since: Option<u64>,
    /// The points that became final.
    pub(crate) points: Vec<DataPoint>,
    pub(crate) events: Vec<(Timestamp, Happening)>,
    /// Samples that came too late for the tail.
    pub(crate) late: Chunk,
    pub(crate) accepted: u64,
    pub(crate) duplicates: u64,
    /// Whether one came of the very time up to which all went their way: it is not late.
    at_horizon: bool,
}

impl Grown {
    /// Nothing, behind what is known already.
    pub(super) fn behind(marks: Marks) -> Self {
        Self { marks, ..Self::default() }
    }

    /// Puts the samples among the kept ones, and packs what is new.
    pub(super) fn take_in<'r>(
        &mut self,
        kept: &mut Chunk,
        cutoff: u64,
        samples: impl Iterator<Item = (Row<'r>, Mark)>,
    ) {
        let (mut packer, marks) = (Packer::default(), &mut self.marks);
        for (row, mark) in samples {
            let (time, index) = (row.time.nanos(), kept.before(row.time));
            // What is kept before the base are single samples: without them, late ones on both sides
            // would look as if they followed upon each other.
            let is_single = time < cutoff.min(marks.base);
            if kept.time(index) == Some(row.time) && !is_single {
                self.duplicates += 1;
                if time > marks.closed
                    && let Some(whole) = kept.complete(index, &row.into(), mark.from_machine_stats)
                {
                    packer.add(whole.row(), kept.mark(index).is_some_and(|m| m.from_machine_stats));
                }
            } else if time < cutoff {
                self.late.insert(self.late.len(), row, mark);
            } else {
                self.accepted += 1;
                self.at_horizon |= time == marks.closed;
                marks.newest = marks.newest.max(time);
                kept.insert(index, row, mark);
                packer.add(row, mark.from_machine_stats);
            }
        }
        self.piece = (!packer.is_empty()).then(|| packer.finish());
    }

    /// Has the kept samples go their way as far as nothing can come before them any more.
    pub(super) fn settle(&mut self, way: Way<'_>, kept: &Chunk, closed: u64) {
        let noted = self.marks.closed.saturating_sub(u64::from(self.at_horizon));
        let fed = kept.rows().take_while(|row| row.time.nanos() <= closed).count();
        let open_from = self.marks.open_from;
        let points = &mut self.points;
        let mut give = |point: DataPoint| {
            if point.interval().start_nanos() >= open_from {
                points.push(point);
            }
        };
        let (mut room, mut heard) = (way.begin(), Heard::default());
        for row in kept.rows().take(fed) {
            heard.feed(&mut room.flow, row, noted);
            room.flow.settle_behind(row, &mut give);
        }
        let max_gap = way.settings.max_gap_nanos();
        room.flow.decide_before_telling(closed, &mut |change| {
            heard.note(change, change.nanos().saturating_add(max_gap) >= noted);
        });
        room.flow.settle(closed, &mut give);
        self.events = heard.events;
        self.marks.closed = closed;
        let last = fed.checked_sub(1).and_then(|last| kept.time(last));
        if let Some(last) = last {
            let behind = Interval::containing(last, way.settings.interval()).end_nanos();
            let open = room.flow.first_open(closed).map_or(behind, Interval::start_nanos);
            self.marks.open_from = open_from.max(open);
        }
        self.stand(way, (kept, fed), &mut room, &heard.aside);
        room.put_back();
    }

    /// Finds what must be kept for what is open.
    fn stand(
        &mut self,
        way: Way<'_>,
        (kept, fed): (&Chunk, usize),
        room: &mut Room,
        aside: &[u64],
    ) {
        /// So many interfaces and devices that have gone are remembered. Those that have been gone
        /// the longest are forgotten first.
        const MOST_ANCHORS: usize = 256;
        let waiting_from = room.flow.waiting_from().unwrap_or(u64::MAX);
        let standing = |row: &Row<'_>| {
            let time = row.time.nanos();
            time < waiting_from && !aside.contains(&time)
        };
        let Some(time) = self.base(kept, fed, standing) else {
            self.since = way.background.since;
            return;
        };
        self.marks.base = time.nanos();
        self.marks.anchors.clear();
        if !room.flow.stands_on(time.nanos()) {
            way.begin_again(room);
            // Those that were set aside, too: without them, one before could look odd.
            for row in kept.rows().take_while(|row| row.time <= time) {
                room.flow.feed(row);
                room.flow.settle_behind(row, &mut |_| {});
            }
            let behind = kept.rows().skip_while(|row| row.time <= time);
            let is_read = |row: &Row<'_>| row.get(Metric::CpuUsage).is_some() && standing(row);
            room.flow.stand_before({ behind }.find(is_read));
            let elsewhere = room.flow.read_elsewhere();
            let first = elsewhere.len().saturating_sub(MOST_ANCHORS);
            self.marks.anchors.extend_from_slice(elsewhere.get(first..).unwrap_or_default());
            if first > 0 {
                // What was forgotten may come back, and did not begin at the start then.
                self.since = None;
                return;
            }
        }
        self.since = room.flow.since();
    }

    /// The last sample that stands before the first open interval; with a CPU reading, if there is
    /// one near it: what lies behind is judged by that.
    fn base(
        &self,
        kept: &Chunk,
        fed: usize,
        standing: impl Fn(&Row<'_>) -> bool,
    ) -> Option<Timestamp> {
        const NEAR: usize = 16;
        let open = Timestamp::from_nanos(self.marks.open_from);
        let before = open.map_or(0, |open| kept.before(open)).min(fed);
        let index = |index| kept.row(index).filter(&standing);
        let last = (0..before).rev().find_map(index);
        let Some(last) = last else {
            // Nothing before what is open was kept: it begins as it did.
            let resumed = self.marks.checkpoint(None).and(Timestamp::from_nanos(self.marks.base));
            return resumed.or(kept.time(0));
        };
        let own = |row: &Row<'_>| row.time.nanos() >= self.marks.base;
        let near = (0..before).rev().filter_map(index).take(NEAR).take_while(own);
        let read = { near }.find(|row| row.get(Metric::CpuUsage).is_some());
        Some(read.unwrap_or(last).time)
    }
}
