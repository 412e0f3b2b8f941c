//! The samples of one container that a source has read before.

use std::collections::VecDeque;

use crate::footprint::Footprint;
use crate::time::Timestamp;

/// The samples that a source has read, in rising time.
///
/// Polls repeat the last minutes in order, so the sample behind the last one that was found is
/// tried first.
#[derive(Debug, Default)]
pub(super) struct SeenSamples {
    samples: VecDeque<(Timestamp, SeenSample)>,
    hint: usize,
}

/// What is remembered of a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SeenSample {
    /// Length and last bytes of its text; `None` if the text is too short.
    text: Option<(u32, u64)>,
    /// Whether it was only in `machinestats`, which contains less.
    pub(super) is_partial: bool,
}

impl SeenSample {
    pub(super) fn of(text: &[u8], is_partial: bool) -> Self {
        Self { text: Footprint::of(text), is_partial }
    }
}

impl SeenSamples {
    /// The sample of this time, and its index.
    pub(super) fn find(&mut self, time: Timestamp) -> Option<(usize, SeenSample)> {
        let at = |index: usize| self.samples.get(index).filter(|(known, _)| *known == time);
        let index = match at(self.hint) {
            Some(_) => self.hint,
            None => self.samples.binary_search_by_key(&time, |(known, _)| *known).ok()?,
        };
        self.hint = index + 1;
        self.samples.get(index).map(|(_, sample)| (index, *sample))
    }

    /// What a copy of the sample at this index looks like.
    pub(super) fn footprint(&self, index: usize) -> Option<Footprint> {
        let (length, last) = self.samples.get(index)?.1.text?;
        let next = self.samples.get(index + 1).map(|(time, _)| *time);
        Some(Footprint { length, last, next })
    }

    /// Remembers a sample. A known one stays, unless it was only in `machinestats`.
    pub(super) fn note(&mut self, time: Timestamp, sample: SeenSample) {
        match self.samples.binary_search_by_key(&time, |(known, _)| *known) {
            Ok(index) => {
                if let Some((_, known)) = self.samples.get_mut(index)
                    && known.is_partial
                {
                    *known = sample;
                }
            }
            Err(index) => {
                self.samples.insert(index, (time, sample));
                self.hint = index + 1;
            }
        }
    }

    /// Forgets older samples.
    pub(super) fn forget_before(&mut self, time: Timestamp) {
        let old = self.samples.partition_point(|(known, _)| *known < time);
        self.samples.drain(..old);
        self.hint = self.hint.saturating_sub(old);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> Timestamp {
        Timestamp::from_nanos(nanos).unwrap()
    }

    #[test]
    fn samples_are_found_with_what_follows_them_whatever_order_they_came_in() {
        let mut seen = SeenSamples::default();
        let text = |nanos: u64| format!("{{\"time\": {nanos}}}").into_bytes();
        for nanos in [50, 10, 30, 20, 40] {
            seen.note(at(nanos), SeenSample::of(&text(nanos), false));
        }
        for nanos in [10, 20, 30, 40, 50, 20, 30] {
            let (index, _) = seen.find(at(nanos)).unwrap();
            let (length, last) = Footprint::of(&text(nanos)).unwrap();
            let next = Timestamp::from_nanos(nanos + 10).filter(|next| next.nanos() <= 50);
            assert_eq!(seen.footprint(index), Some(Footprint { length, last, next }));
        }
        assert_eq!(seen.find(at(25)), None);
        seen.forget_before(at(30));
        assert_eq!(seen.find(at(20)), None);
        assert!(seen.find(at(30)).is_some() && seen.find(at(40)).is_some());
    }

    #[test]
    fn a_whole_sample_replaces_one_from_machine_stats() {
        let mut seen = SeenSamples::default();
        let (partial, whole) =
            (SeenSample::of(b"machinestats", true), SeenSample::of(b"containers", false));
        seen.note(at(10), partial);
        seen.note(at(10), whole);
        seen.note(at(10), partial);
        assert_eq!(seen.find(at(10)), Some((0, whole)));
    }
}
