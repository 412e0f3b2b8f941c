//! A tail out of which samples are gone: no line leads over what was there.

use std::ops::Range;
use std::sync::Arc;

use super::{Background, Marks, Open, Tail, second};
use crate::series::Chunk;
use crate::settings::Settings;
use crate::store::raw::{pack, unpack};
use crate::store::row::Table;
use crate::time::{Interval, NANOS_PER_SECOND, Timestamp};

/// What is left of a tail.
#[derive(Debug, Default)]
pub(in crate::store) struct Cut {
    /// `None` where there is nothing that a later sample could be paired with or lie behind.
    pub(in crate::store) tail: Option<Tail>,
    /// The start that counts where the tail begins now.
    pub(in crate::store) since: Option<u64>,
    /// What is to be stored as it is known, as nothing is made of it any more.
    pub(in crate::store) open: Open,
}

/// Whose tail it is, and how it is read.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Of<'o> {
    pub(in crate::store) name: &'o Arc<str>,
    pub(in crate::store) background: &'o Background,
    pub(in crate::store) settings: Settings,
}

impl Marks {
    /// The same of samples from this time on, to which no line leads from before.
    fn behind(&self, time: u64) -> Self {
        let open_from = self.open_from.max(time);
        Self { open_from, base: time.saturating_sub(1), anchors: Vec::new(), ..self.clone() }
    }
}

impl Tail {
    /// Whether anything in a range of seconds comes of it. `None` where what was packed is no
    /// samples.
    pub(in crate::store) fn reaches_into(
        &self,
        range: &Range<u64>,
        settings: Settings,
    ) -> Option<bool> {
        let open = self.start(settings)..self.end(settings.interval())?;
        let mut samples = self.chunk()?;
        samples.forget(samples.before(Timestamp::from_nanos(nanos(range.start).max(1))?));
        let first = samples.time(0).is_some_and(|first| first.nanos() < nanos(range.end));
        Some(first || (open.start < range.end && open.end > range.start))
    }

    /// The tail without what lies in a range of seconds, which are whole intervals. Before them the
    /// last stored interval ends at `stored`. `None` where what was packed is no samples.
    pub(in crate::store) fn without(
        &self,
        of: Of<'_>,
        range: &Range<u64>,
        stored: Option<u64>,
    ) -> Option<Cut> {
        let (from, to) = (nanos(range.start), nanos(range.end));
        let chunk = self.chunk()?;
        let anchors = self.marks.anchors.iter().copied();
        let anchors: Vec<_> = anchors.filter(|time| !(from..to).contains(time)).collect();
        if to <= self.marks.base {
            let samples = part(&chunk, |time| !(from..to).contains(&time));
            let marks = Marks { anchors, ..self.marks.clone() };
            return Some(Cut::to(Self::of(&samples, marks), of.background.since));
        }
        let (before, behind) = (part(&chunk, |time| time < from), part(&chunk, |time| time >= to));
        let last = before.last().filter(|last| last.nanos() >= self.marks.base);
        let end = last.map(|last| Interval::containing(last, of.settings.interval()));
        if let (Some(last), Some(end), 0) = (last, end, behind.len())
            && stored.is_none_or(|stored| stored <= end.end())
        {
            let newest = last.nanos();
            let marks = Marks {
                newest,
                closed: self.marks.closed.min(newest),
                open_from: self.marks.open_from.min(end.end_nanos()),
                base: self.marks.base,
                anchors,
            };
            return Some(Cut::to(Self::of(&before, marks), of.background.since));
        }
        let mut open = Open::default();
        if last.is_some() {
            open =
                Self::of(&before, self.marks.clone()).open(of.name, of.background, of.settings)?;
            open.points.retain(|point| point.interval().end() <= range.start);
            open.events.retain(|(at, _)| second(at.nanos()) < range.start);
        }
        let tail = if behind.len() > 0 {
            Some(Self::of(&behind, self.marks.behind(to)))
        } else {
            let given = open.points.last().map(|point| point.interval().end());
            stored.max(given).map(Self::from_then_on)
        };
        Some(Cut { tail, since: None, open })
    }

    /// The same with what was added, where samples between are lost: what is known of those before
    /// is to be stored, and the tail begins with those behind. `None` where none of them lies
    /// behind.
    pub(in crate::store) fn behind_what_is_lost(
        &self,
        of: Of<'_>,
        piece: &[u8],
        marks: &Marks,
    ) -> Option<Cut> {
        let mut all = self.chunk()?;
        unpack(piece, Table::own(), &mut all)?;
        let newest = self.marks.newest;
        let (before, behind) =
            (part(&all, |time| time <= newest), part(&all, |time| time > newest));
        let first = Interval::containing(behind.time(0)?, of.settings.interval());
        let known = Self::of(&before, self.marks.clone());
        let open = known.open(of.name, of.background, of.settings)?;
        let tail = Self::of(&behind, marks.behind(first.start_nanos()));
        Some(Cut { tail: Some(tail), since: None, open })
    }

    fn of(samples: &Chunk, marks: Marks) -> Self {
        Self { pieces: vec![pack(samples)], marks }
    }

    /// Without samples, from a second on.
    fn from_then_on(second: u64) -> Self {
        let before = nanos(second).saturating_sub(1);
        let marks = Marks { newest: before, closed: before, ..Marks::default() };
        Self { pieces: Vec::new(), marks: marks.behind(nanos(second)) }
    }
}

impl Cut {
    fn to(tail: Tail, since: Option<u64>) -> Self {
        Self { tail: Some(tail), since, open: Open::default() }
    }
}

fn part(samples: &Chunk, keep: impl Fn(u64) -> bool) -> Chunk {
    let mut part = Chunk::default();
    for (row, mark) in samples.marked_rows().filter(|(row, _)| keep(row.time.nanos())) {
        part.insert(part.len(), row, mark);
    }
    part
}

fn nanos(seconds: u64) -> u64 {
    seconds.saturating_mul(NANOS_PER_SECOND)
}
