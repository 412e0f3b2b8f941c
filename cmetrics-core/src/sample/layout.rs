//! Which readings a sample has, and the index of each among its values.

use std::sync::Arc;

use crate::metric::{DeviceList, Metric, MetricSet, Section, SectionSet};

/// What the values of a sample are readings of. Consecutive samples usually share one layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The sections that were measured, including empty ones.
    pub(crate) sections: SectionSet,
    /// The documented sections of which the document says that the container has none, so that no
    /// other document may have readings of them.
    pub(crate) denied: SectionSet,
    /// The container's own readings. Their values come first, in the order of [`Metric::ALL`].
    pub(crate) own: MetricSet,
    /// The container's own metrics whose sum over entries does not fit 64 bits: they have no value.
    pub(crate) too_large: MetricSet,
    /// The interfaces, as listed. Their values come next, one interface after another.
    pub(crate) interfaces: Vec<(Arc<str>, MetricSet)>,
    /// The devices, as listed. Their values come last.
    pub(crate) devices: Vec<(ListedDevice, MetricSet)>,
}

/// An entry of a list of block devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListedDevice {
    /// Major and minor number.
    pub(crate) number: (u64, u64),
    /// The only list that the device belongs to. `None` if its metrics determine the list, or if
    /// it has no metrics and belongs to both lists.
    pub(crate) list: Option<DeviceList>,
}

impl ListedDevice {
    /// Whether the device, which has readings of these metrics, belongs to this list.
    pub(crate) fn is_in(self, list: DeviceList, metrics: MetricSet) -> bool {
        match self.list {
            _ if !metrics.is_empty() => metrics.iter().any(|metric| metric.list() == list),
            Some(only) => only == list,
            None => true,
        }
    }

    /// The same device without its readings, which are of these metrics.
    pub(super) fn without_readings(self, metrics: MetricSet) -> Self {
        let mut lists = DeviceList::ALL.into_iter().filter(|list| self.is_in(*list, metrics));
        let only = lists.next().filter(|_| lists.next().is_none());
        Self { list: only, ..self }
    }
}

impl Layout {
    /// The number of values of a sample of this layout.
    pub(crate) fn len(&self) -> usize {
        self.own.len() + lengths(&self.interfaces) + lengths(&self.devices)
    }

    /// The index of the first value of a device among `total` values.
    pub(super) fn devices_start(&self, total: usize) -> usize {
        total.saturating_sub(lengths(&self.devices))
    }

    /// The metrics of `owner`, and the index of its first value among `total` values. The index of
    /// an interface or device is counted from the end, so it is right while values are still
    /// missing from those before.
    pub(crate) fn owned_by(&self, owner: Owner, total: usize) -> Option<(MetricSet, usize)> {
        match owner {
            Owner::Container => Some((self.own, 0)),
            Owner::Interface(index) => {
                let rest = self.interfaces.get(index..)?;
                Some((rest.first()?.1, self.devices_start(total).checked_sub(lengths(rest))?))
            }
            Owner::Device(index) => {
                let rest = self.devices.get(index..)?;
                Some((rest.first()?.1, total.checked_sub(lengths(rest))?))
            }
        }
    }

    /// The index of an owner's reading of `metric` among `total` values.
    pub(crate) fn index_of(&self, owner: Owner, metric: Metric, total: usize) -> Option<usize> {
        let (metrics, start) = self.owned_by(owner, total)?;
        metrics.contains(metric).then(|| start + metrics.rank(metric))
    }

    /// Adds a reading of `metric`, which `owner` lacks, to a layout of `total` values. Returns the
    /// index at which to insert its value.
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
        self.index_of(owner, metric, total + 1)
    }

    /// Whether `section` was measured.
    pub(crate) fn has(&self, section: Section) -> bool {
        self.sections.contains(section)
    }
}

/// The number of values of all these entries.
fn lengths<T>(entries: &[(T, MetricSet)]) -> usize {
    entries.iter().map(|(_, metrics)| metrics.len()).sum()
}

/// What a reading belongs to: the container, or its interface or device of this index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Container,
    Interface(usize),
    Device(usize),
}
