//! Samples that are made one after another. Mostly the calls that make one are those that made the
//! one before: then its layout is used again, and only the values are written.

use std::sync::Arc;

use super::layout::{ListedDevice, Owner};
use super::{Entry, Sample};
use crate::metric::{DeviceList, Metric, Section};
use crate::time::Timestamp;

/// A sample that is being made, and how the one before was made.
#[derive(Debug)]
pub(crate) struct Draft {
    sample: Sample,
    steps: Vec<Step>,
    /// How many steps were the same as for the last sample. `None` once one was not.
    repeated: Option<usize>,
    /// How many interfaces and devices there are.
    interfaces: usize,
    devices: usize,
}

/// One call.
#[derive(Clone, Debug)]
enum Step {
    /// Sets a reading, whose value has this index.
    Set {
        owner: Owner,
        metric: Metric,
        index: usize,
    },
    Interface(Arc<str>),
    Device(ListedDevice),
    Measured(Section),
}

/// An interface or device of a draft, for setting its readings.
#[derive(Debug)]
pub(crate) struct DraftEntry<'d> {
    draft: &'d mut Draft,
    owner: Owner,
}

impl Default for Draft {
    fn default() -> Self {
        let sample = Sample::new(Timestamp::MIN);
        Self { sample, steps: Vec::new(), repeated: None, interfaces: 0, devices: 0 }
    }
}

impl Draft {
    /// Begins a sample.
    pub(crate) fn begin(&mut self, time: Timestamp) -> &mut Self {
        self.sample.time = time;
        self.repeated = Some(0);
        (self.interfaces, self.devices) = (0, 0);
        self
    }

    /// Sets a reading of the container, as [`Sample::set`] does.
    #[inline]
    pub(crate) fn set(&mut self, metric: Metric, value: u64) {
        self.put(Owner::Container, metric, value);
    }

    /// Marks `section` as measured, as [`Sample::measured`] does.
    pub(crate) fn measured(&mut self, section: Section) {
        if !self.repeats(|step| matches!(step, Step::Measured(known) if *known == section)) {
            self.sample.measured(section);
            self.steps.push(Step::Measured(section));
        }
    }

    /// Adds an interface, as [`Sample::push_interface`] does.
    pub(crate) fn push_interface(&mut self, name: &str) -> DraftEntry<'_> {
        if !self.repeats(|step| matches!(step, Step::Interface(known) if **known == *name)) {
            self.sample.push_interface(name);
            self.steps.push(Step::Interface(name.into()));
        }
        self.interfaces += 1;
        DraftEntry { owner: Owner::Interface(self.interfaces - 1), draft: self }
    }

    /// Adds a device, as [`Sample::push_device`] does; with a list, one that belongs to it only.
    pub(crate) fn push_device(
        &mut self,
        number: (u64, u64),
        list: Option<DeviceList>,
    ) -> DraftEntry<'_> {
        let listed = ListedDevice { number, list };
        if !self.repeats(|step| matches!(step, Step::Device(known) if *known == listed)) {
            self.sample.push_listed_device(listed);
            self.steps.push(Step::Device(listed));
        }
        self.devices += 1;
        DraftEntry { owner: Owner::Device(self.devices - 1), draft: self }
    }

    /// The sample, which is ready.
    pub(crate) fn finish(&mut self) -> &Sample {
        if self.repeated.is_some_and(|repeated| repeated < self.steps.len()) {
            self.leave();
        }
        if self.repeated.is_none() {
            let Self { sample, steps, .. } = self;
            let total = sample.values.len();
            for step in steps {
                if let Step::Set { owner, metric, index } = step {
                    *index = sample.layout.index_of(*owner, *metric, total).unwrap_or(usize::MAX);
                }
            }
        }
        &self.sample
    }

    #[inline]
    fn put(&mut self, owner: Owner, metric: Metric, value: u64) {
        if let Some(at) = self.repeated
            && let Some(Step::Set { owner: known, metric: same, index }) = self.steps.get(at)
            && (*known, *same) == (owner, metric)
            && let Some(slot) = self.sample.values.get_mut(*index)
        {
            *slot = value;
            self.repeated = Some(at + 1);
            return;
        }
        self.leave();
        set(&mut self.sample, owner, metric, value);
        self.steps.push(Step::Set { owner, metric, index: usize::MAX });
    }

    /// Whether the next step is again such a one. If not, the sample is made anew from here on.
    fn repeats(&mut self, is_it: impl FnOnce(&Step) -> bool) -> bool {
        if let Some(at) = self.repeated
            && self.steps.get(at).is_some_and(is_it)
        {
            self.repeated = Some(at + 1);
            return true;
        }
        self.leave();
        false
    }

    /// Takes only those steps from the last sample that were repeated.
    #[cold]
    fn leave(&mut self) {
        let Some(repeated) = self.repeated.take() else { return };
        self.steps.truncate(repeated);
        let begun = Sample::new(self.sample.time);
        let last = std::mem::replace(&mut self.sample, begun);
        for step in &self.steps {
            match step {
                Step::Set { owner, metric, index } => {
                    let value = last.values.get(*index).copied().unwrap_or_default();
                    set(&mut self.sample, *owner, *metric, value);
                }
                Step::Interface(name) => drop(self.sample.push_interface(name)),
                Step::Device(listed) => drop(self.sample.push_listed_device(*listed)),
                Step::Measured(section) => self.sample.measured(*section),
            }
        }
    }
}

fn set(sample: &mut Sample, owner: Owner, metric: Metric, value: u64) {
    match owner {
        Owner::Container => sample.set(metric, value),
        Owner::Interface(_) | Owner::Device(_) => Entry { sample, owner }.set(metric, value),
    }
}

impl DraftEntry<'_> {
    /// Sets a reading of it, as [`Entry::set`] does.
    #[inline]
    pub(crate) fn set(&mut self, metric: Metric, value: u64) {
        self.draft.put(self.owner, metric, value);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is told of a sample: readings of the container; of interfaces; of devices.
    #[derive(Clone, Debug)]
    struct Told {
        own: Vec<(Metric, u64)>,
        interfaces: Vec<(&'static str, Vec<(Metric, u64)>)>,
        devices: Vec<(ListedDevice, Vec<(Metric, u64)>)>,
        measured: bool,
    }

    fn readings(of: &'static [Metric]) -> impl Strategy<Value = Vec<(Metric, u64)>> {
        prop::collection::vec((prop::sample::select(of), 0..3u64), 0..3)
    }

    fn told() -> impl Strategy<Value = Told> {
        const OWN: &[Metric] = &[Metric::CpuUsage, Metric::MemoryUsage, Metric::MemoryRss];
        const NETWORK: &[Metric] = &[Metric::NetworkRxBytes, Metric::NetworkTxBytes];
        const DISKS: &[Metric] = &[Metric::DiskioRead, Metric::DiskioReadOps];
        let interface = (prop::sample::select(&["", "eth0"][..]), readings(NETWORK));
        let lists = [None, Some(DeviceList::Bytes), Some(DeviceList::Operations)];
        let listed = ((0..2u64, 0..2u64), prop::sample::select(lists.to_vec()))
            .prop_map(|(number, list)| ListedDevice { number, list });
        let device = (listed, readings(DISKS));
        (
            readings(OWN),
            prop::collection::vec(interface, 0..3),
            prop::collection::vec(device, 0..3),
            any::<bool>(),
        )
            .prop_map(|(own, interfaces, devices, measured)| Told {
                own,
                interfaces,
                devices,
                measured,
            })
    }

    fn plainly(told: &Told, time: Timestamp) -> Sample {
        let mut sample = Sample::new(time);
        for (metric, value) in &told.own {
            sample.set(*metric, *value);
        }
        for (name, readings) in &told.interfaces {
            let mut entry = sample.push_interface(name);
            for (metric, value) in readings {
                entry.set(*metric, *value);
            }
        }
        if told.measured {
            sample.measured(Section::Diskio);
        }
        for (listed, readings) in &told.devices {
            let mut entry = sample.push_listed_device(*listed);
            for (metric, value) in readings {
                entry.set(*metric, *value);
            }
        }
        sample
    }

    fn drafted<'d>(draft: &'d mut Draft, told: &Told, time: Timestamp) -> &'d Sample {
        draft.begin(time);
        for (metric, value) in &told.own {
            draft.set(*metric, *value);
        }
        for (name, readings) in &told.interfaces {
            let mut entry = draft.push_interface(name);
            for (metric, value) in readings {
                entry.set(*metric, *value);
            }
        }
        if told.measured {
            draft.measured(Section::Diskio);
        }
        for (listed, readings) in &told.devices {
            let mut entry = draft.push_device(listed.number, listed.list);
            for (metric, value) in readings {
                entry.set(*metric, *value);
            }
        }
        draft.finish()
    }

    proptest! {
        #[test]
        fn a_draft_is_the_sample_that_the_same_calls_make(
            samples in prop::collection::vec((told(), 1..3usize), 1..8),
        ) {
            let mut draft = Draft::default();
            let times = (1..).map(|nanos| Timestamp::from_nanos(nanos).unwrap());
            let all = samples.iter().flat_map(|(told, count)| std::iter::repeat_n(told, *count));
            for (told, time) in all.zip(times) {
                let expected = plainly(told, time);
                prop_assert_eq!(drafted(&mut draft, told, time), &expected);
            }
        }
    }

    #[test]
    fn a_sample_that_is_made_like_the_last_one_shares_its_layout() {
        let mut draft = Draft::default();
        let time = Timestamp::from_nanos(1).unwrap();
        let readings = vec![(Metric::NetworkRxBytes, 5)];
        let told = Told {
            own: vec![(Metric::CpuUsage, 1)],
            interfaces: vec![("eth0", readings)],
            devices: Vec::new(),
            measured: true,
        };
        let first = Arc::clone(drafted(&mut draft, &told, time).layout());
        assert!(Arc::ptr_eq(&first, drafted(&mut draft, &told, time).layout()));
    }
}
