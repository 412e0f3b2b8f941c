//! A container's points, made of all of its samples.

use std::cell::RefCell;
use std::sync::Arc;

use super::Series;
use crate::aggregate::Aggregator;
use crate::delta::{Change, Steady, Told, Tracker};
use crate::events::Events;
use crate::point::DataPoint;
use crate::settings::Settings;

/// A container's points, and what happened while they were made.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct History {
    /// The points, in rising time.
    pub points: Vec<DataPoint>,
    /// Restarts, gaps and unattributed growth.
    pub events: Events,
}

/// Both who want to know what a sample changed.
struct Listeners<'l> {
    events: &'l mut Events,
    aggregator: &'l mut Aggregator,
}

impl Told for Listeners<'_> {
    fn change(&mut self, change: Change) {
        self.events.note(&change);
        self.aggregator.change(change);
    }

    fn steady(&mut self, pair: &Steady<'_>) {
        self.aggregator.steady(pair);
    }
}

impl Series {
    /// Makes the container's points.
    pub fn history(&self, settings: Settings) -> History {
        let mut points = Vec::new();
        let events = self.each_point(settings, &mut |point| points.push(point));
        History { points, events }
    }

    /// Gives the container's points one by one, in rising time, and returns what happened besides.
    pub(crate) fn each_point(&self, settings: Settings, give: &mut dyn FnMut(DataPoint)) -> Events {
        if settings.shares() {
            let limits = self.limits();
            self.each_bare_point(settings, &mut |mut point| {
                point.set_shares(&limits);
                give(point);
            })
        } else {
            self.each_bare_point(settings, give)
        }
    }

    fn each_bare_point(&self, settings: Settings, give: &mut dyn FnMut(DataPoint)) -> Events {
        let mut room = Room::take(settings, self.identity.name());
        let Room { tracker, aggregator, .. } = &mut room;
        let mut events = Events::default();
        for row in self.rows() {
            let mut listeners = Listeners { events: &mut events, aggregator };
            let told = tracker.observe_row(row, &mut listeners);
            debug_assert!(told.is_ok(), "the samples are in the order of their time");
            aggregator.sample_row(row);
            aggregator.settle(row.time, give);
        }
        aggregator.finish(give);
        events.overflows = aggregator.overflows();
        room.put_back();
        events
    }
}

thread_local! {
    /// What the last container's points were made with: most containers look alike, and have few
    /// samples beside what it takes to get ready for them.
    static ROOM: RefCell<Option<Room>> = const { RefCell::new(None) };
}

/// What points are made with.
struct Room {
    settings: Settings,
    tracker: Tracker,
    aggregator: Aggregator,
}

impl Room {
    fn take(settings: Settings, name: &Arc<str>) -> Self {
        let used = ROOM.with_borrow_mut(Option::take);
        if let Some(mut room) = used.filter(|room| room.settings == settings) {
            room.tracker.begin_anew();
            room.aggregator.begin_anew(Arc::clone(name));
            return room;
        }
        let tracker = Tracker::new(settings.max_gap_nanos());
        Self { settings, tracker, aggregator: Aggregator::new(Arc::clone(name), settings) }
    }

    fn put_back(self) {
        ROOM.set(Some(self));
    }
}
