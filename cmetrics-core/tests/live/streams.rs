//! The property: whatever comes in whatever order, the points of a stream are the batch's.

use std::time::Duration;

use cmetrics_core::{Input, Pipeline};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::Value;

use super::model::{Model, closed};
use super::steps::documents::some_told;
use super::steps::{
    SECOND, Step, a_step, at, shown, some_metrics, some_settings, stats, text_with, time_of,
};

/// In what order samples come: the place of each in it is its time and so many milliseconds.
/// There may be a copy with a delay of its own.
#[derive(Clone, Debug)]
struct Delivery {
    delay: u64,
    copy: Option<u64>,
    /// Whether a poll ends behind it, and what time the caller has then, in milliseconds after
    /// the newest sample.
    ends: bool,
    now: Option<u64>,
}

fn a_delivery(lateness: u64) -> impl Strategy<Value = Delivery> {
    let most = lateness * 1_300 + 1;
    let delay = prop_oneof![2 => Just(0), 2 => 0..most];
    let now = prop_oneof![9 => 0_u64..5_000, 1 => 100_000_u64..700_000];
    (delay, option::weighted(0.4, 0_u64..300_000), any::<bool>(), option::weighted(0.3, now))
        .prop_map(|(delay, copy, ends, now)| Delivery { delay, copy, ends, now })
}

/// The polls, and the caller's time behind each.
fn polls(stats: &[Value], deliveries: &[Delivery]) -> Vec<(Vec<Value>, Option<u64>)> {
    let mut order = Vec::new();
    for (sample, delivery) in stats.iter().zip(deliveries) {
        let time = time_of(sample);
        order.push((time + delivery.delay * 1_000_000, sample, delivery));
        let copy = delivery.copy.map(|delay| (time + delay * 1_000_000, sample, delivery));
        order.extend(copy);
    }
    order.sort_by_key(|(place, ..)| *place);
    let (mut polls, mut poll) = (Vec::new(), Vec::new());
    for (place, sample, delivery) in order {
        poll.push(sample.clone());
        if delivery.ends {
            let now = delivery.now.map(|millis| place + millis * 1_000_000);
            polls.push((std::mem::take(&mut poll), now));
        }
    }
    polls.push((poll, None));
    polls
}

fn cases() -> impl Strategy<Value = (u64, Vec<(Step, Delivery)>)> {
    let lateness = prop_oneof![Just(0_u64), Just(1), Just(5), Just(40), Just(200)];
    lateness
        .prop_flat_map(|lateness| (Just(lateness), vec((a_step(), a_delivery(lateness)), 1..30)))
}

proptest! {
    #[test]
    fn points_are_the_batchs_each_given_once_as_soon_as_it_is_final(
        (lateness, steps) in cases(),
        told in some_told(),
        settings in some_settings(),
        metrics in some_metrics(),
    ) {
        let settings = settings.with_metrics(metrics);
        let (mut steps, deliveries): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
        if told.has_starts() {
            steps.iter_mut().for_each(Step::fill);
        }
        let stats = stats(&steps);
        let specs = told.specs(&stats);
        let stats = closed(stats, &specs, settings.max_gap().as_secs());
        let mut model = Model::new(settings, lateness);
        model.specs.clone_from(&specs);
        let mut pipeline = Pipeline::live(settings, Duration::from_secs(lateness));
        let (mut given, mut late) = (Vec::new(), 0);
        for (poll, now) in polls(&stats, &deliveries) {
            pipeline.read(Input::bytes("poll", text_with(&specs, "/0", &poll).as_bytes())).into_result().unwrap();
            for sample in &poll {
                model.deliver(sample);
            }
            if model.is_left_open {
                return Ok(());
            }
            if let Some(series) = pipeline.series().next() {
                prop_assert_eq!(series.counts().late, model.late);
                prop_assert_eq!(series.counts().duplicates, model.duplicates);
            }
            pipeline.settle(now.map(at), &mut |point| given.push(shown(&point)));
            model.settle(now);
            if model.is_over() {
                late += model.late;
                model.forget();
                prop_assert_eq!(pipeline.series().count(), 0);
            } else {
                let series = pipeline.series().next().unwrap();
                let remembered: Vec<_> = series.samples().map(|one| one.time().nanos()).collect();
                prop_assert_eq!(remembered, model.remembered());
            }
            let (settled, open) = model.points();
            let settled: Vec<_> = model.before.iter().chain(&settled).map(shown).collect();
            prop_assert_eq!(&given, &settled);
            prop_assert_eq!(pipeline.points(), open);
        }
        prop_assert_eq!(pipeline.summary().late, late + model.late);
        let end = model.newest + 100_000 * SECOND;
        pipeline.settle(Some(at(end)), &mut |point| given.push(shown(&point)));
        model.forget();
        prop_assert_eq!(given, model.before.iter().map(shown).collect::<Vec<_>>());
        prop_assert_eq!(pipeline.series().count(), 0);
    }
}
