//! What a store must outlast that is done to it and around it: by its callers, to its files, by the
//! limits of the system.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use cmetrics_core::container::Limits;
use cmetrics_core::recorder::RecorderSettings;
use cmetrics_core::store::{Happening, StoreOptions, SyncPolicy};
use cmetrics_core::{
    Container, DataPoint, ErrorKind, Input, Metric, Pipeline, Recorder, Sample, Series, Store,
    Timestamp,
};

use crate::ingest::all_points;

const START: u64 = 1_795_262_400;
const YEAR: u64 = 365 * 86_400;

fn sample(second: u64, used: u64) -> Sample {
    let time = Timestamp::from_nanos((START + second) * 1_000_000_000).unwrap();
    let mut sample = Sample::new(time);
    sample.set(Metric::CpuUsage, used);
    sample
}

/// A container with a sample a second.
fn series(path: &str, seconds: std::ops::Range<u64>) -> Pipeline {
    let mut pipeline = Pipeline::default();
    for second in seconds {
        pipeline.insert(&Container::at_path(path), None, sample(second, second * 1_000));
    }
    pipeline
}

fn points(path: &str, seconds: std::ops::Range<u64>) -> Vec<DataPoint> {
    series(path, seconds).points()
}

/// Files of the store whose names begin so.
fn files(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_one = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(prefix);
    let mut files: Vec<_> = entries.filter(is_one).collect();
    files.sort();
    files
}

#[cfg(target_os = "linux")]
#[test]
fn a_writer_has_few_logs_open_however_long_it_writes() {
    for sync in [SyncPolicy::Os, SyncPolicy::Always] {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::default().with_sync(sync).with_memory(1);
        let store = Store::open(folder.path(), options).unwrap();
        let mut most = 0;
        for number in 0..60 {
            store.append(&points("/c", number * 60..number * 60 + 20)).unwrap();
            let open = fs::read_dir("/proc/self/fd").unwrap();
            let open = open.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
            let logs = folder.path().join("log-");
            let is_log =
                |file: &PathBuf| file.to_str().unwrap().starts_with(logs.to_str().unwrap());
            most = most.max(open.filter(is_log).count());
        }
        assert!(most <= 8, "{sync:?}: {most} logs were open");
    }
}

#[test]
fn no_store_is_begun_where_files_of_one_lie_whose_manifest_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    store.append(&points("/c", 0..20)).unwrap();
    store.compact().unwrap();
    store.append(&points("/c", 60..80)).unwrap();
    let expected = all_points(&store);
    store.close().unwrap();
    fs::remove_file(folder.path().join("MANIFEST")).unwrap();
    let before = (files(folder.path(), "segment-"), files(folder.path(), "log-"));
    assert!(!before.0.is_empty() && !before.1.is_empty());
    for opened in [
        Store::open(folder.path(), StoreOptions::default()),
        Store::open_read_only(folder.path(), StoreOptions::default()),
    ] {
        let error = opened.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Damaged);
        assert!(error.to_string().contains("store salvage"), "{error}");
    }
    assert_eq!((files(folder.path(), "segment-"), files(folder.path(), "log-")), before);
    let to = tempfile::tempdir().unwrap();
    let to = to.path().join("salvaged");
    let salvaged = Store::salvage(folder.path(), &to, false).unwrap();
    assert_eq!(salvaged.lost.len(), 1);
    let salvaged = Store::open_read_only(&to, StoreOptions::default()).unwrap();
    assert_eq!(all_points(&salvaged), expected);
}

#[test]
fn another_segment_in_the_place_of_one_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let older = {
        let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
        store.append(&points("/c", 0..20)).unwrap();
        store.compact().unwrap();
        store.close().unwrap();
        fs::read(files(folder.path(), "segment-").last().unwrap()).unwrap()
    };
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    store.append(&points("/c", 60..80)).unwrap();
    store.compact().unwrap();
    store.close().unwrap();
    let newest = files(folder.path(), "segment-").pop().unwrap();
    let whole = fs::read(&newest).unwrap();
    fs::write(&newest, &older).unwrap();
    let error = Store::open_read_only(folder.path(), StoreOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert!(error.to_string().contains("the manifest says"), "{error}");

    // One of the same length is found by its checksum: of other points at the same times.
    let other = tempfile::tempdir().unwrap();
    let store = Store::open(other.path(), StoreOptions::default()).unwrap();
    let moved: Vec<_> = [0..20, 60..80].into_iter().flat_map(|of| points("/d", of)).collect();
    store.append(&moved).unwrap();
    store.compact().unwrap();
    store.close().unwrap();
    let similar = fs::read(files(other.path(), "segment-").pop().unwrap()).unwrap();
    assert_eq!(similar.len(), whole.len());
    fs::write(&newest, &similar).unwrap();
    let store = Store::open_read_only(folder.path(), StoreOptions::default()).unwrap();
    let wrong = store.verify().unwrap();
    assert!(wrong.iter().any(|error| error.to_string().contains("checksum")), "{wrong:?}");
    fs::write(&newest, &whole).unwrap();
    let store = Store::open_read_only(folder.path(), StoreOptions::default()).unwrap();
    assert!(store.verify().unwrap().is_empty());
}

/// Series that cannot all be had.
fn panicking<'s>(first: &'s [&'s Series]) -> impl Iterator<Item = &'s Series> {
    let rest = std::iter::from_fn(|| panic!("what the caller gives panics"));
    first.iter().copied().chain(rest)
}

#[test]
fn of_a_batch_that_a_panic_of_the_caller_ends_nothing_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let (lost, kept) = (series("/lost", 0..20), series("/kept", 0..20));
    let later = series("/lost", 20..40);
    {
        let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
        let given: Vec<_> = lost.series().collect();
        let caught = catch_unwind(AssertUnwindSafe(|| store.ingest(panicking(&given))));
        assert!(caught.is_err());
        store.ingest(kept.series()).unwrap();
        store.ingest(later.series()).unwrap();
        // Neither closed nor synced.
    }
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    assert!(store.verify().unwrap().is_empty());
    let mut expected = kept.points();
    expected.extend(later.points());
    assert_eq!(all_points(&store), expected);
}

#[test]
fn a_container_whose_names_are_too_long_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let alias = "a".repeat(2 << 20);
    let document = format!(
        r#"{{"name": "/much", "aliases": ["{alias}"], "spec": {{"has_cpu": true}},
            "stats": [{{"timestamp": "2026-11-21T12:00:03Z", "cpu": {{"usage": {{"total": 1}}}}}}]}}"#
    );
    let mut pipeline = Pipeline::default();
    pipeline.read(Input::bytes("much", document.as_bytes())).into_result().unwrap();
    let error = store.ingest(pipeline.series()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("2097"), "{error}");
    let error = store.append(&points(&format!("/{alias}"), 0..20)).unwrap_err();
    assert!(error.to_string().contains("/aaaa") && error.to_string().len() < 400, "{error}");
    // Others are sealed as ever.
    store.append(&points("/c", 0..20)).unwrap();
    store.compact().unwrap();
    assert_eq!(all_points(&store), points("/c", 0..20));
}

#[test]
fn what_several_threads_keep_at_once_is_what_one_would() {
    const SECONDS: u64 = 600;
    for _ in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(
            folder.path(),
            StoreOptions::default().with_lateness(Duration::from_secs(1)),
        )
        .unwrap();
        let recorder = Recorder::resume(RecorderSettings::of(&store), &store).unwrap();
        let is_done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !is_done.load(std::sync::atomic::Ordering::Relaxed) {
                        recorder.keep(&store).unwrap();
                    }
                });
            }
            for second in 0..SECONDS {
                for path in ["/a", "/b"] {
                    recorder.record_by_name(path, &sample(second, second * 1_000));
                }
                std::thread::sleep(std::time::Duration::from_micros(200));
            }
            is_done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        recorder.keep(&store).unwrap();
        let expected: Vec<_> =
            ["/a", "/b"].iter().flat_map(|path| points(path, 0..SECONDS)).collect();
        assert_eq!(all_points(&store), expected);
    }
}

#[test]
fn a_sample_from_the_future_is_refused_and_takes_nothing_else_with_it() {
    let second = |second: u64| Timestamp::from_nanos((START + second) * 1_000_000_000).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    // A clock that was wrong is put right.
    store.advance(second(2 * YEAR));
    store.advance(second(60));
    let mut with_future = series("/c", 20..40);
    with_future.insert(&Container::at_path("/c"), None, sample(YEAR, 1));
    with_future.insert(&Container::at_path("/of-the-future"), None, sample(YEAR, 1));
    assert_eq!(store.ingest(series("/c", 0..20).series()).unwrap().ahead, 0);
    let kept = store.ingest(with_future.series()).unwrap();
    assert_eq!((kept.accepted, kept.ahead, kept.old), (20, 2, 0));
    let kept = store.ingest(series("/c", 40..60).series()).unwrap();
    assert_eq!((kept.accepted, kept.old), (20, 0));
    assert_eq!(all_points(&store), points("/c", 0..60));
    assert_eq!(store.last("/c", Duration::from_secs(20)).unwrap().len(), 4);
    let newest = store.containers().unwrap().iter().map(|bearer| bearer.last.end()).max();
    assert_eq!(newest, Some(START + 60));
    // An hour is a clock that differs.
    assert_eq!(store.ingest(series("/c", 3_600..3_660).series()).unwrap().ahead, 0);
}

#[test]
fn what_is_torn_off_a_log_goes_with_the_log() {
    use std::io::Write as _;
    let (open, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let options = StoreOptions::default();
    let store = Store::open(open.path(), options).unwrap();
    store.append(&points("/c", 0..20)).unwrap();
    for file in [files(open.path(), "log-"), files(open.path(), "MANIFEST")].concat() {
        fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    let log = files(folder.path(), "log-").pop().unwrap();
    // As a writer leaves it that is stopped while it writes.
    fs::File::options().append(true).open(&log).unwrap().write_all(&[0xc6, 0x1f]).unwrap();
    let store = Store::open(folder.path(), options).unwrap();
    assert_eq!(files(folder.path(), "torn-").len(), 1);
    store.append(&points("/c", 60..80)).unwrap();
    store.compact().unwrap();
    store.close().unwrap();
    Store::open(folder.path(), options).unwrap().close().unwrap();
    assert_eq!(files(folder.path(), "torn-").len(), 0);
}

#[test]
fn an_old_dump_that_knows_more_of_an_edge_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    // The newest first; each of the others has all samples of an interval that is there in part.
    for seconds in [90..700, 0..60, 45..105, 0..60, 45..105] {
        store.ingest(series("/c", seconds).series()).unwrap();
    }
    assert_eq!(all_points(&store), points("/c", 0..700));
}

#[cfg(unix)]
#[test]
fn a_store_that_may_only_be_read_can_be_copied() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    store.append(&points("/c", 0..20)).unwrap();
    store.close().unwrap();
    for file in files(folder.path(), "") {
        fs::set_permissions(file, fs::Permissions::from_mode(0o444)).unwrap();
    }
    let store = Store::open_read_only(folder.path(), StoreOptions::default()).unwrap();
    let copy = to.path().join("copy");
    store.snapshot(&copy).unwrap();
    let log = files(&copy, "log-").pop().unwrap();
    assert!(!fs::metadata(log).unwrap().permissions().readonly());
    let copy = Store::open(&copy, StoreOptions::default()).unwrap();
    assert_eq!(all_points(&copy), points("/c", 0..20));
}

#[test]
fn samples_that_come_without_a_description_change_no_limits() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recorded");
    let mut dumps: Vec<_> = fs::read_dir(recorded.join("v060-1s")).unwrap().flatten().collect();
    dumps.retain(|dump| dump.file_name().to_string_lossy().contains(".json"));
    // Endpoints with and without descriptions in turn: the time of the poll is in the name.
    let time = |name: &str| name.rsplit('.').nth(2).map(str::to_owned);
    dumps.sort_by_key(|dump| time(&dump.file_name().to_string_lossy()));
    for dump in dumps {
        let mut pipeline = Pipeline::default();
        // One of them is the description of the machine.
        let errors = pipeline.read_paths(&[dump.path()]).errors;
        assert!(errors.iter().all(|error| error.kind() == ErrorKind::NotADump), "{errors:?}");
        store.ingest(pipeline.series()).unwrap();
    }
    let events = store.events(..).unwrap();
    let none = Happening::Limits(Limits::default());
    assert!(events.iter().all(|event| event.what != none), "{events:?}");
}
