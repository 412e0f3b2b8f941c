//! The tables.

use crate::field::{Case, FIELD, NOTHING};
use crate::figures::{Measured, median};
use crate::results::Results;
use crate::targets;

pub(crate) fn print(results: &Results) {
    targets::print(results);
    print_production(results);
    let record = |one: &Measured| one.record;
    print_table(results, "`record`, ns", 0, |case, name| {
        Some(results.median(case, name, record)? - results.production(case, record))
    });
    let cpu = |one: &Measured| one.cpu;
    print_table(results, "CPU time of all threads, ns", 0, |case, name| {
        Some(results.median(case, name, cpu)? - results.production(case, cpu))
    });
    print_table(results, "million samples/s, drained", 2, |case, name| {
        Some(1e3 / results.median(case, name, |one| one.whole)?)
    });
    print_quantiles(results);
    print_memory(results);
    print_lost(results);
}

fn contenders() -> impl Iterator<Item = &'static str> {
    FIELD.iter().map(|entry| entry.name).filter(|name| *name != NOTHING)
}

fn print_production(results: &Results) {
    let clock = results.clock.value_at_quantile(0.5);
    let own = Case::all()[0];
    let production = results.production(own, |one| one.record);
    let cores = median(results.cores.clone());
    println!("\nTo make a sample takes {production:.1} ns, which is subtracted from what it takes");
    println!(
        "to record one and from CPU time. Two readings of the clock take {clock} ns, which are"
    );
    println!(
        "part of each single call's time. Two threads that only counted got {cores:.2} cores."
    );
}

/// A row for each case, a column for each contender.
fn print_table(
    results: &Results,
    title: &str,
    digits: usize,
    figure: impl Fn(Case, &str) -> Option<f64>,
) {
    println!("\n| {title} | {} |", contenders().collect::<Vec<_>>().join(" | "));
    println!("|---|{}", "---:|".repeat(contenders().count()));
    for case in Case::all() {
        let cell = |name| match figure(case, name) {
            Some(figure) if !results.turns(case, name).is_empty() => format!("{figure:.digits$}"),
            _ => String::new(),
        };
        let cells: Vec<_> = contenders().map(cell).collect();
        println!("| {} | {} |", case.name(), cells.join(" | "));
    }
}

fn print_quantiles(results: &Results) {
    println!(
        "\n| 2 threads, one container, with a reader: one `record`, ns | p50 | p99 | p99.9 | p99.99 |"
    );
    println!("|---|---:|---:|---:|---:|");
    for name in contenders().filter(|name| results.quantile(name, 0.5).is_some()) {
        let at = |quantile| results.quantile(name, quantile).unwrap_or(f64::NAN);
        let (half, most, nearly, all) = (at(0.5), at(0.99), at(0.999), at(0.9999));
        println!("| {name} | {half:.0} | {most:.0} | {nearly:.0} | {all:.0} |");
    }
}

#[allow(clippy::cast_precision_loss, reason = "figures are for people")]
fn print_memory(results: &Results) {
    println!("\n| live containers | MB | bytes each |");
    println!("|---|---:|---:|");
    for (name, bytes) in &results.memory {
        let each = bytes / i64::try_from(results.containers).unwrap_or(i64::MAX);
        println!("| {name} | {:.1} | {each} |", *bytes as f64 / 1e6);
    }
}

/// What did not come out, in the worst of the turns.
#[allow(clippy::cast_precision_loss, reason = "figures are for people")]
fn print_lost(results: &Results) {
    println!(
        "\n| lost, in the worst turn | samples | of them all | CPU time, s | received, bytes |"
    );
    println!("|---|---:|---:|---:|---:|");
    for (case, name, one) in results.lossy() {
        let lost = one.lost;
        let part = lost.samples as f64 / lost.of_samples as f64 * 100.0;
        let cpu = lost.cpu as f64 / 1e9;
        println!(
            "| {name}: {case} | {} | {part:.1} % | {cpu:.1} | {} |",
            lost.samples, lost.rx_bytes
        );
    }
}
