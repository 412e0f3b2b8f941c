//! A container's raw tail: the samples that points may still be made of.
//!
//! Samples stay raw until they are final (`docs/points.md`, *Streams*), and are then evaluated like
//! a batch. As in a recorder, the last sample before the first open interval usually has everything
//! that matters of older ones. Where something was last read before it, the samples with those
//! readings are kept, too. So the kept samples can be evaluated again, and give the same points
//! from there on.

mod cut;
mod pass;
mod update;

use std::sync::Arc;

use super::event::Happening;
use super::point_rows::MetricTable;
use super::raw::{Unpacker, pack};
use crate::container::Life;
use crate::point::DataPoint;
use crate::sample::SampleRow;
use crate::series::{Checkpoint, Chunk, SampleMeta};
use crate::settings::Settings;
use crate::time::{Interval, NANOS_PER_SECOND, Timestamp};
pub(super) use cut::{Cut, TailContext};
use pass::Pass;
pub(super) use update::TailUpdate;

/// The most pieces of a tail in memory.
pub(super) const MOST_PIECES: usize = 16;

/// How tails are evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) settings: Settings,
    /// By how much a sample may be older than the newest one, in nanoseconds.
    pub(super) lateness: u64,
}

/// A tail at one moment. Times are in nanoseconds since the epoch.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail {
    /// Packed samples. Of several samples of one time, the last counts.
    pub(super) pieces: Vec<Arc<[u8]>>,
    pub(super) header: TailHeader,
}

/// The header of a tail: everything but its samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TailHeader {
    /// The time of the newest sample.
    pub(super) newest: u64,
    /// All samples up to this time were evaluated.
    pub(super) closed: u64,
    /// The start of the first interval that is not final.
    pub(super) open_from: u64,
    /// The time of the first sample that is evaluated, and of single earlier samples that are, too.
    pub(super) base: u64,
    pub(super) anchors: Vec<u64>,
}

/// What is needed of a container to evaluate its tail.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Background {
    pub(super) life: Arc<Life>,
    /// The start in effect at the first sample of the tail, in nanoseconds.
    pub(super) since: Option<u64>,
}

impl TailHeader {
    /// The checkpoint at which the samples begin; `None` if that is the container's first sample.
    pub(super) fn checkpoint(&self, since: Option<u64>) -> Option<Checkpoint> {
        Checkpoint::at(self.base, self.open_from, since)
    }

    /// The end of the newest sample's interval, in seconds.
    pub(super) fn end(&self, width: u64) -> Option<u64> {
        Timestamp::from_nanos(self.newest).map(|time| Interval::of_width(time, width).end())
    }
}

impl Tail {
    /// The samples to evaluate. `None` if a piece is invalid.
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
        for (index, (row, mark)) in all.rows_with_meta().enumerate() {
            if index >= first || anchors.contains(&row.time.nanos()) {
                kept.insert(kept.len(), row, mark);
            }
        }
        Some(kept)
    }

    /// The end of its newest sample's interval, in seconds.
    pub(super) fn end(&self, width: u64) -> Option<u64> {
        self.header.end(width)
    }

    /// The earliest possible start of its first open interval, in seconds. A container's first
    /// points may begin with a start before its first sample.
    pub(super) fn start(&self, settings: Settings) -> u64 {
        let TailHeader { base, open_from, .. } = self.header;
        let start_before =
            if self.header.checkpoint(None).is_some() { 0 } else { settings.max_gap_nanos() };
        let first = second(open_from.max(base.saturating_sub(start_before)));
        first / settings.interval_seconds() * settings.interval_seconds()
    }

    /// The tail with another piece, repacked if it has many.
    pub(super) fn extended(&self, piece: Option<Arc<[u8]>>, header: TailHeader) -> Self {
        let pieces = self.pieces.iter().cloned().chain(piece).collect();
        Self { pieces, header }.in_pieces(MOST_PIECES)
    }

    /// Repacks the tail if it has more than `most` pieces.
    pub(super) fn in_pieces(self, most: usize) -> Self {
        if self.pieces.len() > most { self.packed() } else { self }
    }

    /// Repacks the tail into one piece of the samples that are needed.
    pub(super) fn packed(self) -> Self {
        let Some(chunk) = self.chunk() else { return self };
        Self { pieces: vec![pack(&chunk)], header: self.header }
    }

    /// Adds samples in rising time. No more samples come up to `closed`, if that is given, else up
    /// to the lateness before the newest one. Returns `None` if a piece is invalid.
    pub(super) fn add<'r>(
        &self,
        name: &Arc<str>,
        rules: Rules,
        background: &Background,
        samples: impl Iterator<Item = (SampleRow<'r>, SampleMeta)>,
        closed: Option<u64>,
    ) -> Option<TailUpdate> {
        let mut update = TailUpdate::after(self.header.clone());
        let mut kept = self.chunk()?;
        let horizon = |newest: u64| newest.saturating_sub(rules.lateness);
        let cutoff = closed.map_or(horizon(self.header.newest), |_| self.header.closed);
        // Samples before the base of a resumed tail are not evaluated with it.
        let is_resumed = self.header.checkpoint(None).is_some();
        let cutoff = if is_resumed { cutoff.max(self.header.base) } else { cutoff };
        update.accept(&mut kept, cutoff, samples);
        let closed = closed.unwrap_or(horizon(update.header.newest)).max(self.header.closed);
        let pass = Pass::new(name, rules.settings, background, &self.header);
        update.settle(pass, &kept, closed);
        Some(update)
    }

    /// The points that became final since an earlier header, if that was steady all the time: those
    /// of each call of [`add`](Self::add). The samples must be there that `before` needs. `None` if
    /// a piece is invalid.
    pub(super) fn points_since(
        &self,
        before: &TailHeader,
        name: &Arc<str>,
        background: &Background,
        settings: Settings,
    ) -> Option<Vec<DataPoint>> {
        // What came before a container's first sample is evaluated, too.
        let base = before.checkpoint(None).map_or(0, |_| before.base);
        let header = TailHeader { base, ..before.clone() };
        let kept = Self { pieces: self.pieces.clone(), header }.chunk()?;
        let mut update = TailUpdate::after(before.clone());
        let pass = Pass::new(name, settings, background, before);
        update.settle(pass, &kept, self.header.closed);
        Some(update.points)
    }

    /// The points and events if no more samples came.
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

/// Points and events that are not final.
#[derive(Debug, Default)]
pub(super) struct Provisional {
    pub(super) points: Vec<DataPoint>,
    pub(super) events: Vec<(Timestamp, Happening)>,
}

/// The points and events of samples that are too late for the tail: a batch of their own. Samples
/// that were set aside among others are left out if they would not be set aside among these.
pub(super) fn late_batch(
    name: &Arc<str>,
    background: &Background,
    settings: Settings,
    late: &mut Chunk,
    set_aside: &[Timestamp],
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

/// The second that contains a time.
pub(super) const fn second(nanos: u64) -> u64 {
    nanos / NANOS_PER_SECOND
}
