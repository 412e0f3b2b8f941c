//! A live pipeline gives the batch's points, each once, and neither before nor after the contract
//! says that it is final.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod model;
#[path = "../steps/mod.rs"]
mod steps;

use cmetrics_core::{Container, Metric, MetricSet, Pipeline, Sample, Section, Settings};
use common::{recorded, unpacked};
use model::Model;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};
use steps::{SECOND, a_step, at, document, shown, some_settings, stats, time_of};

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

fn cases() -> impl Strategy<Value = (u64, Vec<(steps::Step, Delivery)>)> {
    let lateness = prop_oneof![Just(0_u64), Just(1), Just(5), Just(40), Just(200)];
    lateness
        .prop_flat_map(|lateness| (Just(lateness), vec((a_step(), a_delivery(lateness)), 1..30)))
}

proptest! {
    #[test]
    fn points_are_the_batchs_each_given_once_as_soon_as_it_is_final(
        (lateness, steps) in cases(),
        settings in some_settings(),
        all: bool,
    ) {
        let metrics = if all { MetricSet::all() } else { MetricSet::default() };
        let settings = settings.with_metrics(metrics);
        let (steps, deliveries): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
        let mut model = Model::new(settings, lateness);
        let mut pipeline = Pipeline::live(settings, lateness);
        let (mut given, mut late) = (Vec::new(), 0);
        for (poll, now) in polls(&stats(&steps), &deliveries) {
            pipeline.read_bytes("poll", document(std::slice::from_ref(&poll)).to_string().as_bytes());
            for sample in &poll {
                model.deliver(sample);
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

const START: u64 = 1_795_262_400;

fn sample(millis: u64, cpu: u64) -> Sample {
    let mut sample = Sample::new(at(START * SECOND + millis * 1_000_000));
    sample.set(Metric::CpuUsage, cpu);
    sample
}

/// The names and starts, in seconds after the start, of the points that are final.
fn settled(pipeline: &mut Pipeline, now: Option<u64>) -> Vec<(String, u64)> {
    let mut settled = Vec::new();
    let now = now.map(|second| at((START + second) * SECOND));
    pipeline.settle(now, &mut |point| {
        settled.push((point.name().to_owned(), point.interval().start() - START));
    });
    settled
}

#[test]
fn what_is_forgotten_leaves_the_others_as_they_were() {
    let mut pipeline = Pipeline::live(Settings::default(), 0);
    let paths = ["/c", "/a", "/d", "/b"];
    for (path, last) in paths.into_iter().zip([0, 100, 0, 100]) {
        for second in [0, last] {
            pipeline.insert(&Container::at_path(path), None, sample(second * 1_000, second));
        }
    }
    let names = |pipeline: &Pipeline| -> Vec<_> {
        pipeline.series().map(|series| series.identity().name().to_string()).collect()
    };
    assert_eq!(names(&pipeline), ["/a", "/b", "/c", "/d"]);
    let given = settled(&mut pipeline, Some(151));
    assert_eq!(given.iter().filter(|(name, _)| name == "/a").count(), 20);
    assert_eq!(given.last(), Some(&("/d".to_owned(), 0)));
    assert!(given.is_sorted());
    assert_eq!(names(&pipeline), ["/a", "/b"]);
    assert_eq!(pipeline.summary().forgotten, 2);
    pipeline.insert(&Container::at_path("/b"), None, sample(160_000, 160));
    pipeline.insert(&Container::at_path("/d"), None, sample(150_999, 7));
    pipeline.insert(&Container::at_path("/c"), None, sample(160_000, 7));
    assert_eq!(pipeline.summary().late, 1);
    let given = settled(&mut pipeline, Some(400));
    assert_eq!(given.iter().filter(|(name, _)| name == "/b").count(), 13);
    assert_eq!(given.last(), Some(&("/c".to_owned(), 160)));
    assert!(names(&pipeline).is_empty());
    assert_eq!(pipeline.summary().late, 1);
}

#[test]
fn memory_does_not_grow_with_time() {
    let mut pipeline = Pipeline::live(Settings::default(), 5);
    let mut points = 0;
    for second in 1..20_000 {
        pipeline.insert(&Container::at_path("/a"), None, sample(second * 1_000, second));
        pipeline.insert(&Container::at_path(format!("/{second}")), None, sample(second * 1_000, 1));
        points += settled(&mut pipeline, Some(second)).len();
        let remembered: usize = pipeline.series().map(cmetrics_core::Series::len).sum();
        assert!(remembered <= 151 + 156, "{remembered} samples");
        assert!(pipeline.series().count() <= 157);
    }
    assert!(points > 3_990 + 19_800, "{points} points");
}

#[test]
fn a_counter_that_is_read_no_more_holds_points_back_for_the_longest_gap() {
    let settings = Settings::new(5, Some(20)).unwrap();
    let mut pipeline = Pipeline::live(settings, 2);
    let container = Container::at_path("/a");
    for second in 0..=3 {
        let mut with_network = sample(second * 1_000, second);
        with_network.interface("eth0").set(Metric::NetworkRxBytes, second);
        pipeline.insert(&container, None, with_network);
    }
    for second in 4..=25 {
        pipeline.insert(&container, None, sample(second * 1_000, second));
        assert_eq!(settled(&mut pipeline, None), []);
    }
    // The interface was read at 3: 3 + 20 + 2 is not before 25, but before this.
    pipeline.insert(&container, None, sample(25_001, 26));
    let starts: Vec<_> = settled(&mut pipeline, None).into_iter().map(|(_, at)| at).collect();
    assert_eq!(starts, [0, 5, 10, 15]);
}

#[test]
fn a_restart_lets_go_of_what_it_does_not_list() {
    let mut pipeline = Pipeline::live(Settings::default(), 0);
    let container = Container::at_path("/a");
    let mut with_device = sample(1_000, 100);
    with_device.device((8, 0)).set(Metric::DiskioRead, 1);
    pipeline.insert(&container, None, with_device);
    pipeline.insert(&container, None, sample(6_000, 200));
    assert_eq!(settled(&mut pipeline, None), []);
    pipeline.insert(&container, None, sample(12_000, 3));
    let starts: Vec<_> = settled(&mut pipeline, None).into_iter().map(|(_, at)| at).collect();
    assert_eq!(starts, [0, 5]);
    let events = pipeline.series().next().unwrap().settled_events().unwrap();
    assert_eq!(events.restarts, [at((START + 12) * SECOND)]);
}

#[test]
fn a_last_look_at_oom_events_or_disks_holds_points_back_too() {
    for section in [Section::OomEvents, Section::Diskio] {
        let mut pipeline = Pipeline::live(Settings::default(), 0);
        let container = Container::at_path("/a");
        let mut looked = sample(1_000, 1);
        looked.measured(section);
        pipeline.insert(&container, None, looked);
        for second in [60, 120, 151] {
            pipeline.insert(&container, None, sample(second * 1_000, second));
            assert_eq!(settled(&mut pipeline, None), [], "{section:?} at {second}");
        }
        pipeline.insert(&container, None, sample(152_000, 152));
        assert_eq!(settled(&mut pipeline, None).len(), 30);
    }
}

#[test]
fn a_copy_completes_a_sample_as_long_as_that_is_not_final() {
    let settings = Settings::default().with_metrics(MetricSet::all());
    let mut pipeline = Pipeline::live(settings, 5);
    let container = Container::at_path("/a");
    let with = |second: u64, processes| {
        let mut sample = sample(second * 1_000, second);
        sample.set(Metric::ProcessesCount, processes);
        sample
    };
    for one in [with(1, 3), with(4, 3), with(1, 5), with(9, 3), with(1, 8), with(4, 6)] {
        pipeline.insert(&container, None, one);
    }
    let series = pipeline.series().next().unwrap();
    let processes: Vec<_> =
        series.samples().map(|sample| sample.get(Metric::ProcessesCount).unwrap()).collect();
    assert_eq!(processes, [5, 6, 3]);
    assert_eq!(series.counts().duplicates, 3);
    settled(&mut pipeline, None);
    pipeline.insert(&container, None, with(4, 7));
    let processes = pipeline.series().next().unwrap().samples().nth(1).unwrap();
    assert_eq!(processes.get(Metric::ProcessesCount), Some(6));
}

#[test]
fn copies_of_what_is_remembered_are_duplicates_and_older_ones_are_late() {
    let poll = |seconds: std::ops::Range<u64>| {
        let stats: Vec<_> = seconds
            .map(|second| {
                let time = at((START + second) * SECOND).to_string();
                json!({ "timestamp": time, "cpu": { "usage": { "total": second } } })
            })
            .collect();
        document(&[stats]).to_string()
    };
    for verify in [false, true] {
        let mut pipeline = Pipeline::live(Settings::default(), 1);
        pipeline.verify(verify);
        let mut points = 0;
        for last in (10_u64..=600).step_by(10) {
            let first = last.saturating_sub(if last == 600 { 200 } else { 120 });
            pipeline.read_bytes("poll", poll(first..last).as_bytes());
            points += settled(&mut pipeline, None).len();
        }
        let counts = pipeline.series().next().unwrap().counts();
        // Since 589 - 150 all are remembered; those from 400 to 438 are not.
        assert_eq!(counts.late, 39);
        let duplicates: u64 = (20_u64..600).step_by(10).map(|last| last.min(120) - 10).sum();
        assert_eq!(counts.duplicates, duplicates + 190 - 39);
        assert_eq!(points, 119);
        assert!(pipeline.errors().is_empty());
    }
}

#[test]
fn recorded_polls_give_the_points_of_a_batch() {
    for (set, endpoint) in
        [("steady-1s", "v1.2-docker"), ("dynamic", "v1.2-docker"), ("v060-oom", "v2.1-stats")]
    {
        let mut live = Pipeline::live(Settings::default(), 5);
        let mut batch = Pipeline::default();
        let mut given = Vec::new();
        for path in recorded(set, endpoint) {
            let text = unpacked(&path);
            batch.read_bytes("poll", text.as_bytes());
            live.read_bytes("poll", text.as_bytes());
            live.settle(None, &mut |point| given.push(point));
        }
        assert_eq!(live.summary().late, 0);
        assert!(given.len() > live.points().len(), "{} and {}", given.len(), live.points().len());
        let counts = |pipeline: &Pipeline| -> Vec<_> {
            pipeline.series().map(cmetrics_core::Series::counts).collect()
        };
        assert_eq!(counts(&live), counts(&batch));
        given.extend(live.points());
        given.sort_by(|one, other| {
            (one.name(), one.interval()).cmp(&(other.name(), other.interval()))
        });
        assert_eq!(given, batch.points(), "{set}");
    }
}

#[test]
fn a_batch_gives_no_point_before_it_is_asked_for() {
    let mut pipeline = Pipeline::default();
    pipeline.insert(&Container::at_path("/a"), None, sample(1_000, 1));
    assert_eq!(settled(&mut pipeline, Some(1_000)), []);
    assert_eq!(pipeline.points().len(), 1);
    assert!(pipeline.series().next().unwrap().settled_events().is_none());
}
