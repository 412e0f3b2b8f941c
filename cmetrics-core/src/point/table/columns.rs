//! The columns of a table.

use super::Validity;
use crate::metric::{Kind, Metric, MetricSet};
use crate::point::column::Statistic;
use crate::point::{Column, Gauge, Level};
use crate::time::Interval;

/// A column of values that may be absent. It is empty until the first value.
#[derive(Clone, Debug, Default)]
pub(super) struct Nullable<T> {
    pub(super) values: Vec<T>,
    pub(super) validity: Validity,
}

impl<T: Copy + Default> Nullable<T> {
    /// Adds the value of the next row, whose index is `row`.
    #[inline]
    pub(super) fn push(&mut self, row: usize, value: Option<T>) {
        if self.values.is_empty() {
            if value.is_none() {
                return;
            }
            self.values = vec![T::default(); row];
            self.validity = Validity::of_nulls(row);
        }
        self.values.push(value.unwrap_or_default());
        self.validity.push(value.is_some());
    }

    #[inline]
    pub(super) fn get(&self, row: usize) -> Option<T> {
        self.values.get(row).copied().filter(|_| self.validity.is_valid(row))
    }
}

/// The growth of a counter, in base units and, if it is documented in another unit, in that one.
#[derive(Clone, Debug)]
pub(super) struct GrowthColumn {
    pub(super) metric: Metric,
    pub(super) exact: Nullable<u64>,
    /// The number of base units in the other unit, and the values.
    pub(super) scaled: Option<(f64, Vec<f64>)>,
}

impl GrowthColumn {
    pub(super) fn new(metric: Metric, columns: &[Column]) -> Self {
        let divisors = divisors(metric, columns).into_iter().find(|divisor| *divisor != 1);
        let scaled = divisors.map(|divisor| (f64::from(divisor), Vec::new()));
        Self { metric, exact: Nullable::default(), scaled }
    }

    #[inline]
    pub(super) fn push(&mut self, row: usize, growth: Option<u64>) {
        self.exact.push(row, growth);
        if let Some((divisor, scaled)) = &mut self.scaled
            && !self.exact.values.is_empty()
        {
            scaled.resize(row, 0.0);
            #[expect(clippy::cast_precision_loss, reason = "documented as floating-point")]
            scaled.push(growth.unwrap_or_default() as f64 / *divisor);
        }
    }
}

/// The levels of a gauge, and its figures in each unit that a column has.
#[derive(Clone, Debug)]
pub(super) struct LevelColumn {
    pub(super) metric: Metric,
    pub(super) exact: Nullable<Level>,
    figures: Vec<GaugeFigures>,
}

/// The figures of a gauge in one unit.
#[derive(Clone, Debug)]
struct GaugeFigures {
    divisor: u32,
    ave: Vec<f64>,
    min: Vec<f64>,
    max: Vec<f64>,
}

impl LevelColumn {
    pub(super) fn new(metric: Metric, columns: &[Column]) -> Self {
        let figures = |divisor| GaugeFigures { divisor, ave: vec![], min: vec![], max: vec![] };
        let figures = divisors(metric, columns).into_iter().map(figures).collect();
        Self { metric, exact: Nullable::default(), figures }
    }

    #[inline]
    pub(super) fn push(&mut self, row: usize, level: Option<Level>, interval: Interval) {
        self.exact.push(row, level);
        if self.exact.values.is_empty() {
            return;
        }
        let gauge = level.unwrap_or_default().gauge(interval, self.metric);
        for figures in &mut self.figures {
            let divisor = f64::from(figures.divisor);
            let Gauge { ave, min, max } = gauge;
            for (column, figure) in
                [(&mut figures.ave, ave), (&mut figures.min, min), (&mut figures.max, max)]
            {
                column.resize(row, 0.0);
                column.push(figure / divisor);
            }
        }
    }

    pub(super) fn figures(&self, column: &Column) -> Option<&[f64]> {
        let figures = self.figures.iter().find(|one| one.divisor == column.divisor())?;
        match column.statistic() {
            Statistic::Growth => None,
            Statistic::Ave => Some(&figures.ave),
            Statistic::Min => Some(&figures.min),
            Statistic::Max => Some(&figures.max),
        }
    }
}

fn divisors(metric: Metric, columns: &[Column]) -> Vec<u32> {
    let of_metric = columns.iter().filter(|column| column.metric() == metric);
    let mut divisors: Vec<_> = of_metric.map(Column::divisor).collect();
    divisors.sort_unstable();
    divisors.dedup();
    divisors
}

/// The columns of the counters and of the gauges of these metrics, each in the metrics' order.
pub(super) fn by_kind(
    carried: MetricSet,
    columns: &[Column],
) -> (Vec<GrowthColumn>, Vec<LevelColumn>) {
    let of = |kind| carried.intersection(MetricSet::of_kind(kind)).iter();
    (
        of(Kind::Counter).map(|metric| GrowthColumn::new(metric, columns)).collect(),
        of(Kind::Gauge).map(|metric| LevelColumn::new(metric, columns)).collect(),
    )
}
