//! Which readings a sample has, and where among its values each of them lies.

use std::sync::Arc;

use crate::metric::{DeviceList, Metric, MetricSet, Section, SectionSet};

/// What a sample's values mean. Samples in succession are alike and share one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The sections that were measured, even where they hold nothing.
    pub(crate) sections: SectionSet,
    /// The container's own readings: the first values, in the table's order.
    pub(crate) own: MetricSet,
    /// Those of which a sum over entries was read that does not fit 64 bits: they have no value.
    pub(crate) too_large: MetricSet,
    /// Its interfaces as they were listed; their values come next, one interface after another.
    pub(crate) interfaces: Vec<(Arc<str>, MetricSet)>,
    /// Its devices as they were listed; their values come last.
    pub(crate) devices: Vec<(Listed, MetricSet)>,
}

/// An entry of a list of block devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Major and minor number.
    pub(crate) number: (u64, u64),
    /// The one list that it stands in. `None` where its metrics tell, and where it has none and
    /// stands in both.
    pub(crate) list: Option<DeviceList>,
}

impl Listed {
    /// Whether it stands in this list, with readings of these metrics.
    pub(crate) fn is_in(self, list: DeviceList, metrics: MetricSet) -> bool {
        match self.list {
            _ if !metrics.is_empty() => metrics.iter().any(|metric| metric.list() == list),
            Some(only) => only == list,
            None => true,
        }
    }

    /// The same without its readings, which are of these metrics.
    pub(super) fn emptied(self, metrics: MetricSet) -> Self {
        let mut lists = DeviceList::ALL.into_iter().filter(|list| self.is_in(*list, metrics));
        let only = lists.next().filter(|_| lists.next().is_none());
        Self { list: only, ..self }
    }
}

impl Layout {
    /// How many values a sample of this layout has.
    pub(crate) fn len(&self) -> usize {
        self.own.len() + lengths(&self.interfaces) + lengths(&self.devices)
    }

    /// Where the values of the devices begin among `total` values.
    pub(super) fn before_devices(&self, total: usize) -> usize {
        total.saturating_sub(lengths(&self.devices))
    }

    /// The metrics that belong to `owner`, and where their values begin among `total` values:
    /// counted from the end, where samples that are being filled grow.
    pub(crate) fn of(&self, owner: Owner, total: usize) -> Option<(MetricSet, usize)> {
        match owner {
            Owner::Container => Some((self.own, 0)),
            Owner::Interface(index) => {
                let rest = self.interfaces.get(index..)?;
                Some((rest.first()?.1, self.before_devices(total).checked_sub(lengths(rest))?))
            }
            Owner::Device(index) => {
                let rest = self.devices.get(index..)?;
                Some((rest.first()?.1, total.checked_sub(lengths(rest))?))
            }
        }
    }

    /// Where the reading of `metric` lies among an owner's values, of `total` values.
    pub(crate) fn place(&self, owner: Owner, metric: Metric, total: usize) -> Option<usize> {
        let (metrics, start) = self.of(owner, total)?;
        metrics.contains(metric).then(|| start + metrics.rank(metric))
    }

    /// Makes room beside `total` values for the reading of `metric`, which `owner` has not.
    pub(super) fn insert(&mut self, owner: Owner, metric: Metric, total: usize) -> Option<usize> {
        let metrics = match owner {
            Owner::Container => {
                self.too_large.remove(metric);
                &mut self.own
            }
            Owner::Interface(index) => &mut self.interfaces.get_mut(index)?.1,
            Owner::Device(index) => {
                let (listed, metrics) = self.devices.get_mut(index)?;
                listed.list = None;
                metrics
            }
        };
        metrics.insert(metric);
        self.sections.insert(metric.section());
        self.place(owner, metric, total + 1)
    }

    pub(crate) fn has(&self, section: Section) -> bool {
        self.sections.contains(section)
    }
}

/// How many values all of these have.
fn lengths<T>(entries: &[(T, MetricSet)]) -> usize {
    entries.iter().map(|(_, metrics)| metrics.len()).sum()
}

/// Whose readings: the container's, or those of its interface or device of this index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Container,
    Interface(usize),
    Device(usize),
}
