//! Removes a container's points, events and samples of a time range.
//!
//! Segments are immutable. Each one that holds any of the data is rewritten without it, and one
//! manifest names all new segments in place of the old ones. So the data is removed as a whole or
//! not at all.

use std::ops::Range;
use std::sync::Arc;

use super::manifest::SegmentEntry;
use super::merge::Merge;
use super::metadata::Metadata;
use super::rewrite::Rewrite;
use super::sealed::Sealed;
use super::shared::Shared;
use super::stored::StoredContainer;
use super::tail::{Cut, TailContext, second};
use super::time_range::TimeRange;
use super::view::{Parts, Query, View};
use super::worker::{self, Replacement};
use super::writer::Writer;
use crate::cancel::Cancel;
use crate::chain_name;
use crate::container::{self, Identity};
use crate::error::Error;
use crate::time::{NANOS_PER_SECOND, Timestamp};

/// What was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// The container's name.
    pub container: Arc<str>,
    /// The range, widened to whole intervals; an empty one where the range was empty.
    pub range: Range<Timestamp>,
    /// The number of its points, final or not.
    pub points: u64,
    /// The number of its events.
    pub events: u64,
}

const AS_BEFORE: &str = "nothing was taken out";

impl Removed {
    /// Nothing yet, of a range of seconds.
    fn of(container: &StoredContainer, range: &Range<u64>) -> Self {
        let range = Timestamp::at_second(range.start)..Timestamp::at_second(range.end);
        Self { container: Arc::clone(&container.name), range, points: 0, events: 0 }
    }
}

impl Shared {
    pub(super) fn remove(
        &self,
        word: &str,
        range: TimeRange,
        cancel: &Cancel,
    ) -> Result<Removed, Error> {
        drop(self.writer()?);
        // Taken before the writer's lock: compaction never waits for writers.
        let compacting = self.compacting(cancel, AS_BEFORE)?;
        let mut writer = self.writer()?;
        let view = self.view();
        let asked = range.touched_seconds();
        let container = find_one(&view, word, &asked)?;
        if range.is_empty() {
            return Ok(Removed::of(&container, &(0..0)));
        }
        let width = self.rules.settings.interval_seconds();
        let end = asked.end.div_ceil(width).saturating_mul(width);
        let range = asked.start / width * width..end;
        let removed = count(&view, &container, &range, cancel)?;
        for chain in view.chains(&container) {
            let cut = self.cut(&view, &chain, &range)?;
            if removed.points > 0 || removed.events > 0 || cut.is_some() {
                self.take_out(&mut writer, &chain, &range, cut, cancel)?;
            }
        }
        drop((writer, compacting));
        self.forget_containers()?;
        Ok(removed)
    }

    /// What remains of a container's tail. `None` if nothing is removed from it.
    fn cut(
        &self,
        view: &View,
        container: &Arc<StoredContainer>,
        range: &Range<u64>,
    ) -> Result<Option<Cut>, Error> {
        let Some(tail) = view.tail(container)? else { return Ok(None) };
        let settings = self.rules.settings;
        let unread = || {
            let name = chain_name::told(&container.name);
            self.refused(format!("the raw samples of {name} cannot be decoded"))
        };
        if !tail.overlaps(range, settings).ok_or_else(unread)? {
            return Ok(None);
        }
        let stored = stored_before(view, container, range.start)?;
        let background = container.metadata.load().background();
        let context = TailContext { name: &container.name, background: &background, settings };
        tail.without(context, range, stored).ok_or_else(unread).map(Some)
    }

    fn take_out(
        &self,
        writer: &mut Writer,
        container: &Arc<StoredContainer>,
        range: &Range<u64>,
        mut cut: Option<Cut>,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        cancel.check(AS_BEFORE)?;
        if let Some(cut) = cut.as_mut().filter(|cut| !cut.provisional.points.is_empty()) {
            // If the rest fails, these points were stored a little early.
            let open = std::mem::take(&mut cut.provisional);
            self.write_with(writer, cancel, |view, staged| {
                self.stage(view, staged, &open.points)?;
                open.events.into_iter().for_each(|(at, what)| staged.event(container, at, what));
                Ok(())
            })?;
        }
        self.prepare(writer)?;
        self.rotate(writer)?;
        worker::seal_all(self)?;
        let view = self.view();
        let metadata = metadata(container, cut.as_ref(), range);
        let (is_cut, tail) = match cut {
            Some(cut) => (true, cut.tail.map(Arc::new)),
            None => (false, view.tail(container)?),
        };
        let rewrite =
            Rewrite { container: Arc::clone(container), range: range.clone(), metadata, tail };
        let replacements = self.rewrite_segments(&view, &rewrite, is_cut, cancel)?;
        worker::install(self, replacements, None)?;
        self.catalog.describe(container, Metadata::clone(&rewrite.metadata));
        container.set_newest_end(self.view().end(container, None)?);
        Ok(())
    }

    /// Rewrites the segments that hold any of the removed data.
    fn rewrite_segments(
        &self,
        view: &View,
        rewrite: &Rewrite,
        is_cut: bool,
        cancel: &Cancel,
    ) -> Result<Vec<Replacement>, Error> {
        let (segments, number) = (&view.parts().segments, rewrite.container.number);
        let names = |sealed: &Arc<Sealed>| !sealed.entry.tails && sealed.place(number).is_some();
        let last = segments.iter().rposition(names);
        // Only the last tail counts. Earlier ones are dropped, so that none of them becomes the
        // last.
        let (mut has_tail, mut replacements) = (false, Vec::new());
        for (index, sealed) in segments.iter().enumerate().rev() {
            let Some(place) = sealed.place(number) else { continue };
            let holds_tail = sealed.tail(place)?.is_some();
            let is_last_tail = holds_tail && !has_tail;
            has_tail |= holds_tail;
            let is_changed = (is_cut && (is_last_tail || Some(index) == last))
                || (holds_tail && rewrite.tail.is_none())
                || holds_any(sealed, number, place, &rewrite.range)?;
            if !is_changed {
                continue;
            }
            let tail = rewrite.tail.clone().filter(|_| is_last_tail);
            let rewrite = Rewrite { tail, ..rewrite.clone() };
            match self.rewrite_segment(sealed, rewrite, cancel) {
                Ok(entry) => {
                    replacements.push(Replacement::of([sealed], entry.into_iter().collect()));
                }
                Err(error) => {
                    worker::remove_segments(
                        self,
                        replacements.iter().flat_map(Replacement::new_numbers),
                    );
                    return Err(error);
                }
            }
        }
        Ok(replacements)
    }

    fn rewrite_segment(
        &self,
        sealed: &Arc<Sealed>,
        rewrite: Rewrite,
        cancel: &Cancel,
    ) -> Result<Option<SegmentEntry>, Error> {
        let (segments, floor) = (vec![Arc::clone(sealed)], self.view().parts().floor);
        let parts = Parts { segments, floor, ..Parts::default() };
        let merge = Merge::new(parts.clone(), u64::MAX, &self.catalog, self.rules).until(cancel);
        let (merge, number) = (merge.with_rewrite(rewrite), self.next_number());
        if sealed.entry.tails {
            return merge.without_tails_of(parts).write_tails(&*self.disk, number);
        }
        merge.write(&*self.disk, number)
    }
}

/// The single container that `word` stands for.
fn find_one(view: &View, word: &str, range: &Range<u64>) -> Result<Arc<StoredContainer>, Error> {
    let bearers = view.find(word, range)?;
    let identities: Vec<&Identity> = bearers.iter().map(|bearer| &bearer.identity).collect();
    match identities.as_slice() {
        [one] => Ok(view.catalog.get_or_insert(one.name())),
        several => Err(container::ambiguous(several, word)),
    }
}

/// Counts what queries return of a container in this range.
fn count(
    view: &View,
    container: &Arc<StoredContainer>,
    range: &Range<u64>,
    cancel: &Cancel,
) -> Result<Removed, Error> {
    let query = Query { range: range.clone(), metrics: None, provisional: true };
    let mut removed = Removed::of(container, range);
    for point in view.ranked_points(container, &query)? {
        point?;
        cancel.check(AS_BEFORE)?;
        removed.points += 1;
    }
    removed.events = view.ranked_events(container, TimeRange::of_seconds(range))?.len() as u64;
    Ok(removed)
}

/// The end of the last stored interval before `time`.
fn stored_before(
    view: &View,
    container: &Arc<StoredContainer>,
    time: u64,
) -> Result<Option<u64>, Error> {
    let (batch, parts) = (view.state.batch, view.parts());
    let mut near = None;
    for sealed in &parts.segments {
        let firsts = sealed.blocks(container.number)?.into_iter().map(|block| block.first);
        near = near.max(firsts.filter(|first| *first < time).max());
    }
    let recent = parts.memories.iter().filter_map(|memory| memory.get(container.number));
    let recent = recent.filter_map(|recent| {
        recent.runs(batch).map(|run| run.header.first).filter(|first| *first < time).max()
    });
    let Some(near) = near.into_iter().chain(recent).max() else { return Ok(None) };
    let points = view.points(container, &Query::stored(near..time))?.collect_all()?;
    Ok(points.last().map(|point| point.interval().end()))
}

/// Whether a segment has points or events of a container in a range of seconds.
fn holds_any(
    sealed: &Sealed,
    number: u32,
    place: usize,
    range: &Range<u64>,
) -> Result<bool, Error> {
    let mut blocks = sealed.blocks(number)?.into_iter();
    if blocks.any(|block| block.first < range.end && block.end > range.start) {
        return Ok(true);
    }
    Ok(sealed.events(place)?.iter().any(|(at, _)| range.contains(&second(at.nanos()))))
}

/// The metadata of a container without what comes from samples and documents in this range.
fn metadata(
    container: &Arc<StoredContainer>,
    cut: Option<&Cut>,
    range: &Range<u64>,
) -> Arc<Metadata> {
    let mut metadata = Metadata::clone(&container.metadata.load());
    let is_taken = |time: u64| range.contains(&second(time));
    let Some(cut) = cut else { return Arc::new(metadata) };
    metadata.since = cut.since;
    metadata.starts.retain(|start| cut.tail.is_some() && !is_taken(*start));
    let newest = cut.tail.as_ref().map_or(0, |tail| tail.header.newest);
    if is_taken(metadata.last) {
        metadata.last = newest;
    }
    if is_taken(metadata.first) {
        let behind = range.end.saturating_mul(NANOS_PER_SECOND);
        metadata.first = if metadata.last >= behind { behind } else { 0 };
    }
    if let Some((at, _)) = metadata.limits.as_mut().filter(|(at, _)| is_taken(*at)) {
        // The limits stay, as the best known ones, until any other document has some.
        *at = newest;
    }
    Arc::new(metadata)
}
