//! What each container used over all of its intervals.

use std::ops::Range;
use std::sync::Arc;

use super::groups::Groups;
use super::quantile::linear_quantile;
use super::{Rows, table_rows};
use crate::metric::Metric;
use crate::point::Table;

/// The quantities that people ask about first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quantity {
    /// CPU in cores.
    Cores,
    /// The mean reading of memory, in bytes.
    Memory,
    /// Bytes sent a second.
    Sent,
    /// Bytes received a second.
    Received,
    /// Bytes read from disks a second.
    Read,
    /// Bytes written to disks a second.
    Written,
}

/// The distribution of values over intervals.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Spread {
    /// The mean over time: the weight of each value is the [seconds that it
    /// covers](Quantity::over).
    pub mean: f64,
    /// The median over the intervals.
    pub p50: f64,
    /// The value that 95 % of the intervals do not exceed, by [`linear_quantile`].
    pub p95: f64,
    /// The value that 99 % of the intervals do not exceed, likewise.
    pub p99: f64,
    /// The greatest.
    pub max: f64,
}

/// What a container used.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Usage {
    /// The container's name.
    pub name: Arc<str>,
    /// The number of points that it is made of.
    pub intervals: usize,
    spreads: [Option<Spread>; Quantity::EACH.len()],
}

impl Quantity {
    /// All of them.
    pub const ALL: &'static [Self] = &Self::EACH;

    const EACH: [Self; 6] =
        [Self::Cores, Self::Memory, Self::Sent, Self::Received, Self::Read, Self::Written];

    /// Its value in a row; `None` where it was not measured.
    pub fn of(self, table: &Table, row: usize) -> Option<f64> {
        let per_second = |metric| table.per_second(row, metric);
        match self {
            Self::Cores => per_second(Metric::CpuUsage).map(|nanos| nanos / 1e9),
            Self::Memory => table.gauge(row, Metric::MemoryUsage).map(|gauge| gauge.ave),
            Self::Sent => per_second(Metric::NetworkTxBytes),
            Self::Received => per_second(Metric::NetworkRxBytes),
            Self::Read => per_second(Metric::DiskioRead),
            Self::Written => per_second(Metric::DiskioWrite),
        }
    }

    /// The number of seconds that its value in a row covers. For a rate these are the seconds that
    /// samples cover, so that the mean of rates is all growth divided by all covered time. For
    /// memory they are the whole interval.
    pub fn over(self, table: &Table, row: usize) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "a weight")]
            Self::Memory => Some(table.interval(row)?.seconds() as f64),
            _ => table.rate_seconds(row),
        }
    }
}

impl Spread {
    /// The distribution of values, each with the seconds that it covers; `None` without values.
    pub fn of(values: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let (mut weighted, mut seconds) = (0.0, 0.0);
        let weigh = |(value, over): (f64, f64)| {
            weighted += value * over;
            seconds += over;
            value
        };
        let mut sorted: Vec<_> = values.into_iter().map(weigh).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Some(Self {
            mean: weighted / seconds,
            p50: linear_quantile(&sorted, 0.5)?,
            p95: linear_quantile(&sorted, 0.95)?,
            p99: linear_quantile(&sorted, 0.99)?,
            max: *sorted.last()?,
        })
    }
}

impl Usage {
    /// The distribution of a quantity; `None` where it was never measured.
    pub fn of(&self, quantity: Quantity) -> Option<Spread> {
        self.spreads.get(quantity as usize).copied().flatten()
    }
}

/// What each container used in the intervals that its samples cover completely, or in all of its
/// intervals if `partial` is true. Sorted by name. A container without such intervals is included,
/// without figures.
///
/// A point of unknown coverage counts as covered in part.
pub fn usages<'t>(
    rows: impl IntoIterator<Item = Rows<'t>>,
    partial: bool,
) -> impl Iterator<Item = Usage> {
    let mut containers = Groups::default();
    for (table, row) in table_rows(rows) {
        let Some(name) = table.name(row) else { continue };
        let counts = partial || table.coverage(row) == Some(1.0);
        containers.update(name, |runs: &mut Runs<'t>| {
            if counts {
                runs.add(table, row);
            }
        });
    }
    let usage = |(name, runs): (_, Runs<'_>)| Usage {
        name,
        intervals: runs.0.iter().map(|run| run.rows.len()).sum(),
        spreads: Quantity::EACH.map(|quantity| runs.spread(quantity)),
    };
    containers.into_sorted().into_iter().map(usage)
}

/// The rows of a container, which are usually adjacent.
#[derive(Debug, Default)]
struct Runs<'t>(Vec<Rows<'t>>);

impl<'t> Runs<'t> {
    fn add(&mut self, table: &'t Table, row: usize) {
        if let Some(Rows { table: of, rows: Range { end, .. } }) = self.0.last_mut()
            && std::ptr::eq(*of, table)
            && *end == row
        {
            *end += 1;
            return;
        }
        self.0.push(Rows { table, rows: row..row + 1 });
    }

    fn spread(&self, quantity: Quantity) -> Option<Spread> {
        Spread::of(table_rows(self.0.iter().cloned()).filter_map(|(table, row)| {
            Some((quantity.of(table, row)?, quantity.over(table, row)?))
        }))
    }
}
