//! What is wrong is taken out: a container's points, events and samples of a time.
//!
//! Segments do not change. Each that holds something of it is written anew without, and one manifest
//! names all of these in the place of the old ones: so that it is gone as a whole, or not at all.

use std::ops::Range;
use std::sync::Arc;

use super::manifest::SegmentEntry;
use super::merge::Merge;
use super::names::{About, Known};
use super::remade::Remade;
use super::sealed::Sealed;
use super::shared::Shared;
use super::tail::{Cut, Of, second};
use super::view::{Asked, Parts, View};
use super::worker::{self, Swap};
use super::writer::Writer;
use crate::cancel::Cancel;
use crate::container::{self, Identity};
use crate::error::Error;
use crate::time::NANOS_PER_SECOND;

/// What was taken out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// The container's name.
    pub container: Arc<str>,
    /// The time, in seconds: the whole intervals that were asked for in part.
    pub range: Range<u64>,
    /// Points of it, also those that were not final.
    pub points: u64,
    /// Events of it.
    pub events: u64,
}

const AS_BEFORE: &str = "nothing was taken out";

impl Shared {
    pub(super) fn remove(
        &self,
        word: &str,
        range: &Range<u64>,
        cancel: &Cancel,
    ) -> Result<Removed, Error> {
        drop(self.writer()?);
        // First: who compacts never waits for who writes.
        let compacting = self.compacting(cancel, AS_BEFORE)?;
        let mut writer = self.writer()?;
        let view = self.view();
        let known = only(&view, word, range)?;
        if range.is_empty() {
            return Ok(Removed { container: Arc::clone(&known.name), ..Removed::default() });
        }
        let width = self.rules.settings.interval();
        let end = range.end.div_ceil(width).saturating_mul(width);
        let range = range.start / width * width..end;
        let removed = count(&view, &known, &range, cancel)?;
        let cut = self.cut(&view, &known, &range)?;
        if removed.points > 0 || removed.events > 0 || cut.is_some() {
            self.take_out(&mut writer, (&known, &range), cut, cancel)?;
        }
        drop((writer, compacting));
        self.forget_names()?;
        Ok(removed)
    }

    /// What is left of a container's tail. `None` where nothing is taken out of it.
    fn cut(
        &self,
        view: &View,
        known: &Arc<Known>,
        range: &Range<u64>,
    ) -> Result<Option<Cut>, Error> {
        let Some(tail) = view.tail(known)? else { return Ok(None) };
        let settings = self.rules.settings;
        let unread = || {
            let name = &known.name;
            self.refused(format!("the raw samples of {name} are no samples"))
        };
        if !tail.reaches_into(range, settings).ok_or_else(unread)? {
            return Ok(None);
        }
        let stored = stored_before(view, known, range.start)?;
        let background = known.about.load().background();
        let of = Of { name: &known.name, background: &background, settings };
        tail.without(of, range, stored).ok_or_else(unread).map(Some)
    }

    fn take_out(
        &self,
        writer: &mut Writer,
        (known, range): (&Arc<Known>, &Range<u64>),
        mut cut: Option<Cut>,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        cancel.check(AS_BEFORE)?;
        if let Some(cut) = cut.as_mut().filter(|cut| !cut.open.points.is_empty()) {
            // Where nothing comes of the rest, they are stored a little early.
            let open = std::mem::take(&mut cut.open);
            self.write_with(writer, cancel, |view, staged| {
                self.stage(view, staged, &open.points)?;
                open.events.into_iter().for_each(|(at, what)| staged.event(known, at, what));
                Ok(())
            })?;
        }
        self.ready(writer)?;
        self.rotate(writer)?;
        worker::seal_all(self)?;
        let view = self.view();
        let about = about(known, cut.as_ref(), range);
        let (is_cut, tail) = match cut {
            Some(cut) => (true, cut.tail.map(Arc::new)),
            None => (false, view.tail(known)?),
        };
        let remade = Remade { known: Arc::clone(known), range: range.clone(), about, tail };
        let swaps = self.remake(&view, &remade, is_cut, cancel)?;
        worker::install(self, swaps, None)?;
        known.about.store(remade.about);
        known.ends(self.view().end(known, None)?);
        Ok(())
    }

    /// Writes anew the segments that hold anything which is taken out.
    fn remake(
        &self,
        view: &View,
        remade: &Remade,
        is_cut: bool,
        cancel: &Cancel,
    ) -> Result<Vec<Swap>, Error> {
        let (segments, number) = (&view.parts().segments, remade.known.number);
        let names = |sealed: &Arc<Sealed>| !sealed.entry.tails && sealed.place(number).is_some();
        let last = segments.iter().rposition(names);
        // Only the last tail counts: others are left out, so that none of them becomes the last.
        let (mut has_tail, mut swaps) = (false, Vec::new());
        for (index, sealed) in segments.iter().enumerate().rev() {
            let Some(place) = sealed.place(number) else { continue };
            let holds_tail = sealed.tail(place)?.is_some();
            let is_last_tail = holds_tail && !has_tail;
            has_tail |= holds_tail;
            let is_changed = (is_cut && (is_last_tail || Some(index) == last))
                || (holds_tail && remade.tail.is_none())
                || is_touched(sealed, (number, place), &remade.range)?;
            if !is_changed {
                continue;
            }
            let tail = remade.tail.clone().filter(|_| is_last_tail);
            let remade = Remade { tail, ..remade.clone() };
            match self.written_anew(sealed, remade, cancel) {
                Ok(entry) => swaps.push(Swap::of([sealed], entry.into_iter().collect())),
                Err(error) => {
                    worker::remove_segments(self, swaps.iter().flat_map(Swap::new_numbers));
                    return Err(error);
                }
            }
        }
        Ok(swaps)
    }

    fn written_anew(
        &self,
        sealed: &Arc<Sealed>,
        remade: Remade,
        cancel: &Cancel,
    ) -> Result<Option<SegmentEntry>, Error> {
        let (segments, floor) = (vec![Arc::clone(sealed)], self.view().parts().floor);
        let parts = Parts { segments, floor, ..Parts::default() };
        let merge = Merge::new(parts.clone(), u64::MAX, &self.names, self.rules).until(cancel);
        let (merge, number) = (merge.remaking(remade), self.next_number());
        if sealed.entry.tails {
            return merge.without_tails_of(parts).write_tails(&*self.disk, number);
        }
        merge.write(&*self.disk, number)
    }
}

/// The one container that a word means.
fn only(view: &View, word: &str, range: &Range<u64>) -> Result<Arc<Known>, Error> {
    let bearers = view.find(word, range)?;
    let identities: Vec<&Identity> = bearers.iter().map(|bearer| &bearer.identity).collect();
    match identities.as_slice() {
        [one] => Ok(view.names.of(one.name())),
        several => Err(container::not_one(several, word)),
    }
}

/// What is answered of a container in this time.
fn count(
    view: &View,
    known: &Arc<Known>,
    range: &Range<u64>,
    cancel: &Cancel,
) -> Result<Removed, Error> {
    let asked = Asked { range: range.clone(), metrics: None, provisional: true };
    let mut points = 0;
    for point in view.points(known, &asked)? {
        point?;
        cancel.check(AS_BEFORE)?;
        points += 1;
    }
    let events = view.events(known, range)?.len() as u64;
    Ok(Removed { container: Arc::clone(&known.name), range: range.clone(), points, events })
}

/// Where the last stored interval before a time ends.
fn stored_before(view: &View, known: &Arc<Known>, time: u64) -> Result<Option<u64>, Error> {
    let (batch, parts) = (view.state.batch, view.parts());
    let mut near = None;
    for sealed in &parts.segments {
        let firsts = sealed.blocks(known.number)?.into_iter().map(|block| block.first);
        near = near.max(firsts.filter(|first| *first < time).max());
    }
    let recent = parts.memories.iter().filter_map(|memory| memory.get(known.number));
    let recent = recent.filter_map(|recent| {
        recent.runs(batch).map(|run| run.first).filter(|first| *first < time).max()
    });
    let Some(near) = near.into_iter().chain(recent).max() else { return Ok(None) };
    let points = view.points(known, &Asked::stored(near..time))?.collect_all()?;
    Ok(points.last().map(|point| point.interval().end()))
}

/// Whether a segment has points or events of a container in a range of seconds.
fn is_touched(
    sealed: &Sealed,
    (number, place): (u32, usize),
    range: &Range<u64>,
) -> Result<bool, Error> {
    let mut blocks = sealed.blocks(number)?.into_iter();
    if blocks.any(|block| block.first < range.end && block.end > range.start) {
        return Ok(true);
    }
    Ok(sealed.events(place)?.iter().any(|(at, _)| range.contains(&second(at.nanos()))))
}

/// What is known of a container, without what samples and documents of this time told.
fn about(known: &Arc<Known>, cut: Option<&Cut>, range: &Range<u64>) -> Arc<About> {
    let mut about = About::clone(&known.about.load());
    let is_taken = |time: u64| range.contains(&second(time));
    let Some(cut) = cut else { return Arc::new(about) };
    about.since = cut.since;
    about.starts.retain(|start| cut.tail.is_some() && !is_taken(*start));
    let newest = cut.tail.as_ref().map_or(0, |tail| tail.marks.newest);
    if is_taken(about.last) {
        about.last = newest;
    }
    if is_taken(about.first) {
        let behind = range.end.saturating_mul(NANOS_PER_SECOND);
        about.first = if about.last >= behind { behind } else { 0 };
    }
    if let Some((at, _)) = about.limits.as_mut().filter(|(at, _)| is_taken(*at)) {
        // They are the best that is known, until any other document tells them.
        *at = newest;
    }
    Arc::new(about)
}
