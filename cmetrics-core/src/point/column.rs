//! The documented point as flat columns, from which CSV, tables and JSON are written.

use std::sync::LazyLock;

use super::{DataPoint, Value};
use crate::metric::{Kind, Metric, MetricSet};

/// A column of points: one number of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    name: String,
    metric: Metric,
    statistic: Statistic,
    /// How many base units make one unit here.
    divisor: u32,
}

/// Which figure of a metric a column has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Statistic {
    Growth,
    Ave,
    Min,
    Max,
}

/// A number of a column, in the column's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Figure {
    /// A count.
    Whole(u64),
    /// Anything else.
    Real(f64),
}

static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    let documented = Metric::ALL.iter().copied().filter_map(|metric| {
        let (path, divisor) = metric.info().documented?;
        Some((metric, path, divisor))
    });
    documented.flat_map(|(metric, path, divisor)| columns_of(metric, path, divisor)).collect()
});

fn columns_of(metric: Metric, path: &str, divisor: u32) -> Vec<Column> {
    let column = |name, statistic| Column { name, metric, statistic, divisor };
    match metric.kind() {
        Kind::Counter => vec![column(path.to_owned(), Statistic::Growth)],
        Kind::Gauge => [("ave", Statistic::Ave), ("min", Statistic::Min), ("max", Statistic::Max)]
            .map(|(word, statistic)| column(format!("{path}.{word}"), statistic))
            .into(),
    }
}

impl Column {
    /// The columns of the documented point, in its order, without `name`, `start` and `end`.
    ///
    /// ```
    /// use cmetrics_core::point::Column;
    ///
    /// let names: Vec<_> = Column::all().iter().map(Column::name).collect();
    /// assert_eq!(names[..3], ["cpu.usage", "cpu.load.ave", "cpu.load.min"]);
    /// ```
    pub fn all() -> &'static [Self] {
        &COLUMNS
    }

    /// The columns of selected metrics, in base units and in the table's order, such as
    /// `memory.working_set.ave`.
    pub fn of_metrics(metrics: MetricSet) -> Vec<Self> {
        metrics.iter().flat_map(|metric| columns_of(metric, metric.name(), 1)).collect()
    }

    /// The columns of points with these metrics in addition to the documented ones. A selected
    /// column that has the figure of a documented one, in the same unit, is left out.
    pub(super) fn of_points(selected: MetricSet) -> Vec<Self> {
        let is_documented = |column: &Self| {
            let same = |other: &&Self| {
                (other.metric, other.statistic, other.divisor)
                    == (column.metric, column.statistic, column.divisor)
            };
            COLUMNS.iter().find(same).is_some()
        };
        let others = Self::of_metrics(selected).into_iter().filter(|column| !is_documented(column));
        COLUMNS.iter().cloned().chain(others).collect()
    }

    /// Its name: its keys in the documented point, joined by dots, or the name of a selected
    /// metric.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The metric whose figure it has.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// Its unit.
    pub fn unit(&self) -> String {
        match (self.divisor(), self.metric.unit()) {
            (1024, crate::metric::Unit::Bytes) => "KiB".to_owned(),
            (_, unit) => unit.to_string(),
        }
    }

    /// Whether its numbers are counts.
    pub fn is_whole(&self) -> bool {
        self.statistic == Statistic::Growth && self.divisor == 1
    }

    /// Its number in a point; `None` where it was not measured.
    pub fn figure(&self, point: &DataPoint) -> Option<Figure> {
        point.value(self.metric).map(|value| self.of(value))
    }

    /// Its number for this value of the metric.
    pub(super) fn of(&self, value: Value) -> Figure {
        let divisor = f64::from(self.divisor());
        match value {
            Value::Growth(growth) if self.divisor() == 1 => Figure::Whole(growth),
            #[expect(clippy::cast_precision_loss, reason = "documented as floating-point")]
            Value::Growth(growth) => Figure::Real(growth as f64 / divisor),
            Value::Gauge(gauge) => Figure::Real(match self.statistic {
                Statistic::Min => gauge.min / divisor,
                Statistic::Max => gauge.max / divisor,
                Statistic::Ave | Statistic::Growth => gauge.ave / divisor,
            }),
        }
    }

    pub(super) fn statistic(&self) -> Statistic {
        self.statistic
    }

    pub(super) fn divisor(&self) -> u32 {
        self.divisor
    }
}
