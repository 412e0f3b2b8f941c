//! A row of a naming's table: a name, and the figure that it has.

use std::borrow::Cow;

use super::number::Number;
use super::options::NameOptions;
use super::subject::Subject;
use crate::metric::Metric;
use crate::point::DataPoint;

/// A label: its name and its value.
pub(super) type Label = (&'static str, Cow<'static, str>);

/// A name, and the figure that it has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    /// What stands before it.
    pub(super) prefix: &'static str,
    /// Labels of all its rows.
    pub(super) labels: &'static [(&'static str, &'static str)],
    /// Empty for the unit of the metric.
    pub(super) unit: &'static str,
    /// Empty for the description of the metric.
    pub(super) meaning: &'static str,
    pub(super) figure: Figure,
}

/// Which figure a rule has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Figure {
    /// The growth of a counter, added up, with so many digits behind the point.
    Sum { of: Metric, less: Option<Metric>, digits: u32 },
    /// A figure of a gauge.
    Gauge(Metric, Form),
    /// What follows from a point.
    Derived(Metric, fn(&DataPoint, &Subject<'_>, &NameOptions) -> Option<Number>),
    /// What documents tell, at a second.
    Told(fn(&Subject<'_>, &NameOptions, u64) -> Option<Number>),
    /// The same, for what rises with time.
    Rising(fn(&Subject<'_>, &NameOptions, u64) -> Option<Number>),
}

/// How the figure of a gauge is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// In base units.
    Base,
    /// In the unit that collectors have.
    OfReadings,
    /// In base units, rounded to whole ones.
    Rounded,
    /// In the unit that collectors have, rounded to whole ones.
    RoundedOfReadings,
    /// In millions of base units.
    Millions,
}

impl Figure {
    /// The metrics that it is made of.
    pub(super) fn metrics(self) -> impl Iterator<Item = Metric> {
        let (first, second) = match self {
            Self::Sum { of, less, .. } => (Some(of), less),
            Self::Gauge(of, _) | Self::Derived(of, _) => (Some(of), None),
            Self::Told(_) | Self::Rising(_) => (None, None),
        };
        first.into_iter().chain(second)
    }
}

impl Rule {
    pub(super) const fn new(name: &'static str, unit: &'static str, figure: Figure) -> Self {
        Self { name, prefix: "", labels: &[], unit, meaning: "", figure }
    }

    /// The growth of a counter, added up.
    pub(super) const fn sum(name: &'static str, of: Metric) -> Self {
        Self::new(name, "", Figure::Sum { of, less: None, digits: 0 })
    }

    /// The growth of a counter, added up, in seconds: 10 to the power of `digits` make one.
    pub(super) const fn seconds(name: &'static str, of: Metric, digits: u32) -> Self {
        Self::new(name, "s", Figure::Sum { of, less: None, digits })
    }

    /// A figure of a gauge.
    pub(super) const fn gauge(name: &'static str, of: Metric, form: Form) -> Self {
        Self::new(name, "", Figure::Gauge(of, form))
    }

    /// The same rule with labels.
    pub(super) const fn labelled(self, labels: &'static [(&'static str, &'static str)]) -> Self {
        Self { labels, ..self }
    }

    /// The same rule with a unit and a meaning of its own.
    pub(super) const fn told(self, unit: &'static str, meaning: &'static str) -> Self {
        Self { unit, meaning, ..self }
    }
}
