//! The store as it is at a moment, for any number of readers.

use std::ops::Range;
use std::sync::Arc;

use super::event::{Event, Happening};
use super::memory::Memory;
use super::names::{Known, Names};
use super::points::{Piece, Points};
use super::sealed::Sealed;
use super::tail::{Rules, Tail};
use crate::error::Error;
use crate::metric::MetricSet;
use crate::point::DataPoint;
use crate::time::Timestamp;

/// What readers see: replaced as a whole, so that none ever waits.
#[derive(Debug)]
pub(super) struct State {
    /// The last batch that was acknowledged.
    pub(super) batch: u64,
    pub(super) parts: Arc<Parts>,
}

/// Where everything lies, the oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) segments: Vec<Arc<Sealed>>,
    pub(super) memories: Vec<Arc<Memory>>,
    /// Points that end at or before it are gone, in seconds.
    pub(super) floor: u64,
}

impl Parts {
    /// The segments of points.
    pub(super) fn of_points(&self) -> impl DoubleEndedIterator<Item = &Arc<Sealed>> {
        self.segments.iter().filter(|sealed| !sealed.entry.tails)
    }

    /// The memories that wait to become segments: all but the one that is written to, and one of
    /// tails.
    pub(super) fn waiting(&self) -> &[Arc<Memory>] {
        let full = self.memories.split_last().map_or(&[][..], |(_, full)| full);
        match full {
            [tails, waiting @ ..] if tails.is_of_tails() => waiting,
            waiting => waiting,
        }
    }

    /// The segments of tails: one at most.
    pub(super) fn of_tails(&self) -> impl Iterator<Item = &Arc<Sealed>> {
        self.segments.iter().filter(|sealed| sealed.entry.tails)
    }
}

/// A moment of the store: whatever is written later, its answers stay the same.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) state: Arc<State>,
    pub(super) names: Arc<Names>,
    pub(super) rules: Rules,
}

/// What is asked for of a container.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) range: Range<u64>,
    /// The metrics that points are to carry beside the documented ones; `None` for those that
    /// they were made with.
    pub(super) metrics: Option<MetricSet>,
    /// Whether what is not final is asked for too.
    pub(super) provisional: bool,
}

impl Asked {
    pub(super) fn stored(range: Range<u64>) -> Self {
        Self { range, metrics: None, provisional: false }
    }
}

impl View {
    pub(super) fn parts(&self) -> &Parts {
        &self.state.parts
    }

    /// A container's points whose intervals begin in a range.
    pub(super) fn points(&self, known: &Arc<Known>, asked: &Asked) -> Result<Points, Error> {
        let tail = if asked.provisional { self.tail(known)? } else { None };
        self.points_with(known, asked, tail.as_deref())
    }

    /// The same, with what this tail gives.
    fn points_with(
        &self,
        known: &Arc<Known>,
        asked: &Asked,
        tail: Option<&Tail>,
    ) -> Result<Points, Error> {
        let range = asked.range.start.max(self.parts().floor)..asked.range.end;
        let mut pieces = Vec::new();
        let overlaps = |first: u64, end: u64| first < range.end && end > range.start;
        for sealed in self.parts().segments.iter().filter(|sealed| sealed.spans(&range)) {
            for block in sealed.blocks(known.number)? {
                if overlaps(block.first, block.end) {
                    pieces.push(Piece::block(sealed, block));
                }
            }
        }
        for memory in &self.parts().memories {
            let Some(recent) = memory.get(known.number) else { continue };
            let runs = recent.runs(self.state.batch);
            for run in runs.filter(|run| overlaps(run.first, run.end)) {
                pieces.push(Piece::run(run.clone()));
            }
        }
        let settings = self.rules.settings;
        let settings = asked.metrics.map_or(settings, |metrics| settings.with_metrics(metrics));
        if let Some(tail) = tail
            && let Some(open) = tail.open(&known.name, &known.about.load().background(), settings)
            && let Some(piece) = Piece::provisional(open.points)
        {
            pieces.push(piece);
        }
        let width = self.rules.settings.interval();
        Ok(Points::new(Arc::clone(&known.name), width, pieces, range, asked.metrics))
    }

    /// The tail of a container as it was last, wherever it lies.
    pub(super) fn tail(&self, known: &Known) -> Result<Option<Arc<Tail>>, Error> {
        for memory in self.parts().memories.iter().rev() {
            let recent = memory.get(known.number);
            if let Some(tail) = recent.and_then(|recent| recent.tail(self.state.batch)) {
                return Ok(Some(tail));
            }
        }
        for sealed in self.parts().segments.iter().rev() {
            if let Some(place) = sealed.place(known.number)
                && let Some(tail) = sealed.tail(place)?
            {
                return Ok(Some(Arc::new(tail)));
            }
        }
        Ok(None)
    }

    /// Where the newest point of a container ends, in seconds.
    pub(super) fn end(&self, known: &Known, tail: Option<&Tail>) -> Result<Option<u64>, Error> {
        let (batch, parts) = (self.state.batch, self.parts());
        let recent = parts.memories.iter().filter_map(|memory| memory.get(known.number));
        let recent = recent.filter_map(|recent| recent.runs(batch).map(|run| run.end).max()).max();
        let tail = tail.and_then(|tail| tail.end(self.rules.settings.interval()));
        let mut end = recent.max(tail);
        // A look at an index less, where nothing in it can be newer.
        for sealed in parts.of_points().rev() {
            if Some(sealed.entry.end) > end {
                end = end.max(sealed.blocks(known.number)?.last().map(|block| block.end));
            }
        }
        Ok(end.filter(|end| *end > parts.floor))
    }

    /// The first start and the last end of a container's points, in seconds.
    pub(super) fn span(&self, known: &Arc<Known>) -> Result<Option<Range<u64>>, Error> {
        let tail = self.tail(known)?;
        let Some(end) = self.end(known, tail.as_deref())? else { return Ok(None) };
        let (batch, parts) = (self.state.batch, self.parts());
        let recent = parts.memories.iter().filter_map(|memory| memory.get(known.number));
        let recent = recent.filter_map(|recent| recent.runs(batch).map(|run| run.first).min());
        let mut stored = recent.min().unwrap_or(u64::MAX);
        for sealed in parts.of_points() {
            if sealed.entry.first < stored {
                let first = sealed.blocks(known.number)?.first().map(|block| block.first);
                stored = stored.min(first.unwrap_or(u64::MAX));
            }
        }
        let stored = Some(stored).filter(|first| *first < u64::MAX);
        let open = tail.as_ref().map_or(u64::MAX, |tail| tail.start(self.rules.settings));
        if let Some(first) = stored.filter(|first| *first >= parts.floor && *first <= open) {
            return Ok(Some(first..end));
        }
        // What lies at the edge of what is kept, or is not final, is only known by its points.
        let asked = Asked { range: parts.floor..end, metrics: None, provisional: true };
        let mut points = self.points_with(known, &asked, tail.as_deref())?;
        let first = points.find_map(Result::ok).map(|point| point.interval().start());
        let first = first.or(stored).map_or(end, |first| first.max(parts.floor));
        Ok(Some(first..end))
    }

    /// The last points of a container: those of so many seconds before its newest ends.
    pub(super) fn last(&self, known: &Arc<Known>, period: u64) -> Result<Vec<DataPoint>, Error> {
        let tail = self.tail(known)?;
        let Some(end) = self.end(known, tail.as_deref())? else { return Ok(Vec::new()) };
        let range = end.saturating_sub(period)..end;
        let asked = Asked { range, metrics: None, provisional: true };
        self.points_with(known, &asked, tail.as_deref())?.collect_all()
    }

    /// What is stored of what happened to a container, the last written behind.
    pub(super) fn stored_events(
        &self,
        known: &Known,
    ) -> Result<Vec<(Timestamp, Happening)>, Error> {
        let mut found = Vec::new();
        for sealed in &self.parts().segments {
            if let Some(place) = sealed.place(known.number) {
                found.extend(sealed.events(place)?);
            }
        }
        for memory in &self.parts().memories {
            if let Some(recent) = memory.get(known.number) {
                let events = recent.events(self.state.batch);
                found.extend(events.map(|(at, what)| (at, what.clone())));
            }
        }
        Ok(unique(found))
    }

    /// What happened to a container in a time, by time.
    pub(super) fn events(
        &self,
        known: &Arc<Known>,
        range: &Range<u64>,
    ) -> Result<Vec<Event>, Error> {
        let mut found = self.stored_events(known)?;
        if let Some(tail) = self.tail(known)?
            && let Some(open) =
                tail.open(&known.name, &known.about.load().background(), self.rules.settings)
        {
            found.extend(open.events);
        }
        let floor = self.parts().floor;
        let within = |at: Timestamp| {
            let second = super::tail::second(at.nanos());
            range.contains(&second) && second >= floor
        };
        found.retain(|(at, _)| within(*at));
        let kept = unique(found);
        let container = &known.name;
        let event = |(at, what)| Event { container: Arc::clone(container), at, what };
        Ok(kept.into_iter().map(event).collect())
    }
}

/// By time, each once: the same samples may have been read more than once.
fn unique(mut found: Vec<(Timestamp, Happening)>) -> Vec<(Timestamp, Happening)> {
    found.sort_by_key(|(at, _)| *at);
    let mut kept: Vec<(Timestamp, Happening)> = Vec::with_capacity(found.len());
    for (at, what) in found {
        let mut same = kept.iter().rev().take_while(|(known, _)| *known == at);
        if !same.any(|(_, known)| *known == what) {
            kept.push((at, what));
        }
    }
    kept
}
