//! By how much a machine's clock differs from ours.

use std::collections::VecDeque;

/// The last measurements of a clock's offset.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offset {
    /// In nanoseconds, in the order in which they were made.
    measured: VecDeque<i64>,
}

const MOST_MEASURED: usize = 31;

impl Offset {
    /// Adds a measurement: the machine's time less ours, in nanoseconds.
    pub(crate) fn add(&mut self, nanos: i64) {
        if self.measured.len() == MOST_MEASURED {
            self.measured.pop_front();
        }
        self.measured.push_back(nanos);
    }

    /// Forgets all, since the clock was set.
    pub(crate) fn clear(&mut self) {
        self.measured.clear();
    }

    /// The median, in seconds.
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds of so many years do not matter")]
    pub(crate) fn median_seconds(&self) -> Option<f64> {
        let mut sorted: Vec<_> = self.measured.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).map(|nanos| *nanos as f64 / 1e9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_answer_does_not_move_the_offset() {
        let mut offset = Offset::default();
        assert_eq!(offset.median_seconds(), None);
        for nanos in [-1_000_000_000, -1_500_000_000, -60_000_000_000, -500_000_000, -1_200_000_000]
        {
            offset.add(nanos);
        }
        assert_eq!(offset.median_seconds(), Some(-1.2));
        for _ in 0..MOST_MEASURED {
            offset.add(7_000_000_000);
        }
        assert_eq!(offset.median_seconds(), Some(7.0));
    }
}
