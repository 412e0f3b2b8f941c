//! Parts of a store made one segment: how memories are sealed, and segments compacted.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use super::catalog::{Catalog, StoredContainer};
use super::disk::{AppendFile, Disk};
use super::manifest::SegmentEntry;
use super::packed_tail;
use super::points::Points;
use super::rewrite::Rewrite;
use super::sealed::segment_name;
use super::segment::SegmentWriter;
use super::tail::{Rules, Tail};
use super::view::{Parts, Query, State, View};
use crate::cancel::Cancel;
use crate::error::Error;
use crate::point::DataPoint;

/// So many points a block has at most: an hour of them as a rule.
pub(super) const BLOCK: usize = 720;
/// What is left of one that is cancelled.
const UNWRITTEN: &str = "no segment was made";

type Failed<'f> = dyn Fn(io::Error) -> Error + 'f;
/// Puts something of a container into a segment, and returns where the last of it ends.
type Put = fn(
    &Merge,
    &mut SegmentWriter<'_>,
    &Arc<StoredContainer>,
    &Failed<'_>,
) -> Result<Option<u64>, Error>;

/// Parts that are to become one segment, the oldest first.
#[derive(Debug)]
pub(super) struct Merge {
    view: View,
    all: Vec<Arc<StoredContainer>>,
    /// What could not be read, where that is left out; else it ends the merge.
    lost: Option<Mutex<Vec<Error>>>,
    /// Whether points come back whose place was taken by ones that could not be read.
    superseded: bool,
    /// What has newer tails, which need not be written then.
    newer: Parts,
    /// A container that something is taken out of.
    rewrite: Option<Rewrite>,
    cancel: Cancel,
}

impl Merge {
    /// Of these parts, up to a batch.
    pub(super) fn new(parts: Parts, batch: u64, catalog: &Arc<Catalog>, rules: Rules) -> Self {
        let mut all: BTreeMap<Arc<str>, Arc<StoredContainer>> = BTreeMap::new();
        let mut add = |container: &Arc<StoredContainer>| {
            all.insert(Arc::clone(&container.name), Arc::clone(container));
        };
        parts.segments.iter().flat_map(|sealed| sealed.containers()).for_each(&mut add);
        for memory in &parts.memories {
            memory.all().iter().for_each(|recent| add(&recent.container));
        }
        let all = all.into_values().collect();
        let state = Arc::new(State { batch, parts: Arc::new(parts) });
        let view = View { state, catalog: Arc::clone(catalog), rules };
        let (newer, cancel) = (Parts::default(), Cancel::default());
        Self { view, all, lost: None, superseded: false, newer, rewrite: None, cancel }
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
    pub(super) fn with_rewrite(self, rewrite: Rewrite) -> Self {
        Self { rewrite: Some(rewrite), ..self }
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
        file: &dyn AppendFile,
        failed: &Failed<'_>,
        (number, tails): (u64, bool),
        put: Put,
    ) -> Result<Option<SegmentEntry>, Error> {
        let mut writer = SegmentWriter::new(file, self.view.rules.settings.interval(), BLOCK);
        let mut newest = None;
        for container in &self.all {
            self.cancel.check(UNWRITTEN)?;
            newest = newest.max(put(self, &mut writer, container, failed)?);
        }
        let Some(newest) = newest else { return Ok(None) };
        let done = writer.finish().map_err(failed)?;
        let (bytes, points, checksum) = (done.bytes, done.points, done.checksum);
        // Points may still be made of what lies behind the last one.
        let (first, end) = (done.first, done.end.max(newest));
        self.cancel.check(UNWRITTEN)?;
        Ok(Some(SegmentEntry { number, bytes, points, first, end, checksum, tails }))
    }

    fn rewrite(&self, container: &Arc<StoredContainer>) -> Option<&Rewrite> {
        self.rewrite.as_ref().filter(|rewrite| rewrite.is_of(container))
    }

    /// Whether a newer tail of a container lies elsewhere.
    fn has_newer_tail(&self, container: &StoredContainer) -> bool {
        let Parts { memories, segments, .. } = &self.newer;
        let mut recent = memories.iter().filter_map(|memory| memory.get(container.number));
        let mut sealed = segments.iter().filter_map(|sealed| sealed.place(container.number));
        recent.any(|recent| recent.has_tail(self.view.state.batch)) || sealed.next().is_some()
    }

    /// Writes the tail of a container where the other segment is without it, and returns where the
    /// last interval of it ends.
    fn newer_tail(
        &self,
        writer: &mut SegmentWriter<'_>,
        container: &Arc<StoredContainer>,
        failed: &Failed<'_>,
    ) -> Result<Option<u64>, Error> {
        if !self.has_newer_tail(container) {
            return Ok(None);
        }
        let Some(tail) = self.tail(container)? else { return Ok(None) };
        writer.container(&container.name, b"{}", Some(&packed_tail::put(&tail))).map_err(failed)?;
        Ok(tail.end(self.view.rules.settings.interval()))
    }

    /// The tail of a container, unless all points of it are gone.
    fn tail(&self, container: &Arc<StoredContainer>) -> Result<Option<Arc<Tail>>, Error> {
        let (floor, width) = (self.view.parts().floor, self.view.rules.settings.interval());
        let tail = match self.rewrite(container) {
            Some(rewrite) => rewrite.tail(),
            None => self.read(self.view.tail(container))?,
        };
        Ok(tail.filter(|tail| tail.end(width) > Some(floor)))
    }

    /// Writes what there is of a container, and returns where the last of it ends that is no point.
    /// `None` for nothing.
    fn container(
        &self,
        writer: &mut SegmentWriter<'_>,
        container: &Arc<StoredContainer>,
        failed: &Failed<'_>,
    ) -> Result<Option<u64>, Error> {
        let view = &self.view;
        let (floor, width) = (view.parts().floor, view.rules.settings.interval());
        let rewrite = self.rewrite(container);
        let removes = |second: u64| rewrite.is_some_and(|rewrite| rewrite.removes(second));
        let is_left = |point: &Result<DataPoint, Error>| {
            point.as_ref().map_or(true, |point| !removes(point.interval().start()))
        };
        let points =
            self.read(view.points(container, &Query::stored(floor..u64::MAX)).map(Some))?;
        let points = points.unwrap_or_else(|| Points::none(Arc::clone(&container.name), width));
        let mut points = points.with_superseded(self.superseded).filter(is_left).peekable();
        let tail = if self.has_newer_tail(container) { None } else { self.tail(container)? };
        let mut events = self.read(view.stored_events(container))?;
        events.retain(|(at, _)| {
            let second = super::tail::second(at.nanos());
            second >= floor && !removes(second)
        });
        let ends = events.iter().map(|(at, _)| super::tail::second(at.nanos()) + 1);
        let metadata = rewrite.map_or_else(|| container.metadata.load_full(), Rewrite::metadata);
        // What names it, or tells of its life, may be all that is new of it.
        let named = Some(super::tail::second(metadata.newest()) + 1);
        let named = named.filter(|end| *end > floor.max(1));
        let end = ends.chain(tail.as_ref().and_then(|tail| tail.end(width))).chain(named).max();
        if points.peek().is_none() && end.is_none() {
            return Ok(None);
        }
        let tail = tail.map(|tail| packed_tail::put(&tail));
        writer.container(&container.name, &metadata.to_bytes(), tail.as_deref()).map_err(failed)?;
        if self.replaces(container)? {
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
    fn replaces(&self, container: &StoredContainer) -> Result<bool, Error> {
        let parts = self.view.parts();
        let memories = parts.memories.iter().filter_map(|memory| memory.get(container.number));
        let mut recent =
            memories.filter(|recent| recent.runs(self.view.state.batch).any(|run| run.replaces));
        if recent.next().is_some() {
            return Ok(true);
        }
        for sealed in &parts.segments {
            let place = sealed.place(container.number);
            if let Some(place) = place
                && self.read(sealed.is_superseding(place))?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
