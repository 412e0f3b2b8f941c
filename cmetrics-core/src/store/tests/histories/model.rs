//! A naive model of what a store should show.

use std::collections::{BTreeMap, BTreeSet};

use super::super::model::Model as Stored;
use super::super::points::{START, WIDTH};
use super::super::*;
use super::life::{Life, SECOND, pipeline};

/// The change of a call, once it is acknowledged.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Append(Vec<DataPoint>),
    /// Samples by container and time, and up to where a recorder closed each of these.
    TakeIn(BTreeMap<String, (BTreeSet<u64>, Option<u64>)>),
    Floor(u64),
    Remove(String, Range<u64>),
}

/// The counts that a call returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) accepted: u64,
    pub(super) duplicates: u64,
    pub(super) old: u64,
    pub(super) ahead: u64,
    pub(super) points: Appended,
    pub(super) removed: u64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    /// The final points.
    pub(super) stored: Stored,
    lives: BTreeMap<String, Life>,
    /// Points that lie before the floor, or did: they may be gone, or come back with it.
    dropped: BTreeMap<(String, u64), Vec<DataPoint>>,
}

impl Model {
    pub(super) fn apply(&mut self, change: &Change) -> Counts {
        match change {
            Change::Append(points) => {
                Counts { points: self.stored.append(points), ..Counts::default() }
            }
            Change::TakeIn(all) => {
                let mut counts = Counts::default();
                for (name, (times, closed)) in all {
                    self.take_in(name, times, *closed, &mut counts);
                }
                counts
            }
            Change::Floor(floor) => {
                self.drop_before(*floor);
                Counts::default()
            }
            Change::Remove(name, range) => {
                Counts { removed: self.remove(name, range), ..Counts::default() }
            }
        }
    }

    fn take_in(
        &mut self,
        name: &str,
        times: &BTreeSet<u64>,
        closed: Option<u64>,
        counts: &mut Counts,
    ) {
        let now = self.stored.now;
        let is_ahead = |time: &u64| now > 0 && *time / SECOND > now + 3_600;
        let (ahead, times): (BTreeSet<_>, BTreeSet<_>) =
            times.iter().partition(|time| is_ahead(time));
        let taken = self.lives.entry(name.to_owned()).or_default().take_in(name, &times, closed);
        counts.ahead += ahead.len() as u64;
        counts.accepted += taken.accepted;
        counts.duplicates += taken.duplicates;
        counts.old += taken.late.len() as u64;
        // Late samples are a batch of their own, which does not replace points of more samples.
        let mut points = pipeline([(name, &taken.late)].into_iter()).points();
        let before = points.len();
        points.retain(|point| {
            let there = self.stored.points.get(&(name.to_owned(), point.interval().start()));
            there.is_none_or(|there| {
                there.samples() < point.samples()
                    || (there.samples() == point.samples() && point.is_complete())
            })
        });
        counts.points.unchanged += (before - points.len()) as u64;
        points.extend(taken.settled);
        counts.points.add(self.stored.append(&points));
    }

    /// Moves the floor, up or down.
    fn drop_before(&mut self, floor: u64) {
        let points = std::mem::take(&mut self.stored.points);
        let (kept, dropped) = points.into_iter().partition(|((_, start), _)| *start >= floor);
        (self.stored.points, self.stored.floor) = (kept, floor);
        for (key, point) in dropped as BTreeMap<_, _> {
            self.dropped.entry(key).or_default().push(point);
        }
    }

    fn remove(&mut self, name: &str, range: &Range<u64>) -> u64 {
        if range.is_empty() {
            return 0;
        }
        let end = range.end.div_ceil(WIDTH).saturating_mul(WIDTH);
        let range = range.start / WIDTH * WIDTH..end;
        let shown = self.shown();
        let within = shown.of(name).filter(|point| range.contains(&point.interval().start()));
        let removed = within.count() as u64;
        self.dropped.retain(|(of, start), _| of != name || !range.contains(start));
        if let Some(life) = self.lives.remove(name) {
            let stored = self.stored.of(name).map(|point| point.interval().end());
            let stored = stored.filter(|end| *end <= range.start).max();
            let (left, known) = life.without(name, &range, stored);
            self.stored.append(&known);
            self.lives.extend(left.map(|life| (name.to_owned(), life)));
        }
        self.stored.remove(name, &range);
        removed
    }

    /// Forgets the samples of containers without visible points, which all lie before the floor;
    /// returns whether there were any.
    pub(super) fn forget(&mut self) -> bool {
        let (before, floor) = (self.lives.len(), self.stored.floor);
        self.lives.retain(|_, life| life.end() > floor);
        self.lives.len() < before
    }

    /// All visible points, final or not.
    pub(super) fn shown(&self) -> Stored {
        let mut shown = self.stored.clone();
        // Provisional points are shown whatever time was set.
        shown.now = 0;
        for (name, life) in &self.lives {
            shown.append(&life.open(name));
        }
        shown
    }

    /// Learns which dropped points came back with the floor, and returns whether these answers are
    /// right then.
    pub(super) fn matches(&mut self, answers: &[DataPoint]) -> bool {
        let floor = self.stored.floor;
        let found: BTreeMap<_, _> = answers
            .iter()
            .map(|point| ((point.name().to_owned(), point.interval().start()), exact(point)))
            .collect();
        let mut model = self.clone();
        let (above, below) =
            self.dropped.clone().into_iter().partition(|((_, start), _)| *start >= floor);
        model.dropped = below;
        for (key, versions) in above as BTreeMap<_, Vec<_>> {
            let back = |version: &DataPoint| found.get(&key) == Some(&exact(version));
            if let Some(point) = versions.into_iter().find(back) {
                model.stored.points.entry(key).or_insert(point);
            }
        }
        let expected = model.shown();
        let same = expected.points.values().map(exact).eq(answers.iter().map(exact));
        if same {
            *self = model;
        }
        same
    }

    /// The end of the last visible interval, in seconds.
    pub(super) fn newest(&self) -> u64 {
        self.shown().newest().unwrap_or_default()
    }

    pub(super) fn now(&mut self, second: Option<u64>) {
        self.stored.now = second.map_or(0, |second| START + second);
    }
}
