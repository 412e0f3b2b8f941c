//! A container's raw tail: the samples that points may still be made of.
//!
//! Samples stay raw until they are final (`docs/points.md`, *Streams*), and then go the way of a
//! batch. As in a recorder, all that matters of older ones stands as a rule in the last sample
//! before the first open interval; where something was last read before it, the samples that read
//! it are kept too. So what is kept can go the way anew, and gives the same points from there on.

mod cut;
mod pass;
mod update;

use std::sync::Arc;

use super::event::Happening;
use super::point_rows::MetricTable;
use super::raw::{Unpacker, pack};
use crate::container::Life;
use crate::point::DataPoint;
use crate::sample::Row;
use crate::series::{Checkpoint, Chunk, Mark};
use crate::settings::Settings;
use crate::time::{Interval, NANOS_PER_SECOND, Timestamp};
pub(super) use cut::{Cut, TailContext};
use pass::Pass;
pub(super) use update::TailUpdate;

/// So many packed pieces make up a tail in memory at most.
pub(super) const MOST_PIECES: usize = 16;

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
    pub(super) header: TailHeader,
}

/// What is known of a tail besides its samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TailHeader {
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

impl TailHeader {
    /// Where the samples begin; `None` where with the container's first.
    pub(super) fn checkpoint(&self, since: Option<u64>) -> Option<Checkpoint> {
        Checkpoint::at(self.base, self.open_from, since)
    }

    /// Where the interval of the newest sample ends, in seconds.
    pub(super) fn end(&self, width: u64) -> Option<u64> {
        Timestamp::from_nanos(self.newest).map(|time| Interval::containing(time, width).end())
    }
}

impl Tail {
    /// The samples that go the way. `None` where what was packed is none.
    pub(super) fn chunk(&self) -> Option<Chunk> {
        let (mut all, mut unpacker) = (Chunk::default(), Unpacker::default());
        for piece in &self.pieces {
            unpacker.unpack(piece, MetricTable::own(), &mut all)?;
        }
        let TailHeader { base, anchors, .. } = &self.header;
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
        self.header.end(width)
    }

    /// Where its first open interval begins at the earliest, in seconds. A container's first points
    /// may begin with a start before its first sample.
    pub(super) fn start(&self, settings: Settings) -> u64 {
        let TailHeader { base, open_from, .. } = self.header;
        let start_before =
            if self.header.checkpoint(None).is_some() { 0 } else { settings.max_gap_nanos() };
        let first = second(open_from.max(base.saturating_sub(start_before)));
        first / settings.interval() * settings.interval()
    }

    /// The same with what was added, in few pieces.
    pub(super) fn extended(&self, piece: Option<Arc<[u8]>>, header: TailHeader) -> Self {
        let pieces = self.pieces.iter().cloned().chain(piece).collect();
        Self { pieces, header }.in_pieces(MOST_PIECES)
    }

    /// The same in one piece, if it has more than so many.
    pub(super) fn in_pieces(self, most: usize) -> Self {
        if self.pieces.len() > most { self.packed() } else { self }
    }

    /// The same in one piece, of the samples that matter.
    pub(super) fn packed(self) -> Self {
        let Some(chunk) = self.chunk() else { return self };
        Self { pieces: vec![pack(&chunk)], header: self.header }
    }

    /// Adds samples, which come in rising time. Up to `closed`, where that is given, no more will
    /// come; else up to the lateness before the newest.
    pub(super) fn add<'r>(
        &self,
        name: &Arc<str>,
        (rules, background): (Rules, &Background),
        samples: impl Iterator<Item = (Row<'r>, Mark)>,
        closed: Option<u64>,
    ) -> Option<TailUpdate> {
        let mut update = TailUpdate::after(self.header.clone());
        let mut kept = self.chunk()?;
        let horizon = |newest: u64| newest.saturating_sub(rules.lateness);
        let cutoff = closed.map_or(horizon(self.header.newest), |_| self.header.closed);
        // What lies before a resumed tail goes no way with it.
        let is_resumed = self.header.checkpoint(None).is_some();
        let cutoff = if is_resumed { cutoff.max(self.header.base) } else { cutoff };
        update.accept(&mut kept, cutoff, samples);
        let closed = closed.unwrap_or(horizon(update.header.newest)).max(self.header.closed);
        let pass = Pass::new(name, rules.settings, background, &self.header);
        update.settle(pass, &kept, closed);
        Some(update)
    }

    /// What points and events would come of it if no more samples came.
    pub(super) fn provisional(
        &self,
        name: &Arc<str>,
        background: &Background,
        settings: Settings,
    ) -> Option<Provisional> {
        let kept = self.chunk()?;
        let pass = Pass::new(name, settings, background, &self.header);
        Some(pass.run_all(&kept, &self.header).0)
    }
}

/// What is not final.
#[derive(Debug, Default)]
pub(super) struct Provisional {
    pub(super) points: Vec<DataPoint>,
    pub(super) events: Vec<(Timestamp, Happening)>,
}

/// The points and events of samples that came too late for the tail: a batch of their own. Samples
/// that were set aside among others are left out where they would not be among these.
pub(super) fn late_batch(
    name: &Arc<str>,
    background: &Background,
    settings: Settings,
    (late, set_aside): (&mut Chunk, &[Timestamp]),
) -> Provisional {
    let pass = Pass { name, settings, background, checkpoint: None };
    loop {
        let (open, found_aside) = pass.run_all(late, &TailHeader::default());
        let before = late.len();
        for time in set_aside.iter().filter(|time| !found_aside.contains(&time.nanos())) {
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
