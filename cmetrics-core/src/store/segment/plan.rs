//! Plans how to pack numbers.

use super::bits::{bits_for, number_cost};
use super::scale::{DEEPEST, Divider, USUAL_FACTORS, grain, length, stored_width};

/// What numbers have in common, and the width of each.
#[derive(Clone, Copy, Debug)]
pub(super) struct PackPlan {
    pub(super) factor: u64,
    pub(super) width: u32,
    /// Which of the [grains] the base is a multiple of.
    pub(super) grain: u32,
    /// The base, divided by the factor.
    pub(super) base: u64,
    pub(super) exceptions: usize,
    /// Whether exceptions may lie below the base.
    pub(super) is_two_sided: bool,
    /// The approximate number of bits.
    pub(super) cost: u64,
}

/// The greatest common divisor of numbers that are not all 0.
fn common_factor(numbers: &[u64], stats: NumberStats) -> u64 {
    let twos = stats.bits.trailing_zeros().min(63);
    let mut odd = 0;
    for &number in numbers {
        odd = divisor(odd, number >> twos);
        if odd == 1 {
            break;
        }
    }
    odd.max(1) << twos
}

fn divisor(mut left: u64, mut right: u64) -> u64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

/// A factor that saves more than it takes: a few numbers may have one in common by chance.
fn worthwhile_factor(numbers: &[u64], stats: NumberStats) -> u64 {
    let usual = |goes: &dyn Fn(u64) -> bool| {
        let usual = USUAL_FACTORS.iter().rev().find(|&&usual| goes(usual));
        usual.copied().unwrap_or(1)
    };
    if stats.least == stats.greatest {
        return usual(&|usual| stats.least.is_multiple_of(usual));
    }
    let factor = common_factor(numbers, stats);
    let saved = (length(factor) - 1) * numbers.len();
    if saved as u64 > 2 * number_cost(factor) {
        factor
    } else {
        usual(&|usual| factor.is_multiple_of(usual))
    }
}

/// Statistics of numbers, from one pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct NumberStats {
    pub(super) least: u64,
    pub(super) greatest: u64,
    /// The bits that are set in any of them.
    pub(super) bits: u64,
}

impl NumberStats {
    pub(super) fn of(numbers: &[u64]) -> Self {
        let first = numbers.first().copied().unwrap_or(0);
        let mut stats = Self { least: first, greatest: first, bits: 0 };
        for &number in numbers {
            stats.least = stats.least.min(number);
            stats.greatest = stats.greatest.max(number);
            stats.bits |= number;
        }
        stats
    }
}

/// Plans how to pack these numbers, at least one. `reduced` is a buffer.
pub(super) fn plan(numbers: &[u64], reduced: &mut Vec<u64>, depth: u32) -> PackPlan {
    const ENOUGH: usize = 8;
    let stats = NumberStats::of(numbers);
    let factor = worthwhile_factor(numbers, stats);
    let divider = Divider::new(factor);
    let (least, greatest) = (divider.of(stats.least), divider.of(stats.greatest));
    if least == greatest {
        let cost = header_cost(factor) + number_cost(least);
        let (width, grain, exceptions, is_two_sided) = (0, 3, 0, false);
        return PackPlan { factor, width, grain, base: least, exceptions, is_two_sided, cost };
    }
    divider.divide(numbers, reduced);
    let range = (least, greatest);
    let best = plan_from(reduced, factor, least, range, depth);
    // A few numbers far below the others would make all of them wide.
    if numbers.len() < ENOUGH || depth > 0 || best.width <= 4 {
        return best;
    }
    let low = low_of(reduced);
    if low - least < (1 << (best.width.min(63) - 2)) {
        return best;
    }
    let other = plan_from(reduced, factor, low, range, depth);
    if other.cost < best.cost { other } else { best }
}

/// A number that is greater than about one in sixteen of these.
fn low_of(numbers: &[u64]) -> u64 {
    let mut sample = [0; 64];
    let step = numbers.len().div_ceil(sample.len()).max(1);
    let mut count = 0;
    for (place, number) in sample.iter_mut().zip(numbers.iter().step_by(step)) {
        *place = *number;
        count += 1;
    }
    let some = sample.get_mut(..count).unwrap_or_default();
    let place = (1 + count / 16).min(count.saturating_sub(1));
    if some.is_empty() { 0 } else { *some.select_nth_unstable(place).1 }
}

fn header_cost(factor: u64) -> u64 {
    let usual = USUAL_FACTORS.contains(&factor);
    6 + 2 + 2 + 1 + if usual { 0 } else { number_cost(factor) }
}

/// A plan for numbers that were divided by the factor, with this base or a slightly lower one.
fn plan_from(reduced: &[u64], factor: u64, base: u64, range: (u64, u64), depth: u32) -> PackPlan {
    let mut counts = Counts { above: [0; 65], below: [0; 65], is_two_sided: base > range.0 };
    for &number in reduced {
        let of_side = if number >= base { &mut counts.above } else { &mut counts.below };
        if let Some(count) = of_side.get_mut(length(number.abs_diff(base))) {
            *count += 1;
        }
    }
    let (width, exceptions, cost) = counts.cheapest(reduced.len(), range.1 - base, depth);
    let is_two_sided = counts.is_two_sided;
    let plan = PackPlan { factor, width, grain: 3, base, exceptions, is_two_sided, cost };
    let exact = PackPlan { cost: cost.saturating_add(number_cost(base)), ..plan };
    let all = (0..3).map(|which| coarser(reduced, plan, which, range, depth));
    let best = all.fold(exact, |best, other| if other.cost < best.cost { other } else { best });
    PackPlan { cost: best.cost.saturating_add(header_cost(factor)), ..best }
}

/// The same with a coarser base.
fn coarser(reduced: &[u64], plan: PackPlan, which: u32, range: (u64, u64), depth: u32) -> PackPlan {
    let (grain, width) = (grain(which, plan.width), plan.width);
    let base = plan.base >> grain << grain;
    let fits = width == 64 || (base <= range.0 && (range.1 - base) >> width == 0);
    let exceptions = if fits {
        0
    } else {
        reduced.iter().map(|number| usize::from(number.wrapping_sub(base) >> width > 0)).sum()
    };
    let base_cost = number_cost(base >> grain);
    // Approximately what each further exception takes, and what the first one does.
    let each = u64::from(bits_for(reduced.len())) + 2;
    let change = (exceptions as u64 * each).saturating_sub(plan.exceptions as u64 * each);
    let first = if exceptions > 0 && plan.exceptions == 0 { 25 } else { 0 };
    let cost = plan.cost.saturating_add(base_cost + change + first);
    let cost = if depth >= DEEPEST && exceptions > 0 { u64::MAX } else { cost };
    let is_two_sided = exceptions > 0 && plan.is_two_sided;
    PackPlan { grain: which, base, exceptions, is_two_sided, cost, ..plan }
}

/// The number of numbers of each bit length above and below the base.
#[derive(Debug)]
struct Counts {
    above: [u32; 65],
    below: [u32; 65],
    is_two_sided: bool,
}

impl Counts {
    /// The width that takes the fewest bits, the number of exceptions, and the approximate number
    /// of bits. `most` is the greatest distance above the base.
    fn cheapest(&self, number: usize, most: u64, depth: u32) -> (u32, usize, u64) {
        /// The fields that describe exceptions, and the header of their packed high bits.
        const HEADER: u32 = 18;
        #[expect(clippy::cast_possible_truncation, reason = "at most 64")]
        let longest = length(most) as u32;
        let (whole, count) = (stored_width(longest), number as u64);
        let below: u64 = self.below.iter().map(|count| u64::from(*count)).sum();
        let mut best = (whole, 0, u64::from(whole) * count);
        if self.is_two_sided {
            best.2 = u64::MAX;
        } else if depth >= DEEPEST {
            return best;
        }
        let each = u64::from(bits_for(number.saturating_sub(1)));
        let header = u64::from(bits_for(number) + HEADER);
        let farthest = (0..).zip(&self.below).filter(|(_, count)| **count > 0).last();
        let farthest = farthest.map_or(longest, |(length, _)| longest.max(length));
        let mut exceptions = below;
        // Numbers one bit longer than the width no longer fit.
        let lengths = self.above.iter().skip(1).rev();
        for (width, more) in (0..64).rev().zip(lengths) {
            exceptions += u64::from(*more);
            if width > longest.min(62) {
                continue;
            }
            let high = match farthest.saturating_sub(width) + u32::from(self.is_two_sided) {
                // One bit more than fits is the same for all.
                1 => 0,
                high => exceptions * u64::from(high),
            };
            // Narrower widths only take more bits for exceptions.
            if high >= best.2 {
                break;
            }
            let places = (exceptions * each).min(count);
            let exceptions_cost = if exceptions > 0 { places + header + high } else { 0 };
            let cost = u64::from(width) * count + exceptions_cost;
            if cost < best.2 {
                best = (width, usize::try_from(exceptions).unwrap_or(number), cost);
            }
        }
        best
    }
}
