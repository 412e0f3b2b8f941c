//! Applies the records of a log to memory.

use std::collections::HashMap;
use std::sync::Arc;

use super::memory::{Content, Memory, Recent};
use super::metadata::Metadata;
use super::overlap::{find_by_start, runs, stored_overlapping};
use super::points::outranks;
use super::records::{Record, TailExtent};
use super::run::{Run, RunHeader};
use super::tail::{Provisional, Tail, TailContext, TailHeader};
use super::view::{Parts, State, View};
use crate::error::Error;
use crate::metric::MetricSet;
use crate::point::DataPoint;
use crate::settings::Settings;

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
    /// The header of the tail from which on points must be made of its samples.
    points_from: Option<TailHeader>,
}

impl ReplayedContainer {
    /// Makes the points that no record has of the samples: with the documented figures, since points
    /// with others are logged, and not those that whoever opens the store wants of new points.
    pub(super) fn make_points(&mut self, settings: Settings, memory: &Memory, batch: u64) {
        let settings = settings.with_metrics(MetricSet::default());
        let Self { recent, tail: Some(tail), points_from } = self else { return };
        let Some(from) = points_from.take() else { return };
        let background = recent.container.metadata.load().background();
        let points = tail.points_since(&from, &recent.container.name, &background, settings);
        // Who reads the tail reports a piece that is invalid.
        add_points(memory, recent, batch, &points.unwrap_or_default(), false);
    }
}

impl Applier<'_> {
    /// Applies one record.
    pub(super) fn apply(&mut self, batch: u64, record: Record<'_>) -> Result<(), Error> {
        match record {
            Record::Metadata(name, metadata) => {
                self.make_points(name, batch);
                let container = self.view.catalog.get_or_insert(name);
                self.view.catalog.describe(&container, *metadata);
                self.memory.get_or_insert(&container);
            }
            Record::Run(..) | Record::Event(..) if self.is_sealed => {}
            Record::Run(name, run) => {
                self.make_points(name, batch);
                let memory = self.memory;
                memory.add_runs(batch, [(&*self.container(name).recent, run)]);
            }
            Record::Event(name, at, what) => {
                let memory = self.memory;
                memory.add(&self.container(name).recent, batch, Content::Event(at, what));
            }
            Record::Tail(name, tail, TailExtent::Whole) => {
                self.make_points(name, batch);
                self.losses.clear(name);
                self.container(name).tail = Some(tail);
            }
            Record::Tail(name, added, extent) => {
                let makes_points = extent == TailExtent::AddedForPoints && !self.is_sealed;
                if !makes_points || self.losses.may_affect(name) {
                    self.make_points(name, batch);
                }
                return self.grow(name, batch, added, makes_points);
            }
        }
        Ok(())
    }

    fn container(&mut self, name: &Arc<str>) -> &mut ReplayedContainer {
        let (view, memory) = (self.view, self.memory);
        self.containers.entry(Arc::clone(name)).or_insert_with(|| ReplayedContainer {
            recent: memory.get_or_insert(&view.catalog.get_or_insert(name)),
            tail: None,
            points_from: None,
        })
    }

    fn make_points(&mut self, name: &Arc<str>, batch: u64) {
        if let Some(container) = self.containers.get_mut(name) {
            container.make_points(self.view.rules.settings, self.memory, batch);
        }
    }

    /// Adds samples to a container's tail.
    fn grow(
        &mut self,
        name: &Arc<str>,
        batch: u64,
        added: Tail,
        makes_points: bool,
    ) -> Result<(), Error> {
        /// Packing them more often would take longer than the rest of opening.
        const MOST_PIECES: usize = 64;
        let (header, piece) = (added.header, added.pieces.into_iter().next());
        let (view, may_lack) = (self.view, self.losses.may_affect(name));
        let ReplayedContainer { recent, tail, points_from } = self.container(name);
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
            if makes_points && unread.is_none() {
                points_from.get_or_insert(before.header);
            }
            before.pieces.extend(piece);
            let is_long = before.pieces.len() > MOST_PIECES;
            *tail = Some(Tail { header, pieces: before.pieces });
            if is_long {
                self.make_points(name, batch);
                let tail = &mut self.container(name).tail;
                *tail = tail.take().map(Tail::packed);
            }
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
        add_points(self.memory, recent, batch, &open.points, true);
        for (at, what) in open.events {
            self.memory.add(recent, batch, Content::Event(at, what));
        }
    }
}

/// Adds points to memory, in rising time.
fn add_points(memory: &Memory, recent: &Recent, batch: u64, points: &[DataPoint], replaces: bool) {
    for points in runs(points) {
        let mut rows = Vec::new();
        if let Some(header) = RunHeader::put(&mut rows, points, replaces) {
            memory.add_runs(batch, [(recent, Run { header, rows: &rows })]);
        }
    }
}
