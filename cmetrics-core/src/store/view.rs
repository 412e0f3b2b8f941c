//! Consistent views of the store, for any number of readers.

use std::ops::Range;
use std::sync::Arc;

use super::catalog::Catalog;
use super::event::{Event, Happening};
use super::label_changes;
use super::memory::Memory;
use super::point_source::PointSource;
use super::points::Points;
use super::sealed::Sealed;
use super::stored::StoredContainer;
use super::tail::{Rules, Tail};
use super::time_range::TimeRange;
use crate::container::Labels;
use crate::error::Error;
use crate::metric::MetricSet;
use crate::time::{NANOS_PER_SECOND, Timestamp};

/// What readers see. It is replaced as a whole, so that no reader waits.
#[derive(Debug)]
pub(super) struct State {
    /// The last batch that was acknowledged.
    pub(super) batch: u64,
    pub(super) parts: Arc<Parts>,
}

/// The parts that hold the data, the oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) segments: Vec<Arc<Sealed>>,
    pub(super) memories: Vec<Arc<Memory>>,
    /// Points that end at or before this second are gone.
    pub(super) floor: u64,
}

impl Parts {
    /// The segments that hold points.
    pub(super) fn point_segments(&self) -> impl DoubleEndedIterator<Item = &Arc<Sealed>> {
        self.segments.iter().filter(|sealed| !sealed.entry.tails)
    }

    /// The memories that wait to become segments: all but the last, which is being written, and one
    /// that holds only tails.
    pub(super) fn waiting(&self) -> &[Arc<Memory>] {
        let full = self.memories.split_last().map_or(&[][..], |(_, full)| full);
        match full {
            [tails, waiting @ ..] if tails.holds_only_tails() => waiting,
            waiting => waiting,
        }
    }

    /// The segments that hold tails alone: at most one.
    pub(super) fn tail_segments(&self) -> impl Iterator<Item = &Arc<Sealed>> {
        self.segments.iter().filter(|sealed| sealed.entry.tails)
    }
}

/// A view of the store at one moment. Later writes do not change its answers.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) state: Arc<State>,
    pub(super) catalog: Arc<Catalog>,
    pub(super) rules: Rules,
}

/// A query for points of a container.
#[derive(Clone, Debug)]
pub(super) struct Query {
    pub(super) range: Range<u64>,
    /// The metrics that points carry beside the documented ones; `None` for those that they were
    /// made with.
    pub(super) metrics: Option<MetricSet>,
    /// Whether provisional points are included.
    pub(super) provisional: bool,
}

impl Query {
    pub(super) fn stored(range: Range<u64>) -> Self {
        Self { range, metrics: None, provisional: false }
    }
}

impl View {
    pub(super) fn parts(&self) -> &Parts {
        &self.state.parts
    }

    /// A container's points whose intervals begin in the range.
    pub(super) fn points(
        &self,
        container: &Arc<StoredContainer>,
        query: &Query,
    ) -> Result<Points, Error> {
        let tail = if query.provisional { self.tail(container)? } else { None };
        self.points_with(container, query, tail.as_deref())
    }

    /// The same, with the provisional points of this tail.
    fn points_with(
        &self,
        container: &Arc<StoredContainer>,
        query: &Query,
        tail: Option<&Tail>,
    ) -> Result<Points, Error> {
        let range = query.range.start.max(self.parts().floor)..query.range.end;
        let mut sources = Vec::new();
        let overlaps = |first: u64, end: u64| first < range.end && end > range.start;
        for sealed in self.parts().segments.iter().filter(|sealed| sealed.spans(&range)) {
            for block in sealed.blocks(container.number)? {
                if overlaps(block.first, block.end) {
                    sources.push(PointSource::block(sealed, block));
                }
            }
        }
        for memory in &self.parts().memories {
            if let Some(recent) = memory.get(container.number) {
                PointSource::add_runs(&recent, self.state.batch, &range, &mut sources);
            }
        }
        let settings = self.rules.settings;
        let settings = query.metrics.map_or(settings, |metrics| settings.with_metrics(metrics));
        if let Some(tail) = tail
            && let Some(open) =
                tail.provisional(&container.name, &container.metadata.load().background(), settings)
            && let Some(source) = PointSource::provisional(open.points)
        {
            sources.push(source);
        }
        let width = self.rules.settings.interval_seconds();
        Ok(Points::new(Arc::clone(&container.name), width, sources, range, query.metrics))
    }

    /// The latest tail of a container.
    pub(super) fn tail(&self, container: &StoredContainer) -> Result<Option<Arc<Tail>>, Error> {
        for memory in self.parts().memories.iter().rev() {
            let recent = memory.get(container.number);
            if let Some(tail) = recent.and_then(|recent| recent.tail(self.state.batch)) {
                return Ok(Some(tail));
            }
        }
        let has_tails = |sealed: &&Arc<Sealed>| sealed.segment.has_tails();
        for sealed in self.parts().segments.iter().rev().filter(has_tails) {
            if let Some(place) = sealed.place(container.number)
                && let Some(tail) = sealed.tail(place)?
            {
                return Ok(Some(Arc::new(tail)));
            }
        }
        Ok(None)
    }

    /// The end of a container's newest point, in seconds.
    pub(super) fn end(
        &self,
        container: &StoredContainer,
        tail: Option<&Tail>,
    ) -> Result<Option<u64>, Error> {
        let (batch, parts) = (self.state.batch, self.parts());
        let recent = parts.memories.iter().filter_map(|memory| memory.get(container.number));
        let recent =
            recent.filter_map(|recent| recent.runs(batch).map(|run| run.header.end).max()).max();
        let tail = tail.and_then(|tail| tail.end(self.rules.settings.interval_seconds()));
        let mut end = recent.max(tail);
        // Skips segments that cannot have a newer point.
        for sealed in parts.point_segments().rev() {
            if Some(sealed.entry.end) > end {
                end = end.max(sealed.blocks(container.number)?.last().map(|block| block.end));
            }
        }
        Ok(end.filter(|end| *end > parts.floor))
    }

    /// The first start and the last end of a container's points, in seconds.
    pub(super) fn span(
        &self,
        container: &Arc<StoredContainer>,
    ) -> Result<Option<Range<u64>>, Error> {
        let tail = self.tail(container)?;
        let Some(end) = self.end(container, tail.as_deref())? else { return Ok(None) };
        let (batch, parts) = (self.state.batch, self.parts());
        let recent = parts.memories.iter().filter_map(|memory| memory.get(container.number));
        let recent =
            recent.filter_map(|recent| recent.runs(batch).map(|run| run.header.first).min());
        let mut stored = recent.min().unwrap_or(u64::MAX);
        for sealed in parts.point_segments() {
            if sealed.entry.first < stored {
                let first = sealed.blocks(container.number)?.first().map(|block| block.first);
                stored = stored.min(first.unwrap_or(u64::MAX));
            }
        }
        let stored = Some(stored).filter(|first| *first < u64::MAX);
        let open = tail.as_ref().map_or(u64::MAX, |tail| tail.start(self.rules.settings));
        if let Some(first) = stored.filter(|first| *first >= parts.floor && *first <= open) {
            return Ok(Some(first..end));
        }
        // At the floor, and among provisional points, only the points themselves show the start.
        let query = Query { range: parts.floor..end, metrics: None, provisional: true };
        let mut points = self.points_with(container, &query, tail.as_deref())?;
        let first = points.find_map(Result::ok).map(|point| point.interval().start());
        let first = first.or(stored).map_or(end, |first| first.max(parts.floor));
        Ok(Some(first..end))
    }

    /// The last points of a container: those of `period` seconds before its newest one ends.
    /// `None` if there are none.
    pub(super) fn last(
        &self,
        container: &Arc<StoredContainer>,
        period: u64,
    ) -> Result<Option<Points>, Error> {
        let tail = self.tail(container)?;
        let Some(end) = self.end(container, tail.as_deref())? else { return Ok(None) };
        let range = end.saturating_sub(period)..end;
        let query = Query { range, metrics: None, provisional: true };
        self.points_with(container, &query, tail.as_deref()).map(Some)
    }

    /// A container's stored events.
    pub(super) fn stored_events(
        &self,
        container: &StoredContainer,
    ) -> Result<Vec<(Timestamp, Happening)>, Error> {
        let mut found = Vec::new();
        for sealed in &self.parts().segments {
            if let Some(place) = sealed.place(container.number) {
                found.extend(sealed.events(place)?);
            }
        }
        for memory in &self.parts().memories {
            if let Some(recent) = memory.get(container.number) {
                let events = recent.events(self.state.batch);
                found.extend(events.map(|(at, what)| (at, what.clone())));
            }
        }
        Ok(unique(found))
    }

    /// All that is noted of a container beside its points, stored or not, by time.
    pub(super) fn noted(
        &self,
        container: &Arc<StoredContainer>,
    ) -> Result<Vec<(Timestamp, Happening)>, Error> {
        let mut found = self.stored_events(container)?;
        if let Some(tail) = self.tail(container)?
            && let Some(open) = tail.provisional(
                &container.name,
                &container.metadata.load().background(),
                self.rules.settings,
            )
        {
            found.extend(open.events);
        }
        Ok(unique(found))
    }

    /// A container's events in a range of time, by time.
    pub(super) fn events(
        &self,
        container: &Arc<StoredContainer>,
        range: TimeRange,
    ) -> Result<Vec<Event>, Error> {
        let mut kept = self.noted(container)?;
        let floor = self.parts().floor;
        let metadata = container.metadata.load();
        let is_kept = |first: &&(u64, Arc<Labels>)| first.0 / NANOS_PER_SECOND >= floor;
        label_changes::drop_repeated(&mut kept, metadata.first_labels.as_ref().filter(is_kept));
        let within = |at: Timestamp| range.contains(at) && at.seconds() >= floor;
        kept.retain(|(at, what)| within(*at) && !matches!(what, Happening::Lump { .. }));
        let name = &container.name;
        let door = metadata.door;
        let event = |(at, what)| Event { container: Arc::clone(name), door, at, what };
        Ok(kept.into_iter().map(event).collect())
    }
}

/// Sorts events by time and drops duplicates: the same samples may have been read twice.
fn unique(mut found: Vec<(Timestamp, Happening)>) -> Vec<(Timestamp, Happening)> {
    found.sort_by_key(|(at, _)| *at);
    let mut kept: Vec<(Timestamp, Happening)> = Vec::with_capacity(found.len());
    for (at, what) in found {
        let mut same = kept.iter().rev().take_while(|(other_at, _)| *other_at == at);
        if !same.any(|(_, other)| *other == what) {
            kept.push((at, what));
        }
    }
    kept
}
