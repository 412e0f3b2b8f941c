//! Decodes a column of a block: plain numbers, or differences from an earlier number or column.

use super::bits::BitReader;
use super::packed::{self, Decoded, UnpackScratch};
use super::scale::Divider;
use crate::store::bytes::unzigzag;

/// How the numbers of a column are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Plain numbers.
    Plain,
    /// The first number, and the differences from one to the next.
    Deltas,
    /// The differences from another column's.
    Differences,
    /// Only the numbers for which another column's number is not 0; the rest are 0.
    Nonzero,
    /// Each in as many bits as another column's number has, which is at least as great.
    Below,
}

/// How many columns back another column may lie: six bits.
pub(super) const FARTHEST: usize = 64;

/// The number of bits of a number.
pub(super) fn width(number: u64) -> u32 {
    64 - number.leading_zeros()
}

/// Buffers for decoding columns.
#[derive(Debug, Default)]
pub(super) struct ColumnScratch {
    unpack: UnpackScratch,
    others: Vec<u64>,
    decoded: Vec<u64>,
}

/// Decodes a column's numbers. `other` appends the numbers of the column so far back, for the same
/// points.
pub(super) fn read(
    numbers: &mut [u64],
    bits: &mut BitReader<'_>,
    scratch: &mut ColumnScratch,
    other: impl FnOnce(usize, &mut Vec<u64>) -> Option<()>,
) -> Option<Decoded> {
    if !bits.flag()? {
        return Some(Decoded::Constant(0));
    }
    let mode = match bits.get(2)? {
        3 => 3 + bits.get(1)?,
        mode => mode,
    };
    match mode {
        0 => return read_packed(numbers, bits, &mut scratch.unpack),
        1 => return read_deltas(numbers, bits, &mut scratch.unpack),
        _ => {}
    }
    let back = usize::try_from(bits.get(6)?).ok()? + 1;
    scratch.others.clear();
    other(back, &mut scratch.others)?;
    if scratch.others.len() != numbers.len() {
        return None;
    }
    match mode {
        2 => read_differences(numbers, bits, scratch)?,
        3 => read_nonzero(numbers, bits, scratch)?,
        _ => read_below(numbers, bits, &scratch.others)?,
    }
    Some(Decoded::Varying)
}

fn read_packed(
    numbers: &mut [u64],
    bits: &mut BitReader<'_>,
    unpack: &mut UnpackScratch,
) -> Option<Decoded> {
    if numbers.is_empty() { Some(Decoded::Varying) } else { packed::read(numbers, bits, unpack) }
}

fn read_deltas(
    numbers: &mut [u64],
    bits: &mut BitReader<'_>,
    unpack: &mut UnpackScratch,
) -> Option<Decoded> {
    let (first, steps) = numbers.split_first_mut()?;
    *first = bits.number()?;
    read_packed(steps, bits, unpack)?.fill(steps);
    let mut known = *first;
    for number in steps {
        known = known.wrapping_add(unzigzag(*number).cast_unsigned());
        *number = known;
    }
    Some(Decoded::Varying)
}

fn read_differences(
    numbers: &mut [u64],
    bits: &mut BitReader<'_>,
    scratch: &mut ColumnScratch,
) -> Option<()> {
    read_packed(numbers, bits, &mut scratch.unpack)?.fill(numbers);
    for (number, other) in numbers.iter_mut().zip(&scratch.others) {
        *number = other.wrapping_add(unzigzag(*number).cast_unsigned());
    }
    Some(())
}

fn read_nonzero(
    numbers: &mut [u64],
    bits: &mut BitReader<'_>,
    scratch: &mut ColumnScratch,
) -> Option<()> {
    let ColumnScratch { unpack, others, decoded } = scratch;
    decoded.clear();
    decoded.resize(others.iter().filter(|&&other| other != 0).count(), 0);
    read_packed(decoded, bits, unpack)?.fill(decoded);
    let mut decoded = decoded.iter();
    for (number, other) in numbers.iter_mut().zip(others) {
        *number = if *other == 0 { 0 } else { *decoded.next()? };
    }
    Some(())
}

fn read_below(numbers: &mut [u64], bits: &mut BitReader<'_>, others: &[u64]) -> Option<()> {
    let factor = packed::read_factor(bits).filter(|factor| *factor > 0)?;
    let divider = Divider::new(factor);
    for (number, other) in numbers.iter_mut().zip(others) {
        *number = bits.get(width(divider.of(*other)))?.wrapping_mul(factor);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::bits::{BitWriter, PADDING};
    use super::super::column_encoder::{ColumnEncoder, Reference};
    use super::*;

    fn assert_returns(numbers: &[u64], others: &[Vec<u64>]) -> usize {
        let mut bytes = Vec::new();
        let mut bits = BitWriter::new(&mut bytes);
        let offered: Vec<_> =
            (1..).zip(others).map(|(back, numbers)| Reference { back, numbers }).collect();
        ColumnEncoder::default().write(numbers, &offered, &mut bits);
        bits.finish();
        let length = bytes.len();
        bytes.resize(length + PADDING, 0);
        let mut bits = BitReader::new(&bytes);
        let mut found = vec![7; numbers.len()];
        let other = |back: usize, into: &mut Vec<u64>| {
            into.extend(others.get(back - 1)?);
            Some(())
        };
        let decoded = read(&mut found, &mut bits, &mut ColumnScratch::default(), other);
        decoded.unwrap().fill(&mut found);
        assert_eq!(found, numbers);
        assert!(bits.is_at_end());
        length
    }

    #[test]
    fn a_column_like_another_takes_next_to_nothing() {
        let other: Vec<u64> = (0..100).map(|number| number * number * 77_777 % 1_000_003).collect();
        assert!(assert_returns(&other, std::slice::from_ref(&other)) <= 4);
        let rare: Vec<u64> = other.iter().map(|number| number / 900_000 * number).collect();
        let packets: Vec<u64> = rare.iter().map(|number| number / 450_000).collect();
        assert!(assert_returns(&packets, &[rare]) <= 8);
        let rising: Vec<u64> = (0..100).map(|number| (1 << 60) + number * 5_000_000_000).collect();
        assert!(assert_returns(&rising, &[]) <= 16);
    }

    proptest! {
        #[test]
        fn columns_come_back(
            rows in prop::collection::vec((any::<u64>(), 0_u32..64, any::<u64>(), 0_u32..80), 1..60),
        ) {
            let numbers: Vec<_> = rows.iter().map(|row| row.0 >> row.1).collect();
            let other: Vec<_> = rows.iter().map(|row| row.2.checked_shr(row.3).unwrap_or(0)).collect();
            let near: Vec<_> = numbers.iter().zip(&other).map(|(number, other)| number.wrapping_add(other & 3)).collect();
            let less: Vec<_> = numbers.iter().zip(&other).map(|(number, other)| if *other == 0 { 0 } else { *number }).collect();
            assert_returns(&numbers, &[]);
            assert_returns(&numbers, &[other.clone(), near]);
            assert_returns(&less, &[other]);
        }
    }
}
