//! Growths of one counter metric: rules 4 to 7.

use std::collections::BTreeMap;

use super::Clock;
use super::catalogue::{Metric, Source};
use super::reading::{Parts, Sample};
use super::series::{Cpu, Series, pieces};

/// What became of a metric's growths, over all its interfaces or devices.
#[derive(Debug, Default)]
pub(crate) struct Growths {
    /// By interval. An interval without an entry has no share, not even of 0.
    pub(crate) shares: BTreeMap<i128, u128>,
    pub(crate) unattributed: u128,
    pub(crate) total: u128,
    pub(crate) pairs: u64,
}

/// Two successive readings of one counter.
struct Pair {
    t0: i128,
    v0: i128,
    t1: i128,
    v1: i128,
}

pub(crate) fn growths(series: &Series, metric: &Metric, clock: &Clock) -> Growths {
    let cpu = series.cpu();
    let nothing = Parts::new();
    let mut growths = Growths::default();
    let mut last: BTreeMap<&str, (i128, i128)> = BTreeMap::new();
    let mut zero_at: Option<(i128, &Sample)> = None;
    for (&t1, sample) in &series.samples {
        let readings = sample.readings.get(metric.name).unwrap_or(&nothing);
        for (part, &v1) in readings {
            let before = last.insert(part, (t1, v1));
            if let Some((t0, v0)) = before.or_else(|| started_from_zero(metric, part, zero_at)) {
                growths.add(&Pair { t0, v0, t1, v1 }, cpu[&t1], metric, clock);
            }
        }
        // Rule 7: after a restart, counters that the restart sample does not list are
        // forgotten, and nothing starts from 0 at a sample before it.
        if cpu[&t1] == Cpu::Fell {
            last.retain(|part, _| readings.contains_key(*part));
            zero_at = None;
        }
        if tells_zero(metric, sample) {
            zero_at = Some((t1, sample));
        }
    }
    growths
}

/// Rule 7: a disk section that does not list a device, and (catalogue) a v1 document
/// without `oom_events`, say that the counter stood at 0.
fn tells_zero(metric: &Metric, sample: &Sample) -> bool {
    match metric.source {
        Source::Device(..) => sample.disk.is_some(),
        _ => metric.is_oom_events() && sample.told_by_v1,
    }
}

/// Rule 7: where a first reading started from 0, if it did at all.
fn started_from_zero(
    metric: &Metric,
    part: &str,
    zero_at: Option<(i128, &Sample)>,
) -> Option<(i128, i128)> {
    let (time, sample) = zero_at?;
    if let Source::Device(list, _) = metric.source {
        let listed = sample.disk.as_ref()?.get(list)?;
        if listed.contains(part) {
            return None;
        }
    }
    Some((time, 0))
}

impl Growths {
    fn add(&mut self, pair: &Pair, cpu: Cpu, metric: &Metric, clock: &Clock) {
        let growth = growth_of(pair, cpu, metric);
        self.pairs += 1;
        self.total += growth;
        if pair.t1 - pair.t0 > clock.max_gap {
            // Rule 5 goes before rule 6.
            self.unattributed += growth;
        } else if cpu == Cpu::Fell || pair.fell() {
            // Rule 6: credited to the interval of t1.
            *self.shares.entry(clock.interval_of(pair.t1)).or_insert(0) += growth;
        } else {
            self.share_out(pair, clock);
        }
    }

    /// Rule 4.
    fn share_out(&mut self, pair: &Pair, clock: &Clock) {
        for (interval, start, end) in pieces(pair.t0, pair.t1, clock) {
            let share = pair.grown_at(end) - pair.grown_at(start);
            *self.shares.entry(interval).or_insert(0) += share;
        }
    }
}

/// Rule 6.
fn growth_of(pair: &Pair, cpu: Cpu, metric: &Metric) -> u128 {
    let began_again = cpu == Cpu::Fell || metric.begins_again_alone() || cpu == Cpu::Unknown;
    let growth = match (pair.fell(), began_again) {
        (false, _) => pair.v1 - pair.v0,
        (true, true) => pair.v1,
        (true, false) => 0,
    };
    growth.unsigned_abs()
}

impl Pair {
    fn fell(&self) -> bool {
        self.v1 < self.v0
    }

    /// Rule 4: `floor((v1 - v0) * (t - t0) / (t1 - t0))`. The whole multiples of `t1 - t0`
    /// are taken out first, so that no product outgrows 128 bits.
    fn grown_at(&self, time: i128) -> u128 {
        let growth = (self.v1 - self.v0).unsigned_abs();
        let part = (time - self.t0).unsigned_abs();
        let whole = (self.t1 - self.t0).unsigned_abs();
        growth / whole * part + growth % whole * part / whole
    }
}
