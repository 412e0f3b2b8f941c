//! What is not known of a container that was forgotten and comes back does not count as growth.

use std::collections::BTreeMap;
use std::time::Duration;

use cmetrics_core::metric::Section;
use cmetrics_core::recorder::RecorderSettings;
use cmetrics_core::store::StoreOptions;
use cmetrics_core::{
    Container, DataPoint, Input, Metric, Pipeline, Recorder, Sample, Settings, Store,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::Value;

use super::steps::{self, CpuMove, Move, SECOND, at, stats, text_with, time_of};
use super::{START, all_drained, drained, sample};

/// A sample that lists a device at so many bytes, or has an empty list.
fn disk(second: u64, read: Option<u64>) -> Sample {
    let mut sample = sample(second * 1_000, second);
    sample.measured(Section::Diskio);
    if let Some(read) = read {
        sample.device((8, 0)).set(Metric::DiskioRead, read);
    }
    sample
}

/// The container is away for a while, and its device comes back later than the container.
fn first_life() -> [Sample; 2] {
    [disk(0, Some(1_000_500)), disk(6, Some(1_000_500))]
}

fn second_life() -> [Sample; 4] {
    [
        disk(1_000, None),
        disk(1_005, Some(1_000_500)),
        disk(1_010, Some(1_000_540)),
        disk(1_020, None),
    ]
}

fn read(points: &[DataPoint]) -> u64 {
    points.iter().filter_map(|point| point.growth(Metric::DiskioRead)).sum()
}

#[test]
fn a_device_that_comes_back_to_a_forgotten_container_does_not_count_from_0() {
    let mut batch = Pipeline::default();
    for sample in first_life().into_iter().chain(second_life()) {
        batch.insert(&Container::at_path("/a"), None, sample);
    }
    assert_eq!(read(&batch.points()), 40);
    for has_handle in [true, false] {
        let recorder = super::default_recorder();
        let handle = has_handle.then(|| recorder.register(&Container::at_path("/a"), None));
        let record = |sample: &Sample| recorder.record_by_name("/a", sample);
        for sample in first_life() {
            record(&sample);
        }
        recorder.advance(at((START + 990) * SECOND));
        drained(&recorder);
        assert_eq!(recorder.totals().containers, u64::from(handle.is_some()));
        for sample in second_life() {
            record(&sample);
        }
        assert_eq!(read(&all_drained(&recorder)), 40);
    }
    let (mut live, mut points) =
        (Pipeline::live(Settings::default(), Duration::from_secs(5)), Vec::new());
    for sample in first_life() {
        live.insert(&Container::at_path("/a"), None, sample);
    }
    live.settle(Some(at((START + 990) * SECOND)), &mut |_| {});
    assert_eq!(live.series().count(), 0);
    for sample in second_life() {
        live.insert(&Container::at_path("/a"), None, sample);
        live.settle(None, &mut |point| points.push(point));
    }
    points.extend(live.points());
    assert_eq!(read(&points), 40);
}

#[test]
fn a_device_of_a_container_that_a_store_was_silent_of_does_not_count_from_0() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let settings = RecorderSettings::of(&store);
    let recorder = Recorder::resume(settings, &store).unwrap();
    for sample in first_life() {
        recorder.record_by_name("/a", &sample);
    }
    recorder.record_by_name("/b", &disk(900, None));
    recorder.keep(&store).unwrap();
    drop(recorder);
    let recorder = Recorder::resume(settings, &store).unwrap();
    assert!(recorder.snapshot("/a").is_none() && recorder.snapshot("/b").is_some());
    for sample in second_life() {
        recorder.record_by_name("/a", &sample);
        recorder.record_by_name("/new", &sample);
    }
    recorder.keep(&store).unwrap();
    let mut points = all_drained(&recorder);
    points.sort_by(|one, other| one.name().cmp(other.name()));
    let of = |name: &str| {
        read(&points.iter().filter(|point| point.name() == name).cloned().collect::<Vec<_>>())
    };
    assert_eq!((of("/a"), of("/new")), (40, 1_000_540));
    assert_eq!(read(&store.last("/a", Duration::from_secs(60)).unwrap()), 40);
}

#[test]
fn what_fell_since_a_container_came_back_did_not_begin_again() {
    let recorder = super::default_recorder();
    let record = |second, cpu: Option<u64>, faults| {
        let mut sample = Sample::new(at((START + second) * SECOND));
        if let Some(cpu) = cpu {
            sample.set(Metric::CpuUsage, cpu);
        }
        sample.set(Metric::MemoryPageFaults, faults);
        recorder.record_by_name("/a", &sample);
    };
    record(0, Some(7), 900);
    recorder.advance(at((START + 990) * SECOND));
    drained(&recorder);
    record(1_000, None, 1_000);
    record(1_001, Some(8), 600);
    record(1_002, Some(9), 601);
    let points = all_drained(&recorder);
    let growth = |point: &DataPoint| point.growth(Metric::MemoryPageFaults);
    assert!(
        points.iter().all(|point| growth(point).is_none_or(|growth| growth == 0 || growth == 1))
    );
}

/// A sample and how long the container was away before it, in seconds.
type Step = (steps::Step, Option<u64>);

fn a_life() -> impl Strategy<Value = Vec<Step>> {
    let step = steps::a_step().prop_map(|mut step| {
        // What counts without an earlier reading is in `docs/points.md`, *Odd readings*.
        let is_usual = matches!(step.cpu, Some(CpuMove::Counts(Move::Up(_) | Move::Again(_))));
        step.cpu = step.cpu.filter(|_| is_usual).or(Some(CpuMove::USUAL));
        step
    });
    vec((step, option::weighted(0.2, 100_u64..1_000)), 2..40)
}

/// The samples, each with its time.
fn samples(steps: Vec<Step>) -> Vec<(u64, Value)> {
    let (steps, pauses): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
    let mut away = 0;
    let stats = stats(&steps).into_iter().zip(pauses);
    let later = stats.map(|(mut sample, pause)| {
        away += pause.unwrap_or(0);
        let time = time_of(&sample) + away * SECOND;
        sample["timestamp"] = at(time).to_string().into();
        (time, sample)
    });
    later.collect()
}

fn batch(stats: &[(u64, Value)]) -> BTreeMap<u64, DataPoint> {
    let stats: Vec<_> = stats.iter().map(|(_, sample)| sample.clone()).collect();
    let mut pipeline = Pipeline::new(settings());
    pipeline
        .read(Input::reader("batch", text_with(&[], "/0", &stats).as_bytes()))
        .into_result()
        .unwrap();
    pipeline.points().into_iter().map(|point| (point.interval().start(), point)).collect()
}

fn settings() -> Settings {
    Settings::default()
        .with_metrics([Metric::MemoryOomEvents, Metric::DiskioReadOps].into_iter().collect())
}

/// Checks that these are the batch's points, or lack growth.
fn check(given: &[DataPoint], batch: &BTreeMap<u64, DataPoint>) -> Result<(), TestCaseError> {
    for point in given {
        let whole = &batch[&point.interval().start()];
        prop_assert_eq!(point.samples(), whole.samples());
        for metric in point.selected().iter() {
            prop_assert_eq!(point.gauge(metric), whole.gauge(metric));
            let (growth, most) = (point.growth(metric), whole.growth(metric));
            // A growth that does not fit 64 bits may fit if less is known.
            let fits = growth <= most || most.is_none();
            prop_assert!(fits, "{:?}: {:?} of {:?}", metric, growth, most);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn what_comes_back_never_has_more_growth_than_the_batch(
        steps in a_life(),
        has_handle in any::<bool>(),
    ) {
        let samples = samples(steps);
        let batch = batch(&samples);
        let recorder = Recorder::new(RecorderSettings::from(settings()).with_lateness(Duration::from_secs(0)));
        let _handle = has_handle.then(|| recorder.register(&Container::at_path("/0"), None));
        let mut source = recorder.source("one", None);
        let mut live = Pipeline::live(settings(), Duration::from_secs(0));
        let mut points = Vec::new();
        for (time, sample) in &samples {
            // A reply without the container: its source forgets it.
            (0..10).for_each(|_| drop(source.ingest(b"{}")));
            recorder.advance(at(*time));
            recorder.seal();
            live.settle(Some(at(*time)), &mut |point| points.push(point));
            let text = text_with(&[], "/0", std::slice::from_ref(sample));
            assert!(source.ingest(text.as_bytes()).errors.is_empty());
            live.read(Input::bytes("poll", text.as_bytes())).into_result().unwrap();
        }
        points.extend(live.points());
        check(&points, &batch)?;
        check(&all_drained(&recorder), &batch)?;
    }
}
