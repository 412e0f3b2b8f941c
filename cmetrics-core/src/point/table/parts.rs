//! The columns of one metric.

use super::Validity;
use crate::metric::{Kind, Metric, MetricSet};
use crate::point::column::Part;
use crate::point::{Column, Gauge, Level};
use crate::time::Interval;

/// Values that may be absent. Before the first one nothing is kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Nullable<T> {
    pub(super) values: Vec<T>,
    pub(super) validity: Validity,
}

impl<T: Copy + Default> Nullable<T> {
    /// The value of the row of this number, behind which there is none yet.
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

/// The growth of a counter, and what of it is shown in another unit than its base unit.
#[derive(Clone, Debug)]
pub(super) struct Growths {
    pub(super) metric: Metric,
    pub(super) exact: Nullable<u64>,
    pub(super) shown: Option<(f64, Vec<f64>)>,
}

impl Growths {
    pub(super) fn new(metric: Metric, columns: &[Column]) -> Self {
        let divisors = divisors(metric, columns).into_iter().find(|divisor| *divisor != 1);
        let shown = divisors.map(|divisor| (f64::from(divisor), Vec::new()));
        Self { metric, exact: Nullable::default(), shown }
    }

    #[inline]
    pub(super) fn push(&mut self, row: usize, growth: Option<u64>) {
        self.exact.push(row, growth);
        if let Some((divisor, shown)) = &mut self.shown
            && !self.exact.values.is_empty()
        {
            shown.resize(row, 0.0);
            #[expect(clippy::cast_precision_loss, reason = "documented as floating-point")]
            shown.push(growth.unwrap_or_default() as f64 / *divisor);
        }
    }
}

/// What is known of a gauge, and its figures in each unit that they are shown in.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    pub(super) metric: Metric,
    pub(super) exact: Nullable<Level>,
    figures: Vec<Figures>,
}

/// Mean, least and greatest in one unit.
#[derive(Clone, Debug)]
struct Figures {
    divisor: u32,
    ave: Vec<f64>,
    min: Vec<f64>,
    max: Vec<f64>,
}

impl Levels {
    pub(super) fn new(metric: Metric, columns: &[Column]) -> Self {
        let figures = |divisor| Figures { divisor, ave: vec![], min: vec![], max: vec![] };
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
        match column.part() {
            Part::Growth => None,
            Part::Ave => Some(&figures.ave),
            Part::Min => Some(&figures.min),
            Part::Max => Some(&figures.max),
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

/// The counters and the gauges of these metrics, each in the table's order.
pub(super) fn by_kind(carried: MetricSet, columns: &[Column]) -> (Vec<Growths>, Vec<Levels>) {
    let of = |kind| carried.intersection(MetricSet::of_kind(kind)).iter();
    (
        of(Kind::Counter).map(|metric| Growths::new(metric, columns)).collect(),
        of(Kind::Gauge).map(|metric| Levels::new(metric, columns)).collect(),
    )
}
