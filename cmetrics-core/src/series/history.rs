//! A container's points, made of all of its samples.

use std::cell::RefCell;
use std::sync::Arc;

use super::Events;
use super::Series;
use super::flow::Flow;
use crate::cancel::Cancel;
use crate::container::Life;
use crate::point::DataPoint;
use crate::settings::Settings;

/// A container's points, and what happened while they were made.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct History {
    /// The points, in rising time.
    pub points: Vec<DataPoint>,
    /// Restarts, gaps, odd readings and unattributed growth.
    pub events: Events,
}

impl Series {
    /// Makes the container's points. Those of a [live](crate::Pipeline::live) series are the ones
    /// that were not given yet, as they would be if no more samples came, and by the settings that
    /// it was made with.
    pub fn history(&self, settings: Settings) -> History {
        let mut points = Vec::new();
        let events = self.each_point(settings, &mut |point| points.push(point));
        History { points, events }
    }

    /// The same; `None` once it is cancelled, which may be in the midst of a long history.
    pub fn history_until(&self, settings: Settings, cancel: &Cancel) -> Option<History> {
        let mut points = Vec::new();
        let events = self.each_until(settings, Some(cancel), &mut |point| points.push(point));
        (!cancel.is_cancelled()).then_some(History { points, events })
    }

    /// Gives the container's points one by one, in rising time, and returns what happened besides.
    pub(crate) fn each_point(&self, settings: Settings, give: &mut dyn FnMut(DataPoint)) -> Events {
        self.each_until(settings, None, give)
    }

    pub(crate) fn each_until(
        &self,
        settings: Settings,
        cancel: Option<&Cancel>,
        give: &mut dyn FnMut(DataPoint),
    ) -> Events {
        if settings.shares() {
            let limits = self.limits();
            self.each_bare_point(settings, cancel, &mut |mut point| {
                point.set_shares(&limits);
                give(point);
            })
        } else {
            self.each_bare_point(settings, cancel, give)
        }
    }

    fn each_bare_point(
        &self,
        settings: Settings,
        cancel: Option<&Cancel>,
        give: &mut dyn FnMut(DataPoint),
    ) -> Events {
        if let Some(live) = &self.live {
            return self.each_open_point(live, give);
        }
        let mut room = Room::take(settings, self.identity.name(), &self.life);
        for row in self.rows() {
            if cancel.is_some_and(Cancel::is_cancelled) {
                break;
            }
            room.flow.feed(row);
            room.flow.settle_behind(row, give);
        }
        let events = room.flow.finish(give);
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
pub(crate) struct Room {
    settings: Settings,
    pub(crate) flow: Box<Flow>,
}

impl Room {
    pub(crate) fn take(settings: Settings, name: &Arc<str>, life: &Arc<Life>) -> Self {
        let used = ROOM.with_borrow_mut(Option::take);
        if let Some(mut room) = used.filter(|room| room.settings == settings) {
            room.flow.begin_anew(Arc::clone(name), life);
            return room;
        }
        Self { settings, flow: Box::new(Flow::new(Arc::clone(name), life, settings)) }
    }

    pub(crate) fn put_back(self) {
        ROOM.set(Some(self));
    }
}
