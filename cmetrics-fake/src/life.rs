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
    served: Span,
    /// What the last reply had, and which it is: it may not be sent as a whole.
    last_reply: Option<(u32, Span)>,
}

/// Samples that were served.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    pub(crate) samples: u64,
    pub(crate) first: Option<(u64, Totals)>,
    pub(crate) last: Option<(u64, Totals)>,
}

impl Span {
    fn add(&mut self, other: &Self) {
        self.samples += other.samples;
        let ends = [(&mut self.first, other.first, true), (&mut self.last, other.last, false)];
        for (own, other, is_first) in ends {
            let Some((at, totals)) = other else { continue };
            if own.is_none_or(|(known, _)| if is_first { at < known } else { at > known }) {
                *own = Some((at, totals));
            }
        }
    }
}

impl Counts {
    /// Notes that a reply has this sample.
    pub(crate) fn note(&mut self, reply: u32, sample: &Sample, is_whole: impl Fn(u32) -> bool) {
        let Content::Made(totals) = sample.content else { return };
        let now = Some((sample.at, totals));
        let one = Span { samples: 1, first: now, last: now };
        match &mut self.last_reply {
            Some((last, span)) if *last == reply => span.add(&one),
            _ => {
                self.served = self.served(is_whole);
                self.last_reply = Some((reply, one));
            }
        }
    }

    /// What replies had that were sent as a whole.
    pub(crate) fn served(&self, is_whole: impl Fn(u32) -> bool) -> Span {
        let mut served = self.served;
        if let Some((_, span)) = self.last_reply.filter(|(reply, _)| is_whole(*reply)) {
            served.add(&span);
        }
        served
    }
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
