//! A receiver that records all calls.

use std::collections::BTreeMap;

use cmetrics_core::parse::{DocumentKind, Footprint, Receiver, Wanted};
use cmetrics_core::{Container, Error, Sample, Timestamp};

use super::event::Event;

/// Which samples a receiver wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WantPolicy {
    Everything,
    /// Some of each answer. The answer depends only on the sample's time, so that readers that ask
    /// more or less often, as they may after damage, get the same answers.
    Mixed,
}

impl WantPolicy {
    pub const ALL: [Self; 2] = [Self::Everything, Self::Mixed];

    fn wants(self, time: Timestamp) -> Wanted {
        if self == Self::Everything {
            return Wanted::Whole;
        }
        match time.nanos().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 61 {
            0 | 1 => Wanted::Nothing,
            // No sample has this length and this end, so it is not taken for a copy.
            2 => Wanted::Copy(Footprint { length: 300, last: 0, next: None }),
            3 => Wanted::Copy(Footprint { length: u32::MAX, last: 0, next: Some(time) }),
            _ => Wanted::Whole,
        }
    }
}

/// What a receiver remembers of a sample: the length and last bytes of its text.
type Text = (u32, u64);

/// Records every call. It answers by its policy or, like a live series, by the samples it has.
pub struct EventLog {
    pub events: Vec<Event>,
    policy: WantPolicy,
    /// The samples of each container; `None` if it does not remember samples.
    known: Option<BTreeMap<String, BTreeMap<Timestamp, Option<Text>>>>,
    container: String,
    jumps: bool,
}

impl EventLog {
    pub fn new(policy: WantPolicy) -> Self {
        Self { events: Vec::new(), policy, known: None, container: String::new(), jumps: false }
    }

    /// A log that remembers samples. `jumps` is whether it lets the parser jump over copies.
    pub fn live(jumps: bool) -> Self {
        let known = Some(BTreeMap::new());
        Self { known, jumps, ..Self::new(WantPolicy::Everything) }
    }

    fn known(&self, time: Timestamp) -> Option<Wanted> {
        let samples = self.known.as_ref()?.get(&self.container)?;
        let text = *samples.get(&time)?;
        let (true, Some((length, last))) = (self.jumps, text) else {
            return Some(Wanted::Nothing);
        };
        let after = (std::ops::Bound::Excluded(time), std::ops::Bound::Unbounded);
        let next = samples.range(after).next().map(|(time, _)| *time);
        Some(Wanted::Copy(Footprint { length, last, next }))
    }
}

impl Receiver for EventLog {
    fn container(&mut self, container: &Container, kind: DocumentKind) {
        self.container.clone_from(&container.path);
        self.events.push(Event::Container(Box::new(container.clone()), kind));
    }

    fn wants(&mut self, time: Timestamp) -> Wanted {
        self.events.push(Event::Wants(time));
        self.known(time).unwrap_or_else(|| self.policy.wants(time))
    }

    fn sample(&mut self, sample: &Sample, text: &[u8]) {
        self.events.push(Event::Sample(Box::new(sample.clone()), text.to_vec()));
        if let Some(known) = &mut self.known {
            let samples = known.entry(self.container.clone()).or_default();
            samples.insert(sample.time(), Footprint::of(text));
        }
    }

    fn never_taken(&mut self) {
        self.events.push(Event::NeverTaken);
    }

    fn faulty(&mut self, error: Error) {
        self.events.push(Event::Faulty(error.into()));
    }

    fn no_containers(&mut self) {
        self.events.push(Event::NoContainers);
    }

    fn error(&mut self, error: Error) {
        self.events.push(Event::Error(error.into()));
    }
}
