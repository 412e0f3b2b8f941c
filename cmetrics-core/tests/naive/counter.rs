//! Growths of one counter metric: rules 4 to 7 of `docs/points.md`, and what its *Starts* and
//! *Odd readings* say of them.

use std::collections::BTreeMap;

use super::Clock;
use super::catalogue::{Metric, Source};
use super::judge::{Cpu, Restart};
use super::reading::{Parts, Sample};
use super::series::{Series, pieces};

/// What became of a metric's growths, over all its interfaces or devices.
#[derive(Debug, Default)]
pub(crate) struct Growths {
    /// By interval. An interval without an entry has no share, not even of 0.
    pub(crate) shares: BTreeMap<i128, u128>,
    pub(crate) unattributed: u128,
    pub(crate) total: u128,
    pub(crate) pairs: u64,
}

/// Two successive readings of one counter. The first may be a start, at which it was 0.
#[derive(Debug, Clone, Copy)]
struct Pair {
    t0: i128,
    v0: i128,
    t1: i128,
    v1: i128,
}

/// How a growth is dealt with that does not lie across a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deal {
    ShareOut,
    /// To the interval of the second reading.
    Credit,
    Nowhere,
}

/// What is known of the counters of a metric before a sample.
struct Past<'a> {
    last: BTreeMap<&'a str, (i128, i128)>,
    /// From a start that counts until the next restart.
    start: Option<i128>,
    /// The samples since the last restart that say of counters which they do not show that they
    /// stood at 0.
    zeros: Vec<(i128, &'a Sample)>,
}

pub(crate) fn growths(series: &Series, metric: &Metric, clock: &Clock) -> Growths {
    let nothing = Parts::new();
    let mut growths = Growths::default();
    let start = series.first_start;
    let mut past = Past { last: BTreeMap::new(), start, zeros: Vec::new() };
    let mut before = None;
    for (&t1, sample) in &series.samples {
        let readings = sample.readings.get(metric.name).unwrap_or(&nothing);
        let restart = before.and_then(|before| series.restart_between(before, t1));
        let cpu = series.cpu(t1);
        for (part, &v1) in readings {
            if let Some((pair, deal)) = past.pair(metric, part, (t1, v1), restart, cpu) {
                growths.add(&pair, deal, grown(&pair, metric, restart, cpu), clock);
            }
        }
        if let Some(restart) = restart {
            past.forget(restart);
        }
        past.last.extend(readings.iter().map(|(part, v1)| (part.as_str(), (t1, *v1))));
        if tells_zero(metric, sample) {
            past.zeros.push((t1, sample));
        }
        before = Some(t1);
    }
    growths
}

/// Rule 7: a disk section that does not list a device, and (`docs/metrics.md`) a v1 document
/// without `oom_events`, say that the counter stood at 0.
fn tells_zero(metric: &Metric, sample: &Sample) -> bool {
    match metric.source {
        Source::Device(..) => sample.disk.is_some(),
        _ => metric.is_oom_events() && sample.told_by_v1,
    }
}

impl<'a> Past<'a> {
    /// A restart lies between the last sample and this one.
    fn forget(&mut self, restart: Restart) {
        self.last.clear();
        self.zeros.clear();
        self.start = match restart {
            Restart::AtStart(start) => Some(start),
            Restart::AtSample(_) => None,
        };
    }

    /// The pair that ends with this reading, if there is one.
    fn pair(
        &self,
        metric: &Metric,
        part: &'a str,
        (t1, v1): (i128, i128),
        restart: Option<Restart>,
        cpu: Cpu,
    ) -> Option<(Pair, Deal)> {
        let from = |(t0, v0): (i128, i128)| Pair { t0, v0, t1, v1 };
        let last = self.last.get(part).copied().map(from);
        match restart {
            // The cgroup's counters were 0 at the start.
            Some(Restart::AtStart(start)) if !metric.begins_again_alone() => {
                Some((from((start, 0)), Deal::ShareOut))
            }
            // Others live on, or began again; which they did is told by whether they fell.
            Some(Restart::AtStart(start)) => match last? {
                pair if pair.fell() => Some((from((start, 0)), Deal::ShareOut)),
                pair => Some((pair, Deal::Credit)),
            },
            // Rule 6: credited to the interval of t1.
            Some(Restart::AtSample(_)) => {
                let zero = if metric.is_oom_events() { None } else { self.unlisted(metric, part) };
                let pair = last.or(zero.map(|time| from((time, 0))))?;
                Some((pair, Deal::Credit))
            }
            None => {
                let zero = || self.started_from_zero(metric, part).map(|time| from((time, 0)));
                let pair = last.or_else(zero)?;
                let deal = match cpu {
                    Cpu::Implausible => Deal::Nowhere,
                    _ if pair.fell() => Deal::Credit,
                    _ => Deal::ShareOut,
                };
                Some((pair, deal))
            }
        }
    }

    /// Where a first reading started from 0, if it did at all.
    fn started_from_zero(&self, metric: &Metric, part: &str) -> Option<i128> {
        let start = self.start.filter(|_| !metric.begins_again_alone());
        let Some(start) = start else { return self.unlisted(metric, part) };
        // A sample behind the start that did not list the device knows better than the start.
        let mut zeros = self.zeros.iter().rev();
        let unlisted = zeros.find(|(_, sample)| !is_listed(metric, part, sample));
        Some(unlisted.map_or(start, |(time, _)| *time))
    }

    /// Rule 7: the previous sample that could have told of it, where it did not.
    fn unlisted(&self, metric: &Metric, part: &str) -> Option<i128> {
        let (time, sample) = self.zeros.last()?;
        (!is_listed(metric, part, sample)).then_some(*time)
    }
}

/// Each list of devices counts for itself.
fn is_listed(metric: &Metric, part: &str, sample: &Sample) -> bool {
    let Source::Device(list, _) = metric.source else { return false };
    sample.disk.as_ref().is_some_and(|lists| lists[list].contains(part))
}

/// Rule 6.
fn grown(pair: &Pair, metric: &Metric, restart: Option<Restart>, cpu: Cpu) -> u128 {
    let began_again = match (restart, cpu) {
        (Some(_), _) | (None, Cpu::Unknown) => true,
        (None, Cpu::Correction) => false,
        (None, _) => metric.begins_again_alone(),
    };
    let growth = match (pair.fell(), began_again) {
        (false, _) => pair.v1 - pair.v0,
        (true, true) => pair.v1,
        (true, false) => 0,
    };
    growth.unsigned_abs()
}

impl Growths {
    fn add(&mut self, pair: &Pair, deal: Deal, growth: u128, clock: &Clock) {
        self.pairs += 1;
        self.total += growth;
        // Rule 5 goes before rule 6.
        if pair.t1 - pair.t0 > clock.max_gap || deal == Deal::Nowhere {
            self.unattributed += growth;
        } else if deal == Deal::Credit || pair.t0 == pair.t1 {
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
