//! One pass over the samples of a tail.

use std::sync::Arc;

use super::{Background, Provisional, TailHeader};
use crate::delta::Change;
use crate::point::DataPoint;
use crate::sample::SampleRow;
use crate::series::{Checkpoint, Chunk, Flow, ScratchFlow};
use crate::settings::Settings;
use crate::store::event::Happening;
use crate::time::Timestamp;

/// How to evaluate the samples of a tail.
#[derive(Clone, Copy)]
pub(super) struct Pass<'w> {
    pub(super) name: &'w Arc<str>,
    pub(super) settings: Settings,
    pub(super) background: &'w Background,
    pub(super) checkpoint: Option<Checkpoint>,
}

impl<'w> Pass<'w> {
    pub(super) fn new(
        name: &'w Arc<str>,
        settings: Settings,
        background: &'w Background,
        before: &TailHeader,
    ) -> Self {
        let checkpoint = before.checkpoint(background.since);
        Self { name, settings, background, checkpoint }
    }

    pub(super) fn begin(&self) -> ScratchFlow {
        let mut room = ScratchFlow::take(self.settings, self.name, &self.background.life);
        self.resume(&mut room);
        room
    }

    pub(super) fn restart(&self, room: &mut ScratchFlow) {
        room.flow.reset(Arc::clone(self.name), &self.background.life);
        self.resume(room);
    }

    /// The points and events of these samples if no more come, behind what the header says is final
    /// or noted; and the times of those that are set aside.
    pub(super) fn run_all(&self, samples: &Chunk, header: &TailHeader) -> (Provisional, Vec<u64>) {
        let mut points = Vec::new();
        let (mut room, mut collector) = (self.begin(), EventCollector::default());
        let mut give = |point: DataPoint| {
            if point.interval().start_nanos() >= header.open_from {
                points.push(point);
            }
        };
        for row in samples.rows() {
            collector.feed(&mut room.flow, row, header.closed);
            room.flow.settle_after(row, &mut give);
        }
        room.flow.decide_all_with(&mut |change| collector.note(change, true));
        room.flow.finish(&mut give);
        room.put_back();
        (Provisional { points, events: collector.events }, collector.set_aside)
    }

    fn resume(&self, room: &mut ScratchFlow) {
        if let Some(checkpoint) = self.checkpoint {
            room.flow.resume(checkpoint);
        }
    }
}

/// Collects the events of a container.
#[derive(Debug, Default)]
pub(super) struct EventCollector {
    pub(super) events: Vec<(Timestamp, Happening)>,
    /// The times of samples that were set aside, whether noted before or not.
    pub(super) set_aside: Vec<u64>,
}

impl EventCollector {
    /// Feeds a sample to the flow. Collects its events if it is later than `noted`.
    pub(super) fn feed(&mut self, flow: &mut Flow, row: SampleRow<'_>, noted: u64) {
        let is_new = row.time.nanos() > noted;
        flow.feed_with(row, &mut |change| self.note(change, is_new));
    }

    pub(super) fn note(&mut self, change: &Change, is_new: bool) {
        if let Change::SetAside(time) = change {
            self.set_aside.push(time.nanos());
        }
        if !is_new {
            return;
        }
        let (at, Some(what)) = (change.time(), Happening::of(change)) else { return };
        let mut same = self.events.iter_mut().rev().take_while(|(other_at, _)| *other_at == at);
        // Each interface and device reports the same metric separately.
        if !same.any(|(_, other)| other.absorb(&what)) {
            self.events.push((at, what));
        }
    }
}
