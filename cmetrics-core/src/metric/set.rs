use std::fmt;
use std::ops::BitOr;

use super::{Kind, Metric, Section};
use crate::similar::{likeness, most_alike};

/// A set of metrics, in the order of the table.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct MetricSet(u128);

impl MetricSet {
    /// The metrics of the documented point.
    pub fn documented() -> Self {
        Metric::ALL.iter().copied().filter(|metric| metric.info().documented.is_some()).collect()
    }

    /// Every metric.
    pub fn all() -> Self {
        Metric::ALL.iter().copied().collect()
    }

    /// The metrics that these words name. A word is a metric's name, a group such as `memory.*`, or
    /// `all`.
    ///
    /// ```
    /// use cmetrics_core::{Metric, MetricSet};
    ///
    /// let set = MetricSet::named(&["gpu.*", "memory.working_set"]).unwrap();
    /// assert_eq!(set.len(), 3);
    /// assert!(set.contains(Metric::GpuMemoryUsed));
    /// let unknown = MetricSet::named(&["memory.workingset"]).unwrap_err();
    /// assert_eq!(unknown.near()[0], "memory.working_set");
    /// ```
    ///
    /// # Errors
    /// [`UnknownMetric`] for the first word that names no metric.
    pub fn named(words: &[impl AsRef<str>]) -> Result<Self, UnknownMetric> {
        let mut set = Self::default();
        for word in words {
            set = set.union(Self::named_by_word(word.as_ref())?);
        }
        Ok(set)
    }

    fn named_by_word(word: &str) -> Result<Self, UnknownMetric> {
        if word == "all" {
            return Ok(Self::all());
        }
        let named: Self = match word.strip_suffix('*').filter(|group| group.ends_with('.')) {
            Some(group) => Metric::ALL
                .iter()
                .copied()
                .filter(|metric| metric.name().starts_with(group))
                .collect(),
            None => [word.parse()?].into_iter().collect(),
        };
        if named.is_empty() { Err(UnknownMetric::new(word)) } else { Ok(named) }
    }

    /// Every counter, or every gauge.
    pub(crate) const fn of_kind(kind: Kind) -> Self {
        let mut set = Self(0);
        let mut index = 0;
        while index < Metric::ALL.len() {
            #[expect(clippy::indexing_slicing, reason = "below the length")]
            let metric = Metric::ALL[index];
            if metric.info().kind as u8 == kind as u8 {
                set.insert(metric);
            }
            index += 1;
        }
        set
    }

    /// Those of its metrics that a section has.
    pub(crate) fn of_section(self, section: Section) -> Self {
        const ALL: [MetricSet; Section::ALL.len()] = MetricSet::by_section();
        ALL.get(section as usize).map_or(Self::default(), |all| self.intersection(*all))
    }

    const fn by_section() -> [Self; Section::ALL.len()] {
        let mut all = [Self(0); Section::ALL.len()];
        let mut index = 0;
        #[expect(clippy::indexing_slicing, reason = "below the lengths")]
        while index < Metric::ALL.len() {
            let metric = Metric::ALL[index];
            all[metric.info().section as usize].insert(metric);
            index += 1;
        }
        all
    }

    /// The metrics that are in both sets.
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Removes `metric`.
    pub(crate) const fn remove(&mut self, metric: Metric) {
        self.0 &= !metric.bit();
    }

    /// The metrics that are in either set; `|` is the same.
    ///
    /// ```
    /// use cmetrics_core::{Metric, MetricSet};
    ///
    /// let memory = MetricSet::named(&["memory.*"]).unwrap();
    /// let more = MetricSet::from_iter([Metric::CpuUsage, Metric::MemoryUsage]);
    /// assert_eq!(memory.union(more), memory | Metric::CpuUsage.into());
    /// assert_eq!(memory.intersection(more).iter().next(), Some(Metric::MemoryUsage));
    /// assert_eq!(format!("{more:?}"), r#"{"cpu.usage", "memory.usage"}"#);
    /// ```
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The metrics that are in this set only.
    pub(crate) const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The metrics for which `keep` returns true.
    pub(crate) fn filter(self, keep: impl Fn(Metric) -> bool) -> Self {
        self.iter().filter(|&metric| keep(metric)).collect()
    }

    /// Whether the set contains `metric`.
    pub const fn contains(self, metric: Metric) -> bool {
        self.0 & metric.bit() != 0
    }

    /// Adds `metric`.
    pub const fn insert(&mut self, metric: Metric) {
        self.0 |= metric.bit();
    }

    /// The number of metrics in the set.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The set as a bit mask: bit `n` stands for the metric at index `n` of the table.
    pub(crate) const fn to_bits(self) -> u128 {
        self.0
    }

    /// The set of a bit mask. A mask that was made with another program's table may have bits that
    /// stand for no metric here.
    pub(crate) const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// The indices of its metrics in the table, those included that stand for no metric here.
    pub(crate) fn indices(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let index = (rest != 0).then_some(rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(index)
        })
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The number of metrics in the set that come before `metric` in the table.
    pub const fn rank(self, metric: Metric) -> usize {
        (self.0 & (metric.bit() - 1)).count_ones() as usize
    }

    /// The metrics in the set, in the table's order.
    pub fn iter(self) -> impl Iterator<Item = Metric> + Clone {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let metric = Metric::ALL.get(rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(*metric)
        })
    }
}

impl FromIterator<Metric> for MetricSet {
    fn from_iter<I: IntoIterator<Item = Metric>>(metrics: I) -> Self {
        let mut set = Self::default();
        set.extend(metrics);
        set
    }
}

impl Extend<Metric> for MetricSet {
    fn extend<I: IntoIterator<Item = Metric>>(&mut self, metrics: I) {
        metrics.into_iter().for_each(|metric| self.insert(metric));
    }
}

impl From<Metric> for MetricSet {
    fn from(metric: Metric) -> Self {
        Self(metric.bit())
    }
}

impl BitOr for MetricSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.union(other)
    }
}

impl fmt::Debug for MetricSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Metric::name)).finish()
    }
}

/// The error for a name that no metric or group of metrics has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMetric {
    name: String,
    near: Vec<&'static str>,
}

impl UnknownMetric {
    #[cold]
    pub(super) fn new(name: &str) -> Self {
        const MOST: usize = 3;
        const LEAST_LIKENESS: f64 = 0.8;
        let all = Metric::ALL.iter().map(|metric| (likeness(metric.name(), name), metric.name()));
        // Every name contains the empty one.
        let near = if name.is_empty() { vec![] } else { most_alike(all, LEAST_LIKENESS, MOST) };
        Self { name: name.to_owned(), near }
    }

    /// The name that no metric has.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of metrics that are most like it.
    pub fn near(&self) -> &[&'static str] {
        &self.near
    }
}

impl fmt::Display for UnknownMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no metric is called {:?}", self.name)?;
        if self.near.is_empty() {
            Ok(())
        } else {
            write!(f, "; near matches: {}", self.near.join(", "))
        }
    }
}

impl std::error::Error for UnknownMetric {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_has_as_many_before_it_as_come_before_it_in_the_order_of_the_set() {
        let set: MetricSet =
            [Metric::NetworkRxBytes, Metric::CpuUsage, Metric::DiskioWrite].into_iter().collect();
        assert_eq!(set.len(), 3);
        for (rank, metric) in set.iter().enumerate() {
            assert_eq!(set.rank(metric), rank);
        }
        assert!(!set.contains(Metric::MemoryUsage));
    }
}
