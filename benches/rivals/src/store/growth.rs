//! Whether a store gets slower as its history grows.

use cmetrics_core::store::StoreOptions;
use cmetrics_core::{DataPoint, Store};

use crate::contender::{Contender, Sums, Sync};
use crate::figures::{Report, Row, median, ratio, rest, timed};
use crate::fleet::{Fleet, name, usize_of};
use crate::names::grown;
use crate::ours::Ours;
use crate::polled::descriptors;
use crate::settings::Bench;

/// What is called flat.
const FLAT: f64 = 1.5;

struct Scale {
    what: &'static str,
    containers: usize,
    ticks: u64,
    /// How many ticks the beginning has, and the end.
    part: u64,
}

/// What calls took, in microseconds.
struct Took {
    append: f64,
    last: f64,
}

pub(crate) fn hours(bench: &Bench, report: &mut Report) {
    let (containers, ticks, part) = bench.pick((10_000, 4_320, 720), (100, 120, 20));
    run(bench, report, &Scale { what: "six hours", containers, ticks, part });
}

pub(crate) fn days(bench: &Bench, report: &mut Report) {
    let (containers, ticks, part) = bench.pick((200, 518_400, 17_280), (20, 2_000, 200));
    run(bench, report, &Scale { what: "thirty days", containers, ticks, part });
}

fn run(bench: &Bench, report: &mut Report, scale: &Scale) {
    let mut ours = bench.store("growth", Sync::Os);
    let mut fleet = Fleet::new(0..scale.containers, 0);
    // Names are new in the first tick.
    grow(&mut ours, &mut fleet, 1, scale);
    let start = grow(&mut ours, &mut fleet, scale.part - 1, scale);
    grow(&mut ours, &mut fleet, scale.ticks - 2 * scale.part, scale);
    let end = grow(&mut ours, &mut fleet, scale.part, scale);
    print(report, scale, &start, &end);
    let stats = ours.0.stats().expect("a store that can be read");
    let points = ours.kept();
    assert_eq!(points, scale.ticks * scale.containers as u64);
    let (logged, sealed) = stats.written_bytes;
    let what = format!("{}: bytes of segments a point", scale.what);
    let row = Row::new(what, "bytes", ratio(stats.sealed_bytes, stats.sealed_points));
    let row = row.beside("written in logs", ratio(logged, points));
    report.add(row.beside("in segments", ratio(sealed, points)));
    let folder = bench.folder("growth");
    let row = Row::new(format!("{}: segments", scale.what), "", ratio(stats.segments, 1));
    report.add(row.beside("descriptors", ratio(descriptors(&folder) as u64, 1)));
    ours.0.close().expect("room on the disk");
    let open = || Store::open(&folder, StoreOptions::default()).expect("a store that opens");
    let opened: Vec<_> = (0..bench.turns()).map(|_| timed(open).0 * 1e3).collect();
    let row = Row::new(format!("{}: open", scale.what), "ms", median(opened));
    report.add(row.beside("MB resident", ratio(grown(&folder), 1_000_000)));
}

/// Appends so many ticks, and then looks how the last points are found.
fn grow(ours: &mut Ours, fleet: &mut Fleet, ticks: u64, scale: &Scale) -> Took {
    let (mut points, mut took) = (Vec::new(), Vec::new());
    for _ in 0..ticks {
        points.clear();
        fleet.tick(&mut points);
        took.push(timed(|| ours.append(&points)).0 * 1e6);
    }
    rest();
    let last = median((0..5).map(|_| last(ours, &points, ticks, scale)).collect());
    Took { append: median(took), last }
}

/// What `last` takes of an hour, or of what there is, on average of some containers.
fn last(ours: &mut Ours, newest: &[DataPoint], ticks: u64, scale: &Scale) -> f64 {
    let names: Vec<_> = (0..scale.containers).step_by(5).map(name).collect();
    let ticks = usize_of(ticks).min(720);
    let (seconds, found) = timed(|| {
        let told = names.iter().map(|name| ours.last(&[name], ticks).remove(0));
        told.map(|told| told.sums().points).sum::<u64>()
    });
    assert_eq!(found, (names.len() * ticks) as u64);
    let told = ours.last(&[&names[0]], 1).remove(0);
    assert_eq!(told.sums(), Sums::of(&newest[..1]), "the newest point is the one put in last");
    seconds * 1e6 / ratio(names.len() as u64, 1)
}

fn print(report: &mut Report, scale: &Scale, start: &Took, end: &Took) {
    let Scale { what, containers, .. } = scale;
    for (call, start, end) in [("append", start.append, end.append), ("last", start.last, end.last)]
    {
        let what = format!("{what} of {containers} containers: `{call}` at the end, to the start");
        let row = Row::new(what, "×", end / start).at_most(FLAT);
        report.add(row.beside("µs at the start", start).beside("at the end", end));
    }
}
