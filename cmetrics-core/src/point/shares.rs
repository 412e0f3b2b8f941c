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
pub(super) struct GatheredShares {
    /// Whether any point does not tell its shares.
    is_untold: bool,
    cpu: Mean,
    /// By readings of the working set, by widths of intervals on a straight line between two, and
    /// by intervals.
    memory: Mean,
    memory_on_line: Mean,
    memory_of_each: Mean,
    is_told: bool,
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
impl GatheredShares {
    /// Adds those of the next point.
    pub(super) fn add(&mut self, point: &DataPoint) {
        let Some(shares) = point.shares() else {
            self.is_untold = true;
            return;
        };
        let width = point.interval.seconds() as f64;
        if shares.cpu.is_some() || point.growth(Metric::CpuUsage).is_some() {
            self.cpu.add(shares.cpu, width);
        }
        let working_set = point.figures.level(Metric::MemoryWorkingSet);
        match working_set {
            Some(Level::Read(readings)) => {
                self.memory.add(shares.memory, readings.number() as f64);
            }
            Some(Level::Between(..)) => self.memory_on_line.add(shares.memory, width),
            // How many readings its mean is made of is not known: each interval counts the same.
            Some(Level::Told(_)) => self.is_told = true,
            None => self.is_told |= shares.memory.is_some(),
        }
        if shares.memory.is_some() || working_set.is_some() {
            self.memory_of_each.add(shares.memory, 1.0);
        }
    }

    /// What they come to in an interval of this width; `None` where a point did not tell its
    /// shares.
    pub(super) fn shares(&self, seconds: u64) -> Option<Shares> {
        if self.is_untold {
            return None;
        }
        let width = seconds as f64;
        let memory = if self.is_told {
            self.memory_of_each.over(self.memory_of_each.weight)
        } else if self.memory.weight > 0.0 || self.memory.is_unknown {
            self.memory.over(self.memory.weight)
        } else {
            let line = self.memory_on_line;
            line.over(width).filter(|_| line.weight >= width)
        };
        Some(Shares { cpu: self.cpu.over(width), memory })
    }
}
