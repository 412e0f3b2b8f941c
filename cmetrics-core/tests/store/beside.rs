//! Processes that read and copy a store while another writes, compacts, retains and removes.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use cmetrics_core::store::{Retention, StoreOptions, SyncPolicy};
use cmetrics_core::{Container, ErrorKind, Metric, Pipeline, Sample, Store, Timestamp};

const CHILD: &str = "CMETRICS_TEST_BESIDE";
const START: u64 = 1_795_262_400;
/// Batches that are kept at least, and how many come between what is taken out.
const KEPT: u64 = 60;
const EVERY: u64 = 7;

fn time(batch: u64) -> Timestamp {
    Timestamp::from_nanos((START + batch * 5) * 1_000_000_000).unwrap()
}

/// A point of each of two containers, which tells the number of its batch.
fn points(batch: u64) -> Pipeline {
    let mut pipeline = Pipeline::default();
    for name in ["/whole", "/less"] {
        for (time, used) in [(time(batch), 0), (time(batch + 1), batch)] {
            let mut sample = Sample::new(time);
            sample.set(Metric::CpuUsage, used);
            pipeline.insert(&Container::at_path(name), None, sample);
        }
    }
    pipeline
}

/// Writes until it is killed, and tells of each batch.
fn write(folder: &Path) {
    let options = StoreOptions::default().with_memory(6_000).with_sync(SyncPolicy::Os);
    let mut store = Store::open(folder, options).unwrap();
    let mut out = std::io::stdout().lock();
    for batch in 0.. {
        let mut points = points(batch).points();
        points.retain(|point| point.interval().start() == START + batch * 5);
        store.append(&points).unwrap();
        if batch % EVERY == EVERY - 1 {
            store.remove("/less", time(batch - 4)..time(batch - 2)).unwrap();
        }
        if batch % 20 == 19 {
            store.compact().unwrap();
        }
        if batch % 30 == 29 && batch > KEPT {
            store.retain(Retention::Since(time(batch - KEPT))).unwrap();
        }
        if batch % 50 == 49 {
            store.close().unwrap();
            store = Store::open(folder, options).unwrap();
        }
        writeln!(out, "acknowledged {batch}").unwrap();
        out.flush().unwrap();
    }
}

/// The numbers of the batches that a container has points of.
fn batches(store: &Store, name: &str) -> Vec<u64> {
    let points = match store.range(name, .., None) {
        Err(error) if error.kind() == ErrorKind::UnknownContainer => return Vec::new(),
        points => points.unwrap().map(Result::unwrap),
    };
    let number = |start: u64| (start - START) / 5;
    points
        .map(|point| {
            let batch = number(point.interval().start());
            assert_eq!(point.growth(Metric::CpuUsage), Some(batch));
            batch
        })
        .collect()
}

/// Asserts that a store shows what was written up to some moment behind the batch of this number.
fn check(store: &Store, acknowledged: u64) {
    let (whole, less) = (batches(store, "/whole"), batches(store, "/less"));
    let (Some(first), Some(last)) = (whole.first().copied(), whole.last().copied()) else {
        panic!("nothing is shown")
    };
    assert!(last >= acknowledged, "{last} of {acknowledged}");
    assert_eq!(whole, (first..=last).collect::<Vec<_>>(), "behind {acknowledged}");
    // Where the floor was then, and where it may be now.
    let floor = |batch: u64| {
        let retained = (KEPT + 1..=batch).rev().find(|batch| batch % 30 == 29);
        retained.map_or(0, |batch| batch - KEPT)
    };
    assert!((floor(acknowledged)..=floor(last + 1)).contains(&first), "{first} of {last}");
    let taken_at = |batch: u64| {
        let taken = batch..batch + 5;
        taken.clone().find(|at| at % EVERY == EVERY - 1 && (3..=4).contains(&(at - batch)))
    };
    for batch in whole {
        match taken_at(batch) {
            Some(at) if at <= acknowledged => assert!(!less.contains(&batch), "{batch} is back"),
            // It may be taken out just now.
            Some(_) => {}
            None => assert!(less.contains(&batch), "{batch} of {less:?}"),
        }
    }
}

fn child(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "beside::the_child_that_writes", "--ignored", "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Opens, refreshes and copies a store while a child writes, until it has looked so often and as many
/// batches are written.
fn look(times: u64) {
    let folder = tempfile::tempdir().unwrap();
    let mut child = child(folder.path());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (acknowledged, is_done) = (AtomicU64::new(0), AtomicBool::new(false));
    let mut note = || {
        let line = lines.next()?.ok()?;
        let batch = line.split_once("acknowledged ").map(|(_, batch)| batch.parse::<u64>());
        batch.map_or(Some(0), Result::ok)
    };
    while note().unwrap() < 3 {}
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                match note() {
                    Some(batch) => _ = acknowledged.fetch_max(batch, Ordering::Relaxed),
                    None => is_done.store(true, Ordering::Relaxed),
                }
            }
        });
        let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let open = || Store::open_read_only(folder.path(), StoreOptions::default()).unwrap();
            let kept = open();
            for number in 0.. {
                let before = acknowledged.load(Ordering::Relaxed).max(3);
                if number >= times && before > times {
                    break;
                }
                assert!(!is_done.load(Ordering::Relaxed), "the child has ended");
                check(&open(), before);
                kept.refresh().unwrap();
                check(&kept, before);
                if number % 8 == 0 {
                    let to = tempfile::tempdir().unwrap();
                    let to = to.path().join("copy");
                    kept.snapshot(&to).unwrap();
                    let copy = Store::open(&to, StoreOptions::default()).unwrap();
                    assert!(copy.verify().unwrap().is_empty());
                    check(&copy, before);
                }
            }
        }));
        is_done.store(true, Ordering::Relaxed);
        child.kill().unwrap();
        child.wait().unwrap();
        if let Err(panic) = looked {
            std::panic::resume_unwind(panic);
        }
    });
}

#[test]
fn other_processes_see_a_store_as_it_was_at_some_moment() {
    look(150);
}

#[test]
#[ignore = "takes long"]
fn other_processes_see_a_store_as_it_was_at_some_moment_for_long() {
    look(5_000);
}

#[test]
#[ignore = "only run by those above"]
fn the_child_that_writes() {
    if let Some(folder) = std::env::var_os(CHILD) {
        write(Path::new(&folder));
    }
}
