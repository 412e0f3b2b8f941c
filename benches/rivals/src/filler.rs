//! From what a rival found to the sample that cmetrics would make of it.

use cmetrics_core::metric::Section;
use cmetrics_core::{Metric, Sample, Timestamp};

/// The counters of an interface, in the order in which cAdvisor writes them.
pub(crate) const OF_INTERFACE: [Metric; 8] = [
    Metric::NetworkRxBytes,
    Metric::NetworkRxPackets,
    Metric::NetworkRxErrors,
    Metric::NetworkRxDropped,
    Metric::NetworkTxBytes,
    Metric::NetworkTxPackets,
    Metric::NetworkTxErrors,
    Metric::NetworkTxDropped,
];

/// The counters of a device; those after the fourth are not in the documented point.
pub(crate) const OF_DEVICE: [Metric; 10] = [
    Metric::DiskioAsync,
    Metric::DiskioSync,
    Metric::DiskioRead,
    Metric::DiskioWrite,
    Metric::DiskioDiscard,
    Metric::DiskioAsyncOps,
    Metric::DiskioSyncOps,
    Metric::DiskioReadOps,
    Metric::DiskioWriteOps,
    Metric::DiskioDiscardOps,
];

pub(crate) type OfInterface = [Option<u64>; OF_INTERFACE.len()];
pub(crate) type OfDevice = [Option<u64>; OF_DEVICE.len()];

/// What was found in one sample's text.
#[derive(Debug, Default)]
pub(crate) struct Flat<'t> {
    pub(crate) time: &'t str,
    pub(crate) sections: Vec<Section>,
    pub(crate) own: Vec<(Metric, u64)>,
    pub(crate) interfaces: Vec<(&'t str, OfInterface)>,
    pub(crate) devices: Vec<((u64, u64), OfDevice)>,
}

impl<'t> Flat<'t> {
    pub(crate) fn begin(&mut self, time: &'t str) {
        self.time = time;
        self.sections.clear();
        // v1 writes their number only where it is not 0: silence tells it too.
        self.sections.push(Section::OomEvents);
        self.own.clear();
        self.interfaces.clear();
        self.devices.clear();
    }

    pub(crate) fn put(&mut self, metric: Metric, value: Option<u64>) {
        self.own.extend(value.map(|value| (metric, value)));
    }
}

/// Makes samples. One that has the shape of the one before is made in its place, as cmetrics does.
#[derive(Debug)]
pub(crate) struct Filler {
    sample: Option<Sample>,
    shape: Shape,
}

/// All of a sample but its numbers.
#[derive(Debug, Default)]
struct Shape {
    sections: Vec<Section>,
    own: Vec<Metric>,
    interfaces: Vec<(String, [bool; OF_INTERFACE.len()])>,
    devices: Vec<((u64, u64), [bool; OF_DEVICE.len()])>,
}

impl Shape {
    fn of(flat: &Flat<'_>) -> Self {
        Self {
            sections: flat.sections.clone(),
            own: flat.own.iter().map(|(metric, _)| *metric).collect(),
            interfaces: flat
                .interfaces
                .iter()
                .map(|(name, values)| ((*name).to_owned(), values.map(|value| value.is_some())))
                .collect(),
            devices: flat
                .devices
                .iter()
                .map(|(number, values)| (*number, values.map(|value| value.is_some())))
                .collect(),
        }
    }

    fn is_of(&self, flat: &Flat<'_>) -> bool {
        self.sections == flat.sections
            && self.own.iter().eq(flat.own.iter().map(|(metric, _)| metric))
            && self.interfaces.len() == flat.interfaces.len()
            && self.interfaces.iter().zip(&flat.interfaces).all(|(known, (name, values))| {
                known.0 == *name && known.1 == values.map(|value| value.is_some())
            })
            && self.devices.len() == flat.devices.len()
            && self.devices.iter().zip(&flat.devices).all(|(known, (number, values))| {
                known.0 == *number && known.1 == values.map(|value| value.is_some())
            })
    }

    /// Two entries of one name: they cannot be told apart when set in place.
    fn is_ambiguous(&self) -> bool {
        let again = |n: usize| self.devices[..n].iter().any(|known| known.0 == self.devices[n].0);
        let names =
            |n: usize| self.interfaces[..n].iter().any(|known| known.0 == self.interfaces[n].0);
        (0..self.devices.len()).any(again) || (0..self.interfaces.len()).any(names)
    }
}

impl Filler {
    pub(crate) fn new() -> Self {
        Self { sample: None, shape: Shape::default() }
    }

    pub(crate) fn fill(&mut self, flat: &Flat<'_>) -> &Sample {
        let time = Timestamp::parse(flat.time).expect("a timestamp").expect("after the epoch");
        if self.sample.is_none() || !self.shape.is_of(flat) {
            self.shape = Shape::of(flat);
            self.sample = None;
        }
        let ambiguous = !flat.devices.is_empty() && self.shape.is_ambiguous();
        match &mut self.sample {
            Some(sample) if !ambiguous => {
                sample.set_time(time);
                set_in_place(sample, flat);
            }
            sample => *sample = Some(made(time, flat)),
        }
        self.sample.as_ref().expect("set above")
    }
}

fn set_in_place(sample: &mut Sample, flat: &Flat<'_>) {
    for (metric, value) in &flat.own {
        sample.set(*metric, *value);
    }
    for (name, values) in &flat.interfaces {
        let mut entry = sample.interface(name);
        for (metric, value) in OF_INTERFACE.iter().zip(values) {
            if let Some(value) = value {
                entry.set(*metric, *value);
            }
        }
    }
    for (number, values) in &flat.devices {
        let mut entry = sample.device(*number);
        for (metric, value) in OF_DEVICE.iter().zip(values) {
            if let Some(value) = value {
                entry.set(*metric, *value);
            }
        }
    }
}

fn made(time: Timestamp, flat: &Flat<'_>) -> Sample {
    let mut sample = Sample::new(time);
    for section in &flat.sections {
        sample.measured(*section);
    }
    for (metric, value) in &flat.own {
        sample.set(*metric, *value);
    }
    for (name, values) in &flat.interfaces {
        let mut entry = sample.push_interface(name);
        for (metric, value) in OF_INTERFACE.iter().zip(values) {
            if let Some(value) = value {
                entry.set(*metric, *value);
            }
        }
    }
    for (number, values) in &flat.devices {
        let mut entry = sample.push_device(*number);
        for (metric, value) in OF_DEVICE.iter().zip(values) {
            if let Some(value) = value {
                entry.set(*metric, *value);
            }
        }
    }
    sample
}
