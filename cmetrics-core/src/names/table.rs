//! The names of a naming, and the rules of their figures, for certain options.

use std::borrow::Cow;

use super::options::{GaugeFigure, NameOptions, Naming};
use super::row::RowKind;
use super::rule::{Figure, Label, Rule};
use super::subject::Subject;
use super::{heapster, otel, prometheus};
use crate::error::Error;
use crate::metric::{Metric, MetricSet};

/// The names of a naming, and how figures become rows under them.
///
/// ```
/// use cmetrics_core::names::{NameOptions, Names, Naming, Subject};
/// use cmetrics_core::{Input, Pipeline, Settings};
///
/// let dump = br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
///     {"timestamp": "2026-11-21T12:00:00Z", "cpu": {"usage": {"total": 0}}},
///     {"timestamp": "2026-11-21T12:00:10Z", "cpu": {"usage": {"total": 3000000000}}}]}}"#;
/// let mut pipeline = Pipeline::default();
/// pipeline.read(Input::bytes("now.json", dump)).into_result()?;
///
/// let names = Names::new(Naming::Prometheus, NameOptions::default())?;
/// let series = pipeline.series().next().unwrap();
/// let subject = Subject::from(series);
/// let mut maker = names.rows_of(&subject);
/// let mut rows = Vec::new();
/// let mut keep = |row: &cmetrics_core::names::Row<'_>| {
///     if row.name() == "container_cpu_usage_seconds_total" {
///         rows.push((row.time() - 1_795_262_400, row.value().to_string()));
///     }
/// };
/// for point in &series.history(Settings::default()).points {
///     maker.add(point, &mut keep);
/// }
/// maker.finish(&mut keep);
/// // The last row stands at the end of the last interval that has a figure.
/// let expected = [(0, "0"), (5, "1.5"), (10, "3")];
/// assert_eq!(rows, expected.map(|(time, value)| (time, value.to_owned())));
/// # Ok::<(), cmetrics_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Names {
    naming: Naming,
    options: NameOptions,
    entries: Vec<Entry>,
}

/// A name, and the figure of a gauge that it has.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: Cow<'static, str>,
    pub(super) rule: Rule,
    pub(super) gauge: GaugeFigure,
}

impl Names {
    /// The names of a naming.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) where the options do not go together, or
    /// not with these names.
    pub fn new(naming: Naming, options: NameOptions) -> Result<Self, Error> {
        options.check(naming)?;
        let rules = match naming {
            Naming::Prometheus => prometheus::RULES,
            Naming::Heapster => heapster::RULES,
            Naming::OpenTelemetry => &otel::RULES,
        };
        let is_wanted = |rule: &&Rule| rule.figure.metrics().all(|of| options.metrics.contains(of));
        let gauges = options.gauges();
        // All rows of a name stay adjacent, and so do those with the same figure of a gauge.
        let same_name = |one: &Rule, other: &Rule| one.name == other.name;
        let wanted: Vec<&Rule> = rules.iter().filter(is_wanted).collect();
        let families = wanted.chunk_by(|one, other| same_name(one, other));
        let entries = families.flat_map(|family| entries_of(naming, family, &gauges)).collect();
        Ok(Self { naming, options, entries })
    }

    /// Whose names they are.
    pub fn naming(&self) -> Naming {
        self.naming
    }

    /// How figures become rows.
    pub fn options(&self) -> &NameOptions {
        &self.options
    }

    /// Each name with its labels, in the order in which rows of one time stand.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Name<'_>> {
        self.entries.iter().map(|entry| Name { names: self, entry })
    }

    /// The metrics that the rows are made of.
    pub fn metrics(&self) -> MetricSet {
        self.entries.iter().flat_map(|entry| entry.rule.figure.metrics()).collect()
    }

    /// The labels that rows can have, those of containers first, each once.
    pub fn labels(&self) -> Vec<&'static str> {
        let of_containers = match self.naming {
            Naming::Prometheus => prometheus::LABELS,
            Naming::Heapster => heapster::LABELS,
            Naming::OpenTelemetry => otel::LABELS,
        };
        let own = self.entries.iter().flat_map(|entry| entry.rule.labels);
        let mut labels = of_containers.to_vec();
        for (label, _) in own {
            if !labels.contains(label) {
                labels.push(label);
            }
        }
        labels
    }

    /// The labels of a container.
    pub(super) fn labels_of(&self, subject: &Subject<'_>) -> Vec<Label> {
        match self.naming {
            Naming::Prometheus => prometheus::labels(subject),
            Naming::Heapster => heapster::labels(subject),
            Naming::OpenTelemetry => otel::labels(subject),
        }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn is_delta(&self) -> bool {
        self.options.is_delta(self.naming)
    }
}

/// The entries of the rules of one name: for a gauge one for each figure. Prometheus' names tell the
/// figures apart.
fn entries_of(naming: Naming, family: &[&Rule], gauges: &[GaugeFigure]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (index, &gauge) in gauges.iter().enumerate() {
        let is_written = |rule: &Rule| index == 0 || matches!(rule.figure, Figure::Gauge(..));
        for rule in family.iter().copied().filter(|rule| is_written(rule)) {
            let suffix = match (naming, gauge, rule.figure) {
                (Naming::Prometheus, GaugeFigure::Min, Figure::Gauge(..)) => "_min",
                (Naming::Prometheus, GaugeFigure::Max, Figure::Gauge(..)) => "_max",
                _ => "",
            };
            let name = match (rule.prefix, suffix) {
                ("", "") => Cow::Borrowed(rule.name),
                (prefix, suffix) => Cow::Owned([prefix, rule.name, suffix].concat()),
            };
            entries.push(Entry { name, rule: *rule, gauge });
        }
    }
    entries
}

/// A name, and what its rows have.
#[derive(Clone, Copy, Debug)]
pub struct Name<'n> {
    names: &'n Names,
    entry: &'n Entry,
}

impl<'n> Name<'n> {
    /// The name.
    pub fn name(&self) -> &'n str {
        &self.entry.name
    }

    /// The labels of all its rows, besides those of containers.
    pub fn labels(&self) -> &'static [(&'static str, &'static str)] {
        self.entry.rule.labels
    }

    /// What its rows have.
    pub fn kind(&self) -> RowKind {
        self.entry.kind(self.names)
    }

    /// The unit of its values.
    pub fn unit(&self) -> Cow<'static, str> {
        match (self.entry.rule.unit, self.metric()) {
            ("", Some(metric)) => Cow::Owned(metric.unit().to_string()),
            (unit, _) => Cow::Borrowed(unit),
        }
    }

    /// A description of one line.
    pub fn meaning(&self) -> &'static str {
        match (self.entry.rule.meaning, self.metric()) {
            ("", Some(metric)) => metric.description(),
            (meaning, _) => meaning,
        }
    }

    /// The metric that its values are made of, if it is one.
    pub fn metric(&self) -> Option<Metric> {
        self.entry.rule.figure.metrics().next()
    }
}

impl Entry {
    pub(super) fn kind(&self, names: &Names) -> RowKind {
        match self.rule.figure {
            Figure::Sum { .. } if names.is_delta() => RowKind::Delta,
            Figure::Sum { .. } | Figure::Rising(_) => RowKind::Cumulative,
            Figure::Gauge(..) | Figure::Derived(..) | Figure::Told(_) => RowKind::Gauge,
        }
    }
}
