//! A container's raw tail: the samples that points may still be made of.
//!
//! Samples stay raw until they are final (contract, *Streams*), and then go the way of a batch. As
//! in a recorder, all that matters of older ones stands as a rule in the last sample before the
//! first open interval; where something was last read before it, the samples that read it are kept
//! too. So what is kept can go the way anew, and gives the same points from there on.

use std::sync::Arc;

use super::event::Happening;
use super::raw::{Packer, pack, unpack};
use super::row::Table;
use crate::delta::Change;
use crate::life::Life;
use crate::metric::Metric;
use crate::point::DataPoint;
use crate::sample::Row;
use crate::series::{Checkpoint, Chunk, Flow, Mark, Room};
use crate::settings::Settings;
use crate::time::{Interval, NANOS_PER_SECOND, Timestamp};

/// So many packed pieces make up a tail at most.
const MOST_PIECES: usize = 16;

/// How tails are made points of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) settings: Settings,
    /// By how much a sample may be older than the newest, in nanoseconds.
    pub(super) lateness: u64,
}

/// The tail as it was at a moment. Times are nanoseconds since the epoch.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail {
    /// Packed samples. Of several of one time the last counts.
    pub(super) pieces: Vec<Arc<[u8]>>,
    pub(super) marks: Marks,
}

/// What is known of a tail besides its samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// The newest sample.
    pub(super) newest: u64,
    /// Up to here all samples went their way.
    pub(super) closed: u64,
    /// Where the first interval begins that is not final.
    pub(super) open_from: u64,
    /// The first sample of those that go the way, and the single ones that do before it.
    pub(super) base: u64,
    pub(super) anchors: Vec<u64>,
}

/// What is known of a container that its tail is read by.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Background {
    pub(super) life: Arc<Life>,
    /// The start that counts at the sample that the tail begins with, in nanoseconds.
    pub(super) since: Option<u64>,
}

/// What a store knows of a container that a recorder goes on with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resumed<'r> {
    /// The samples that matter, in rising time.
    pub(crate) samples: &'r Chunk,
    /// The points of all intervals that begin before are stored.
    pub(crate) open_from: u64,
    /// `None` where the first of them is the container's first.
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) life: &'r Arc<Life>,
}

impl Marks {
    /// Where the samples begin; `None` where with the container's first.
    pub(super) fn checkpoint(&self, since: Option<u64>) -> Option<Checkpoint> {
        Checkpoint::at(self.base, self.open_from, since)
    }
}

/// What came of adding samples to a tail.
#[derive(Debug, Default)]
pub(super) struct Grown {
    /// The samples that are new or more complete, packed.
    pub(super) piece: Option<Arc<[u8]>>,
    pub(super) marks: Marks,
    /// The start that counts at the sample that the tail begins with now.
    pub(super) since: Option<u64>,
    /// The points that became final.
    pub(super) points: Vec<DataPoint>,
    pub(super) events: Vec<(Timestamp, Happening)>,
    /// Samples that came too late for the tail.
    pub(super) late: Chunk,
    pub(super) accepted: u64,
    pub(super) duplicates: u64,
    /// The times of samples that were set aside.
    aside: Vec<u64>,
    /// Whether one came of the very time up to which all went their way: it is not late.
    at_horizon: bool,
}

impl Tail {
    /// The samples that go the way. `None` where what was packed is none.
    pub(super) fn chunk(&self) -> Option<Chunk> {
        let mut all = Chunk::default();
        for piece in &self.pieces {
            unpack(piece, Table::own(), &mut all)?;
        }
        let Marks { base, anchors, .. } = &self.marks;
        let first = Timestamp::from_nanos(*base).map_or(0, |base| all.before(base));
        if anchors.is_empty() {
            all.forget(first);
            return Some(all);
        }
        let mut kept = Chunk::default();
        for (index, (row, mark)) in all.marked_rows().enumerate() {
            if index >= first || anchors.contains(&row.time.nanos()) {
                kept.insert(kept.len(), row, mark);
            }
        }
        Some(kept)
    }

    /// Where the interval of its newest sample ends, in seconds.
    pub(super) fn end(&self, width: u64) -> Option<u64> {
        Timestamp::from_nanos(self.marks.newest).map(|time| Interval::containing(time, width).end())
    }

    /// Where its first open interval begins at the earliest, in seconds. A container's first points
    /// may begin with a start before its first sample.
    pub(super) fn start(&self, settings: Settings) -> u64 {
        let Marks { base, open_from, .. } = self.marks;
        let start_before =
            if self.marks.checkpoint(None).is_some() { 0 } else { settings.max_gap_nanos() };
        let first = second(open_from.max(base.saturating_sub(start_before)));
        first / settings.interval() * settings.interval()
    }

    /// The same with what was added, in few pieces.
    pub(super) fn grown(&self, piece: Option<Arc<[u8]>>, marks: Marks) -> Self {
        let pieces = self.pieces.iter().cloned().chain(piece).collect();
        let grown = Self { pieces, marks };
        if grown.pieces.len() > MOST_PIECES { grown.packed() } else { grown }
    }

    /// The same in one piece, of the samples that matter.
    pub(super) fn packed(self) -> Self {
        let Some(chunk) = self.chunk() else { return self };
        Self { pieces: vec![pack(&chunk)], marks: self.marks }
    }

    /// Adds samples, which come in rising time. Up to `closed`, where that is given, no more will
    /// come; else up to the lateness before the newest.
    pub(super) fn add<'r>(
        &self,
        name: &Arc<str>,
        (rules, background): (Rules, &Background),
        samples: impl Iterator<Item = (Row<'r>, Mark)>,
        closed: Option<u64>,
    ) -> Option<Grown> {
        let mut grown = Grown { marks: self.marks.clone(), ..Grown::default() };
        let mut kept = self.chunk()?;
        let horizon = |newest: u64| newest.saturating_sub(rules.lateness);
        let cutoff = closed.map_or(horizon(self.marks.newest), |_| self.marks.closed);
        grown.take_in(&mut kept, cutoff, samples);
        let closed = closed.unwrap_or(horizon(grown.marks.newest)).max(self.marks.closed);
        let way = Way::new(name, rules.settings, background, &self.marks);
        grown.settle(way, &kept, closed);
        Some(grown)
    }

    /// What points and events would come of it if no more samples came.
    pub(super) fn open(
        &self,
        name: &Arc<str>,
        background: &Background,
        settings: Settings,
    ) -> Option<Open> {
        let kept = self.chunk()?;
        let mut open = Open::default();
        let Marks { open_from, closed, .. } = self.marks;
        let way = Way::new(name, settings, background, &self.marks);
        let (mut room, mut heard) = (way.begin(), Heard::default());
        let mut give = |point: DataPoint| {
            if point.interval().start_nanos() >= open_from {
                open.points.push(point);
            }
        };
        for row in kept.rows() {
            heard.feed(&mut room.flow, row, closed);
            room.flow.settle_behind(row, &mut give);
        }
        room.flow.decide_all(&mut |change| heard.note(change, true));
        room.flow.finish(&mut give);
        room.put_back();
        open.events = heard.events;
        Some(open)
    }
}

/// What is not final.
#[derive(Debug, Default)]
pub(super) struct Open {
    pub(super) points: Vec<DataPoint>,
    pub(super) events: Vec<(Timestamp, Happening)>,
}

/// How the samples of a tail go their way.
#[derive(Clone, Copy)]
struct Way<'w> {
    name: &'w Arc<str>,
    settings: Settings,
    background: &'w Background,
    checkpoint: Option<Checkpoint>,
}

impl<'w> Way<'w> {
    fn new(
        name: &'w Arc<str>,
        settings: Settings,
        background: &'w Background,
        before: &Marks,
    ) -> Self {
        let checkpoint = before.checkpoint(background.since);
        Self { name, settings, background, checkpoint }
    }

    fn begin(&self) -> Room {
        let mut room = Room::take(self.settings, self.name, &self.background.life);
        self.resume(&mut room);
        room
    }

    fn begin_again(&self, room: &mut Room) {
        room.flow.begin_anew(Arc::clone(self.name), &self.background.life);
        self.resume(room);
    }

    /// What comes of these samples alone, and the times of those that are set aside.
    fn whole(&self, samples: &Chunk) -> (Open, Vec<u64>) {
        let mut points = Vec::new();
        let (mut room, mut heard) = (self.begin(), Heard::default());
        for row in samples.rows() {
            heard.feed(&mut room.flow, row, 0);
            room.flow.settle_behind(row, &mut |point| points.push(point));
        }
        room.flow.decide_all(&mut |change| heard.note(change, true));
        room.flow.finish(&mut |point| points.push(point));
        room.put_back();
        (Open { points, events: heard.events }, heard.aside)
    }

    fn resume(&self, room: &mut Room) {
        if let Some(checkpoint) = self.checkpoint {
            room.flow.resume(checkpoint);
        }
    }
}

/// What happened to a container.
#[derive(Debug, Default)]
struct Heard {
    events: Vec<(Timestamp, Happening)>,
    /// The times of samples that were set aside, noted before or not.
    aside: Vec<u64>,
}

impl Heard {
    /// Has a sample go its way. What happened at it is noted, if it lies behind what was noted.
    fn feed(&mut self, flow: &mut Flow, row: Row<'_>, noted: u64) {
        let is_new = row.time.nanos() > noted;
        flow.feed_telling(row, &mut |change| self.note(change, is_new));
    }

    fn note(&mut self, change: &Change, is_new: bool) {
        if let Change::SetAside(time) = change {
            self.aside.push(time.nanos());
        }
        if !is_new {
            return;
        }
        let what = Timestamp::from_nanos(change.nanos()).zip(Happening::of(change));
        let Some((at, what)) = what else { return };
        let mut same = self.events.iter_mut().rev().take_while(|(known, _)| *known == at);
        // Interfaces and devices tell of one metric each for itself.
        if !same.any(|(_, known)| known.absorb(&what)) {
            self.events.push((at, what));
        }
    }
}

impl Grown {
    /// Puts the samples among the kept ones, and packs what is new.
    fn take_in<'r>(
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
    fn settle(&mut self, way: Way<'_>, kept: &Chunk, closed: u64) {
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
        (self.events, self.aside) = (heard.events, heard.aside);
        self.marks.closed = closed;
        let last = fed.checked_sub(1).and_then(|last| kept.time(last));
        if let Some(last) = last {
            let behind = Interval::containing(last, way.settings.interval()).end_nanos();
            let open = room.flow.first_open(closed).map_or(behind, Interval::start_nanos);
            self.marks.open_from = open_from.max(open);
        }
        self.stand(way, kept, fed, &mut room);
        room.put_back();
    }

    /// Finds what must be kept for what is open.
    fn stand(&mut self, way: Way<'_>, kept: &Chunk, fed: usize, room: &mut Room) {
        /// So many interfaces and devices that have gone are remembered. Those that have been gone
        /// the longest are forgotten first.
        const MOST_ANCHORS: usize = 256;
        let waiting_from = room.flow.waiting_from().unwrap_or(u64::MAX);
        let standing = |row: &Row<'_>| {
            let time = row.time.nanos();
            time < waiting_from && !self.aside.contains(&time)
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
        let Some(last) = last else { return kept.time(0) };
        let own = |row: &Row<'_>| row.time.nanos() >= self.marks.base;
        let near = (0..before).rev().filter_map(index).take(NEAR).take_while(own);
        let read = { near }.find(|row| row.get(Metric::CpuUsage).is_some());
        Some(read.unwrap_or(last).time)
    }
}

/// The points and events of samples that came too late for the tail: a batch of their own. Samples
/// that were set aside among others are left out where they would not be among these.
pub(super) fn apart(
    name: &Arc<str>,
    background: &Background,
    settings: Settings,
    (late, set_aside): (&mut Chunk, &[Timestamp]),
) -> Open {
    let way = Way { name, settings, background, checkpoint: None };
    loop {
        let (open, aside) = way.whole(late);
        let before = late.len();
        for time in set_aside.iter().filter(|time| !aside.contains(&time.nanos())) {
            let index = late.before(*time);
            if late.time(index) == Some(*time) {
                late.remove(index);
            }
        }
        if late.len() == before {
            return open;
        }
    }
}

/// The second that a time lies in.
pub(super) const fn second(nanos: u64) -> u64 {
    nanos / NANOS_PER_SECOND
}
