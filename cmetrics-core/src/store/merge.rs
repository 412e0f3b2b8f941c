//! Merges parts of a store into one segment: seals memories and compacts segments.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use super::catalog::Catalog;
use super::disk::{AppendFile, Disk};
use super::manifest::SegmentEntry;
use super::packed_tail;
use super::points::Points;
use super::rewrite::Rewrite;
use super::sealed::segment_name;
use super::segment::SegmentWriter;
use super::stored::StoredContainer;
use super::tail::{Rules, Tail};
use super::view::{Parts, Query, State, View};
use crate::cancel::Cancel;
use crate::error::Error;
use crate::point::DataPoint;

/// The most points of a block: usually an hour.
pub(super) const BLOCK: usize = 720;
/// The outcome of a cancelled merge.
const UNWRITTEN: &str = "no segment was made";

type Failed<'f> = dyn Fn(io::Error) -> Error + 'f;

/// A merge of parts into one segment, the oldest part first.
#[derive(Debug)]
pub(super) struct Merge {
    view: View,
    all: Vec<Arc<StoredContainer>>,
    /// The errors, if unreadable data is left out; else an error ends the merge.
    lost: Option<Mutex<Vec<Error>>>,
    /// Whether superseded points come back where their replacement is unreadable.
    superseded: bool,
    /// Parts that may hold newer tails, which make those of the merged parts unnecessary.
    newer: Parts,
    /// The container that `remove` rewrites.
    rewrite: Option<Rewrite>,
    cancel: Cancel,
}

impl Merge {
    /// Merges these parts, up to a batch.
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

    /// Leaves out the tails of containers that have one in these parts.
    pub(super) fn without_tails_of(self, newer: Parts) -> Self {
        Self { newer, ..self }
    }

    /// Ends where it is cancelled, and leaves no segment behind.
    pub(super) fn until(self, cancel: &Cancel) -> Self {
        Self { cancel: cancel.clone(), ..self }
    }

    /// Rewrites a container that something is removed from.
    pub(super) fn with_rewrite(self, rewrite: Rewrite) -> Self {
        Self { rewrite: Some(rewrite), ..self }
    }

    /// Leaves out what is unreadable.
    pub(super) fn despite_damage(self, superseded: bool) -> Self {
        Self { lost: Some(Mutex::default()), superseded, ..self }
    }

    /// The errors of what was left out.
    pub(super) fn into_lost(self) -> Vec<Error> {
        self.lost.map(Mutex::into_inner).unwrap_or_default()
    }

    /// The result; or nothing, where unreadable data is left out.
    fn read<T: Default>(&self, read: Result<T, Error>) -> Result<T, Error> {
        match (&self.lost, read) {
            (Some(lost), Err(error)) => {
                lost.lock().push(error);
                Ok(T::default())
            }
            (_, read) => read,
        }
    }

    /// Writes the segment and syncs it. Returns `None` if there is nothing to write.
    pub(super) fn write(
        &self,
        disk: &dyn Disk,
        number: u64,
    ) -> Result<Option<SegmentEntry>, Error> {
        self.write_of(disk, number, false)
    }

    /// The same for a segment of the tails that the other one leaves out.
    pub(super) fn write_tails(
        &self,
        disk: &dyn Disk,
        number: u64,
    ) -> Result<Option<SegmentEntry>, Error> {
        self.write_of(disk, number, true)
    }

    fn write_of(
        &self,
        disk: &dyn Disk,
        number: u64,
        tails: bool,
    ) -> Result<Option<SegmentEntry>, Error> {
        let name = segment_name(number);
        let failed = |cause: io::Error| Error::store("write", disk.path(&name), cause);
        let file = disk.create(&name).map_err(failed)?;
        let written = self.write_to(&*file, &failed, number, tails);
        let synced = written.and_then(|entry| {
            if entry.is_some() {
                file.sync().and_then(|()| disk.sync()).map_err(failed)?;
            }
            Ok(entry)
        });
        if !matches!(synced, Ok(Some(_))) {
            // If this fails, the next opening removes it.
            let _ = disk.remove(&name);
        }
        synced
    }

    fn write_to(
        &self,
        file: &dyn AppendFile,
        failed: &Failed<'_>,
        number: u64,
        tails: bool,
    ) -> Result<Option<SegmentEntry>, Error> {
        let mut writer =
            SegmentWriter::new(file, self.view.rules.settings.interval_seconds(), BLOCK);
        let mut newest = None;
        for container in &self.all {
            self.cancel.check(UNWRITTEN)?;
            newest = newest.max(if tails {
                self.newer_tail(&mut writer, container, failed)?
            } else {
                self.container(&mut writer, container, failed)?
            });
        }
        let Some(newest) = newest else { return Ok(None) };
        let done = writer.finish().map_err(failed)?;
        let (bytes, points, checksum) = (done.bytes, done.points, done.checksum);
        // Provisional points may lie behind the last stored one.
        let (first, end) = (done.first, done.end.max(newest));
        self.cancel.check(UNWRITTEN)?;
        Ok(Some(SegmentEntry { number, bytes, points, first, end, checksum, tails }))
    }

    fn rewrite(&self, container: &Arc<StoredContainer>) -> Option<&Rewrite> {
        self.rewrite.as_ref().filter(|rewrite| rewrite.is_of(container))
    }

    /// Whether other parts hold a newer tail of a container.
    fn has_newer_tail(&self, container: &StoredContainer) -> bool {
        let Parts { memories, segments, .. } = &self.newer;
        let mut recent = memories.iter().filter_map(|memory| memory.get(container.number));
        let mut sealed = segments.iter().filter_map(|sealed| sealed.place(container.number));
        recent.any(|recent| recent.has_tail(self.view.state.batch)) || sealed.next().is_some()
    }

    /// Writes the tail of a container that the other segment leaves out, and returns the end of its
    /// last interval.
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
        Ok(tail.end(self.view.rules.settings.interval_seconds()))
    }

    /// The tail of a container, unless all its points lie before the floor.
    fn tail(&self, container: &Arc<StoredContainer>) -> Result<Option<Arc<Tail>>, Error> {
        let (floor, width) = (self.view.parts().floor, self.view.rules.settings.interval_seconds());
        let tail = match self.rewrite(container) {
            Some(rewrite) => rewrite.tail(),
            None => self.read(self.view.tail(container))?,
        };
        Ok(tail.filter(|tail| tail.end(width) > Some(floor)))
    }

    /// Writes a container, and returns the end of what it has besides points. Returns `None` if it
    /// has nothing.
    fn container(
        &self,
        writer: &mut SegmentWriter<'_>,
        container: &Arc<StoredContainer>,
        failed: &Failed<'_>,
    ) -> Result<Option<u64>, Error> {
        let view = &self.view;
        let (floor, width) = (view.parts().floor, view.rules.settings.interval_seconds());
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
        // A change of its metadata may be all that is new.
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

    /// Whether anything of a container replaced what was stored before.
    fn replaces(&self, container: &StoredContainer) -> Result<bool, Error> {
        let parts = self.view.parts();
        let memories = parts.memories.iter().filter_map(|memory| memory.get(container.number));
        let mut recent = memories
            .filter(|recent| recent.runs(self.view.state.batch).any(|run| run.header.replaces));
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
