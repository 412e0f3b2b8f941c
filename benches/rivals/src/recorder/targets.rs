//! What is aimed at, beside what was measured.

use crate::field::{APART, BY_HANDLE, BY_NAME, Case, MANY, MUTEX, ONE, RIVALS};
use crate::figures::Measured;
use crate::results::Results;
use crate::workload::Containers;

/// A figure and its bound.
struct Target {
    what: String,
    unit: &'static str,
    bound: Bound,
    found: Option<f64>,
}

enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

pub(crate) fn print(results: &Results) {
    println!("| cmetrics, documented metrics | aim | measured | |");
    println!("|---|---:|---:|---|");
    let mut targets = time(results);
    targets.extend(ratios(results));
    targets.extend(others(results));
    targets.iter().for_each(Target::print);
}

fn time(results: &Results) -> Vec<Target> {
    let net = |case, figure: fn(&Measured) -> f64| {
        Some(results.median(case, BY_HANDLE, figure)? - results.production(case, figure))
    };
    let mut targets = Vec::new();
    for case in [Case::new(1, Containers::Own, false), Case::new(1, MANY, false)] {
        let what = format!("`record` by handle: {}", case.name());
        targets.push(at_most(what, "ns", 40.0, net(case, |one| one.record)));
    }
    for containers in [Containers::Own, MANY] {
        for (threads, reader) in [(1, false), (2, true)] {
            let case = Case::new(threads, containers, reader);
            let what = format!("CPU time of all threads: {}", case.name());
            targets.push(at_most(what, "ns", 150.0, net(case, |one| one.cpu)));
        }
    }
    targets
}

fn ratios(results: &Results) -> Vec<Target> {
    let mut targets = Vec::new();
    let recording = |one: &Measured, other: &Measured| one.rate / other.rate;
    let drained = |one: &Measured, other: &Measured| other.whole / one.whole;
    for reader in [false, true] {
        let own = Case::new(2, Containers::Own, reader);
        let what = format!("recording, to a recorder each: {}", own.name());
        let found = results.compared((own, BY_HANDLE), APART, recording);
        targets.push(at_least(what, "x", 0.95, found));
    }
    for reader in [false, true] {
        let one = Case::new(2, ONE, reader);
        let what = format!("recorded and drained, to {MUTEX}: {}", one.name());
        let found = results.compared((one, BY_HANDLE), MUTEX, drained);
        targets.push(at_least(what, "x", 1.0, found));
    }
    targets
}

#[allow(clippy::cast_precision_loss, reason = "figures are for people")]
fn others(results: &Results) -> Vec<Target> {
    let mut targets = Vec::new();
    for containers in [Containers::Own, MANY] {
        let case = Case::new(1, containers, false);
        let more = |one: &Measured, other: &Measured| one.record - other.record;
        let what = format!("by name, more than by handle: {}", case.name());
        let found = results.compared((case, BY_NAME), BY_HANDLE, more);
        targets.push(at_most(what, "ns", 25.0, found));
    }
    let nearly_all = |name| results.quantile(name, 0.999);
    let best = RIVALS.into_iter().filter_map(nearly_all).fold(f64::INFINITY, f64::min);
    let what =
        "p99.9 of one `record`, to the best rival's: 2 threads, one container, with a reader";
    targets.push(at_most(what.to_owned(), "ns", best, nearly_all(BY_HANDLE)));
    let megabytes = results.memory(BY_HANDLE).map(|bytes| bytes as f64 / 1e6);
    let part = results.containers as f64 / 10_000.0;
    let what = format!("memory of {} live containers", results.containers);
    targets.push(at_most(what, "MB", 48.0 * part, megabytes));
    targets
}

fn at_most(what: String, unit: &'static str, most: f64, found: Option<f64>) -> Target {
    Target { what, unit, bound: Bound::AtMost(most), found }
}

fn at_least(what: String, unit: &'static str, least: f64, found: Option<f64>) -> Target {
    Target { what, unit, bound: Bound::AtLeast(least), found }
}

impl Target {
    fn print(&self) {
        let Self { what, unit, bound, found } = self;
        let Some(found) = *found else { return };
        let digits = if *unit == "x" { 2 } else { 1 };
        let (aim, is_met) = match *bound {
            Bound::AtMost(most) => (format!("at most {most:.digits$}"), found <= most),
            Bound::AtLeast(least) => (format!("at least {least:.digits$}"), found >= least),
        };
        let verdict = if is_met { "met" } else { "NOT MET" };
        println!("| {what} | {aim} {unit} | {found:.digits$} {unit} | {verdict} |");
    }
}
