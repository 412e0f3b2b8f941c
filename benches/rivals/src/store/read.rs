//! What readers get, and how soon.

use cmetrics_core::point::Table;
use cmetrics_core::{DataPoint, MetricSet, Store};

use crate::contender::{AT_ONCE, Contender, Sums, Sync, Told, check, figures};
use crate::figures::{Report, Row, median, ratio, rest, timed};
use crate::fleet::{Fleet, START, WIDTH, history, name};
use crate::ours::Ours;
use crate::settings::Bench;
use crate::table::{self, Tables};

/// Redis has them all in memory: it gets as many as there is room for, and is asked for these.
const OF_REDIS: usize = 1_000;

/// Who is asked, and for whom.
struct Asked {
    contender: Box<dyn Contender>,
    names: Vec<String>,
    seconds: Vec<f64>,
}

/// How long there are points for, and how many of the last are asked for.
struct Scale {
    containers: usize,
    ticks: u64,
    last: usize,
}

pub(crate) fn run(bench: &Bench, report: &mut Report) {
    let scale = Scale {
        containers: bench.pick(10_000, 200),
        ticks: bench.pick(900, 50),
        last: bench.pick(720, 40),
    };
    let mut asked = contenders(bench, &scale);
    let segments = load(bench, &mut asked, &scale, report);
    rest();
    last(bench, &mut asked, &scale, report);
    json(bench, &mut asked, &scale, report);
    across(bench, &mut asked[0], &scale, segments, report);
}

fn contenders(bench: &Bench, scale: &Scale) -> Vec<Asked> {
    let all = bench.all("read", Sync::Os).into_iter();
    let asked = all.map(|contender| {
        let among = match contender.name() {
            "Redis" => OF_REDIS.min(scale.containers),
            _ => scale.containers,
        };
        // In no order; the rivals a part of them, as they take longer.
        let count = if contender.name() == "cmetrics" { among } else { among.min(2_000) };
        let names = (0..count).map(|place| name(place * 7_919 % among)).collect();
        Asked { contender, names, seconds: Vec::new() }
    });
    asked.collect()
}

/// cmetrics gets the points as they come; the others as they like them best, by container. Says how
/// many segments cmetrics made of them.
fn load(bench: &Bench, asked: &mut [Asked], scale: &Scale, report: &mut Report) -> u64 {
    let (first, rivals) = asked.split_first_mut().expect("cmetrics");
    // One that can be asked what it wrote.
    let mut ours = bench.store("loaded", Sync::Os);
    let mut fleet = Fleet::new(0..scale.containers, 0);
    let (mut points, mut values) = (Vec::new(), 0);
    for _ in 0..scale.ticks {
        points.clear();
        fleet.tick(&mut points);
        ours.append(&points);
        values += count(&points);
    }
    rest();
    written(&ours, values, report);
    let segments = ours.0.stats().expect("a store that can be read").segments;
    first.contender = Box::new(ours);
    for number in 0..scale.containers {
        let points = history(number, scale.ticks);
        for rival in &mut *rivals {
            if rival.contender.name() != "Redis" || number < OF_REDIS {
                rival.contender.append(&points);
            }
        }
    }
    segments
}

/// Values that are known.
fn count(points: &[DataPoint]) -> u64 {
    points.iter().map(|point| figures(point).flatten().count() as u64).sum()
}

fn written(ours: &Ours, values: u64, report: &mut Report) {
    let stats = ours.0.stats().expect("a store that can be read");
    let (logged, sealed) = stats.written_bytes;
    let points = ours.kept();
    let what = "bytes written, to 8 bytes a value";
    report.add(Row::new(what, "×", ratio(logged + sealed, values * 8)).at_most(4.0));
    let row = Row::new("bytes written a point", "bytes", ratio(logged + sealed, points));
    let row = row.beside("in logs", ratio(logged, points));
    report.add(row.beside("in segments", ratio(sealed, points)));
}

fn last(bench: &Bench, asked: &mut [Asked], scale: &Scale, report: &mut Report) {
    let mut tables = Tables::default();
    for turn in 0..=bench.turns() {
        for one in asked.iter_mut().filter(|one| one.contender.name() != "Redis") {
            one.turn(turn, scale, <[Told]>::len);
            if let Some(store) = one.contender.store() {
                match turn {
                    0 => one.check_tables(store, scale),
                    _ => tables.turn(store, &one.names, scale.last),
                }
            }
        }
    }
    let what = format!("`last` {} points of {} containers", scale.last, scale.containers);
    report.add(row(what, asked, "µs").at_most(30.0));
    let [one, each, pushed] = tables.medians();
    let row = Row::new("the same into one table, cleared for each container", "µs", one);
    report.add(row.beside("a table each", each).beside("points pushed to it", pushed));
}

/// As one text each. Redis keeps them as such.
fn json(bench: &Bench, asked: &mut [Asked], scale: &Scale, report: &mut Report) {
    let mut text = Vec::new();
    for turn in 0..=bench.turns() {
        let mut those = asked.iter_mut().collect::<Vec<_>>();
        those.retain(|one| ["cmetrics", "Redis"].contains(&one.contender.name()));
        for one in those {
            one.turn(turn, scale, |told| {
                told.iter().map(|told| write(&mut text, told)).sum::<usize>()
            });
        }
    }
    let what = "the same as documented JSON";
    report.add(row(what.to_owned(), asked, "µs").at_most(250.0));
}

/// cmetrics alone: as the points lie, and once they are one segment.
fn across(bench: &Bench, ours: &mut Asked, scale: &Scale, segments: u64, report: &mut Report) {
    let took = |ours: &mut Asked| {
        for turn in 0..=bench.turns() {
            ours.turn(turn, scale, <[Told]>::len);
        }
        median(std::mem::take(&mut ours.seconds)) * 1e6
    };
    let apart = took(ours);
    ours.contender.bytes();
    rest();
    let compacted = took(ours);
    let what = "the same across segments, to compacted";
    let row = Row::new(what, "×", apart / compacted).at_most(1.3);
    let row = row.beside("segments", ratio(segments, 1));
    report.add(row.beside("µs", apart).beside("compacted", compacted));
}

fn write(text: &mut Vec<u8>, told: &Told) -> usize {
    text.clear();
    if let Told::Points(points) = told {
        for point in points {
            point.write_json(text);
            text.push(b'\n');
        }
    }
    text.len()
}

impl Asked {
    /// Asks for all. The first turn warms up, and is looked at.
    fn turn(&mut self, turn: usize, scale: &Scale, mut take: impl FnMut(&[Told]) -> usize) {
        if turn == 0 {
            self.seconds.clear();
            self.check(scale);
        }
        let names: Vec<_> = self.names.iter().map(String::as_str).collect();
        let contender = &mut self.contender;
        let (seconds, taken) = timed(|| {
            let asked = names.chunks(AT_ONCE);
            asked.map(|names| take(&contender.last(names, scale.last))).sum::<usize>()
        });
        assert!(taken > 0 || contender.name() == "Redis");
        if turn > 0 {
            self.seconds.push(seconds / ratio(names.len() as u64, 1));
        }
    }

    fn check_tables(&self, store: &Store, scale: &Scale) {
        for number in (0..self.names.len().min(OF_REDIS)).step_by(29) {
            let points = history(number, scale.ticks);
            table::check(store, &name(number), &points[points.len() - scale.last..]);
        }
    }

    fn check(&mut self, scale: &Scale) {
        for number in (0..self.names.len().min(OF_REDIS)).step_by(29) {
            let points = history(number, scale.ticks);
            let told = self.contender.last(&[&name(number)], scale.last);
            check(self.contender.name(), &told[0], &points[points.len() - scale.last..]);
        }
    }
}

/// What each call took, and empties the figures.
fn row(what: String, asked: &mut [Asked], unit: &'static str) -> Row {
    let mut figures = asked.iter_mut().filter(|one| !one.seconds.is_empty()).map(|one| {
        let each = median(std::mem::take(&mut one.seconds));
        (one.contender.name(), each * 1e6)
    });
    let (_, ours) = figures.next().expect("cmetrics");
    figures.fold(Row::new(what, unit, ours), |row, (name, figure)| row.beside(name, figure))
}

/// A day by `range`, read and summed up; the rivals have fewer containers.
pub(crate) fn day(bench: &Bench, report: &mut Report) {
    let (containers, ticks) = bench.pick((200, 17_280), (20, 500));
    let folder = |name| bench.scratch(name);
    let mut ours = bench.store("day-cmetrics", Sync::Os);
    let mut sqlite = crate::sqlite::Sqlite::new(&folder("day-sqlite"), Sync::Os);
    let mut redb = crate::redb::Redb::new(&folder("day-redb"), Sync::Os);
    let (mut fleet, mut points) = (Fleet::new(0..containers, 0), Vec::new());
    for _ in 0..ticks {
        points.clear();
        fleet.tick(&mut points);
        ours.append(&points);
    }
    let mut expected = Vec::new();
    for number in 0..containers / 10 {
        let points = history(number, ticks);
        sqlite.append(&points);
        redb.append(&points);
        expected.push((name(number), Sums::of(&points)));
    }
    rest();
    let mut all: [&mut dyn Contender; 3] = [&mut ours, &mut sqlite, &mut redb];
    let (mut seconds, mut tables) = ([const { Vec::new() }; 3], Vec::new());
    for turn in 0..=bench.turns() {
        for (one, seconds) in all.iter_mut().zip(&mut seconds) {
            let took = days(&mut **one, &expected, ticks);
            seconds.extend((turn > 0).then_some(took));
        }
        let took = all[0].store().map(|store| days_in_table(store, &expected, ticks));
        tables.extend(took.filter(|_| turn > 0));
    }
    let [own, sqlite, redb] = seconds.map(|all| median(all) * 1e3);
    let row = Row::new(format!("`range` of {ticks} points of a container"), "ms", own);
    report.add(row.at_most(1.0).beside("SQLite", sqlite).beside("redb", redb));
    report.add(Row::new("the same into a table", "ms", median(tables) * 1e3));
}

fn days(contender: &mut dyn Contender, expected: &[(String, Sums)], ticks: u64) -> f64 {
    let range = START..START + ticks * WIDTH;
    let (seconds, sums) = timed(|| {
        let read = expected.iter().map(|(name, _)| contender.range(name, range.clone()));
        read.collect::<Vec<_>>()
    });
    assert!(sums.iter().eq(expected.iter().map(|(_, sums)| sums)), "{}", contender.name());
    seconds / ratio(expected.len() as u64, 1)
}

fn days_in_table(store: &Store, expected: &[(String, Sums)], ticks: u64) -> f64 {
    let mut table = Table::new(MetricSet::default());
    let (seconds, sums) = timed(|| {
        let read = expected.iter().map(|(name, _)| table::range(store, name, ticks, &mut table));
        read.collect::<Vec<_>>()
    });
    assert!(sums.iter().eq(expected.iter().map(|(_, sums)| sums)));
    seconds / ratio(expected.len() as u64, 1)
}
