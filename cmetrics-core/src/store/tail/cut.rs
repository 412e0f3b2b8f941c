//! Removes samples from a tail. No line leads across what was removed.

use std::ops::Range;
use std::sync::Arc;

use super::{Background, Provisional, Tail, TailHeader, second};
use crate::series::Chunk;
use crate::settings::Settings;
use crate::store::point_rows::MetricTable;
use crate::store::raw::{pack, unpack};
use crate::time::{Interval, NANOS_PER_SECOND, Timestamp};

/// What remains of a tail.
#[derive(Debug, Default)]
pub(in crate::store) struct Cut {
    /// `None` if there is nothing that a later sample could be paired with or lie behind.
    pub(in crate::store) tail: Option<Tail>,
    /// The start in effect where the tail begins.
    pub(in crate::store) since: Option<u64>,
    /// Points and events to store as they are, since their samples are gone.
    pub(in crate::store) provisional: Provisional,
}

/// The container of a tail, and how to evaluate it.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct TailContext<'c> {
    pub(in crate::store) name: &'c Arc<str>,
    pub(in crate::store) background: &'c Background,
    pub(in crate::store) settings: Settings,
}

impl TailHeader {
    /// The header for samples from `time` on, without a line from earlier samples.
    fn restarted_at(&self, time: u64) -> Self {
        let open_from = self.open_from.max(time);
        Self { open_from, base: time.saturating_sub(1), anchors: Vec::new(), ..self.clone() }
    }
}

impl Tail {
    /// Whether any of its samples or open points lies in a range of seconds. `None` if its pieces
    /// are invalid.
    pub(in crate::store) fn overlaps(
        &self,
        range: &Range<u64>,
        settings: Settings,
    ) -> Option<bool> {
        let open = self.start(settings)..self.end(settings.interval_seconds())?;
        let mut samples = self.chunk()?;
        samples.forget(samples.before(Timestamp::from_nanos(nanos(range.start).max(1))?));
        let first = samples.time(0).is_some_and(|first| first.nanos() < nanos(range.end));
        Some(first || (open.start < range.end && open.end > range.start))
    }

    /// The tail without what lies in a range of whole intervals, in seconds. The last stored
    /// interval before it ends at `stored`. `None` if its pieces are invalid.
    pub(in crate::store) fn without(
        &self,
        context: TailContext<'_>,
        range: &Range<u64>,
        stored: Option<u64>,
    ) -> Option<Cut> {
        let (from, to) = (nanos(range.start), nanos(range.end));
        let chunk = self.chunk()?;
        let anchors = self.header.anchors.iter().copied();
        let anchors: Vec<_> = anchors.filter(|time| !(from..to).contains(time)).collect();
        if to <= self.header.base {
            let samples = filtered(&chunk, |time| !(from..to).contains(&time));
            let header = TailHeader { anchors, ..self.header.clone() };
            return Some(Cut::keeping(Self::of(&samples, header), context.background.since));
        }
        let (before, behind) =
            (filtered(&chunk, |time| time < from), filtered(&chunk, |time| time >= to));
        let last = before.last().filter(|last| last.nanos() >= self.header.base);
        let end = last.map(|last| Interval::of_width(last, context.settings.interval_seconds()));
        if let (Some(last), Some(end), 0) = (last, end, behind.len())
            && stored.is_none_or(|stored| stored <= end.end())
        {
            let newest = last.nanos();
            let header = TailHeader {
                newest,
                closed: self.header.closed.min(newest),
                open_from: self.header.open_from.min(end.end_nanos()),
                base: self.header.base,
                anchors,
            };
            return Some(Cut::keeping(Self::of(&before, header), context.background.since));
        }
        let mut provisional = Provisional::default();
        if last.is_some() {
            provisional = Self::of(&before, self.header.clone()).provisional(
                context.name,
                context.background,
                context.settings,
            )?;
            provisional.points.retain(|point| point.interval().end() <= range.start);
            provisional.events.retain(|(at, _)| second(at.nanos()) < range.start);
        }
        let tail = if behind.len() > 0 {
            Some(Self::of(&behind, self.header.restarted_at(to)))
        } else {
            let given = provisional.points.last().map(|point| point.interval().end());
            stored.max(given).map(Self::empty_from)
        };
        Some(Cut { tail, since: None, provisional })
    }

    /// The tail with `piece`, where samples between the two are lost: the points of the earlier
    /// samples are to be stored, and the tail begins with the later ones. `None` if no sample is
    /// later.
    pub(in crate::store) fn after_loss(
        &self,
        context: TailContext<'_>,
        piece: &[u8],
        header: &TailHeader,
    ) -> Option<Cut> {
        let mut all = self.chunk()?;
        unpack(piece, MetricTable::own(), &mut all)?;
        let newest = self.header.newest;
        let (before, behind) =
            (filtered(&all, |time| time <= newest), filtered(&all, |time| time > newest));
        let first = Interval::of_width(behind.time(0)?, context.settings.interval_seconds());
        let known = Self::of(&before, self.header.clone());
        let provisional = known.provisional(context.name, context.background, context.settings)?;
        let tail = Self::of(&behind, header.restarted_at(first.start_nanos()));
        Some(Cut { tail: Some(tail), since: None, provisional })
    }

    fn of(samples: &Chunk, header: TailHeader) -> Self {
        Self { pieces: vec![pack(samples)], header }
    }

    /// An empty tail from a second on.
    fn empty_from(second: u64) -> Self {
        let before = nanos(second).saturating_sub(1);
        let header = TailHeader { newest: before, closed: before, ..TailHeader::default() };
        Self { pieces: Vec::new(), header: header.restarted_at(nanos(second)) }
    }
}

impl Cut {
    fn keeping(tail: Tail, since: Option<u64>) -> Self {
        Self { tail: Some(tail), since, provisional: Provisional::default() }
    }
}

fn filtered(samples: &Chunk, keep: impl Fn(u64) -> bool) -> Chunk {
    let mut part = Chunk::default();
    for (row, mark) in samples.rows_with_meta().filter(|(row, _)| keep(row.time.nanos())) {
        part.insert(part.len(), row, mark);
    }
    part
}

fn nanos(seconds: u64) -> u64 {
    seconds.saturating_mul(NANOS_PER_SECOND)
}
