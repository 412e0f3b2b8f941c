//! The numbers of consecutive rows, as whoever reads them has them.

use super::{MICROS_PER_SECOND, micros};
use crate::time::Interval;

/// The numbers of consecutive rows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Numbers<'n> {
    /// The same number in each row.
    Constant(u64),
    Varying(&'n [u64]),
}

/// The intervals of consecutive rows. All must fit 64 bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Starts<'s> {
    /// In intervals since the epoch, rising.
    pub(crate) numbers: &'s [u64],
    /// The width of the intervals, at least 1.
    pub(crate) seconds: u64,
}

impl Numbers<'_> {
    /// The number in a row.
    #[inline]
    pub(crate) fn get(self, index: usize) -> u64 {
        match self {
            Self::Constant(number) => number,
            Self::Varying(numbers) => numbers.get(index).copied().unwrap_or(0),
        }
    }

    /// Whether all are such numbers.
    pub(crate) fn all(self, mut is_such: impl FnMut(u64) -> bool) -> bool {
        match self {
            Self::Constant(number) => is_such(number),
            // Without an early exit, so that the loop is vectorised.
            Self::Varying(numbers) => {
                numbers.iter().fold(true, |all, number| all & is_such(*number))
            }
        }
    }
}

impl Starts<'_> {
    /// The intervals of the rows.
    #[inline]
    pub(crate) fn intervals(self) -> impl ExactSizeIterator<Item = Interval> {
        let Self { numbers, seconds } = self;
        numbers.iter().map(move |number| Interval::numbered(*number, seconds))
    }

    /// Appends the times so many seconds after the starts, in microseconds.
    pub(super) fn put_micros(self, later: u64, times: &mut Vec<i64>) {
        let Self { numbers, seconds } = self;
        let second = |number: &u64| number.wrapping_mul(seconds).wrapping_add(later);
        if numbers.last().is_some_and(|last| micros(second(last)) < i64::MAX) {
            // None needs to be clamped.
            let time = |number| second(number).wrapping_mul(MICROS_PER_SECOND).cast_signed();
            times.extend(numbers.iter().map(time));
        } else {
            times.extend(numbers.iter().map(|number| micros(second(number))));
        }
    }
}
