//! A recorder whose samples go to a store: stopped and started is as good as never stopped.

use std::path::Path;
use std::time::Duration;

use cmetrics_core::recorder::{RecorderSettings, Verdict};
use cmetrics_core::store::StoreOptions;
use cmetrics_core::{DataPoint, Metric, Recorder, Sample, Settings, Store, Timestamp};

use crate::common::{read_files, recorded, unpacked};
use crate::ingest::all_points;

fn sorted(mut points: Vec<DataPoint>) -> Vec<DataPoint> {
    points.sort_by(|left, right| {
        (left.name(), left.interval()).cmp(&(right.name(), right.interval()))
    });
    points
}

/// What a recorder gives, and what its store has in the end, that is stopped behind so many polls.
fn recorded_in_lives(folder: &Path, set: &str, polls: usize) -> (Vec<DataPoint>, Vec<DataPoint>) {
    let options = StoreOptions::default().with_lateness(Duration::from_secs(20));
    let (mut drained, paths) = (Vec::new(), recorded(set, "v1.2-docker"));
    for life in paths.chunks(polls) {
        let store = Store::open(folder, options).unwrap();
        let recorder = Recorder::resume(RecorderSettings::of(&store), &store).unwrap();
        let mut source = recorder.source("docker", None);
        for path in life {
            assert!(source.ingest(unpacked(path).as_bytes()).errors.is_empty());
            recorder.keep(&store).unwrap();
            recorder.drain(&mut |point| drained.push(point));
        }
        if life.last() == paths.last() {
            recorder.flush_all();
            recorder.drain(&mut |point| drained.push(point));
        }
    }
    let store = Store::open_read_only(folder, options).unwrap();
    (sorted(drained), all_points(&store))
}

#[test]
fn a_recorder_that_is_stopped_and_started_gives_the_points_of_one_that_was_not() {
    for set in ["steady-1s", "v060-1s"] {
        let paths = recorded(set, "v1.2-docker");
        let batch = sorted(read_files(&paths, Settings::default()).points());
        for polls in [1, 3, 100] {
            let folder = tempfile::tempdir().unwrap();
            let (drained, stored) = recorded_in_lives(folder.path(), set, polls);
            assert!(stored == batch, "{set}, {polls} polls a life: what is stored");
            assert!(drained == batch, "{set}, {polls} polls a life: what is given");
        }
    }
}

#[test]
fn a_recorder_of_other_settings_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let error = Recorder::resume(Settings::default().into(), &store).unwrap_err();
    let expected = "lateness is 5 s, but must be 180 s, which the store was made with";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_was_kept_outlasts_the_recorder_and_what_was_recorded_since_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions::default();
    let cpu = |second: u64| {
        let mut sample = Sample::new(Timestamp::from_nanos(second * 1_000_000_000).unwrap());
        sample.set(Metric::CpuUsage, second);
        sample
    };
    let store = Store::open(folder.path(), options).unwrap();
    let recorder = Recorder::resume(RecorderSettings::of(&store), &store).unwrap();
    recorder.record_by_name("/a", &cpu(1_001));
    recorder.keep(&store).unwrap();
    recorder.record_by_name("/a", &cpu(1_003));
    drop((recorder, store));

    let store = Store::open(folder.path(), options).unwrap();
    let recorder = Recorder::resume(RecorderSettings::of(&store), &store).unwrap();
    assert_eq!(recorder.record_by_name("/a", &cpu(1_001)), Verdict::Duplicate);
    assert_eq!(recorder.record_by_name("/a", &cpu(1_003)), Verdict::Accepted);
}
