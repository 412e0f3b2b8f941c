//! In what order, by which route and how often samples come, and what is called in between.

use std::time::Duration;

use cmetrics_core::Settings;
use cmetrics_core::recorder::RecorderSettings;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::Value;

use super::model::closed;
use super::steps::{self, a_step, some_metrics, some_settings, stats, time_of};

/// By which route a sample comes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Route {
    Handle,
    Name,
    /// In a reply to one of two sources, together with those samples of all containers that came
    /// before it and are at most so many milliseconds older.
    Reply(usize, u64),
}

/// A call after a sample.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    /// Sets the time to so many milliseconds after the sample comes.
    Advance(i64),
    Seal,
    Drain,
    Snapshot,
    /// Of one container, or of all.
    Flush(Option<usize>),
}

/// When a sample comes, in milliseconds after its time.
#[derive(Clone, Debug)]
struct Delivery {
    delay: i64,
    route: Route,
    copy: Option<(i64, Route)>,
    actions: Vec<Action>,
}

/// A sample that comes.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) place: u64,
    pub(crate) container: usize,
    pub(crate) index: usize,
    pub(crate) route: Route,
    pub(crate) actions: Vec<Action>,
}

#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) settings: RecorderSettings,
    /// Each container's samples, in rising time.
    pub(crate) stats: Vec<Vec<Value>>,
    /// For which containers the test keeps a handle.
    pub(crate) has_handle: Vec<bool>,
    pub(crate) events: Vec<Event>,
}

fn a_route() -> impl Strategy<Value = Route> {
    prop_oneof![
        3 => Just(Route::Handle),
        1 => Just(Route::Name),
        2 => (0_usize..2, 0_u64..120_000).prop_map(|(source, back)| Route::Reply(source, back)),
    ]
}

fn an_action(flushes: bool) -> BoxedStrategy<Action> {
    let advance = prop_oneof![
        6 => 0_i64..5_000,
        2 => -100_000_i64..0,
        1 => 100_000_i64..700_000,
    ];
    let actions = prop_oneof![
        3 => advance.prop_map(Action::Advance),
        1 => Just(Action::Seal),
        2 => Just(Action::Drain),
        1 => Just(Action::Snapshot),
    ];
    if flushes {
        prop_oneof![3 => actions, 1 => option::of(0_usize..4).prop_map(Action::Flush)].boxed()
    } else {
        actions.boxed()
    }
}

fn a_delivery(lateness: u64, flushes: bool) -> impl Strategy<Value = Delivery> {
    let most = i64::try_from(lateness).unwrap() * 1_300 + 1;
    let delay = prop_oneof![3 => Just(0), 3 => 0..most, 1 => -30_000_i64..0];
    let copy = (0_i64..300_000, a_route());
    (delay, a_route(), option::weighted(0.4, copy), vec(an_action(flushes), 0..3))
        .prop_map(|(delay, route, copy, actions)| Delivery { delay, route, copy, actions })
}

fn recorder_settings(lateness: u64) -> impl Strategy<Value = RecorderSettings> {
    let history = prop_oneof![Just(0_u64), Just(30), Just(150), Just(600)];
    let ahead = prop_oneof![1 => Just(0_u64), 1 => Just(3), 4 => Just(60), 2 => Just(1_000)];
    (some_settings(), some_metrics(), history, ahead).prop_map(
        move |(settings, metrics, history, ahead)| {
            RecorderSettings::from(settings.with_metrics(metrics))
                .with_lateness(Duration::from_secs(lateness))
                .with_history(Duration::from_secs(history))
                .with_max_ahead(Duration::from_secs(ahead))
        },
    )
}

/// Schedules with several containers, copies, delays and times that are ahead.
pub(crate) fn a_schedule(flushes: bool) -> impl Strategy<Value = Schedule> {
    let lateness = prop_oneof![Just(0_u64), Just(1), Just(5), Just(40), Just(200)];
    lateness
        .prop_flat_map(move |lateness| {
            let container = vec((a_step(), a_delivery(lateness, flushes)), 1..20);
            (recorder_settings(lateness), vec((container, any::<bool>()), 1..4))
        })
        .prop_map(|(settings, containers)| Schedule::new(settings, containers))
}

impl Schedule {
    fn new(
        settings: RecorderSettings,
        containers: Vec<(Vec<(steps::Step, Delivery)>, bool)>,
    ) -> Self {
        let mut this =
            Self { settings, stats: Vec::new(), has_handle: Vec::new(), events: Vec::new() };
        for (container, (steps, has_handle)) in containers.into_iter().enumerate() {
            let (steps, deliveries): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
            let stats = closed(stats(&steps), &[], settings.points().max_gap().as_secs());
            for (index, (sample, delivery)) in stats.iter().zip(deliveries).enumerate() {
                let mut push = |millis: i64, route, actions| {
                    let place = time_of(sample).saturating_add_signed(millis * 1_000_000);
                    this.events.push(Event { place, container, index, route, actions });
                };
                push(delivery.delay, delivery.route, delivery.actions);
                if let Some((delay, route)) = delivery.copy {
                    push(delay, route, Vec::new());
                }
            }
            this.stats.push(stats);
            this.has_handle.push(has_handle);
        }
        this.events.sort_by_key(|event| event.place);
        this
    }

    pub(crate) fn points(&self) -> Settings {
        self.settings.points()
    }

    /// The reply that ends with this event: the samples that came until then, of the last `back`
    /// milliseconds.
    pub(crate) fn reply(&self, event: usize, back: u64) -> Vec<Vec<Value>> {
        let (last, mut reply) = (&self.events[event], vec![Vec::new(); self.stats.len()]);
        let since =
            time_of(&self.stats[last.container][last.index]).saturating_sub(back * 1_000_000);
        for (container, stats) in self.stats.iter().enumerate() {
            let arrived = |index: usize| {
                let mut before = self.events[..=event].iter();
                before.any(|event| event.container == container && event.index == index)
            };
            let stats = stats.iter().enumerate();
            reply[container] = stats
                .filter(|(index, sample)| arrived(*index) && time_of(sample) >= since)
                .map(|(_, sample)| sample.clone())
                .collect();
        }
        reply
    }
}
