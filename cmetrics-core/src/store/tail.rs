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
use crate::point::DataPoint;
use crate::sample::Row;
use crate::series::{Chunk, Mark, Room};
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

/// What came of adding samples to a tail.
#[derive(Debug, Default)]
pub(super) struct Grown {
    /// The samples that are new or more complete, packed.
    pub(super) piece: Option<Arc<[u8]>>,
    pub(super) marks: Marks,
    /// The points that became final.
    pub(super) points: Vec<DataPoint>,
    pub(super) events: Vec<(Timestamp, Happening)>,
    /// Samples that came too late for the tail.
    pub(super) late: Chunk,
    pub(super) accepted: u64,
    pub(super) duplicates: u64,
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

    /// Where its first open interval begins, in seconds.
    pub(super) fn start(&self, width: u64) -> u64 {
        let first = second(self.marks.open_from.max(self.marks.base));
        first / width * width
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
        rules: Rules,
        samples: impl Iterator<Item = (Row<'r>, Mark)>,
        closed: Option<u64>,
    ) -> Option<Grown> {
        let mut grown = Grown { marks: self.marks.clone(), ..Grown::default() };
        let mut kept = self.chunk()?;
        let horizon = |newest: u64| newest.saturating_sub(rules.lateness);
        let cutoff = closed.map_or(horizon(self.marks.newest), |_| self.marks.closed);
        grown.take_in(&mut kept, cutoff, samples);
        let closed = closed.unwrap_or(horizon(grown.marks.newest)).max(self.marks.closed);
        grown.settle(name, rules, &kept, closed);
        Some(grown)
    }

    /// What points and events would come of it if no more samples came.
    pub(super) fn open(&self, name: &Arc<str>, settings: Settings) -> Option<Open> {
        let kept = self.chunk()?;
        let mut open = Open::default();
        let Marks { open_from, closed, .. } = self.marks;
        let mut room = Room::take(settings, name);
        let mut give = |point: DataPoint| {
            if point.interval().start_nanos() >= open_from {
                open.points.push(point);
            }
        };
        for row in kept.rows() {
            feed(&mut room, row, closed, &mut open.events);
            room.flow.settle_behind(row, &mut give);
        }
        room.flow.finish(&mut give);
        room.put_back();
        Some(open)
    }
}

/// What is not final.
#[derive(Debug, Default)]
pub(super) struct Open {
    pub(super) points: Vec<DataPoint>,
    pub(super) events: Vec<(Timestamp, Happening)>,
}

/// Has a sample go its way, and notes what happened at it, if that was not noted before.
fn feed(room: &mut Room, row: Row<'_>, noted: u64, events: &mut Vec<(Timestamp, Happening)>) {
    let before = events.len();
    room.flow.feed_telling(row, &mut |change| {
        if row.time.nanos() > noted
            && let Some(what) = Happening::of(change)
        {
            let mut same = events.iter_mut().skip(before);
            // Interfaces and devices tell of one metric each for itself.
            if !same.any(|(_, known)| known.absorb(&what)) {
                events.push((row.time, what));
            }
        }
    });
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
    fn settle(&mut self, name: &Arc<str>, rules: Rules, kept: &Chunk, closed: u64) {
        let noted = self.marks.closed.saturating_sub(u64::from(self.at_horizon));
        let fed = kept.rows().take_while(|row| row.time.nanos() <= closed).count();
        let open_from = self.marks.open_from;
        let points = &mut self.points;
        let mut give = |point: DataPoint| {
            if point.interval().start_nanos() >= open_from {
                points.push(point);
            }
        };
        let mut room = Room::take(rules.settings, name);
        for row in kept.rows().take(fed) {
            feed(&mut room, row, noted, &mut self.events);
            room.flow.settle_behind(row, &mut give);
        }
        room.flow.settle(closed, &mut give);
        self.marks.closed = closed;
        let last = fed.checked_sub(1).and_then(|last| kept.time(last));
        if let Some(last) = last {
            let width = rules.settings.interval();
            let behind = Interval::containing(last, width).end_nanos();
            let open = room.flow.first_open().map_or(behind, Interval::start_nanos);
            self.marks.open_from = open_from.max(open);
        }
        self.stand(name, kept, fed, &mut room);
        room.put_back();
    }

    /// Finds what must be kept for what is open.
    fn stand(&mut self, name: &Arc<str>, kept: &Chunk, fed: usize, room: &mut Room) {
        /// So many interfaces and devices that have gone are remembered. Those that have been gone
        /// the longest are forgotten first.
        const MOST_ANCHORS: usize = 256;
        let open = Timestamp::from_nanos(self.marks.open_from);
        let base = open.map_or(0, |open| kept.before(open)).min(fed).saturating_sub(1);
        let Some(time) = kept.time(base) else { return };
        self.marks.base = time.nanos();
        self.marks.anchors.clear();
        if room.flow.stands_on(time.nanos()) {
            return;
        }
        room.flow.begin_anew(Arc::clone(name));
        for row in kept.rows().take(base + 1) {
            room.flow.feed(row);
            room.flow.settle_behind(row, &mut |_| {});
        }
        let elsewhere = room.flow.read_elsewhere();
        let first = elsewhere.len().saturating_sub(MOST_ANCHORS);
        self.marks.anchors.extend_from_slice(elsewhere.get(first..).unwrap_or_default());
    }
}

/// The points and events of samples that came too late for the tail: a batch of their own.
pub(super) fn apart(name: &Arc<str>, settings: Settings, late: &Chunk) -> Open {
    let (mut open, mut room) = (Open::default(), Room::take(settings, name));
    let points = &mut open.points;
    for row in late.rows() {
        feed(&mut room, row, 0, &mut open.events);
        room.flow.settle_behind(row, &mut |point| points.push(point));
    }
    room.flow.finish(&mut |point| points.push(point));
    room.put_back();
    open
}

/// The second that a time lies in.
pub(super) const fn second(nanos: u64) -> u64 {
    nanos / NANOS_PER_SECOND
}
