//! Packs whole numbers into few bits. What they have in common is stored once, most take the same
//! small width, and the high bits of the exceptions are stored separately, in the same way.

use super::bits::{BitReader, BitWriter, bits_for};
use super::plan::PackPlan;
pub(super) use super::plan::plan;
use super::scale::{DEEPEST, Divider, USUAL_FACTORS, grain, stored_width};
use crate::store::bytes::{unzigzag, zigzag};

/// The result of decoding numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    /// All are this number. The output was not written.
    Constant(u64),
    /// They were written to the output.
    Varying,
}

impl Decoded {
    /// Writes them to the output.
    pub(super) fn fill(self, numbers: &mut [u64]) {
        if let Self::Constant(number) = self {
            numbers.fill(number);
        }
    }
}

/// The greatest of the usual factors that divides all of these.
pub(super) fn common_usual_factor(numbers: &[u64], others: &[u64]) -> u64 {
    let all = || numbers.iter().chain(others);
    if all().fold(0, |bits, number| bits | number).trailing_zeros() < 3 {
        return 1;
    }
    let goes = |factor: &&u64| all().all(|number| number.is_multiple_of(**factor));
    USUAL_FACTORS.iter().rev().find(goes).copied().unwrap_or(1)
}

pub(super) fn write_factor(factor: u64, bits: &mut BitWriter<'_>) {
    let usual = (0..).zip(USUAL_FACTORS).find(|(_, usual)| *usual == factor);
    bits.put(usual.map_or(3, |(which, _)| which), 2);
    if usual.is_none() {
        bits.put_number(factor);
    }
}

pub(super) fn read_factor(bits: &mut BitReader<'_>) -> Option<u64> {
    match USUAL_FACTORS.get(usize::try_from(bits.get(2)?).ok()?) {
        Some(usual) => Some(*usual),
        None => bits.number(),
    }
}

/// Buffers for packing numbers at all depths.
#[derive(Debug, Default)]
pub(super) struct PackScratch {
    pub(super) reduced: Vec<u64>,
    highs: Vec<u64>,
    deeper: Option<Box<Self>>,
}

/// Packs numbers by their plan.
pub(super) fn write(
    numbers: &[u64],
    plan: &PackPlan,
    bits: &mut BitWriter<'_>,
    scratch: &mut PackScratch,
    depth: u32,
) {
    let PackPlan { factor, width, grain: which, base, exceptions, is_two_sided, .. } = *plan;
    write_factor(factor, bits);
    bits.put(width.min(63).into(), 6);
    bits.put(which.into(), 2);
    bits.put_number(base >> grain(which, width));
    if depth < DEEPEST {
        bits.put((exceptions > 0).into(), 1);
    }
    if width == 0 && exceptions == 0 {
        return;
    }
    let PackScratch { reduced, highs, deeper } = scratch;
    Divider::new(factor).divide(numbers, reduced);
    for number in &mut *reduced {
        *number = number.wrapping_sub(base);
    }
    highs.clear();
    if exceptions > 0 {
        bits.put(is_two_sided.into(), 1);
        let high = |number: &u64| {
            if is_two_sided { zigzag(number.cast_signed() >> width) } else { number >> width }
        };
        highs.extend(reduced.iter().map(high));
        write_places(highs, exceptions, bits);
    }
    if width > 0 {
        let mask = u64::MAX >> (64 - width);
        for number in reduced {
            bits.put(*number & mask, width);
        }
    }
    highs.retain(|&high| high > 0);
    if !highs.is_empty() {
        for high in &mut *highs {
            *high -= 1;
        }
        let deeper = deeper.get_or_insert_default();
        let plan = super::plan::plan(highs, &mut deeper.reduced, depth + 1);
        write(highs, &plan, bits, deeper, depth + 1);
    }
}

/// Writes which numbers have high bits: a bit for each number, or an index for each exception.
fn write_places(highs: &[u64], exceptions: usize, bits: &mut BitWriter<'_>) {
    bits.put(exceptions as u64, bits_for(highs.len()));
    let each = bits_for(highs.len().saturating_sub(1));
    if is_listed(exceptions, highs.len()) {
        for (place, _) in (0_u64..).zip(highs).filter(|(_, high)| **high > 0) {
            bits.put(place, each);
        }
    } else {
        for high in highs {
            bits.put((*high > 0).into(), 1);
        }
    }
}

/// Whether exceptions are listed by index.
fn is_listed(exceptions: usize, number: usize) -> bool {
    exceptions * (bits_for(number.saturating_sub(1)) as usize) < number
}

/// Buffers for the exceptions of one depth.
#[derive(Debug, Default)]
pub(super) struct DepthScratch {
    places: Vec<usize>,
    highs: Vec<u64>,
}

/// Buffers for the exceptions of all depths.
pub(super) type UnpackScratch = [DepthScratch; DEEPEST as usize];

/// Unpacks numbers until the slice is full. Does not write them if all are the same.
pub(super) fn read(
    numbers: &mut [u64],
    bits: &mut BitReader<'_>,
    depths: &mut [DepthScratch],
) -> Option<Decoded> {
    let factor = read_factor(bits)?;
    #[expect(clippy::cast_possible_truncation, reason = "six bits, and two")]
    let (width, which) = (stored_width(bits.get(6)? as u32), bits.get(2)? as u32);
    let base = (bits.number()? << grain(which, width)).wrapping_mul(factor);
    let scratch = depths.split_first_mut();
    let exceptions = scratch.is_some() && bits.flag()?;
    if width == 0 && !exceptions {
        return Some(Decoded::Constant(base));
    }
    if let Some((scratch, deeper)) = scratch.filter(|_| exceptions) {
        let is_two_sided = bits.flag()?;
        scratch.read_places(numbers.len(), bits)?;
        bits.unpack(numbers, width)?;
        scratch.read_highs(bits, deeper)?;
        for (place, high) in scratch.places.iter().zip(&scratch.highs) {
            let high = high.wrapping_add(1);
            let high = if is_two_sided { unzigzag(high).cast_unsigned() } else { high };
            *numbers.get_mut(*place)? |= high.checked_shl(width)?;
        }
    } else {
        bits.unpack(numbers, width)?;
    }
    if factor != 1 {
        for number in &mut *numbers {
            *number = number.wrapping_mul(factor);
        }
    }
    if base != 0 {
        for number in numbers {
            *number = number.wrapping_add(base);
        }
    }
    Some(Decoded::Varying)
}

impl DepthScratch {
    fn read_places(&mut self, number: usize, bits: &mut BitReader<'_>) -> Option<()> {
        let exceptions = usize::try_from(bits.get(bits_for(number))?).ok()?;
        if exceptions == 0 || exceptions > number {
            return None;
        }
        let places = &mut self.places;
        places.clear();
        if is_listed(exceptions, number) {
            let each = bits_for(number.saturating_sub(1));
            for _ in 0..exceptions {
                places.push(usize::try_from(bits.get(each)?).ok()?);
            }
        } else {
            for first in (0..number).step_by(56) {
                let some = (number - first).min(56);
                #[expect(clippy::cast_possible_truncation, reason = "at most 56")]
                let mut map = bits.get(some as u32)?;
                while map != 0 {
                    places.push(first + map.trailing_zeros() as usize);
                    map &= map - 1;
                }
            }
        }
        (places.len() == exceptions).then_some(())
    }

    fn read_highs(&mut self, bits: &mut BitReader<'_>, deeper: &mut [Self]) -> Option<()> {
        self.highs.clear();
        self.highs.resize(self.places.len(), 0);
        let decoded = read(&mut self.highs, bits, deeper)?;
        decoded.fill(&mut self.highs);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::bits::PADDING;
    use super::*;

    fn packed(numbers: &[u64]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut bits = BitWriter::new(&mut bytes);
        let plan = plan(numbers, &mut Vec::new(), 0);
        write(numbers, &plan, &mut bits, &mut PackScratch::default(), 0);
        bits.finish();
        bytes
    }

    fn assert_packs(numbers: &[u64]) -> usize {
        let mut bytes = packed(numbers);
        let length = bytes.len();
        bytes.resize(length + PADDING, 0);
        let mut bits = BitReader::new(&bytes);
        let mut back = vec![7; numbers.len()];
        let decoded = read(&mut back, &mut bits, &mut UnpackScratch::default());
        decoded.unwrap().fill(&mut back);
        assert_eq!(back, numbers);
        assert!(bits.is_at_end());
        length
    }

    #[test]
    fn what_numbers_have_in_common_is_stored_once() {
        assert_eq!(assert_packs(&[4096 * 7; 1000]), 3);
        let pages: Vec<u64> = (0..1000).map(|number| 4096 * (900 + number % 4)).collect();
        assert!(assert_packs(&pages) <= 258);
        let rare: Vec<u64> = (0..1000).map(|number| u64::from(number % 100 == 7) * 70).collect();
        assert!(assert_packs(&rare) <= 22);
    }

    #[test]
    fn uneven_numbers_take_no_more_than_the_widest_of_them() {
        let mixed = (1..=60_u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 37);
        let uneven: Vec<u64> =
            mixed.zip(0..).map(|(number, place)| number >> (place % 12)).collect();
        assert!(assert_packs(&uneven) <= 60 * 27 / 8 + 4);
    }

    proptest! {
        #[test]
        fn numbers_come_back(
            numbers in prop::collection::vec((any::<u64>(), 0_u32..64), 1..200),
            factor in prop::sample::select(vec![1_u64, 4096, 1000, 3]),
        ) {
            let narrow = numbers.iter().map(|(number, shift)| number >> shift);
            let numbers: Vec<_> = narrow.map(|number| number / factor * factor).collect();
            assert_packs(&numbers);
        }
    }
}
