//! The points of a container, made of all of its samples.

use std::cell::RefCell;
use std::sync::Arc;

use super::Series;
use super::chain::Chain;
use super::events::Events;
use super::flow::{Flow, Told};
use super::ranking::Ranking;
use crate::cancel::Cancel;
use crate::container::Life;
use crate::document::Door;
use crate::point::DataPoint;
use crate::settings::Settings;

/// The points of a container, and its events.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct History {
    /// The points, in rising time.
    pub points: Vec<DataPoint>,
    /// Restarts, gaps, odd readings and unattributed growth, as the highest door has them that has
    /// samples.
    pub events: Events,
    /// The same of each lower door that has samples, in the order of their rank.
    pub lower_events: Vec<(Door, Events)>,
}

impl Series {
    /// Makes the points of the container. A [live](crate::Pipeline::live) series makes only the
    /// points that are not final yet, as they would be if no more samples came, and ignores
    /// `settings` in favour of those that it was made with.
    pub fn history(&self, settings: Settings) -> History {
        let mut points = Vec::new();
        let mut events = self.each_point(settings, None, &mut |point| points.push(point));
        History { points, events: events.take_highest(), lower_events: events.0 }
    }

    /// Like [`history`](Self::history), but returns `None` if it is cancelled.
    pub fn history_until(&self, settings: Settings, cancel: &Cancel) -> Option<History> {
        let mut points = Vec::new();
        let mut events = self.each_point(settings, Some(cancel), &mut |point| points.push(point));
        let (highest, lower_events) = (events.take_highest(), events.0);
        (!cancel.is_cancelled()).then_some(History { points, events: highest, lower_events })
    }

    /// Emits the points of the container one by one in rising time, and returns the events of its
    /// doors. Stops early if it is cancelled.
    fn each_point(
        &self,
        settings: Settings,
        cancel: Option<&Cancel>,
        emit: &mut dyn FnMut(DataPoint),
    ) -> EventsByDoor {
        if settings.shares() {
            let limits = self.limits();
            self.each_point_without_shares(settings, cancel, &mut |mut point| {
                point.set_shares(&limits);
                emit(point);
            })
        } else {
            self.each_point_without_shares(settings, cancel, emit)
        }
    }

    fn each_point_without_shares(
        &self,
        settings: Settings,
        cancel: Option<&Cancel>,
        emit: &mut dyn FnMut(DataPoint),
    ) -> EventsByDoor {
        if self.others.is_empty() {
            let events = self.first.each_point(settings, cancel, emit).events;
            return EventsByDoor(vec![(self.first.door(), events)]);
        }
        match &self.ranking {
            // Points that wait for those of other chains are among those that are not final.
            Some(waiting) => self.each_ranked_point(waiting.0.clone(), None, emit),
            None => self.each_ranked_point(Ranking::new(settings), cancel, emit),
        }
    }

    /// Emits the points of several chains by rank, beside those that the ranking has. Returns the
    /// events of the chains that have samples.
    fn each_ranked_point(
        &self,
        mut ranking: Ranking,
        cancel: Option<&Cancel>,
        emit: &mut dyn FnMut(DataPoint),
    ) -> EventsByDoor {
        let settings = ranking.settings();
        let mut events = Vec::new();
        for chain in self.ranked(&settings) {
            let told = chain.tell_to(&mut ranking, settings, cancel);
            events.extend((!chain.is_empty()).then_some((chain.door(), told)));
        }
        ranking.merge_before(u64::MAX, emit);
        EventsByDoor(events)
    }
}

/// The events of each door that has samples, in the order of their rank.
struct EventsByDoor(Vec<(Door, Events)>);

impl EventsByDoor {
    fn take_highest(&mut self) -> Events {
        if self.0.is_empty() { Events::default() } else { self.0.remove(0).1 }
    }
}

impl Chain {
    /// Makes the points of this chain alone, as they would be if the container had no other door.
    pub fn history(&self, settings: Settings) -> History {
        let mut points = Vec::new();
        let told = self.each_point(settings, None, &mut |point| points.push(point));
        History { points, events: told.events, lower_events: Vec::new() }
    }

    /// Adds the points of this chain to a ranking. Returns its events.
    fn tell_to(
        &self,
        ranking: &mut Ranking,
        settings: Settings,
        cancel: Option<&Cancel>,
    ) -> Events {
        let mut points = Vec::new();
        let told = self.each_point(settings, cancel, &mut |point| points.push(point));
        ranking.add(self, points, &told.lumps);
        told.events
    }

    /// Emits the points of the chain one by one in rising time.
    pub(super) fn each_point(
        &self,
        settings: Settings,
        cancel: Option<&Cancel>,
        emit: &mut dyn FnMut(DataPoint),
    ) -> Told {
        if let Some(live) = &self.live {
            return self.each_provisional_point(live, emit);
        }
        let mut scratch = ScratchFlow::take(settings, &self.name, &self.life);
        for row in self.rows() {
            if cancel.is_some_and(Cancel::is_cancelled) {
                break;
            }
            scratch.flow.feed(row);
            scratch.flow.settle_after(row, emit);
        }
        let told = scratch.flow.finish(emit);
        scratch.put_back();
        told
    }
}

thread_local! {
    /// The flow that made the points of the last container, for reuse: most containers look alike,
    /// and setting up a new flow costs a lot compared with their few samples.
    static SCRATCH: RefCell<Option<ScratchFlow>> = const { RefCell::new(None) };
}

/// A flow that is reused for one container after another, to save its allocations. Each thread
/// has one.
pub(crate) struct ScratchFlow {
    settings: Settings,
    pub(crate) flow: Box<Flow>,
}

impl ScratchFlow {
    /// Takes this thread's flow, reset for a container, or a new one.
    pub(crate) fn take(settings: Settings, name: &Arc<str>, life: &Arc<Life>) -> Self {
        let used = SCRATCH.with_borrow_mut(Option::take);
        if let Some(mut scratch) = used.filter(|scratch| scratch.settings == settings) {
            scratch.flow.reset(Arc::clone(name), life);
            return scratch;
        }
        Self { settings, flow: Box::new(Flow::new(Arc::clone(name), life, settings)) }
    }

    /// Puts the flow back for the next container.
    pub(crate) fn put_back(self) {
        SCRATCH.set(Some(self));
    }
}
