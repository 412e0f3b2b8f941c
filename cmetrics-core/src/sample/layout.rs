//! Which readings a sample has, and where among its values each of them lies.

use std::sync::Arc;

use crate::metric::{Metric, MetricSet, Section, SectionSet};

/// What a sample's values mean. Samples in succession are alike and share one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The sections that were measured, even where they hold nothing.
    pub(crate) sections: SectionSet,
    /// The container's own readings: the first values, in the table's order.
    pub(crate) own: MetricSet,
    /// Its interfaces as they were listed; their values come next, one interface after another.
    pub(crate) interfaces: Vec<(Arc<str>, MetricSet)>,
    /// Its devices by major and minor number; their values come last.
    pub(crate) devices: Vec<((u64, u64), MetricSet)>,
}

impl Layout {
    /// How many values a sample of this layout has.
    pub(crate) fn len(&self) -> usize {
        self.after_interfaces(self.interfaces.len())
            + self.devices.iter().map(|(_, metrics)| metrics.len()).sum::<usize>()
    }

    /// Where the values of the interface of this index begin.
    fn after_interfaces(&self, index: usize) -> usize {
        let before = self.interfaces.iter().take(index);
        self.own.len() + before.map(|(_, metrics)| metrics.len()).sum::<usize>()
    }

    /// Where the values of the device of this index begin.
    fn after_devices(&self, index: usize) -> usize {
        let before = self.devices.iter().take(index);
        self.after_interfaces(self.interfaces.len())
            + before.map(|(_, metrics)| metrics.len()).sum::<usize>()
    }

    /// The metrics that belong to `owner`, and where their values begin.
    pub(crate) fn of(&self, owner: Owner) -> Option<(MetricSet, usize)> {
        match owner {
            Owner::Container => Some((self.own, 0)),
            Owner::Interface(index) => {
                Some((self.interfaces.get(index)?.1, self.after_interfaces(index)))
            }
            Owner::Device(index) => Some((self.devices.get(index)?.1, self.after_devices(index))),
        }
    }

    /// Where the reading of `metric` lies among an owner's values.
    pub(crate) fn place(&self, owner: Owner, metric: Metric) -> Option<usize> {
        let (metrics, start) = self.of(owner)?;
        metrics.contains(metric).then(|| start + metrics.rank(metric))
    }

    /// Makes room for the reading of `metric`, which `owner` has not.
    pub(super) fn insert(&mut self, owner: Owner, metric: Metric) -> Option<usize> {
        let metrics = match owner {
            Owner::Container => &mut self.own,
            Owner::Interface(index) => &mut self.interfaces.get_mut(index)?.1,
            Owner::Device(index) => &mut self.devices.get_mut(index)?.1,
        };
        metrics.insert(metric);
        self.sections.insert(metric.section());
        self.place(owner, metric)
    }

    pub(crate) fn has(&self, section: Section) -> bool {
        self.sections.contains(section)
    }
}

/// Whose readings: the container's, or those of its interface or device of this index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Container,
    Interface(usize),
    Device(usize),
}
