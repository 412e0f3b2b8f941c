//! The samples of one container that a source has read before.

use std::collections::VecDeque;

use crate::document::Footprint;
use crate::time::Timestamp;

/// What is remembered of samples, in rising time.
///
/// Polls repeat the last minutes in order, so the sample behind the last one that was found is
/// looked at first.
#[derive(Debug, Default)]
pub(super) struct SeenSamples {
    samples: VecDeque<(Timestamp, SeenSample)>,
    hint: usize,
}

/// What is remembered of a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SeenSample {
    /// Length and last bytes of its text; `None` where that is too short.
    text: Option<(u32, u64)>,
    /// Whether only `machinestats`, which tells less, told of it.
    pub(super) from_machine_stats: bool,
}

impl SeenSample {
    pub(super) fn of(text: &[u8], from_machine_stats: bool) -> Self {
        Self { text: Footprint::of(text), from_machine_stats }
    }
}

impl SeenSamples {
    /// What is remembered of the sample of this time, and where.
    pub(super) fn find(&mut self, time: Timestamp) -> Option<(usize, SeenSample)> {
        let at = |index: usize| self.samples.get(index).filter(|(known, _)| *known == time);
        let index = match at(self.hint) {
            Some(_) => self.hint,
            None => self.samples.binary_search_by_key(&time, |(known, _)| *known).ok()?,
        };
        self.hint = index + 1;
        self.samples.get(index).map(|(_, sample)| (index, *sample))
    }

    /// What a copy of the sample at this place looks like.
    pub(super) fn footprint(&self, index: usize) -> Option<Footprint> {
        let (length, last) = self.samples.get(index)?.1.text?;
        let next = self.samples.get(index + 1).map(|(time, _)| *time);
        Some(Footprint { length, last, next })
    }

    /// Remembers a sample. One that is known stays, unless it was told less of.
    pub(super) fn note(&mut self, time: Timestamp, sample: SeenSample) {
        match self.samples.binary_search_by_key(&time, |(known, _)| *known) {
            Ok(index) => {
                if let Some((_, known)) = self.samples.get_mut(index)
                    && known.from_machine_stats
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

    /// Forgets what is older.
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
    fn what_tells_more_takes_the_place_of_what_tells_less() {
        let mut seen = SeenSamples::default();
        let (less, more) =
            (SeenSample::of(b"machinestats", true), SeenSample::of(b"containers", false));
        seen.note(at(10), less);
        seen.note(at(10), more);
        seen.note(at(10), less);
        assert_eq!(seen.find(at(10)), Some((0, more)));
    }
}
