//! What parts of a container's limits were used, and how that rolls up.

use serde::{Deserialize, Serialize};

use super::{DataPoint, Level};
use crate::metric::Metric;

/// Parts of a container's limits that were used, 1 being all; `None` where there is no limit or
/// no measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shares {
    /// CPU used, of the cores that the quota allows.
    pub cpu: Option<f64>,
    /// Mean working set, of the memory that the limit allows.
    pub memory: Option<f64>,
}

/// Shares of several intervals that make up a wider one, being gathered.
///
/// They are means, weighed as what they are shares of: growth by the intervals' widths, the working
/// set by its readings. So where the limits stay the same, the wider interval's shares are those
/// that its own figures and the limits give; where limits change, each interval counts by its own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SharesRollUp {
    /// Whether any point does not tell its shares.
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

/// A weighed mean.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    weight: f64,
    /// Whether a value is missing that belongs in it.
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

    /// Over this weight, of which what was not added counts as 0.
    fn over(self, weight: f64) -> Option<f64> {
        (self.weight > 0.0 && !self.is_unknown).then(|| self.sum / weight)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a weight")]
impl SharesRollUp {
    /// Adds those of the next point.
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
            // How many readings its mean is made of is not known: each interval counts the same.
            Some(Level::Inexact(_)) => self.is_inexact = true,
            None => self.is_inexact |= shares.memory.is_some(),
        }
        if shares.memory.is_some() || working_set.is_some() {
            self.memory_by_interval.add(shares.memory, 1.0);
        }
    }

    /// What they come to in an interval of this width; `None` where a point did not tell its
    /// shares.
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
