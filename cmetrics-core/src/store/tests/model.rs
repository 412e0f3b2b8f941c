//! A naive model of a store of appended points.

use std::collections::BTreeMap;
use std::time::Duration;

use super::points::WIDTH;
use super::*;
use crate::point::{Level, Watched};

#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) points: BTreeMap<(String, u64), DataPoint>,
    pub(super) floor: u64,
    pub(super) now: u64,
}

fn is_exact(point: &DataPoint) -> bool {
    let is_figures = |level: &Level| matches!(level, Level::Inexact(_));
    matches!(point.watched(), Watched::Nanos(_))
        && point.samples().is_some()
        && !point.figures().levels().iter().any(is_figures)
}

/// Exact beats inexact, then more coverage does; else what was there stays.
fn is_better(new: &DataPoint, there: &DataPoint) -> bool {
    if is_exact(new) != is_exact(there) {
        return is_exact(new);
    }
    match (new.coverage(), there.coverage()) {
        (Some(new), Some(there)) => new > there,
        (new, there) => new.is_some() && there.is_none(),
    }
}

impl Model {
    pub(super) fn append(&mut self, points: &[DataPoint]) -> Appended {
        let mut batch: BTreeMap<(String, u64), Vec<&DataPoint>> = BTreeMap::new();
        for point in points {
            let key = (point.name().to_owned(), point.interval().start());
            batch.entry(key).or_default().push(point);
        }
        let mut appended = Appended::default();
        for (key, same) in batch {
            if key.1 < self.floor || (self.now > 0 && key.1 > self.now + 3_600) {
                appended.refused += same.len() as u64;
                continue;
            }
            let mut best = same[0];
            for point in &same[1..] {
                best = if is_better(point, best) { point } else { best };
            }
            appended.unchanged += same.len() as u64 - 1;
            match self.points.get(&key) {
                None => appended.added += 1,
                Some(there) if is_better(best, there) => appended.replaced += 1,
                Some(_) => {
                    appended.unchanged += 1;
                    continue;
                }
            }
            self.points.insert(key, best.clone());
        }
        appended
    }

    /// The end of the last interval.
    pub(super) fn newest(&self) -> Option<u64> {
        self.points.values().map(|point| point.interval().end()).max()
    }

    pub(super) fn remove(&mut self, name: &str, range: &Range<u64>) -> u64 {
        if range.is_empty() {
            return 0;
        }
        let range = range.start / WIDTH * WIDTH..range.end.div_ceil(WIDTH) * WIDTH;
        let before = self.points.len();
        self.points.retain(|(known, start), _| known != name || !range.contains(start));
        (before - self.points.len()) as u64
    }

    pub(super) fn drop_before(&mut self, floor: u64) {
        self.floor = self.floor.max(floor);
        let floor = self.floor;
        self.points.retain(|(_, start), _| *start >= floor);
    }

    pub(super) fn of<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m DataPoint> {
        self.points.iter().filter(move |((known, _), _)| known == name).map(|(_, point)| point)
    }

    /// Asserts that a store answers everything correctly.
    pub(super) fn check(&self, store: &Store) {
        self.check_answers(store);
        assert!(store.events(..).unwrap().is_empty());
        let stats = store.stats().unwrap();
        assert_eq!(seconds(stats.floor), self.floor);
        assert_eq!(store.count_provisional().unwrap(), 0);
        assert!(stats.sealed_points + stats.recent_points >= self.points.len() as u64);
    }

    /// The same for its points, however they were stored.
    pub(super) fn check_answers(&self, store: &Store) {
        assert_eq!(
            store.everything_exactly().unwrap(),
            self.points.values().map(exact).collect::<Vec<_>>()
        );
        let mut spans: BTreeMap<&str, Range<u64>> = BTreeMap::new();
        for (name, start) in self.points.keys() {
            let span = spans.entry(name).or_insert(*start..*start + WIDTH);
            span.end = start + WIDTH;
        }
        let bearers = store.containers().unwrap();
        let found: Vec<_> = bearers
            .iter()
            .map(|one| (&**one.identity.name(), one.first.start()..one.last.end()))
            .collect();
        let expected: Vec<_> = spans.iter().map(|(name, span)| (*name, span.clone())).collect();
        assert_eq!(found, expected);
        for (name, span) in spans {
            for seconds in [0, 1, 4, 5, 17, 60, u64::MAX] {
                let from = span.end.saturating_sub(seconds);
                let expected = self.of(name).filter(|point| point.interval().start() >= from);
                let last = store.last(name, Duration::from_secs(seconds)).unwrap();
                assert_eq!(
                    last.iter().map(exact).collect::<Vec<_>>(),
                    expected.map(exact).collect::<Vec<_>>(),
                    "the last {seconds} s of {name}"
                );
            }
        }
        let wrong = store.verify().unwrap();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
