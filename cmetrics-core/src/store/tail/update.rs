//! Adds samples to a tail.

use std::sync::Arc;

use super::TailHeader;
use super::pass::{EventCollector, Pass};
use crate::metric::Metric;
use crate::point::DataPoint;
use crate::sample::SampleRow;
use crate::series::{Chunk, SampleMeta, ScratchFlow};
use crate::store::event::Happening;
use crate::store::raw::Packer;
use crate::time::{Interval, Timestamp};

/// The result of adding samples to a tail.
#[derive(Debug, Default)]
pub(crate) struct TailUpdate {
    /// The new samples, and those that became more complete, packed.
    pub(crate) piece: Option<Arc<[u8]>>,
    pub(crate) header: TailHeader,
    /// The start in effect at the first sample of the tail.
    pub(crate) since: Option<u64>,
    /// The points that became final.
    pub(crate) points: Vec<DataPoint>,
    pub(crate) events: Vec<(Timestamp, Happening)>,
    /// Samples that are too late for the tail.
    pub(crate) late: Chunk,
    /// Whether one evaluation of these samples together with later ones gives the same points:
    /// nothing happened but points, and nothing waits.
    pub(crate) is_steady: bool,
    pub(crate) accepted: u64,
    pub(crate) duplicates: u64,
    /// Whether a sample has the very time up to which samples were evaluated: it is not late.
    at_horizon: bool,
}

impl TailUpdate {
    /// No change of a tail with this header.
    pub(super) fn after(header: TailHeader) -> Self {
        Self { header, ..Self::default() }
    }

    /// Inserts the samples into `kept`, and packs the new ones.
    pub(super) fn accept<'r>(
        &mut self,
        kept: &mut Chunk,
        cutoff: u64,
        samples: impl Iterator<Item = (SampleRow<'r>, SampleMeta)>,
    ) {
        let (mut packer, header) = (Packer::default(), &mut self.header);
        for (row, mark) in samples {
            let (time, index) = (row.time.nanos(), kept.before(row.time));
            // Before the base, only single samples are kept. A copy of one is treated as late:
            // without it, late samples on both sides would look adjacent.
            let is_single = time < cutoff.min(header.base);
            if kept.time(index) == Some(row.time) && !is_single {
                self.duplicates += 1;
                if time > header.closed
                    && let Some(whole) = kept.complete(index, &row.into(), mark)
                {
                    packer.add(whole.row(), kept.meta(index).is_some_and(|m| m.is_partial));
                }
            } else if time < cutoff {
                self.late.insert(self.late.len(), row, mark);
            } else {
                self.accepted += 1;
                self.at_horizon |= time == header.closed;
                header.newest = header.newest.max(time);
                kept.insert(index, row, mark);
                packer.add(row, mark.is_partial);
            }
        }
        self.piece = (!packer.is_empty()).then(|| packer.finish());
    }

    /// Evaluates the kept samples up to `closed`, before which no more can come.
    pub(super) fn settle(&mut self, pass: Pass<'_>, kept: &Chunk, closed: u64) {
        let noted = self.header.closed.saturating_sub(u64::from(self.at_horizon));
        let fed = kept.rows().take_while(|row| row.time.nanos() <= closed).count();
        let open_from = self.header.open_from;
        let points = &mut self.points;
        let mut give = |point: DataPoint| {
            if point.interval().start_nanos() >= open_from {
                points.push(point);
            }
        };
        let (mut room, mut collector) = (pass.begin(), EventCollector::default());
        for row in kept.rows().take(fed) {
            collector.feed(&mut room.flow, row, noted);
            room.flow.settle_after(row, &mut give);
        }
        let max_gap = pass.settings.max_gap_nanos();
        room.flow.decide_before_with(closed, &mut |change| {
            collector.note(change, change.time().nanos().saturating_add(max_gap) >= noted);
        });
        room.flow.settle(closed, &mut give);
        self.is_steady = collector.events.is_empty()
            && collector.set_aside.is_empty()
            && room.flow.waiting_from().is_none()
            && self.header.anchors.is_empty()
            && self.late.len() == 0
            && !self.at_horizon;
        self.events = collector.events;
        self.header.closed = closed;
        let last = fed.checked_sub(1).and_then(|last| kept.time(last));
        if let Some(last) = last {
            let behind = Interval::of_width(last, pass.settings.interval_seconds()).end_nanos();
            let open = room.flow.first_open(closed).map_or(behind, Interval::start_nanos);
            self.header.open_from = open_from.max(open);
        }
        self.find_base(pass, kept, fed, &mut room, &collector.set_aside);
        room.put_back();
    }

    /// Finds the samples that must be kept for the open intervals.
    fn find_base(
        &mut self,
        pass: Pass<'_>,
        kept: &Chunk,
        fed: usize,
        room: &mut ScratchFlow,
        set_aside: &[u64],
    ) {
        /// The most interfaces and devices that are remembered after they have gone. The oldest are
        /// forgotten first.
        const MOST_ANCHORS: usize = 256;
        let waiting_from = room.flow.waiting_from().unwrap_or(u64::MAX);
        let standing = |row: &SampleRow<'_>| {
            let time = row.time.nanos();
            time < waiting_from && !set_aside.contains(&time)
        };
        let Some(time) = self.base(kept, fed, standing) else {
            self.since = pass.background.since;
            return;
        };
        self.header.base = time.nanos();
        self.header.anchors.clear();
        if !room.flow.can_resume_from(time.nanos()) {
            pass.restart(room);
            // Including those that were set aside: without them, an earlier one could look
            // implausible.
            for row in kept.rows().take_while(|row| row.time <= time) {
                room.flow.feed(row);
                room.flow.settle_after(row, &mut |_| {});
            }
            let behind = kept.rows().skip_while(|row| row.time <= time);
            let is_read =
                |row: &SampleRow<'_>| row.get(Metric::CpuUsage).is_some() && standing(row);
            room.flow.accept_waiting({ behind }.find(is_read));
            let elsewhere = room.flow.older_reads();
            let first = elsewhere.len().saturating_sub(MOST_ANCHORS);
            self.header.anchors.extend_from_slice(elsewhere.get(first..).unwrap_or_default());
            self.is_steady &= self.header.anchors.is_empty();
            if first > 0 {
                // A forgotten one may come back, and did not begin at the start then.
                self.since = None;
                return;
            }
        }
        self.since = room.flow.since();
    }

    /// The last sample before the first open interval that is neither set aside nor waiting: if
    /// possible one nearby with a CPU reading, since that decides about later readings.
    fn base(
        &self,
        kept: &Chunk,
        fed: usize,
        standing: impl Fn(&SampleRow<'_>) -> bool,
    ) -> Option<Timestamp> {
        const NEAR: usize = 16;
        let open = Timestamp::from_nanos(self.header.open_from);
        let before = open.map_or(0, |open| kept.before(open)).min(fed);
        let index = |index| kept.row(index).filter(&standing);
        let last = (0..before).rev().find_map(index);
        let Some(last) = last else {
            // Nothing before the open intervals was kept: the base stays.
            let resumed = self.header.checkpoint(None).and(Timestamp::from_nanos(self.header.base));
            return resumed.or(kept.time(0));
        };
        let own = |row: &SampleRow<'_>| row.time.nanos() >= self.header.base;
        let near = (0..before).rev().filter_map(index).take(NEAR).take_while(own);
        let read = { near }.find(|row| row.get(Metric::CpuUsage).is_some());
        Some(read.unwrap_or(last).time)
    }
}
