//! What contenders have to agree on.

use cmetrics_core::parse::{DocumentKind, Receiver, Wanted};
use cmetrics_core::{Container, Error, Sample, Timestamp};

/// How many samples there were, and the sum of all that they say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) samples: u64,
    readings: u64,
    sum: u64,
    pub(crate) errors: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, sample: &Sample) {
        self.samples += 1;
        self.sum = self.sum.wrapping_add(sample.time().nanos());
        let own = sample.readings();
        let interfaces = sample.interfaces().map(|interface| interface.readings);
        let devices = sample.devices().map(|device| device.readings);
        for readings in std::iter::once(own).chain(interfaces).chain(devices) {
            for (metric, value) in readings.iter() {
                self.readings += 1;
                self.sum = self.sum.wrapping_add(value.wrapping_mul(metric as u64 + 1));
            }
        }
    }
}

#[cfg(simdjson)]
impl Tally {
    /// Adds what was added up elsewhere.
    pub(crate) fn add_sums(&mut self, samples: u64, readings: u64, sum: u64) {
        self.samples += samples;
        self.readings += readings;
        self.sum = self.sum.wrapping_add(sum);
    }
}

impl Receiver for Tally {
    fn container(&mut self, _: &Container, _: DocumentKind) {}

    fn wants(&mut self, _: Timestamp) -> Wanted {
        Wanted::Whole
    }

    fn sample(&mut self, sample: &Sample, _: &[u8]) {
        self.add(sample);
    }

    fn error(&mut self, _: Error) {
        self.errors += 1;
    }
}
