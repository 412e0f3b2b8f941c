//! What the records of a log do to memory.

use std::collections::HashMap;
use std::sync::Arc;

use super::append::{at_start, runs, stored_beside};
use super::memory::{Memory, Recent, What};
use super::names::About;
use super::points::outranks;
use super::records::{Batch, Record, Said};
use super::tail::{Cut, Marks, Of, Open, Tail};
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
    pub(super) met: Met,
    pub(super) losses: &'a mut Losses,
}

/// The containers of a log: quicker to look up than among all.
pub(super) type Met = HashMap<Arc<str>, Arc<Recent>, foldhash::fast::RandomState>;

impl Applying<'_> {
    /// Puts what a record says into memory.
    pub(super) fn apply(&mut self, batch: u64, record: Record<'_>) -> Result<(), Error> {
        match record {
            Record::About(name, about) => {
                let known = self.view.names.of(name);
                known.about.store(Arc::new(about));
                self.memory.of(&known);
            }
            Record::Run(name, run) => {
                let recent = self.met(name);
                recent.known.note(run.end.saturating_sub(1));
                self.memory.add(&recent, batch, What::Run(run));
            }
            Record::Event(name, at, what) => {
                self.memory.add(&self.met(name), batch, What::Event(at, what));
            }
            Record::Tail { name, marks, pieces, whole: true } => {
                self.losses.have_none(name);
                let tail = Arc::new(Tail { pieces, marks });
                self.memory.add(&self.met(name), batch, What::Tail(tail));
            }
            Record::Tail { name, marks, pieces, whole: false } => {
                let recent = self.met(name);
                return self.grow(&recent, batch, (marks, pieces.into_iter().next()));
            }
        }
        Ok(())
    }

    fn met(&mut self, name: &Arc<str>) -> Arc<Recent> {
        let (view, memory) = (self.view, self.memory);
        let met = self.met.entry(Arc::clone(name));
        Arc::clone(met.or_insert_with(|| memory.of(&view.names.of(name))))
    }

    /// Adds samples to a container's tail.
    fn grow(
        &mut self,
        recent: &Recent,
        batch: u64,
        (marks, piece): (Marks, Option<Arc<[u8]>>),
    ) -> Result<(), Error> {
        let name = &recent.known.name;
        let (before, unread) = match recent.tail(batch) {
            Some(before) => (Some(Arc::clone(before)), None),
            None => self.view.tail(&recent.known).map_or_else(|e| (None, Some(e)), |t| (t, None)),
        };
        let before = before.unwrap_or_default();
        let cut = match &piece {
            Some(piece) if self.losses.may_have(name) => {
                let background = recent.known.about.load().background();
                let settings = self.view.rules.settings;
                let of = Of { name, background: &background, settings };
                before.behind_what_is_lost(of, piece, &marks)
            }
            _ => None,
        };
        let tail = if let Some(Cut { tail, since, open }) = cut {
            self.losses.have_none(name);
            self.keep(recent, batch, open);
            let about = About { since, ..About::clone(&recent.known.about.load()) };
            recent.known.about.store(Arc::new(about));
            tail.unwrap_or_default()
        } else {
            before.grown(piece, marks)
        };
        self.memory.add(recent, batch, What::Tail(Arc::new(tail)));
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
