//! What is raced: a way of taking samples from many threads and of making points of them.

use cmetrics_core::{DataPoint, Metric, Sample};

/// What a contender must be ready for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) containers: usize,
    /// By how much a sample may be older than its container's newest, in seconds.
    pub(crate) lateness: u64,
}

/// What came out, or went in: growth over all containers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) cpu: u64,
    pub(crate) rx_bytes: u64,
}

impl Sums {
    pub(crate) fn add(&mut self, point: &DataPoint) {
        self.cpu += point.growth(Metric::CpuUsage).unwrap_or(0);
        self.rx_bytes += point.growth(Metric::NetworkRxBytes).unwrap_or(0);
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self { cpu: self.cpu + other.cpu, rx_bytes: self.rx_bytes + other.rx_bytes }
    }
}

pub(crate) trait Contender: Sized + Sync {
    /// Whether each sample must be in the points. What another one loses is printed.
    const LOSSLESS: bool = true;

    fn new(setup: Setup) -> Self;

    /// Takes a sample of the container of this number. Says whether it is accepted.
    fn record(&self, container: usize, sample: &Sample) -> bool;

    /// Takes the points that are final.
    fn drain(&self, sums: &mut Sums);

    /// Waits for work that was put off to other threads.
    fn settle(&self) {}

    /// Takes the points of all that was recorded, final or not, and says how many samples were
    /// accepted.
    fn finish(self, sums: &mut Sums) -> u64;
}

/// Nothing but the samples' production, which is subtracted from what the others take.
#[derive(Debug)]
pub(crate) struct Nothing;

impl Contender for Nothing {
    const LOSSLESS: bool = false;

    fn new(_: Setup) -> Self {
        Self
    }

    #[inline]
    fn record(&self, container: usize, sample: &Sample) -> bool {
        std::hint::black_box((container, sample));
        true
    }

    fn drain(&self, _: &mut Sums) {}

    fn finish(self, _: &mut Sums) -> u64 {
        0
    }
}
