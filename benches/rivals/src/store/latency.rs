//! The slowest appends, while full memories become segments.

use std::time::Instant;

use hdrhistogram::Histogram;

use crate::contender::{Contender, Sync};
use crate::figures::{Report, Row};
use crate::fleet::Fleet;
use crate::settings::Bench;

pub(crate) fn run(bench: &Bench, report: &mut Report) {
    for (batch, points) in [(50, bench.pick(6_000_000, 60_000)), (1, bench.pick(3_000_000, 20_000))]
    {
        let each = measured(bench, batch, points);
        let of = |quantile| milliseconds(each.value_at_quantile(quantile));
        let calls = if batch == 1 { "one".to_owned() } else { batch.to_string() };
        let row = Row::new(format!("`append` of {calls} while sealing, p99.9"), "ms", of(0.999));
        let row = row.at_most(5.0).beside("its median", of(0.5)).beside("p99", of(0.99));
        report
            .add(row.beside("p99.99", of(0.9999)).beside("the slowest", milliseconds(each.max())));
    }
}

/// As fast as it goes; points are made in between, half a million at a time.
fn measured(bench: &Bench, batch: usize, points: usize) -> Histogram<u64> {
    const LONGEST: u64 = 100_000_000_000;
    let containers = bench.pick(10_000, 200);
    let mut each = Histogram::new_with_max(LONGEST, 3).expect("bounds that there can be");
    let mut ours = bench.store("latency", Sync::Os);
    let mut fleet = Fleet::new(0..containers, 0);
    let mut count = 0;
    while count < points {
        let made = fleet.ticks(50);
        for batch in made.chunks(batch) {
            let start = Instant::now();
            ours.append(batch);
            let took = u64::try_from(start.elapsed().as_nanos()).unwrap_or(LONGEST);
            each.saturating_record(took);
        }
        count += made.len();
    }
    let stats = ours.0.stats().expect("a store that can be read");
    assert!(stats.written_bytes.1 > 0, "segments were made meanwhile");
    assert_eq!(ours.kept(), count as u64);
    each
}

#[allow(clippy::cast_precision_loss, reason = "figures are for people")]
fn milliseconds(nanos: u64) -> f64 {
    nanos as f64 / 1e6
}
