//! What is lost of the samples of a damaged store is lost: no line is drawn over it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use cmetrics_core::store::StoreOptions;
use cmetrics_core::{Container, DataPoint, ErrorKind, Metric, Pipeline, Sample, Store, Timestamp};

use super::ingest::all_points;

const START: u64 = 1_795_262_400;
const POLLS: u64 = 12;

/// Samples of ten seconds, whose counters no line follows.
fn poll(number: u64) -> Pipeline {
    let mut pipeline = Pipeline::default();
    for second in number * 10..number * 10 + 10 {
        let time = Timestamp::from_nanos((START + second) * 1_000_000_000).unwrap();
        let mut sample = Sample::new(time);
        sample.set(Metric::CpuUsage, second * second * 1_000);
        sample.set(Metric::MemoryUsage, second * 7 % 31);
        pipeline.insert(&Container::at_path("/c"), None, sample);
    }
    pipeline
}

fn copied(from: &Path, to: &Path) {
    for file in fs::read_dir(from).unwrap().map(|file| file.unwrap().path()) {
        fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}

fn log_of(folder: &Path) -> std::path::PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let is_log = |file: &std::path::PathBuf| file.to_str().unwrap().contains("/log-");
    // Not the one that was begun for later.
    files.filter(is_log).max_by_key(|log| fs::metadata(log).unwrap().len()).unwrap()
}

/// Asserts that what is told is as it was, or is said to be known in part; and that of the time that
/// is lost nothing is told which only a line over it could tell.
fn assert_no_line(found: &[DataPoint], whole: &BTreeMap<u64, DataPoint>, lost: u64, what: &str) {
    for point in found {
        let (start, end) = (point.interval().start(), point.interval().end());
        let there = &whole[&start];
        assert!(point == there || point.coverage() < Some(1.0), "{what}: {point:?}");
        let lies_within = start >= START + lost * 10 && end <= START + (lost + 1) * 10;
        assert!(point == there || !lies_within, "{what}: {point:?}");
    }
}

/// Asserts that what is far from what is lost is there.
fn assert_far(found: &[DataPoint], whole: &BTreeMap<u64, DataPoint>, lost: u64, what: &str) {
    let far = |start: &u64| start.abs_diff(START + lost * 10) > 30;
    for (_, point) in whole.iter().filter(|(start, _)| far(start)) {
        assert!(found.contains(point), "{what}: {point:?} is lost");
    }
}

#[test]
fn no_line_is_drawn_over_samples_that_a_damaged_log_has_lost() {
    for lateness in [0, 12, 45, 600] {
        let (open, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = Store::open(
            open.path(),
            StoreOptions::default().with_lateness(Duration::from_secs(lateness)),
        )
        .unwrap();
        let (mut lengths, mut seals) = (vec![], lateness == 45);
        for number in 0..POLLS {
            store.ingest(poll(number).series()).unwrap();
            if std::mem::take(&mut seals) {
                store.compact().unwrap();
            }
            lengths.push(fs::metadata(log_of(open.path())).unwrap().len());
        }
        let whole: BTreeMap<_, _> =
            all_points(&store).into_iter().map(|point| (point.interval().start(), point)).collect();
        copied(open.path(), folder.path());
        let log = log_of(folder.path());
        let bytes = fs::read(&log).unwrap();
        for lost in 2..POLLS - 1 {
            let what = format!("lateness {lateness}, poll {lost}");
            let mut changed = bytes.clone();
            let length = lengths[usize::try_from(lost).unwrap()];
            let place = usize::try_from(length - 9).unwrap();
            changed[place] ^= 1;
            fs::write(&log, changed).unwrap();
            let options = StoreOptions::default();
            let error = Store::open_read_only(folder.path(), options).err();
            assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::Damaged), "{what}");
            let left = Store::open_read_only(folder.path(), options.despite_damage()).unwrap();
            let found = all_points(&left);
            assert_no_line(&found, &whole, lost, &what);
            // With the record that tells what points look like, all that lie behind are lost.
            if (lateness, lost) != (45, 5) {
                assert_far(&found, &whole, lost, &what);
            }
            let saved = tempfile::tempdir().unwrap();
            let saved = saved.path().join("saved");
            let salvaged = Store::salvage(folder.path(), &saved, false).unwrap();
            assert_eq!(salvaged.lost.len(), 1, "{what}");
            let saved = Store::open(&saved, options).unwrap();
            assert_eq!(all_points(&saved), found, "{what}");
            // What comes goes on with what came last.
            let kept = saved.ingest(poll(POLLS).series()).unwrap();
            assert_eq!((kept.accepted, kept.old), (10, 0), "{what}");
            let last = all_points(&saved).pop().unwrap();
            assert_eq!(last.interval().end(), START + (POLLS + 1) * 10);
        }
    }
}
