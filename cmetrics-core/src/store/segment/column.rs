//! One column of a block: its numbers as they are, or as what an earlier number or column leaves
//! of them.

use super::bits::BitReader;
use super::packed::{self, Rooms, Told};
use super::scale::Divider;
use crate::store::bytes::unzigzag;

/// How the numbers of a column are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// As they are.
    Plain,
    /// The first, and the steps from one to the next.
    Steps,
    /// The differences from another column's.
    Differences,
    /// Those only for which another column's number is not 0; the others are 0.
    Where,
    /// Each in as many bits as another column's number has, which is not less.
    Below,
}

/// How many columns back another column may lie: six bits tell.
pub(super) const FARTHEST: usize = 64;

/// How many bits a number has.
pub(super) fn width(number: u64) -> u32 {
    64 - number.leading_zeros()
}

/// Room for reading columns.
#[derive(Debug, Default)]
pub(super) struct Room {
    rooms: Rooms,
    others: Vec<u64>,
    told: Vec<u64>,
}

/// Reads a column's numbers. `other` fills its room with the numbers of the column so far back,
/// for the same points.
pub(super) fn read(
    numbers: &mut [u64],
    bits: &mut BitReader<'_>,
    room: &mut Room,
    other: impl FnOnce(usize, &mut Vec<u64>) -> Option<()>,
) -> Option<Told> {
    if !bits.flag()? {
        return Some(Told::Same(0));
    }
    let mode = match bits.get(2)? {
        3 => 3 + bits.get(1)?,
        mode => mode,
    };
    match mode {
        0 => return read_packed(numbers, bits, &mut room.rooms),
        1 => return read_steps(numbers, bits, &mut room.rooms),
        _ => {}
    }
    let back = usize::try_from(bits.get(6)?).ok()? + 1;
    room.others.clear();
    other(back, &mut room.others)?;
    if room.others.len() != numbers.len() {
        return None;
    }
    match mode {
        2 => read_differences(numbers, bits, room)?,
        3 => read_where(numbers, bits, room)?,
        _ => read_below(numbers, bits, &room.others)?,
    }
    Some(Told::Each)
}

fn read_packed(numbers: &mut [u64], bits: &mut BitReader<'_>, rooms: &mut Rooms) -> Option<Told> {
    if numbers.is_empty() { Some(Told::Each) } else { packed::read(numbers, bits, rooms) }
}

fn read_steps(numbers: &mut [u64], bits: &mut BitReader<'_>, rooms: &mut Rooms) -> Option<Told> {
    let (first, steps) = numbers.split_first_mut()?;
    *first = bits.number()?;
    read_packed(steps, bits, rooms)?.fill(steps);
    let mut known = *first;
    for number in steps {
        known = known.wrapping_add(unzigzag(*number).cast_unsigned());
        *number = known;
    }
    Some(Told::Each)
}

fn read_differences(numbers: &mut [u64], bits: &mut BitReader<'_>, room: &mut Room) -> Option<()> {
    read_packed(numbers, bits, &mut room.rooms)?.fill(numbers);
    for (number, other) in numbers.iter_mut().zip(&room.others) {
        *number = other.wrapping_add(unzigzag(*number).cast_unsigned());
    }
    Some(())
}

fn read_where(numbers: &mut [u64], bits: &mut BitReader<'_>, room: &mut Room) -> Option<()> {
    let Room { rooms, others, told } = room;
    told.clear();
    told.resize(others.iter().filter(|&&other| other != 0).count(), 0);
    read_packed(told, bits, rooms)?.fill(told);
    let mut told = told.iter();
    for (number, other) in numbers.iter_mut().zip(others) {
        *number = if *other == 0 { 0 } else { *told.next()? };
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
    use super::super::choose::{Chooser, Other};
    use super::*;

    fn assert_returns(numbers: &[u64], others: &[Vec<u64>]) -> usize {
        let mut bytes = Vec::new();
        let mut bits = BitWriter::new(&mut bytes);
        let offered: Vec<_> =
            (1..).zip(others).map(|(back, numbers)| Other { back, numbers }).collect();
        Chooser::default().write(numbers, &offered, &mut bits);
        bits.finish();
        let length = bytes.len();
        bytes.resize(length + PADDING, 0);
        let mut bits = BitReader::new(&bytes);
        let mut found = vec![7; numbers.len()];
        let other = |back: usize, into: &mut Vec<u64>| {
            into.extend(others.get(back - 1)?);
            Some(())
        };
        let told = read(&mut found, &mut bits, &mut Room::default(), other);
        told.unwrap().fill(&mut found);
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
