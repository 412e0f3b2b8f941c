//! How many points a second are appended.

use std::time::{Duration, Instant};

use cmetrics_core::DataPoint;

use crate::contender::{Contender, Sync};
use crate::figures::{Report, Row, median, ratio, rest, timed};
use crate::fleet::{Fleet, usize_of};
use crate::settings::Bench;

/// Each contender in turn appends the same points, made before.
pub(crate) fn run(bench: &Bench, report: &mut Report) {
    let containers = bench.pick(10_000, 200);
    for (batch, ticks) in [(containers, 20), (50, 10)] {
        let figures = race(bench, containers, ticks, batch);
        let what = format!("append, acknowledged, batches of {batch}");
        let ((_, ours), rivals) = figures.split_first().expect("cmetrics");
        let row = Row::new(what, "million points/s", *ours);
        let row = if batch == containers { row.at_least(3.0) } else { row };
        report.add(rivals.iter().fold(row, |row, (name, figure)| row.beside(*name, *figure)));
    }
}

fn race(bench: &Bench, containers: usize, ticks: u64, batch: usize) -> Vec<(&'static str, f64)> {
    let mut fleet = Fleet::new(0..containers, 0);
    let mut all = bench.all("append", Sync::Os);
    let mut rates = vec![Vec::new(); all.len()];
    // The first turn is not counted: names are new in it.
    for turn in 0..=bench.turns() {
        let points = fleet.ticks(ticks);
        for (contender, rates) in all.iter_mut().zip(&mut rates) {
            let seconds = append(&mut **contender, &points, batch);
            rest();
            if turn > 0 {
                rates.push(ratio(points.len() as u64, 1_000_000) / seconds);
            }
        }
    }
    check(&mut all, &fleet, usize_of(ticks) * (bench.turns() + 1));
    all.iter().map(|one| one.name()).zip(rates.into_iter().map(median)).collect()
}

fn append(contender: &mut dyn Contender, points: &[DataPoint], batch: usize) -> f64 {
    timed(|| points.chunks(batch).for_each(|batch| contender.append(batch))).0
}

/// Whether all have kept as much of some containers, of those that have kept it.
fn check(all: &mut [Box<dyn Contender>], fleet: &Fleet, ticks: usize) {
    for (number, name) in fleet.names().iter().enumerate().step_by(97) {
        let expected = crate::fleet::history(number, ticks as u64);
        for contender in &mut *all {
            let told = contender.last(&[name], ticks).remove(0);
            crate::contender::check(contender.name(), &told, &expected);
        }
    }
}

/// For a minute, the making of points included: so much is really taken in.
pub(crate) fn sustained(bench: &Bench, report: &mut Report) {
    let containers = bench.pick(10_000, 500);
    let lasts = Duration::from_secs(bench.pick(60, 2));
    let mut ours = bench.store("sustained", Sync::Os);
    let (mut fleet, mut points) = (Fleet::new(0..containers, 0), Vec::new());
    let (mut count, mut appending) = (0, 0.0);
    let start = Instant::now();
    while start.elapsed() < lasts {
        points.clear();
        fleet.tick(&mut points);
        appending += timed(|| ours.append(&points)).0;
        count += points.len() as u64;
    }
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(ours.kept(), count);
    let million = ratio(count, 1_000_000);
    let what = format!(
        "append, batches of {containers}, for {} s with the making of points",
        lasts.as_secs()
    );
    let rate = Row::new(what, "million points/s", million / seconds);
    report.add(rate.at_least(1.0));
    let what = "the same, while `append` runs";
    report.add(Row::new(what, "million points/s", million / appending));
}
