//! Containers that come and go: most that a store knows are gone.

use std::path::Path;
use std::process::{Command, Stdio};

use cmetrics_core::store::StoreOptions;
use cmetrics_core::Store;

use crate::contender::{Contender, Sync, bytes_of};
use crate::figures::{Report, Row, median, ratio, resident, rest, timed};
use crate::fleet::Fleet;
use crate::ours::Ours;
use crate::settings::Bench;

/// Intervals that each lives for.
const LIFE: u64 = 3;

pub(crate) fn run(bench: &Bench, report: &mut Report) {
    let (live, generations) = bench.pick((10_000, 100), (100, 10));
    let mut ours = bench.store("names", Sync::Os);
    for generation in 0..generations {
        let numbers = generation * live..(generation + 1) * live;
        let mut fleet = Fleet::new(numbers, generation as u64 * LIFE);
        ours.append(&fleet.ticks(LIFE));
    }
    rest();
    ours.0.close().expect("a store that can be closed");
    let folder = bench.folder("names");
    let all = (live * generations) as u64;
    let (mut opening, mut listing) = (Vec::new(), Vec::new());
    for _ in 0..bench.turns() {
        let (took, store) =
            timed(|| Store::open(&folder, StoreOptions::default()).expect("a store that opens"));
        opening.push(took);
        let (took, containers) = timed(|| store.containers().expect("containers"));
        assert_eq!(containers.len() as u64, all);
        listing.push(took);
    }
    let grown = grown(&folder);
    let left = bytes_of(&folder);
    let sealed = Ours::with(&folder, StoreOptions::default()).bytes();
    let what = format!("{all} containers ever, of {LIFE} points each: on disk");
    let row = Row::new(what, "bytes each", ratio(left, all));
    report.add(row.beside("in one segment", ratio(sealed, all)));
    report.add(Row::new("the same, opened: resident", "bytes each", ratio(grown, all)));
    report.add(Row::new("the same: open", "s", median(opening)));
    report.add(Row::new("the same: `containers()`", "s", median(listing)));
}

/// By how much a process grows that opens the store, in bytes.
pub(crate) fn grown(folder: &Path) -> u64 {
    let program = std::env::current_exe().expect("this program's path");
    let mut child = Command::new(program);
    child.args(["--child", "open"]).arg(folder).stderr(Stdio::inherit());
    let said = child.output().expect("this program starts");
    assert!(said.status.success(), "{}", said.status);
    String::from_utf8_lossy(&said.stdout).trim().parse().expect("a number of bytes")
}

pub(crate) fn child(folder: &str) {
    let before = resident();
    let store = Store::open(folder, StoreOptions::default()).expect("a store that opens");
    println!("{}", resident() - before);
    drop(store);
}
