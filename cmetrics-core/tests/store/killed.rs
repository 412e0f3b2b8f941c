//! A process that is killed at any moment while it writes.

use std::io::{BufRead, BufReader, Write};
use std::ops::Range;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cmetrics_core::container::Identity;
use cmetrics_core::store::{StoreOptions, SyncPolicy};
use cmetrics_core::{
    Container, DataPoint, ErrorKind, Metric, Pipeline, Sample, Series, Store, Timestamp,
};

const CHILD: &str = "CMETRICS_TEST_KILLED";
const START: u64 = 1_795_262_400;
const CONTAINERS: u64 = 7;

fn options(round: u64) -> StoreOptions {
    let sync = match round % 3 {
        0 => SyncPolicy::Os,
        1 => SyncPolicy::Every(Duration::from_millis(2)),
        _ => SyncPolicy::Always,
    };
    StoreOptions::default()
        .with_lateness(Duration::from_secs(10))
        .with_memory(20_000)
        .with_sync(sync)
}

fn container(number: u64) -> Container {
    Container::at_path(format!("/{number}"))
}

/// A batch's samples: one of each container, ten seconds behind the batch before.
fn series(batch: u64) -> Vec<Series> {
    let one = |number| {
        let mut series = Series::new(Identity::new(&container(number), None));
        let at = Timestamp::from_nanos((START + batch * 10) * 1_000_000_000 + number).unwrap();
        let mut sample = Sample::new(at);
        sample.set(Metric::CpuUsage, batch * 1_000 * (number + 1));
        sample.set(Metric::MemoryUsage, batch);
        series.insert(sample);
        series
    };
    (0..CONTAINERS).map(one).collect()
}

/// A batch's points, as they are appended: one of each container.
fn points(batch: u64) -> Vec<DataPoint> {
    let mut pipeline = Pipeline::default();
    for number in 0..CONTAINERS {
        let container = Container::at_path(format!("/appended/{number}"));
        for (second, cpu) in [(0, 0), (5, batch)] {
            let at = (START + batch * 5 + second) * 1_000_000_000;
            let mut sample = Sample::new(Timestamp::from_nanos(at).unwrap());
            sample.set(Metric::CpuUsage, cpu);
            pipeline.insert(&container, None, sample);
        }
    }
    let mut points = pipeline.points();
    points.retain(|point| point.interval().start() == START + batch * 5);
    points
}

/// Writes batches from this one on, and tells of each when it is acknowledged, until it is killed.
fn write(folder: &Path, round: u64) {
    let store = Store::open(folder, options(round)).unwrap();
    let first = count(&store).end;
    // It may have been killed between the two calls.
    if let Some(last) = first.checked_sub(1) {
        store.ingest(&series(last)).unwrap();
    }
    let mut out = std::io::stdout().lock();
    for batch in first.. {
        store.append(&points(batch)).unwrap();
        store.ingest(&series(batch)).unwrap();
        writeln!(out, "acknowledged {batch}").unwrap();
        out.flush().unwrap();
        if batch % 50 == 49 {
            store.compact().unwrap();
        }
    }
}

/// A container's points; none where it was killed before it was known.
fn points_of(store: &Store, name: &str) -> Vec<DataPoint> {
    match store.range(name, .., None) {
        Ok(points) => points.map(Result::unwrap).collect(),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::UnknownContainer);
            Vec::new()
        }
    }
}

/// The batches that are there, of points: all up to some, each whole.
fn count(store: &Store) -> Range<u64> {
    let of = |number| {
        let name = format!("/appended/{number}");
        let batches: Vec<_> = points_of(store, &name)
            .iter()
            .map(|point| {
                let batch = (point.interval().start() - START) / 5;
                assert_eq!(point.growth(Metric::CpuUsage), Some(batch));
                batch
            })
            .collect();
        let count = batches.len() as u64;
        assert_eq!(batches, (0..count).collect::<Vec<_>>(), "{name}");
        count
    };
    let counts: Vec<_> = (0..CONTAINERS).map(of).collect();
    assert!(counts.iter().all(|count| *count == counts[0]), "half a batch: {counts:?}");
    0..counts[0]
}

/// Asserts that the points of ingested samples are those of one run over so many batches, or of
/// one less: the child may have been killed between the two calls.
fn assert_ingested(store: &Store, batches: &Range<u64>, acknowledged: u64) {
    let name = "/3";
    let found = points_of(store, name);
    let of = |count: u64| {
        let mut pipeline = Pipeline::new(store.settings());
        for batch in 0..count {
            for sample in series(batch)[3].samples() {
                pipeline.insert(&container(3), None, sample);
            }
        }
        pipeline.points()
    };
    let last = of(batches.end);
    let is_there = found == last || (batches.end > acknowledged && found == of(batches.end - 1));
    assert!(is_there, "{} points of {}", found.len(), last.len());
}

fn child(folder: &Path, round: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::the_child_that_is_killed", "--ignored", "--nocapture"])
        .env(CHILD, folder)
        .env(format!("{CHILD}_ROUND"), round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Kills a child so often, each after another time, and looks at what it left.
fn rounds(count_of_rounds: u64) {
    let mut folder = tempfile::tempdir().unwrap();
    let (mut acknowledged, mut seen, mut batches) = (0, 0, 0);
    for round in 0..count_of_rounds {
        if round % 40 == 0 {
            folder = tempfile::tempdir().unwrap();
            (acknowledged, seen) = (0, 0);
        }
        let mut child = child(folder.path(), round);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Some acknowledgements, and then a moment.
        let wait = round * 7 % 13;
        let mut note = |line: &str| {
            // The first comes behind what the harness says of the test.
            if let Some((_, batch)) = line.split_once("acknowledged ") {
                acknowledged = batch.parse::<u64>().unwrap() + 1;
                return true;
            }
            false
        };
        let mut told = 0;
        while told < wait
            && let Some(line) = lines.next()
        {
            told += u64::from(note(&line.unwrap()));
        }
        std::thread::sleep(Duration::from_micros(round * 389 % 3_000));
        child.kill().unwrap();
        child.wait().unwrap();
        // What it told before that is still in the pipe.
        for line in lines.map_while(Result::ok) {
            note(&line);
        }
        let reader = Store::open_read_only(folder.path(), options(round));
        let Ok(store) = reader else {
            // Killed before there was a store.
            assert_eq!(acknowledged, 0, "{:?}", reader.err());
            continue;
        };
        let there = count(&store);
        // What one that was killed before had written and not told is there too.
        seen = acknowledged.max(seen);
        assert!((seen..=seen + 1).contains(&there.end), "{there:?} of {seen}");
        assert_ingested(&store, &there, acknowledged);
        assert!(store.verify().unwrap().is_empty());
        seen = there.end;
        batches += there.end;
    }
    assert!(batches > count_of_rounds, "only {batches} batches");
}

#[test]
fn a_process_that_is_killed_loses_nothing_acknowledged() {
    rounds(200);
}

#[test]
#[ignore = "takes long"]
fn a_process_that_is_killed_loses_nothing_acknowledged_for_long() {
    rounds(2_000);
}

#[test]
#[ignore = "only run by those above"]
fn the_child_that_is_killed() {
    if let Some(folder) = std::env::var_os(CHILD) {
        let round = std::env::var(format!("{CHILD}_ROUND")).unwrap();
        write(Path::new(&folder), round.parse().unwrap());
    }
}
