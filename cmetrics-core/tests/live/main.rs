//! A live pipeline gives the batch's points, each once, and neither before nor after it is final
//! (`docs/points.md`, *Streams*).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod model;
#[allow(
    unreachable_pub,
    clippy::cast_precision_loss,
    clippy::expect_used,
    reason = "a model: read rather than used"
)]
#[path = "../naive/mod.rs"]
mod naive;
#[path = "../steps/mod.rs"]
mod steps;
mod streams;

use std::time::Duration;

use cmetrics_core::metric::Section;
use cmetrics_core::{Container, Input, Metric, MetricSet, Pipeline, Sample, Settings};
use common::{recorded, unpacked};
use serde_json::json;
use steps::{SECOND, at, document};

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
    let mut pipeline = Pipeline::live(Settings::default(), Duration::from_secs(0));
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
fn points_wait_for_those_starts_alone_that_the_next_reading_may_grow_from() {
    let mut pipeline = Pipeline::live(
        Settings::new(Duration::from_secs(5), Some(Duration::from_secs(12))).unwrap(),
        Duration::from_secs(5),
    );
    for second in [1, 17, 43] {
        let start = at((START + second) * SECOND).to_string();
        let told = json!({ "name": "/c", "spec": { "start_time": start } });
        pipeline.read(Input::bytes("poll", told.to_string().as_bytes())).into_result().unwrap();
    }
    pipeline.insert(&Container::at_path("/c"), None, sample(16_000, 9_000));
    // This one waits for a CPU reading: it may lie behind the second start or the third.
    pipeline.insert(&Container::at_path("/c"), None, Sample::new(at((START + 44) * SECOND)));
    // The second is too long before it to make any difference.
    let point = |start| ("/c".to_owned(), start);
    assert_eq!(settled(&mut pipeline, Some(54)), [point(15)]);
    pipeline.insert(&Container::at_path("/c"), None, sample(50_000, 7_000));
    assert_eq!(settled(&mut pipeline, Some(500)), [40, 45, 50].map(point));
}

#[test]
fn what_a_start_held_open_is_given_when_its_container_is_forgotten() {
    let mut pipeline = Pipeline::live(Settings::default(), Duration::from_secs(0));
    let start = at((START + 99) * SECOND).to_string();
    let told = json!({ "name": "/c", "spec": { "start_time": start } });
    pipeline.read(Input::bytes("poll", told.to_string().as_bytes())).into_result().unwrap();
    pipeline.insert(&Container::at_path("/c"), None, sample(98_000, 9_000));
    assert_eq!(settled(&mut pipeline, Some(248)), []);
    // The next reading might grow from the start yet, but would be a new container's.
    assert_eq!(settled(&mut pipeline, Some(249)), [("/c".to_owned(), 95)]);
    assert_eq!(pipeline.series().count(), 0);
}

#[test]
fn memory_does_not_grow_with_time() {
    let mut pipeline = Pipeline::live(Settings::default(), Duration::from_secs(5));
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
    let settings = Settings::new(Duration::from_secs(5), Some(Duration::from_secs(20))).unwrap();
    let mut pipeline = Pipeline::live(settings, Duration::from_secs(2));
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
    let mut pipeline = Pipeline::live(Settings::default(), Duration::from_secs(0));
    let container = Container::at_path("/a");
    let mut with_device = sample(1_000, 100);
    with_device.device((8, 0)).set(Metric::DiskioRead, 1);
    pipeline.insert(&container, None, with_device);
    pipeline.insert(&container, None, sample(6_000, 200));
    assert_eq!(settled(&mut pipeline, None), []);
    pipeline.insert(&container, None, sample(12_000, 3));
    // Whether that is a restart, the next reading tells.
    assert_eq!(settled(&mut pipeline, None), []);
    pipeline.insert(&container, None, sample(13_000, 4));
    let starts: Vec<_> = settled(&mut pipeline, None).into_iter().map(|(_, at)| at).collect();
    assert_eq!(starts, [0, 5]);
    let events = pipeline.series().next().unwrap().settled_events().unwrap();
    assert_eq!(events.restarts, [at((START + 12) * SECOND)]);
}

#[test]
fn a_last_look_at_oom_events_or_disks_holds_points_back_too() {
    for section in [Section::OomEvents, Section::Diskio] {
        let mut pipeline = Pipeline::live(Settings::default(), Duration::from_secs(0));
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
    let mut pipeline = Pipeline::live(settings, Duration::from_secs(5));
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
        let mut pipeline = Pipeline::live(Settings::default(), Duration::from_secs(1));
        pipeline.set_verify(verify);
        let mut points = 0;
        for last in (10_u64..=600).step_by(10) {
            let first = last.saturating_sub(if last == 600 { 200 } else { 120 });
            pipeline
                .read(Input::bytes("poll", poll(first..last).as_bytes()))
                .into_result()
                .unwrap();
            points += settled(&mut pipeline, None).len();
        }
        let counts = pipeline.series().next().unwrap().counts();
        // Since 589 - 150 all are remembered; those from 400 to 438 are not.
        assert_eq!(counts.late, 39);
        let duplicates: u64 = (20_u64..600).step_by(10).map(|last| last.min(120) - 10).sum();
        assert_eq!(counts.duplicates, duplicates + 190 - 39);
        assert_eq!(points, 119);
    }
}

#[test]
fn recorded_polls_give_the_points_of_a_batch() {
    for (set, endpoint) in
        [("steady-1s", "v1.2-docker"), ("dynamic", "v1.2-docker"), ("v060-oom", "v2.1-stats")]
    {
        let mut live = Pipeline::live(Settings::default(), Duration::from_secs(5));
        let mut batch = Pipeline::default();
        let mut given = Vec::new();
        for path in recorded(set, endpoint) {
            let text = unpacked(&path);
            batch.read(Input::bytes("poll", text.as_bytes())).into_result().unwrap();
            live.read(Input::bytes("poll", text.as_bytes())).into_result().unwrap();
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
