//! Parts of a store made one segment: how memories are sealed, and segments compacted.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use super::disk::{Appending, Disk};
use super::manifest::SegmentEntry;
use super::names::{Known, Names};
use super::packed_tail;
use super::points::Points;
use super::remade::Remade;
use super::sealed::segment_name;
use super::segment::Writer;
use super::tail::{Rules, Tail};
use super::view::{Asked, Parts, State, View};
use crate::cancel::Cancel;
use crate::error::Error;
use crate::point::DataPoint;

/// So many points a block has at most: an hour of them as a rule.
pub(super) const BLOCK: usize = 720;
/// What is left of one that is cancelled.
const UNWRITTEN: &str = "no segment was made";

type Failed<'f> = dyn Fn(io::Error) -> Error + 'f;
/// Puts something of a container into a segment, and returns where the last of it ends.
type Put = fn(&Merge, &mut Writer<'_>, &Arc<Known>, &Failed<'_>) -> Result<Option<u64>, Error>;

/// Parts that are to become one segment, the oldest first.
#[derive(Debug)]
pub(super) struct Merge {
    view: View,
    all: Vec<Arc<Known>>,
    /// What could not be read, where that is left out; else it ends the merge.
    lost: Option<Mutex<Vec<Error>>>,
    /// Whether points come back whose place was taken by ones that could not be read.
    superseded: bool,
    /// What has newer tails, which need not be written then.
    newer: Parts,
    /// A container that something is taken out of.
    remade: Option<Remade>,
    cancel: Cancel,
}

impl Merge {
    /// Of these parts, up to a batch.
    pub(super) fn new(parts: Parts, batch: u64, names: &Arc<Names>, rules: Rules) -> Self {
        let mut all: BTreeMap<Arc<str>, Arc<Known>> = BTreeMap::new();
        let mut add = |known: &Arc<Known>| {
            all.insert(Arc::clone(&known.name), Arc::clone(known));
        };
        parts.segments.iter().flat_map(|sealed| sealed.containers()).for_each(&mut add);
        for memory in &parts.memories {
            memory.all().iter().for_each(|recent| add(&recent.known));
        }
        let all = all.into_values().collect();
        let state = Arc::new(State { batch, parts: Arc::new(parts) });
        let view = View { state, names: Arc::clone(names), rules };
        let (newer, cancel) = (Parts::default(), Cancel::default());
        Self { view, all, lost: None, superseded: false, newer, remade: None, cancel }
    }

    /// The same without the tails of containers that have one in these parts.
    pub(super) fn without_tails_of(self, newer: Parts) -> Self {
        Self { newer, ..self }
    }

    /// The same, which ends where it is cancelled: no segment is left of it then.
    pub(super) fn until(self, cancel: &Cancel) -> Self {
        Self { cancel: cancel.clone(), ..self }
    }

    /// The same, which takes something out of a container.
    pub(super) fn remaking(self, remade: Remade) -> Self {
        Self { remade: Some(remade), ..self }
    }

    /// The same, which leaves out what cannot be read.
    pub(super) fn despite_damage(self, superseded: bool) -> Self {
        Self { lost: Some(Mutex::default()), superseded, ..self }
    }

    /// What was left out.
    pub(super) fn into_lost(self) -> Vec<Error> {
        self.lost.map(Mutex::into_inner).unwrap_or_default()
    }

    /// What was read; or nothing, where what cannot be read is left out.
    fn read<T: Default>(&self, read: Result<T, Error>) -> Result<T, Error> {
        match (&self.lost, read) {
            (Some(lost), Err(error)) => {
                lost.lock().push(error);
                Ok(T::default())
            }
            (_, read) => read,
        }
    }

    /// Writes the segment, and makes sure that it outlasts a loss of power. `None` where nothing
    /// is left to be written.
    pub(super) fn write(
        &self,
        disk: &dyn Disk,
        number: u64,
    ) -> Result<Option<SegmentEntry>, Error> {
        self.write_of(disk, (number, false), Self::container)
    }

    /// The same of a segment of those tails that the other is without.
    pub(super) fn write_tails(
        &self,
        disk: &dyn Disk,
        number: u64,
    ) -> Result<Option<SegmentEntry>, Error> {
        self.write_of(disk, (number, true), Self::newer_tail)
    }

    fn write_of(
        &self,
        disk: &dyn Disk,
        which: (u64, bool),
        put: Put,
    ) -> Result<Option<SegmentEntry>, Error> {
        let name = segment_name(which.0);
        let failed = |cause: io::Error| Error::store("write", disk.path(&name), cause);
        let file = disk.create(&name).map_err(failed)?;
        let written = self.write_to(&*file, &failed, which, put);
        let synced = written.and_then(|entry| {
            if entry.is_some() {
                file.sync().and_then(|()| disk.sync()).map_err(failed)?;
            }
            Ok(entry)
        });
        if !matches!(synced, Ok(Some(_))) {
            // If it stays, it is removed when the store is next opened.
            let _ = disk.remove(&name);
        }
        synced
    }

    fn write_to(
        &self,
        file: &dyn Appending,
        failed: &Failed<'_>,
        (number, tails): (u64, bool),
        put: Put,
    ) -> Result<Option<SegmentEntry>, Error> {
        let mut writer = Writer::new(file, self.view.rules.settings.interval(), BLOCK);
        let mut newest = None;
        for known in &self.all {
            self.cancel.check(UNWRITTEN)?;
            newest = newest.max(put(self, &mut writer, known, failed)?);
        }
        let Some(newest) = newest else { return Ok(None) };
        let done = writer.finish().map_err(failed)?;
        let (bytes, points, checksum) = (done.bytes, done.points, done.checksum);
        // Points may still be made of what lies behind the last one.
        let (first, end) = (done.first, done.end.max(newest));
        self.cancel.check(UNWRITTEN)?;
        Ok(Some(SegmentEntry { number, bytes, points, first, end, checksum, tails }))
    }

    fn remade(&self, known: &Arc<Known>) -> Option<&Remade> {
        self.remade.as_ref().filter(|remade| remade.is_of(known))
    }

    /// Whether a newer tail of a container lies elsewhere.
    fn has_newer_tail(&self, known: &Known) -> bool {
        let Parts { memories, segments, .. } = &self.newer;
        let mut recent = memories.iter().filter_map(|memory| memory.get(known.number));
        let mut sealed = segments.iter().filter_map(|sealed| sealed.place(known.number));
        recent.any(|recent| recent.has_tail(self.view.state.batch)) || sealed.next().is_some()
    }

    /// Writes the tail of a container where the other segment is without it, and returns where the
    /// last interval of it ends.
    fn newer_tail(
        &self,
        writer: &mut Writer<'_>,
        known: &Arc<Known>,
        failed: &Failed<'_>,
    ) -> Result<Option<u64>, Error> {
        if !self.has_newer_tail(known) {
            return Ok(None);
        }
        let Some(tail) = self.tail(known)? else { return Ok(None) };
        writer.container(&known.name, b"{}", Some(&packed_tail::put(&tail))).map_err(failed)?;
        Ok(tail.end(self.view.rules.settings.interval()))
    }

    /// The tail of a container, unless all points of it are gone.
    fn tail(&self, known: &Arc<Known>) -> Result<Option<Arc<Tail>>, Error> {
        let (floor, width) = (self.view.parts().floor, self.view.rules.settings.interval());
        let tail = match self.remade(known) {
            Some(remade) => remade.tail(),
            None => self.read(self.view.tail(known))?,
        };
        Ok(tail.filter(|tail| tail.end(width) > Some(floor)))
    }

    /// Writes what there is of a container, and returns where the last of it ends that is no point.
    /// `None` for nothing.
    fn container(
        &self,
        writer: &mut Writer<'_>,
        known: &Arc<Known>,
        failed: &Failed<'_>,
    ) -> Result<Option<u64>, Error> {
        let view = &self.view;
        let (floor, width) = (view.parts().floor, view.rules.settings.interval());
        let remade = self.remade(known);
        let takes = |second: u64| remade.is_some_and(|remade| remade.takes(second));
        let is_left = |point: &Result<DataPoint, Error>| {
            point.as_ref().map_or(true, |point| !takes(point.interval().start()))
        };
        let points = self.read(view.points(known, &Asked::stored(floor..u64::MAX)).map(Some))?;
        let points = points.unwrap_or_else(|| Points::none(Arc::clone(&known.name), width));
        let mut points = points.with_superseded(self.superseded).filter(is_left).peekable();
        let tail = if self.has_newer_tail(known) { None } else { self.tail(known)? };
        let mut events = self.read(view.stored_events(known))?;
        events.retain(|(at, _)| {
            let second = super::tail::second(at.nanos());
            second >= floor && !takes(second)
        });
        let ends = events.iter().map(|(at, _)| super::tail::second(at.nanos()) + 1);
        let about = remade.map_or_else(|| known.about.load_full(), Remade::about);
        // What names it, or tells of its life, may be all that is new of it.
        let named = Some(super::tail::second(about.newest()) + 1);
        let named = named.filter(|end| *end > floor.max(1));
        let end = ends.chain(tail.as_ref().and_then(|tail| tail.end(width))).chain(named).max();
        if points.peek().is_none() && end.is_none() {
            return Ok(None);
        }
        let tail = tail.map(|tail| packed_tail::put(&tail));
        writer.container(&known.name, &about.to_bytes(), tail.as_deref()).map_err(failed)?;
        if self.replaces(known)? {
            writer.superseding();
        }
        for (at, what) in &events {
            writer.event(at.nanos(), &what.to_bytes()).map_err(failed)?;
        }
        for point in points {
            self.cancel.check(UNWRITTEN)?;
            if let Some(point) = self.read(point.map(Some))? {
                writer.point(&point).map_err(failed)?;
            }
        }
        Ok(Some(end.unwrap_or_default()))
    }

    /// Whether anything of a container took the place of what was stored before.
    fn replaces(&self, known: &Known) -> Result<bool, Error> {
        let parts = self.view.parts();
        let memories = parts.memories.iter().filter_map(|memory| memory.get(known.number));
        let mut recent =
            memories.filter(|recent| recent.runs(self.view.state.batch).any(|run| run.replaces));
        if recent.next().is_some() {
            return Ok(true);
        }
        for sealed in &parts.segments {
            let place = sealed.place(known.number);
            if let Some(place) = place
                && self.read(sealed.is_superseding(place))?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
