//! A store of few containers: so much of each lies in memory before it becomes a segment.

use crate::contender::{Contender, Sums, Sync};
use crate::figures::{Report, Row, median, rest, timed};
use crate::fleet::{Fleet, WIDTH, history, name};
use crate::settings::Bench;

const HOUR: usize = 720;
/// Whose points are asked for again and again.
const CALLS: u32 = 20;

/// What `last` takes after an hour, and at its slowest, as all that came since the last segment
/// was made is still to be looked through.
pub(crate) fn run(bench: &Bench, report: &mut Report) {
    for containers in [1, 50] {
        let mut ours = bench.store("few", Sync::Os);
        let mut fleet = Fleet::new(0..containers, 0);
        let (mut ticks, mut points, mut took) = (0, Vec::new(), Vec::new());
        for hours in (1..=bench.pick(6 * 24, 3)).step_by(bench.pick(11, 1)) {
            while ticks < hours * HOUR {
                points.clear();
                fleet.tick(&mut points);
                ours.append(&points);
                ticks += 1;
            }
            took.push(last(&mut ours));
        }
        check(&mut ours, ticks as u64);
        rest();
        let stats = ours.0.stats().expect("a store that can be read");
        let slowest = took.iter().copied().fold(0.0, f64::max);
        let what = format!("`last` hour of {containers} live, over six days: the slowest");
        let row = Row::new(what, "µs", slowest).beside("at first", took[0]);
        let row = row.beside("the median", median(took));
        report.add(row.beside("segments", f64::from(u32::try_from(stats.segments).unwrap_or(0))));
    }
}

fn last(ours: &mut impl Contender) -> f64 {
    let name = name(0);
    let (seconds, found) = timed(|| {
        let told = (0..CALLS).map(|_| ours.last(&[&name], HOUR).remove(0));
        told.map(|told| told.sums().points).sum::<u64>()
    });
    assert_eq!(found, u64::from(CALLS) * HOUR as u64);
    seconds * 1e6 / f64::from(CALLS)
}

fn check(ours: &mut impl Contender, ticks: u64) {
    let expected = Sums::of(&history(0, ticks));
    let from = crate::fleet::START;
    assert_eq!(ours.range(&name(0), from..from + ticks * WIDTH), expected);
}
