//! The documented point as flat columns: what CSV, tables and JSON are written from.

use std::sync::LazyLock;

use super::{DataPoint, Value};
use crate::metric::{Kind, Metric, MetricSet};

/// One number of the documented point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    name: String,
    metric: Metric,
    statistic: Statistic,
    /// How many base units make one unit here.
    divisor: u32,
}

/// Which of a metric's figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Statistic {
    Growth,
    Ave,
    Min,
    Max,
}

/// A number in the documented unit.
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
    /// The columns of the documented point, in its order, `name`, `start` and `end` aside.
    ///
    /// ```
    /// use cmetrics_core::Column;
    ///
    /// let names: Vec<_> = Column::all().iter().map(Column::name).collect();
    /// assert_eq!(names[..3], ["cpu.usage", "cpu.load.ave", "cpu.load.min"]);
    /// ```
    pub fn all() -> &'static [Self] {
        &COLUMNS
    }

    /// The columns of metrics that were asked for, in base units: `memory.working_set.ave` and
    /// the like, in the table's order.
    pub fn of_metrics(metrics: MetricSet) -> Vec<Self> {
        metrics.iter().flat_map(|metric| columns_of(metric, metric.name(), 1)).collect()
    }

    /// The columns of points that carry these metrics beside the documented ones. One that is a
    /// documented one in the same unit is there once, by its documented name.
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

    /// The keys that lead to it in the documented point, or the metric's name; joined by dots.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The metric it shows.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// Its unit.
    pub fn unit(&self) -> String {
        match (self.divisor(), self.metric.unit()) {
            (1024, crate::Unit::Bytes) => "KiB".to_owned(),
            (_, unit) => unit.to_string(),
        }
    }

    /// Whether its numbers are counts.
    pub fn is_whole(&self) -> bool {
        self.statistic == Statistic::Growth && self.divisor == 1
    }

    /// Its number in a point, `None` where it was not measured.
    pub fn figure(&self, point: &DataPoint) -> Option<Figure> {
        point.value(self.metric).map(|value| self.of(value))
    }

    /// Its number where the metric came to this.
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
