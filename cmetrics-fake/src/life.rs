//! One run of a container, from its start to its end.

use std::collections::VecDeque;

use crate::meter::{Meters, Totals};
use crate::sample::{Content, Sample};

/// One run of a container: its counters begin at 0.
#[derive(Debug)]
pub(crate) struct Life {
    /// The beginning of its object in replies of v1.3 and of v2.1.
    pub(crate) heads: [String; 2],
    /// By the machine's clock.
    pub(crate) started: u64,
    pub(crate) ended: Option<u64>,
    pub(crate) meters: Meters,
    /// What it had used in the end.
    pub(crate) last: Totals,
    /// The time between two samples, before jitter.
    pub(crate) period: u64,
    /// What replies may have.
    pub(crate) listed: VecDeque<Sample>,
    /// What they no longer have.
    pub(crate) past: Vec<Sample>,
    pub(crate) counts: Counts,
}

/// What is known of samples that may be forgotten.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) taken: u64,
    pub(crate) served: u64,
    pub(crate) first_served: Option<(u64, Totals)>,
    pub(crate) last_served: Option<(u64, Totals)>,
}

impl Life {
    pub(crate) fn new(heads: [String; 2], started: u64, meters: Meters, period: u64) -> Self {
        Self {
            heads,
            started,
            ended: None,
            meters,
            last: Totals::default(),
            period,
            listed: VecDeque::new(),
            past: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Adds a sample at its place, and drops those that are too old beside it: only now, as
    /// cAdvisor does (`lib/utils/timed_store.go`).
    pub(crate) fn add(&mut self, sample: Sample, storage: u64, keeps: bool) {
        let oldest = sample.at.saturating_sub(storage);
        let place = self.listed.partition_point(|other| other.at <= sample.at);
        self.counts.taken += 1;
        self.listed.insert(place, sample);
        let dropped = self.listed.partition_point(|other| other.at <= oldest);
        if dropped < self.listed.len() {
            self.unlist(dropped, keeps);
        }
    }

    /// Drops the first so many samples from the list.
    fn unlist(&mut self, count: usize, keeps: bool) {
        let dropped = self.listed.drain(..count);
        if keeps {
            self.past.extend(dropped);
        }
    }

    /// Drops the whole list, as when cAdvisor or the container ends.
    pub(crate) fn clear(&mut self, keeps: bool) {
        self.unlist(self.listed.len(), keeps);
    }

    /// Notes that a reply has this sample.
    pub(crate) fn note_served(counts: &mut Counts, sample: &Sample) {
        let Content::Made(totals) = sample.content else { return };
        counts.served += 1;
        let now = (sample.at, totals);
        if counts.first_served.is_none_or(|(at, _)| sample.at < at) {
            counts.first_served = Some(now);
        }
        if counts.last_served.is_none_or(|(at, _)| sample.at > at) {
            counts.last_served = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life_of(times: &[u64]) -> Vec<u64> {
        let mut life = Life::new(Default::default(), 0, Meters::new(1, 1, 0), 1);
        for &at in times {
            let content = Content::Made(Totals::default());
            life.add(Sample { at, reply: None, content }, 120, true);
        }
        assert_eq!(life.listed.len() + life.past.len(), times.len());
        life.listed.iter().map(|sample| sample.at).collect()
    }

    #[test]
    fn old_samples_are_dropped_when_one_is_added_that_is_newer_by_the_storage_duration() {
        assert_eq!(life_of(&[1_000]), [1_000]);
        assert_eq!(life_of(&[1_000, 1_119]), [1_000, 1_119]);
        assert_eq!(life_of(&[1_000, 1_005, 1_120]), [1_005, 1_120]);
        assert_eq!(life_of(&[1_000, 5_000]), [5_000]);
    }

    #[test]
    fn a_sample_out_of_order_is_put_in_its_place() {
        assert_eq!(life_of(&[1_000, 1_010, 1_005, 1_010]), [1_000, 1_005, 1_010, 1_010]);
    }
}
