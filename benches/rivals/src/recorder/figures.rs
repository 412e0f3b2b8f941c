//! What follows from what the threads of a run saw.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::contender::Sums;
use crate::workload::{Run, Workload};

/// Figures are nanoseconds a sample, unless said otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// What a thread took to record, production included, but not waiting for other threads to
    /// catch up: the median of the rounds.
    pub(crate) record: f64,
    /// Samples a nanosecond, of all threads while they record: the median of the rounds.
    pub(crate) rate: f64,
    /// All threads' CPU time for all that was done.
    pub(crate) cpu: f64,
    /// What a round took with its last drain and all waiting: the median of the rounds.
    pub(crate) whole: f64,
    /// What each `record` took, with the clock; empty where that was not asked for.
    pub(crate) each: Histogram<u64>,
    pub(crate) lost: Lost,
}

/// What went in and did not come out; nothing, unless a contender loses samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) samples: i128,
    pub(crate) of_samples: u64,
    /// Growth, in nanoseconds and bytes.
    pub(crate) cpu: i128,
    pub(crate) rx_bytes: i128,
}

/// What a thread saw.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) accepted: u64,
    /// The measured rounds.
    pub(crate) rounds: Vec<Part>,
    pub(crate) each: Histogram<u64>,
    pub(crate) sums: Sums,
    /// For each measured round, how long the last drain took. The first thread's only.
    pub(crate) drains: Vec<Duration>,
    /// The process's CPU time in the measured rounds, and what this thread spent on waiting.
    pub(crate) cpu: Duration,
    pub(crate) spun: Duration,
}

/// A thread's part of a round, and for how long of it it waited for others to catch up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) start: Instant,
    pub(crate) end: Instant,
    pub(crate) waited: Duration,
}

pub(crate) fn histogram() -> Histogram<u64> {
    const LONGEST: u64 = 100_000_000_000;
    Histogram::new_with_max(LONGEST, 3).expect("bounds that there can be")
}

pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl Lost {
    pub(crate) fn of(workload: &Workload, accepted: u64, sums: Sums) -> Self {
        let (growth, samples) = (workload.growth(), workload.samples());
        let less = |all: u64, some: u64| i128::from(all) - i128::from(some);
        Self {
            samples: less(samples, accepted),
            of_samples: samples,
            cpu: less(growth.cpu, sums.cpu),
            rx_bytes: less(growth.rx_bytes, sums.rx_bytes),
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "figures are for people")]
pub(crate) fn figures(run: &Run, seen: &[Seen], lost: Lost) -> Measured {
    let all = 0..seen.first().map_or(0, |one| one.rounds.len());
    let rounds: Vec<Vec<_>> =
        all.clone().map(|round| seen.iter().map(|one| one.rounds[round]).collect()).collect();
    let drains: Vec<_> = seen.iter().flat_map(|one| one.drains.iter().copied()).collect();
    let (per_round, threads) = (run.workload.per_round as f64, run.workload.threads as f64);
    let busy = |parts: &Vec<Part>| parts.iter().map(Part::busy).sum::<f64>() / threads;
    let rate = |parts: &Vec<Part>| parts.iter().map(|part| per_round / part.whole()).sum();
    let whole = |round: usize| span(&rounds[round]) + nanos(drains[round]) as f64;
    let cpu = seen.first().map_or(Duration::ZERO, |one| one.cpu);
    let spun: Duration = seen.iter().map(|one| one.spun).sum();
    let mut each = histogram();
    for one in seen {
        each.add(&one.each).expect("the same bounds");
    }
    let of_round = per_round * threads;
    Measured {
        record: median(rounds.iter().map(busy).collect()) / per_round,
        rate: median(rounds.iter().map(rate).collect()),
        cpu: nanos(cpu.saturating_sub(spun)) as f64 / of_round / rounds.len() as f64,
        whole: median(all.map(whole).collect()) / of_round,
        each,
        lost,
    }
}

/// From where the first thread began to where the last one ended.
#[allow(clippy::cast_precision_loss, reason = "figures are for people")]
fn span(parts: &[Part]) -> f64 {
    let start = parts.iter().map(|part| part.start).min();
    let end = parts.iter().map(|part| part.end).max();
    start.zip(end).map_or(0.0, |(start, end)| nanos(end.duration_since(start)) as f64)
}

#[allow(clippy::cast_precision_loss, reason = "figures are for people")]
impl Part {
    fn whole(&self) -> f64 {
        nanos(self.end.duration_since(self.start)) as f64
    }

    fn busy(&self) -> f64 {
        self.whole() - nanos(self.waited) as f64
    }
}

/// 0 where there is nothing.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[half],
        _ => f64::midpoint(values[half - 1], values[half]),
    }
}
