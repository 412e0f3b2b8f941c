//! A recorder of several doors of one container: its points are those of a batch, by rank.

use std::time::Duration;

use cmetrics_core::recorder::RecorderSettings;
use cmetrics_core::{DataPoint, Input, Pipeline, Recorder, Settings, Timestamp};
use proptest::prelude::*;

use crate::three_doors::{
    self, BEGIN, ID, documents, documents_in_step, readings, recreated, scrape, summary,
};

/// A reply of the container, which tells a limit.
fn reply(second: u64, tenths: u64) -> String {
    three_doors::reply(r#""memory": {"limit": 8192},"#, second, tenths)
}

fn batch(inputs: &[String], settings: Settings) -> Vec<DataPoint> {
    let mut pipeline = Pipeline::new(settings);
    for input in inputs {
        pipeline.read(Input::bytes("input", input)).into_result().unwrap();
    }
    pipeline.points()
}

fn by_name(mut points: Vec<DataPoint>) -> Vec<DataPoint> {
    points.sort_by(|one, other| one.name().cmp(other.name()));
    points
}

fn later() -> Timestamp {
    Timestamp::from_seconds(BEGIN + 10_000).unwrap()
}

proptest! {
    /// Nothing is late here, and no door falls silent before the end.
    #[test]
    fn points_of_several_doors_are_those_of_a_batch(
        readings in readings(),
        acts in prop::collection::vec(0..3_u8, 1..20),
        shares in any::<bool>(),
    ) {
        let settings = Settings::default();
        let settings = if shares { settings.with_shares() } else { settings };
        let inputs = documents(&readings, reply);
        let lateness = Duration::from_secs(3_000);
        let recorder = Recorder::new(RecorderSettings::from(settings).with_lateness(lateness));
        let mut source = recorder.source("node", None);
        let mut points = Vec::new();
        for (index, (input, act)) in inputs.iter().zip(acts.iter().cycle()).enumerate() {
            prop_assert!(source.ingest(input.as_bytes()).errors.is_empty());
            match act {
                0 => drop(recorder.drain(&mut |point| points.push(point))),
                1 => {
                    let found = by_name(recorder.snapshots().flatten().collect());
                    prop_assert_eq!(found, batch(&inputs[..=index], settings));
                }
                _ => {}
            }
        }
        recorder.advance(later());
        recorder.drain(&mut |point| points.push(point));
        prop_assert_eq!(by_name(points), batch(&inputs, settings));
        prop_assert_eq!(recorder.totals().containers, recorder.containers().count() as u64);
    }

    /// Of several ids of a name, the one that was created in the same second is meant.
    #[test]
    fn of_containers_that_were_made_anew_a_recorder_has_the_names_of_a_batch(
        inputs in recreated::documents(),
    ) {
        let settings = Settings::default();
        let lateness = Duration::from_secs(3_000);
        let recorder = Recorder::new(RecorderSettings::from(settings).with_lateness(lateness));
        let mut source = recorder.source("node", None);
        for (index, input) in inputs.iter().enumerate() {
            prop_assert!(source.ingest(input.as_bytes()).errors.is_empty());
            let found = by_name(recorder.snapshots().flatten().collect());
            prop_assert_eq!(found, batch(&inputs[..=index], settings));
        }
        let mut points = Vec::new();
        recorder.advance(later());
        recorder.drain(&mut |point| points.push(point));
        prop_assert_eq!(by_name(points), batch(&inputs, settings));
    }

    /// Doors may be silent for long here.
    #[test]
    fn points_of_doors_that_tell_in_step_are_those_of_a_batch(
        readings in readings(),
        acts in prop::collection::vec(any::<bool>(), 1..20),
    ) {
        let settings = RecorderSettings::from(Settings::default());
        let recorder = Recorder::new(settings.with_lateness(Duration::from_secs(2)));
        let mut source = recorder.source("node", None);
        let inputs = documents_in_step(&readings, reply);
        // All have been met.
        let first = [scrape(0, 0), reply(0, 0), summary(0, 0)];
        for input in &first {
            prop_assert!(source.ingest(input.as_bytes()).errors.is_empty());
        }
        let mut points = Vec::new();
        for (input, drains) in inputs.iter().zip(acts.iter().cycle()) {
            prop_assert!(source.ingest(input.as_bytes()).errors.is_empty());
            if *drains {
                recorder.drain(&mut |point| points.push(point));
            }
        }
        recorder.advance(later());
        recorder.drain(&mut |point| points.push(point));
        let all = [first.to_vec(), inputs].concat();
        let expected = batch(&all, Settings::default());
        for (point, expected) in points.iter().zip(&expected) {
            prop_assert_eq!(point, expected);
        }
        prop_assert_eq!(points.len(), expected.len());
    }

    /// Doors come when points of others are emitted already, and fall silent.
    #[test]
    fn each_interval_is_emitted_once_and_in_rising_time(
        readings in readings(),
        acts in prop::collection::vec(0..3_u8, 1..20),
    ) {
        let settings = RecorderSettings::from(Settings::default());
        let recorder = Recorder::new(settings.with_lateness(Duration::from_secs(2)));
        let mut source = recorder.source("node", None);
        let mut points = Vec::new();
        for (input, act) in documents(&readings, reply).iter().zip(acts.iter().cycle()) {
            prop_assert!(source.ingest(input.as_bytes()).errors.is_empty());
            match act {
                0 => drop(recorder.drain(&mut |point| points.push(point))),
                1 => drop(recorder.flush(ID)),
                _ => {}
            }
        }
        recorder.flush_all();
        recorder.drain(&mut |point| points.push(point));
        drop(source);
        recorder.advance(later());
        recorder.drain(&mut |point| points.push(point));
        for name in [ID, "shop/web-0/nginx"] {
            let of_one = points.iter().filter(|point| point.name() == name);
            let starts: Vec<_> = of_one.map(|point| point.interval().start()).collect();
            prop_assert!(starts.is_sorted_by(|one, next| one < next), "{:?}", starts);
        }
        prop_assert_eq!(recorder.totals().containers, 0);
    }
}

#[test]
fn a_door_that_is_silent_for_long_is_not_waited_for() {
    let recorder = Recorder::new(Settings::default());
    let mut source = recorder.source("node", None);
    let mut points = Vec::new();
    let mut inputs = vec![scrape(0, 10), reply(1, 0), scrape(9, 20)];
    inputs.extend((1..40).map(|n| reply(n * 5, n)));
    for input in &inputs {
        assert!(source.ingest(input.as_bytes()).errors.is_empty());
        recorder.drain(&mut |point| points.push(point));
    }
    let expected = batch(&inputs, Settings::default());
    assert!(points.len() > 30, "{}", points.len());
    assert_eq!(points, expected[..points.len()]);
    assert_eq!(recorder.containers().count(), 1);
    let known = recorder.containers().next().unwrap();
    assert_eq!(known.limits.memory_bytes, Some(8192));
}
