//! What the records of a log do to memory.

use std::collections::HashMap;
use std::sync::Arc;

use super::beside::{at_start, runs, stored_beside};
use super::memory::{Memory, Recent, What};
use super::names::About;
use super::points::outranks;
use super::records::{Batch, Record, Said};
use super::tail::{Marks, Of, Open, Tail};
use super::view::{Parts, State, View};
use crate::error::Error;

/// Which tails may lack samples, as a part of what was written is lost.
#[derive(Debug, Default)]
pub(super) struct Losses {
    count: u64,
    /// How many there were when a container's tail was last sure to lack none.
    sure: HashMap<Arc<str>, u64>,
}

impl Losses {
    /// Something is lost that lies before what comes.
    pub(super) fn note(&mut self) {
        self.count += 1;
    }

    fn may_have(&self, name: &Arc<str>) -> bool {
        self.sure.get(name).copied().unwrap_or_default() < self.count
    }

    fn have_none(&mut self, name: &Arc<str>) {
        if self.count > 0 {
            self.sure.insert(Arc::clone(name), self.count);
        }
    }
}

/// Where the records of a log go.
pub(super) struct Applying<'a> {
    pub(super) view: &'a View,
    pub(super) memory: &'a Arc<Memory>,
    pub(super) containers: &'a mut Containers,
    pub(super) losses: &'a mut Losses,
    /// Whether points and events of what comes lie in segments.
    pub(super) is_sealed: bool,
}

/// The containers that logs tell of: quicker to look up than among all.
pub(super) type Containers = HashMap<Arc<str>, Replaying, foldhash::fast::RandomState>;

/// A container that logs tell of.
pub(super) struct Replaying {
    pub(super) recent: Arc<Recent>,
    /// Its tail as it was last: nobody asks for those before.
    pub(super) tail: Option<Tail>,
}

impl Applying<'_> {
    /// Puts what a record says into memory.
    pub(super) fn apply(&mut self, batch: u64, record: Record<'_>) -> Result<(), Error> {
        match record {
            Record::About(name, about) => {
                let known = self.view.names.of(name);
                known.about.store(Arc::new(about));
                self.memory.of(&known);
            }
            Record::Run(..) | Record::Event(..) if self.is_sealed => {}
            Record::Run(name, run) => {
                let (memory, recent) = (self.memory, &self.container(name).recent);
                recent.known.note(run.end.saturating_sub(1));
                memory.add(recent, batch, What::Run(run));
            }
            Record::Event(name, at, what) => {
                let memory = self.memory;
                memory.add(&self.container(name).recent, batch, What::Event(at, what));
            }
            Record::Tail { name, marks, pieces, whole: true } => {
                self.losses.have_none(name);
                self.container(name).tail = Some(Tail { pieces, marks });
            }
            Record::Tail { name, marks, pieces, whole: false } => {
                return self.grow(name, batch, (marks, pieces.into_iter().next()));
            }
        }
        Ok(())
    }

    fn container(&mut self, name: &Arc<str>) -> &mut Replaying {
        let (view, memory) = (self.view, self.memory);
        self.containers
            .entry(Arc::clone(name))
            .or_insert_with(|| Replaying { recent: memory.of(&view.names.of(name)), tail: None })
    }

    /// Adds samples to a container's tail.
    fn grow(
        &mut self,
        name: &Arc<str>,
        batch: u64,
        (marks, piece): (Marks, Option<Arc<[u8]>>),
    ) -> Result<(), Error> {
        /// To pack them more often would take longer than all else of opening a store.
        const MOST_PIECES: usize = 64;
        let (view, may_lack) = (self.view, self.losses.may_have(name));
        let Replaying { recent, tail } = self.container(name);
        let (before, unread) = match tail.take() {
            Some(before) => (Some(before), None),
            None => match view.tail(&recent.known) {
                Ok(before) => (before.map(Arc::unwrap_or_clone), None),
                Err(error) => (None, Some(error)),
            },
        };
        let mut before = before.unwrap_or_default();
        let cut = piece.as_ref().filter(|_| may_lack).and_then(|piece| {
            let background = recent.known.about.load().background();
            let settings = view.rules.settings;
            let of = Of { name, background: &background, settings };
            before.behind_what_is_lost(of, piece, &marks)
        });
        let Some(cut) = cut else {
            before.pieces.extend(piece);
            *tail = Some(Tail { marks, ..before }.in_pieces(MOST_PIECES));
            return unread.map_or(Ok(()), Err);
        };
        *tail = Some(cut.tail.unwrap_or_default());
        let about = About { since: cut.since, ..About::clone(&recent.known.about.load()) };
        recent.known.about.store(Arc::new(about));
        let recent = Arc::clone(recent);
        self.losses.have_none(name);
        self.keep(&recent, batch, cut.open);
        unread.map_or(Ok(()), Err)
    }

    /// Keeps points and events as stored that nothing more is made of, where they are better than
    /// what is.
    fn keep(&self, recent: &Recent, batch: u64, mut open: Open) {
        let known = &recent.known;
        let mut parts = Parts::clone(self.view.parts());
        parts.memories.push(Arc::clone(self.memory));
        let state = Arc::new(State { batch: u64::MAX, parts: Arc::new(parts) });
        let stored = stored_beside(&View { state, ..self.view.clone() }, known, &open.points);
        // What cannot be read is told elsewhere.
        let stored = stored.unwrap_or_default();
        open.points.retain(|point| {
            let there = at_start(&stored, point.interval().start());
            there.is_none_or(|there| outranks(point, there))
        });
        for points in runs(&open.points) {
            let (mut said, mut bytes) = (Said::default(), Vec::new());
            if let Some(run) = Batch::new(&mut said, &mut bytes).run(known, points, true) {
                known.note(run.end.saturating_sub(1));
                self.memory.add(recent, batch, What::Run(run));
            }
        }
        for (at, what) in open.events {
            self.memory.add(recent, batch, What::Event(at, what));
        }
    }
}
