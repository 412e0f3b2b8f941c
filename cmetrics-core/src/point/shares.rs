//! Shares of a container's limits that were used, and how they roll up.

use serde::{Deserialize, Serialize};

use super::{DataPoint, Level};
use crate::metric::Metric;

/// Shares of a container's limits that were used, where 1 is all; `None` where there is no limit or
/// no measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shares {
    /// The share of the cores that the quota allows.
    pub cpu: Option<f64>,
    /// The mean working set, as a share of the memory limit.
    pub memory: Option<f64>,
}

/// Rolls up the shares of the intervals of a wider one.
///
/// They are means with the weights of the figures that they are shares of: for CPU the widths of
/// the intervals, for the working set its numbers of readings. So where the limits stay the same,
/// the shares of the wider interval are those of its own figures; where limits change, each
/// interval counts with its own limits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SharesRollUp {
    /// Whether any point has no shares.
    is_missing: bool,
    cpu: Mean,
    /// Over intervals with readings of the working set, weighted by their numbers.
    memory_read: Mean,
    /// Over intervals without, between two readings, weighted by the intervals' widths.
    memory_between: Mean,
    /// Over all intervals, with equal weights.
    memory_by_interval: Mean,
    /// Whether the working set of any interval is inexact.
    is_inexact: bool,
}

/// A weighted mean.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    weight: f64,
    /// Whether a value of it is unknown.
    is_unknown: bool,
}

impl Mean {
    fn add(&mut self, value: Option<f64>, weight: f64) {
        match value {
            Some(value) => {
                self.sum += value * weight;
                self.weight += weight;
            }
            None => self.is_unknown = true,
        }
    }

    /// The mean for this total weight; weight that was not added counts with the value 0.
    fn over(self, weight: f64) -> Option<f64> {
        (self.weight > 0.0 && !self.is_unknown).then(|| self.sum / weight)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a weight")]
impl SharesRollUp {
    /// Adds the shares of the next point.
    pub(super) fn add(&mut self, point: &DataPoint) {
        let Some(shares) = point.shares() else {
            self.is_missing = true;
            return;
        };
        let width = point.interval.seconds() as f64;
        if shares.cpu.is_some() || point.growth(Metric::CpuUsage).is_some() {
            self.cpu.add(shares.cpu, width);
        }
        let working_set = point.figures.level(Metric::MemoryWorkingSet);
        match working_set {
            Some(Level::Read(readings)) => {
                self.memory_read.add(shares.memory, readings.number() as f64);
            }
            Some(Level::Between(..)) => self.memory_between.add(shares.memory, width),
            // The number of readings is unknown, so all intervals get equal weights.
            Some(Level::Inexact(_)) => self.is_inexact = true,
            None => self.is_inexact |= shares.memory.is_some(),
        }
        if shares.memory.is_some() || working_set.is_some() {
            self.memory_by_interval.add(shares.memory, 1.0);
        }
    }

    /// The shares in an interval of this width; `None` where any point has no shares.
    pub(super) fn shares(&self, seconds: u64) -> Option<Shares> {
        if self.is_missing {
            return None;
        }
        let width = seconds as f64;
        let memory = if self.is_inexact {
            self.memory_by_interval.over(self.memory_by_interval.weight)
        } else if self.memory_read.weight > 0.0 || self.memory_read.is_unknown {
            self.memory_read.over(self.memory_read.weight)
        } else {
            let between = self.memory_between;
            between.over(width).filter(|_| between.weight >= width)
        };
        Some(Shares { cpu: self.cpu.over(width), memory })
    }
}
