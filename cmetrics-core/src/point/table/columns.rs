//! The columns of a table.

use std::mem::take;

use super::{Numbers, Validity};
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
        if value.is_none() && self.values.is_empty() {
            return;
        }
        self.begin(row);
        self.values.push(value.unwrap_or_default());
        self.validity.push(value.is_some());
    }

    /// Gives the rows before the first value their place.
    #[inline]
    pub(super) fn begin(&mut self, row: usize) {
        if self.values.is_empty() {
            self.begin_at(row);
        }
    }

    #[cold]
    fn begin_at(&mut self, row: usize) {
        self.values.resize(row, T::default());
        self.validity = Validity::of_nulls(row);
    }

    /// Adds the values of the next rows, the first of which has the index `row`.
    #[inline]
    pub(super) fn extend(&mut self, row: usize, values: impl Iterator<Item = T>) {
        self.begin(row);
        let before = self.values.len();
        self.values.extend(values);
        self.validity.push_many(self.values.len() - before, true);
    }

    /// Adds rows without a value, up to this number of rows.
    pub(super) fn pad(&mut self, rows: usize) {
        if let Some(missing @ 1..) = rows.checked_sub(self.values.len())
            && !self.values.is_empty()
        {
            self.values.resize(rows, T::default());
            self.validity.push_many(missing, false);
        }
    }

    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.validity = Validity::default();
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

    /// Adds the growths of the next `count` rows, the first of which has the index `row`.
    pub(super) fn extend(&mut self, row: usize, numbers: Numbers<'_>, count: usize) {
        self.exact.extend_numbers(row, numbers, count);
        if let Some((divisor, scaled)) = &mut self.scaled {
            scaled.resize(row, 0.0);
            #[expect(clippy::cast_precision_loss, reason = "documented as floating-point")]
            scaled.extend(self.exact.values.iter().skip(row).map(|growth| *growth as f64));
            divide(scaled.get_mut(row..).unwrap_or_default(), *divisor);
        }
    }

    /// Adds rows without a growth, up to this number of rows.
    pub(super) fn pad(&mut self, rows: usize) {
        self.exact.pad(rows);
        if let Some((_, scaled)) = self.scaled.as_mut().filter(|_| !self.exact.values.is_empty()) {
            scaled.resize(rows, 0.0);
        }
    }

    pub(super) fn clear(&mut self) {
        self.exact.clear();
        if let Some((_, scaled)) = &mut self.scaled {
            scaled.clear();
        }
    }
}

impl Nullable<u64> {
    /// Adds the numbers of the next `count` rows, the first of which has the index `row`.
    pub(super) fn extend_numbers(&mut self, row: usize, numbers: Numbers<'_>, count: usize) {
        match numbers {
            Numbers::Constant(number) => self.extend(row, std::iter::repeat_n(number, count)),
            Numbers::Varying(numbers) => self.extend(row, numbers.iter().copied()),
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
            figures.resize(row);
            figures.push(Gauge { ave: ave / divisor, min: min / divisor, max: max / divisor });
        }
    }

    /// Adds the levels of the next rows, with their figures in base units. The first row has the
    /// index `row`.
    #[inline]
    pub(super) fn extend(&mut self, row: usize, levels: impl Iterator<Item = (Level, Gauge)>) {
        let Self { exact, figures, .. } = self;
        let Some((first, others)) = figures.split_first_mut() else {
            return exact.extend(row, levels.map(|(level, _)| level));
        };
        exact.begin(row);
        first.resize(row);
        first.extend(&mut exact.values, levels);
        exact.validity.push_many(exact.values.len() - row, true);
        for other in others {
            other.resize(row);
            other.copy(first, row);
            other.divide(row);
        }
        first.divide(row);
    }

    /// Adds rows without a level, up to this number of rows.
    pub(super) fn pad(&mut self, rows: usize) {
        self.exact.pad(rows);
        if !self.exact.values.is_empty() {
            self.figures.iter_mut().for_each(|figures| figures.resize(rows));
        }
    }

    pub(super) fn clear(&mut self) {
        self.exact.clear();
        self.figures.iter_mut().for_each(|figures| figures.resize(0));
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

impl GaugeFigures {
    fn each(&mut self) -> [&mut Vec<f64>; 3] {
        [&mut self.ave, &mut self.min, &mut self.max]
    }

    /// Cuts them, or adds rows without figures.
    fn resize(&mut self, rows: usize) {
        self.each().into_iter().for_each(|column| column.resize(rows, 0.0));
    }

    #[inline]
    fn push(&mut self, Gauge { ave, min, max }: Gauge) {
        self.ave.push(ave);
        self.min.push(min);
        self.max.push(max);
    }

    /// Adds figures, and the levels that they are of to `exact`.
    #[inline]
    fn extend(&mut self, exact: &mut Vec<Level>, levels: impl Iterator<Item = (Level, Gauge)>) {
        let mut columns =
            (take(exact), take(&mut self.ave), take(&mut self.min), take(&mut self.max));
        // At once, so that the level is computed once.
        columns.extend(levels.map(|(level, Gauge { ave, min, max })| (level, ave, min, max)));
        (*exact, self.ave, self.min, self.max) = columns;
    }

    /// Adds the figures that another has from a row on.
    fn copy(&mut self, other: &mut Self, row: usize) {
        for (column, other) in self.each().into_iter().zip(other.each()) {
            column.extend_from_slice(other.get(row..).unwrap_or_default());
        }
    }

    /// Divides the figures from a row on, which are in base units.
    fn divide(&mut self, row: usize) {
        let divisor = f64::from(self.divisor);
        for column in self.each() {
            divide(column.get_mut(row..).unwrap_or_default(), divisor);
        }
    }
}

/// Divides figures by the number of base units in a unit.
fn divide(figures: &mut [f64], divisor: f64) {
    let is_power_of_two = divisor.to_bits().trailing_zeros() >= f64::MANTISSA_DIGITS - 1;
    // The reciprocal of a power of two is exact, so the product is the quotient, and takes less
    // time.
    let factor = 1.0 / divisor;
    if !is_power_of_two {
        for figure in figures {
            *figure /= divisor;
        }
    } else if factor < 1.0 {
        for figure in figures {
            *figure *= factor;
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
