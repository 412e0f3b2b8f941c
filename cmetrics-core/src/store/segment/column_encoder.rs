//! Encodes a column: chooses the mode that takes the fewest bits.

use smallvec::SmallVec;

use super::bits::{BitWriter, number_cost};
use super::block_layout::MOST_OTHERS;
use super::column::{Mode, width};
use super::packed::{self, PackScratch};
use super::plan::{NumberStats, PackPlan};
use super::scale::Divider;
use crate::store::bytes::zigzag;

/// An earlier column's numbers for the same points, 0 where it has none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reference<'c> {
    /// How many columns back it lies, from 1 on.
    pub(super) back: usize,
    pub(super) numbers: &'c [u64],
}

/// An encoder of columns that reuses its buffers.
#[derive(Debug, Default)]
pub(super) struct ColumnEncoder {
    /// The numbers of the best encoding so far, unless they are the column's own.
    best: Vec<u64>,
    trial: Vec<u64>,
    scratch: PackScratch,
}

/// An encoding of a column.
#[derive(Clone, Copy, Debug)]
struct Encoding {
    mode: Mode,
    back: usize,
    /// `None` if there is nothing to pack.
    plan: Option<PackPlan>,
    cost: u64,
}

/// Below so many bits, no better encoding is searched for.
const GOOD_ENOUGH: u64 = 24;

impl ColumnEncoder {
    /// Encodes a column's numbers, with the help of these earlier columns.
    pub(super) fn write(
        &mut self,
        numbers: &[u64],
        others: &[Reference<'_>],
        bits: &mut BitWriter<'_>,
    ) {
        let stats = NumberStats::of(numbers);
        bits.put((stats.bits != 0).into(), 1);
        if stats.bits == 0 {
            return;
        }
        let plan = packed::plan(numbers, &mut self.scratch.reduced, 0);
        let mut best = Encoding { mode: Mode::Plain, back: 0, plan: Some(plan), cost: plan.cost };
        if best.cost > GOOD_ENOUGH {
            self.try_deltas(numbers, others, &mut best);
            for other in others {
                self.try_nonzero(numbers, other, &mut best);
            }
        }
        let below = others.iter().filter(|_| best.cost > GOOD_ENOUGH);
        let below = below.filter_map(|other| Some((below_cost(numbers, other, best.cost)?, other)));
        match below.min_by_key(|(cost, _)| *cost) {
            Some((_, other)) => write_below(numbers, other, bits),
            None => self.write_encoding(numbers, best, bits),
        }
    }

    /// Tries the differences from one number to the next, and from other columns, that look
    /// smallest.
    fn try_deltas(&mut self, numbers: &[u64], others: &[Reference<'_>], best: &mut Encoding) {
        let first = numbers.first().copied().unwrap_or(0);
        let plain = size_of(numbers.iter().copied());
        let of_steps = size_of(steps(numbers)) + width(first);
        let of_others = others.iter().map(|other| size_of(differences(numbers, other)) + 6);
        let of_others: SmallVec<[_; MOST_OTHERS]> = of_others.collect();
        let least = of_others.iter().copied().min().unwrap_or(of_steps).min(of_steps);
        // The sizes are estimates: one that looks slightly larger may be smaller.
        let is_small = |size: u32| size < plain && size <= least + least / 8;
        if is_small(of_steps) {
            self.trial.clear();
            self.trial.extend(steps(numbers));
            self.try_encoding(Mode::Deltas, 0, number_cost(first), best);
        }
        for (other, _) in others.iter().zip(of_others).filter(|(_, size)| is_small(*size)) {
            self.trial.clear();
            self.trial.extend(differences(numbers, other));
            self.try_encoding(Mode::Differences, other.back, 6, best);
        }
    }

    /// Tries to leave out zeros where the other column has zeros, too.
    fn try_nonzero(&mut self, numbers: &[u64], other: &Reference<'_>, best: &mut Encoding) {
        let pairs = || numbers.iter().zip(other.numbers);
        if pairs().any(|(number, other)| *number != 0 && *other == 0)
            || other.numbers.iter().all(|other| *other != 0)
        {
            return;
        }
        self.trial.clear();
        let present = pairs().filter(|(_, other)| **other != 0).map(|(number, _)| *number);
        self.trial.extend(present);
        self.try_encoding(Mode::Nonzero, other.back, 7, best);
    }

    fn try_encoding(&mut self, mode: Mode, back: usize, own: u64, best: &mut Encoding) {
        let Self { trial, scratch, .. } = self;
        let plan = (!trial.is_empty()).then(|| packed::plan(trial, &mut scratch.reduced, 0));
        let cost = own + plan.map_or(0, |plan| plan.cost);
        if cost < best.cost {
            *best = Encoding { mode, back, plan, cost };
            std::mem::swap(&mut self.best, &mut self.trial);
        }
    }

    fn write_encoding(&mut self, numbers: &[u64], encoding: Encoding, bits: &mut BitWriter<'_>) {
        write_mode(encoding.mode, encoding.back, bits);
        if encoding.mode == Mode::Deltas {
            bits.put_number(numbers.first().copied().unwrap_or(0));
        }
        let rest = if encoding.mode == Mode::Plain { numbers } else { &self.best };
        if let Some(plan) = &encoding.plan {
            packed::write(rest, plan, bits, &mut self.scratch, 0);
        }
    }
}

fn write_mode(mode: Mode, back: usize, bits: &mut BitWriter<'_>) {
    bits.put((mode as u64).min(3), 2);
    if matches!(mode, Mode::Nonzero | Mode::Below) {
        bits.put((mode == Mode::Below).into(), 1);
    }
    if back > 0 {
        bits.put(back as u64 - 1, 6);
    }
}

/// The number of bits if each number takes as many as the other column's. `None` if a number is
/// greater than the other, or if it takes at least `most`.
fn below_cost(numbers: &[u64], other: &Reference<'_>, most: u64) -> Option<u64> {
    let pairs = || numbers.iter().zip(other.numbers);
    if pairs().any(|(number, other)| number > other) {
        return None;
    }
    let divider = Divider::new(packed::common_usual_factor(numbers, other.numbers));
    let mut cost = 9;
    for other in other.numbers {
        cost += u64::from(width(divider.of(*other)));
    }
    (cost < most).then_some(cost)
}

fn write_below(numbers: &[u64], other: &Reference<'_>, bits: &mut BitWriter<'_>) {
    write_mode(Mode::Below, other.back, bits);
    let factor = packed::common_usual_factor(numbers, other.numbers);
    packed::write_factor(factor, bits);
    let divider = Divider::new(factor);
    for (number, other) in numbers.iter().zip(other.numbers) {
        bits.put(divider.of(*number), width(divider.of(*other)));
    }
}

/// The differences from one number to the next.
fn steps(numbers: &[u64]) -> impl Iterator<Item = u64> + Clone {
    let next = numbers.get(1..).unwrap_or_default();
    numbers.iter().zip(next).map(|(from, to)| difference(*from, *to))
}

fn differences(numbers: &[u64], other: &Reference<'_>) -> impl Iterator<Item = u64> + Clone {
    numbers.iter().zip(other.numbers).map(|(number, other)| difference(*other, *number))
}

fn difference(from: u64, to: u64) -> u64 {
    zigzag(to.wrapping_sub(from).cast_signed())
}

/// The fewest bits of the header of packed numbers.
const HEADER: u32 = 11;

/// Estimates the bits that numbers take from the first of them.
fn size_of(numbers: impl Iterator<Item = u64> + Clone) -> u32 {
    const ENOUGH: usize = 64;
    let (mut least, mut bits, mut count) = (u64::MAX, 0, 0);
    for number in numbers.clone().take(ENOUGH) {
        least = least.min(number);
        bits |= number;
        count += 1;
    }
    if count == 0 {
        return 0;
    }
    // A few numbers have powers of two in common by chance.
    let twos = if count < 4 { 0 } else { bits.trailing_zeros().min(63) };
    let each = numbers.take(ENOUGH).map(|number| width((number - least) >> twos));
    each.sum::<u32>() + HEADER + width(least >> twos)
}
