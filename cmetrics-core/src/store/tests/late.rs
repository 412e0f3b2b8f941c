//! Late samples are a batch of their own.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::ingesting::{Between, Ingesting, a_between, some_lateness, with_metrics};
use super::model::Model;
use super::steps::{SECOND, a_step, document, some_settings, stats, time_of};
use super::streams;
use super::*;
use crate::{Input, Pipeline};

/// The times of all samples that were set aside for good.
fn set_aside(store: &Store) -> Vec<u64> {
    let view = store.shared().view();
    let known = store.shared().catalog.all();
    let events = known.iter().flat_map(|known| view.stored_events(known).unwrap());
    let aside = events.filter(|(_, what)| *what == Happening::SetAside);
    aside.map(|(at, _)| at.nanos()).collect()
}

/// The points of late samples. Those of `set_aside` are left out if they would not be set aside
/// among these alone.
fn apart(
    settings: Settings,
    mut late: Vec<serde_json::Value>,
    set_aside: &[u64],
) -> Vec<DataPoint> {
    loop {
        let mut pipeline = Pipeline::new(settings);
        pipeline
            .read(Input::reader("late", document(&[late.clone()]).to_string().as_bytes()))
            .into_result()
            .unwrap();
        let Some(series) = pipeline.series().next() else { return Vec::new() };
        let events = series.history(settings).events;
        let again: Vec<_> = events.set_aside.iter().map(|time| time.nanos()).collect();
        let is_left_out = |time: u64| set_aside.contains(&time) && !again.contains(&time);
        let before = late.len();
        late.retain(|sample| !is_left_out(time_of(sample)));
        if late.len() == before {
            return pipeline.points();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn late_samples_are_a_batch_of_their_own_whose_points_are_put_among_the_others(
        life in vec((a_step(), 0_u64..400_000, any::<bool>(), a_between()), 1..30),
        lateness in some_lateness(),
        settings in some_settings(),
        all: bool,
    ) {
        let settings = with_metrics(settings, all);
        let mut ingesting = Ingesting::new(settings, lateness);
        let steps: Vec<_> = life.iter().map(|(step, ..)| step.clone()).collect();
        let stats = streams::closed(stats(&steps), &[], settings.max_gap_seconds());
        let mut order: Vec<_> = stats.into_iter().zip(&life).collect();
        order.sort_by_key(|(sample, (_, delay, ..))| time_of(sample) + delay * 1_000_000);
        let mut accepted = streams::Model::new(settings, lateness);
        let (mut stored, mut final_before) = (Model::default(), 0);
        let mut poll = Vec::new();
        let count = order.len();
        for (number, (sample, (_, _, ends, between))) in order.into_iter().enumerate() {
            poll.push(sample);
            if !ends && number + 1 < count {
                continue;
            }
            let newest = accepted.newest;
            let is_late = |sample: &serde_json::Value| time_of(sample) + lateness * SECOND < newest;
            let samples = std::mem::take(&mut poll);
            let aside = set_aside(ingesting.store());
            let kept = ingesting.ingest(&document(std::slice::from_ref(&samples)));
            let (late, new): (Vec<_>, Vec<_>) = samples.into_iter().partition(is_late);
            prop_assert_eq!(kept.old, late.len() as u64);
            prop_assert_eq!(kept.accepted, new.len() as u64);
            for sample in &new {
                accepted.accept(sample);
            }
            if accepted.is_left_open {
                return Ok(());
            }
            let mut points = apart(settings, late, &aside);
            let count = points.len();
            points.retain(|point| {
                let there = stored.points.get(&("/0".to_owned(), point.interval().start()));
                there.is_none_or(|there| {
                    there.samples() < point.samples()
                        || (there.samples() == point.samples() && point.is_complete())
                })
            });
            let repeated = (count - points.len()) as u64;
            let (settled, open) = accepted.points();
            points.extend_from_slice(&settled[final_before..]);
            final_before = settled.len();
            let mut expected = stored.append(&points);
            expected.unchanged += repeated;
            prop_assert_eq!(kept.points, expected);
            ingesting.go_on(*between);
            assert_shown(ingesting.store(), &stored, &open);
        }
    }

    #[test]
    fn appended_and_provisional_points_are_chosen_by_the_rule(
        life in vec((a_step(), any::<bool>(), a_between(), vec((0_u64..20, 0_usize..30), 0..3)), 1..15),
        lateness in some_lateness(),
        settings in some_settings(),
    ) {
        let mut ingesting = Ingesting::new(settings, lateness);
        let steps: Vec<_> = life.iter().map(|(step, ..)| step.clone()).collect();
        let mut accepted = streams::Model::new(settings, lateness);
        let (mut stored, mut final_before) = (Model::default(), 0);
        let stats = streams::closed(stats(&steps), &[], settings.max_gap_seconds());
        for (sample, (_, figures_only, between, appended)) in stats.into_iter().zip(&life) {
            let kept = ingesting.ingest(&document(&[vec![sample.clone()]]));
            accepted.accept(&sample);
            if accepted.is_left_open {
                return Ok(());
            }
            let (settled, open) = accepted.points();
            prop_assert_eq!(kept.points, stored.append(&settled[final_before..]));
            final_before = settled.len();
            // Points of this container, moved to other times.
            let all = accepted.batch();
            let from = |(moved, which): &(u64, usize)| {
                let point = &all[which % all.len()];
                moved_by(point, moved * settings.interval_seconds(), *figures_only)
            };
            let points: Vec<_> = appended.iter().map(from).collect();
            let expected = stored.append(&points);
            prop_assert_eq!(ingesting.store().append(&points).unwrap(), expected);
            ingesting.go_on(*between);
            assert_shown(ingesting.store(), &stored, &open);
        }
    }
}

/// The point moved to a later time; with `figures_only`, as JSON returns it.
fn moved_by(point: &DataPoint, seconds: u64, figures_only: bool) -> DataPoint {
    let mut json = serde_json::to_value(crate::point::Extended(point)).unwrap();
    for edge in ["start", "end"] {
        json[edge] = (json[edge].as_u64().unwrap() + seconds).into();
    }
    if figures_only {
        return serde_json::from_value(json).unwrap();
    }
    let start = point.interval().start() + seconds;
    let interval = crate::Interval::new(start, start + point.interval().seconds()).unwrap();
    DataPoint::from_parts(
        std::sync::Arc::clone(point.shared_name()),
        interval,
        point.samples(),
        point.watched(),
        point.figures().clone(),
        point.selected(),
    )
}

/// Asserts that it shows the stored points, and the provisional ones that are better or not stored.
fn assert_shown(store: &Store, stored: &Model, open: &[DataPoint]) {
    let mut shown = stored.clone();
    shown.append(open);
    let expected: Vec<_> = shown.points.values().map(exact).collect();
    assert_eq!(store.everything_exactly().unwrap(), expected);
}

#[test]
fn strict_ingestion_refuses_all_where_anything_is_late() {
    let settings = Settings::default();
    let mut ingesting = Ingesting::new(settings, 10);
    let sample = |second: u64| {
        let time = Timestamp::from_nanos((1_795_262_400 + second) * SECOND).unwrap().to_string();
        serde_json::json!({ "timestamp": time, "cpu": { "usage": { "total": second } } })
    };
    let one = |samples: Vec<serde_json::Value>| {
        let mut pipeline = Pipeline::new(settings);
        pipeline
            .read(Input::reader("poll", document(&[samples]).to_string().as_bytes()))
            .into_result()
            .unwrap();
        pipeline
    };
    let series = one((100..120).map(sample).collect());
    ingesting.store().ingest_strictly(series.series()).unwrap();
    let before = ingesting.store().everything_exactly().unwrap();
    let series = one(vec![sample(1), sample(130)]);
    let error = ingesting.store().ingest_strictly(series.series()).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Refused);
    for between in [Between::Nothing, Between::Kill] {
        ingesting.go_on(between);
        assert_eq!(ingesting.store().everything_exactly().unwrap(), before);
    }
    let kept = ingesting.ingest(&document(&[vec![sample(1), sample(130)]]));
    assert_eq!((kept.old, kept.accepted), (1, 1));
    let by_start: BTreeMap<_, _> = ingesting
        .store()
        .everything()
        .unwrap()
        .into_iter()
        .map(|point| (point.interval().start() - 1_795_262_400, point.samples()))
        .collect();
    assert_eq!(by_start.get(&0), Some(&Some(1)));
}
