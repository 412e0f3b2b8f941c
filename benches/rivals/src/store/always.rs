//! Appends that outlast a loss of power, beside nothing but a write and a sync.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use cmetrics_core::DataPoint;

use crate::contender::{Contender, Sync, log_bytes};
use crate::figures::{Report, Row, median, timed};
use crate::fleet::{Fleet, usize_of};
use crate::ours::Ours;
use crate::redb::Redb;
use crate::redis::Redis;
use crate::settings::Bench;
use crate::sqlite::Sqlite;

const CONTAINERS: usize = 50;

/// Each tick is appended by all in turn; a file beside gets as many bytes as the log grew by.
pub(crate) fn run(bench: &Bench, report: &mut Report) {
    let ticks = bench.pick(2_000, 20);
    let mut ours = bench.store("always-cmetrics", Sync::Always);
    let mut bare = Bare::new(bench);
    let mut rivals = rivals(bench);
    let (mut fleet, mut points) = (Fleet::new(0..CONTAINERS, 0), Vec::new());
    let mut seconds = vec![Vec::new(); rivals.len() + 2];
    for tick in 0..ticks {
        points.clear();
        fleet.tick(&mut points);
        let mut turn = pair(&mut ours, &mut bare, &points, tick % 2 == 1);
        turn.extend(rivals.iter_mut().map(|one| timed(|| one.append(&points)).0));
        // At first names are new and files are made.
        if tick >= ticks / 10 {
            seconds.iter_mut().zip(turn).for_each(|(all, one)| all.push(one));
        }
    }
    check(&mut ours, &mut rivals, ticks);
    let medians: Vec<_> = seconds.into_iter().map(|all| median(all) * 1e6).collect();
    let names = rivals.iter().map(|one| one.name());
    print(report, &medians, names);
}

/// Ours and the bare one, who take turns in being the first: then the bare one writes as much as
/// the log grew by the last time.
fn pair(ours: &mut Ours, bare: &mut Bare, points: &[DataPoint], bare_first: bool) -> Vec<f64> {
    let first = bare_first.then(|| timed(|| bare.write()).0);
    let before = log_bytes(&bare.beside);
    let own = timed(|| ours.append(points)).0;
    // Where it begins a new log, the last time's growth will do.
    let grown = log_bytes(&bare.beside).checked_sub(before);
    bare.grown = grown.map_or(bare.grown, usize_of);
    vec![own, first.unwrap_or_else(|| timed(|| bare.write()).0)]
}

fn rivals(bench: &Bench) -> Vec<Box<dyn Contender>> {
    let sync = Sync::Always;
    let mut all: Vec<Box<dyn Contender>> = vec![
        Box::new(Sqlite::new(&bench.scratch("always-sqlite"), sync)),
        Box::new(Redb::new(&bench.scratch("always-redb"), sync)),
    ];
    let redis = Redis::new(&bench.scratch("always-redis"), sync);
    all.extend(redis.map(|redis| Box::new(redis) as Box<dyn Contender>));
    all
}

fn print(report: &mut Report, medians: &[f64], rivals: impl Iterator<Item = &'static str>) {
    let [ours, bare, others @ ..] = medians else { return };
    let what = format!("`append` of {CONTAINERS} with `always`, to a bare write and sync");
    report.add(Row::new(what, "×", ours / bare).at_most(1.3));
    let row = Row::new("the same", "µs", *ours).beside("bare", *bare);
    report.add(rivals.zip(others).fold(row, |row, (name, figure)| row.beside(name, *figure)));
}

fn check(ours: &mut Ours, rivals: &mut [Box<dyn Contender>], ticks: u64) {
    for number in 0..CONTAINERS {
        let (name, expected) = (crate::fleet::name(number), crate::fleet::history(number, ticks));
        let kept = expected.len().min(1440);
        let last = &expected[expected.len() - kept..];
        crate::contender::check("cmetrics", &ours.last(&[&name], kept)[0], last);
        for one in &mut *rivals {
            crate::contender::check(one.name(), &one.last(&[&name], kept)[0], last);
        }
    }
}

#[derive(Debug)]
struct Bare {
    /// The store whose log it writes as much as.
    beside: PathBuf,
    file: File,
    bytes: Vec<u8>,
    /// By how much the log grew.
    grown: usize,
}

impl Bare {
    fn new(bench: &Bench) -> Self {
        let file = File::create(bench.scratch("bare")).expect("a file");
        let bytes = (0..1_u32 << 20).map(|place| (place.wrapping_mul(2_654_435_769) >> 24) as u8);
        let beside = bench.folder("always-cmetrics");
        Self { beside, file, bytes: bytes.collect(), grown: 0 }
    }

    fn write(&mut self) {
        self.file.write_all(&self.bytes[..self.grown]).expect("room on the disk");
        self.file.sync_data().expect("a sync");
    }
}
