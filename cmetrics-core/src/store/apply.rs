//! Applies the records of a log to memory.

use std::collections::HashMap;
use std::sync::Arc;

use super::memory::{Content, Memory, Recent};
use super::metadata::Metadata;
use super::overlap::{find_by_start, runs, stored_overlapping};
use super::points::outranks;
use super::records::{BatchEncoder, Encoder, Record};
use super::tail::{Provisional, Tail, TailContext, TailHeader};
use super::view::{Parts, State, View};
use crate::error::Error;

/// Which tails may lack samples, because a part of the log is lost.
#[derive(Debug, Default)]
pub(super) struct Losses {
    count: u64,
    /// The count when a container's tail was last known to be complete.
    sure: HashMap<Arc<str>, u64>,
}

impl Losses {
    /// Notes a loss before the next record.
    pub(super) fn note(&mut self) {
        self.count += 1;
    }

    fn may_affect(&self, name: &Arc<str>) -> bool {
        self.sure.get(name).copied().unwrap_or_default() < self.count
    }

    fn clear(&mut self, name: &Arc<str>) {
        if self.count > 0 {
            self.sure.insert(Arc::clone(name), self.count);
        }
    }
}

/// Applies the records of a log.
pub(super) struct Applier<'a> {
    pub(super) view: &'a View,
    pub(super) memory: &'a Arc<Memory>,
    pub(super) containers: &'a mut ReplayedContainers,
    pub(super) losses: &'a mut Losses,
    /// Whether segments hold the points and events of the next records.
    pub(super) is_sealed: bool,
}

/// The containers in the logs: faster to look up than in the catalog.
pub(super) type ReplayedContainers =
    HashMap<Arc<str>, ReplayedContainer, foldhash::fast::RandomState>;

/// A container in the logs.
pub(super) struct ReplayedContainer {
    pub(super) recent: Arc<Recent>,
    /// Its latest tail. No reader needs earlier ones.
    pub(super) tail: Option<Tail>,
}

impl Applier<'_> {
    /// Applies one record.
    pub(super) fn apply(&mut self, batch: u64, record: Record<'_>) -> Result<(), Error> {
        match record {
            Record::Metadata(name, metadata) => {
                let container = self.view.catalog.get_or_insert(name);
                self.view.catalog.describe(&container, *metadata);
                self.memory.get_or_insert(&container);
            }
            Record::Run(..) | Record::Event(..) if self.is_sealed => {}
            Record::Run(name, run) => {
                let (memory, recent) = (self.memory, &self.container(name).recent);
                recent.container.note_interval(run.header.end.saturating_sub(1));
                memory.add_run(recent, batch, &run);
            }
            Record::Event(name, at, what) => {
                let memory = self.memory;
                memory.add(&self.container(name).recent, batch, Content::Event(at, what));
            }
            Record::Tail { name, header, pieces, whole: true } => {
                self.losses.clear(name);
                self.container(name).tail = Some(Tail { pieces, header });
            }
            Record::Tail { name, header, pieces, whole: false } => {
                return self.grow(name, batch, header, pieces.into_iter().next());
            }
        }
        Ok(())
    }

    fn container(&mut self, name: &Arc<str>) -> &mut ReplayedContainer {
        let (view, memory) = (self.view, self.memory);
        self.containers.entry(Arc::clone(name)).or_insert_with(|| ReplayedContainer {
            recent: memory.get_or_insert(&view.catalog.get_or_insert(name)),
            tail: None,
        })
    }

    /// Adds samples to a container's tail.
    fn grow(
        &mut self,
        name: &Arc<str>,
        batch: u64,
        header: TailHeader,
        piece: Option<Arc<[u8]>>,
    ) -> Result<(), Error> {
        /// Packing them more often would take longer than the rest of opening.
        const MOST_PIECES: usize = 64;
        let (view, may_lack) = (self.view, self.losses.may_affect(name));
        let ReplayedContainer { recent, tail } = self.container(name);
        let (before, unread) = match tail.take() {
            Some(before) => (Some(before), None),
            None => match view.tail(&recent.container) {
                Ok(before) => (before.map(Arc::unwrap_or_clone), None),
                Err(error) => (None, Some(error)),
            },
        };
        let mut before = before.unwrap_or_default();
        let cut = piece.as_ref().filter(|_| may_lack).and_then(|piece| {
            let background = recent.container.metadata.load().background();
            let settings = view.rules.settings;
            let context = TailContext { name, background: &background, settings };
            before.after_loss(context, piece, &header)
        });
        let Some(cut) = cut else {
            before.pieces.extend(piece);
            *tail = Some(Tail { header, ..before }.in_pieces(MOST_PIECES));
            return unread.map_or(Ok(()), Err);
        };
        *tail = Some(cut.tail.unwrap_or_default());
        let metadata =
            Metadata { since: cut.since, ..Metadata::clone(&recent.container.metadata.load()) };
        view.catalog.describe(&recent.container, metadata);
        let recent = Arc::clone(recent);
        self.losses.clear(name);
        self.keep(&recent, batch, cut.provisional);
        unread.map_or(Ok(()), Err)
    }

    /// Stores the points and events of samples that are gone, where they are better than the stored
    /// ones.
    fn keep(&self, recent: &Recent, batch: u64, mut open: Provisional) {
        let container = &recent.container;
        let mut parts = Parts::clone(self.view.parts());
        parts.memories.push(Arc::clone(self.memory));
        let state = Arc::new(State { batch: u64::MAX, parts: Arc::new(parts) });
        let stored =
            stored_overlapping(&View { state, ..self.view.clone() }, container, &open.points);
        // Other code reports what cannot be read.
        let stored = stored.unwrap_or_default();
        open.points.retain(|point| {
            let there = find_by_start(&stored, point.interval().start());
            there.is_none_or(|there| outranks(point, there))
        });
        for points in runs(&open.points) {
            let (mut encoder, mut bytes) = (Encoder::default(), Vec::new());
            let mut encoder = BatchEncoder::new(&mut encoder, &mut bytes);
            if let Some(staged) = encoder.run(container, points, true) {
                let rows = encoder.into_rows();
                let run = staged.run(&rows);
                container.note_interval(run.header.end.saturating_sub(1));
                self.memory.add_run(recent, batch, &run);
            }
        }
        for (at, what) in open.events {
            self.memory.add(recent, batch, Content::Event(at, what));
        }
    }
}
