//! Streams of bits, the low ones of each byte first.

/// The number of zero bytes that must follow bits that are read, since reads go beyond the bits.
pub(super) const PADDING: usize = WINDOW;
/// The bytes that eight numbers unpacked together may take, with some padding.
const WINDOW: usize = 72;

/// The number of bits of an index up to `most`.
pub(super) fn bits_for(most: usize) -> u32 {
    usize::BITS - most.leading_zeros()
}

/// A writer of bits that appends to bytes.
#[derive(Debug)]
pub(super) struct BitWriter<'b> {
    bytes: &'b mut Vec<u8>,
    word: u64,
    used: u32,
}

impl<'b> BitWriter<'b> {
    pub(super) fn new(bytes: &'b mut Vec<u8>) -> Self {
        Self { bytes, word: 0, used: 0 }
    }

    /// Writes a number of at most `width` bits.
    #[inline]
    pub(super) fn put(&mut self, number: u64, width: u32) {
        if width == 0 {
            return;
        }
        self.word |= number << self.used;
        let total = self.used + width;
        if total < 64 {
            self.used = total;
            return;
        }
        self.bytes.extend_from_slice(&self.word.to_le_bytes());
        self.word = number.checked_shr(64 - self.used).unwrap_or(0);
        self.used = total - 64;
    }

    /// Writes any number: its number of bits, and the bits below its highest one.
    pub(super) fn put_number(&mut self, number: u64) {
        let length = 64 - number.leading_zeros();
        if length >= 63 {
            self.put(63, 6);
            self.put(number, 64);
        } else {
            self.put(length.into(), 6);
            let below = length.saturating_sub(1);
            self.put(number & !(u64::MAX << below), below);
        }
    }

    /// Pads the last byte with zeros.
    pub(super) fn finish(self) {
        let length = self.used.div_ceil(8) as usize;
        self.bytes.extend(self.word.to_le_bytes().iter().take(length));
    }
}

/// The number of bits that [`BitWriter::put_number`] takes.
pub(super) fn number_cost(number: u64) -> u64 {
    match 64 - number.leading_zeros() {
        63.. => 70,
        length => u64::from(6 + length.saturating_sub(1)),
    }
}

/// A reader of bits. Every read returns `None` where they end too early.
#[derive(Clone, Copy, Debug)]
pub(super) struct BitReader<'b> {
    bytes: &'b [u8],
    at: usize,
    end: usize,
}

impl<'b> BitReader<'b> {
    /// A reader of bytes whose last [`PADDING`] ones are zeros that do not count.
    pub(super) fn new(padded: &'b [u8]) -> Self {
        Self { bytes: padded, at: 0, end: padded.len().saturating_sub(PADDING) * 8 }
    }

    #[inline]
    fn skip(&mut self, bits: usize) -> Option<usize> {
        let at = self.at;
        let end = at.checked_add(bits).filter(|&end| end <= self.end)?;
        self.at = end;
        Some(at)
    }

    #[inline]
    pub(super) fn get(&mut self, width: u32) -> Option<u64> {
        let at = self.skip(width as usize)?;
        if width == 0 {
            return Some(0);
        }
        let low = word_at(self.bytes, at / 8)?;
        let high = u64::from(*self.bytes.get(at / 8 + 8)?);
        // Shifted in two steps, since a word cannot be shifted by its full width.
        let number = low >> (at % 8) | high << (63 - at % 8) << 1;
        Some(number & (u64::MAX >> (64 - width)))
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        self.get(1).map(|bit| bit != 0)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        match self.get(6)? {
            0 => Some(0),
            63 => self.get(64),
            length => {
                #[expect(clippy::cast_possible_truncation, reason = "below 63")]
                let below = length as u32 - 1;
                Some(1 << below | self.get(below)?)
            }
        }
    }

    /// Reads numbers of `width` bits each until the slice is full.
    #[inline]
    pub(super) fn unpack(&mut self, numbers: &mut [u64], width: u32) -> Option<()> {
        if width == 0 {
            numbers.fill(0);
            return Some(());
        }
        if width > 57 {
            for number in numbers {
                *number = self.get(width)?;
            }
            return Some(());
        }
        let mut at = self.skip((width as usize).checked_mul(numbers.len())?)?;
        let mask = u64::MAX >> (64 - width);
        let (eights, rest) = numbers.as_chunks_mut::<8>();
        for eight in eights {
            // One bounds check for all eight.
            let window: &[u8; WINDOW] = self.bytes.get(at / 8..)?.first_chunk()?;
            let mut inner = at % 8;
            for number in eight {
                *number = word_at(window, (inner / 8) & 63)? >> (inner % 8) & mask;
                inner += width as usize;
            }
            at += 8 * width as usize;
        }
        for number in rest {
            *number = word_at(self.bytes, at / 8)? >> (at % 8) & mask;
            at += width as usize;
        }
        Some(())
    }

    /// Whether only the padding of the last byte is left.
    pub(super) fn is_at_end(mut self) -> bool {
        let rest = self.end - self.at;
        #[expect(clippy::cast_possible_truncation, reason = "below 8")]
        let rest = if rest < 8 { rest as u32 } else { return false };
        self.get(rest) == Some(0)
    }
}

#[inline]
fn word_at(bytes: &[u8], index: usize) -> Option<u64> {
    let word = bytes.get(index..)?.first_chunk()?;
    Some(u64::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bits_come_back(numbers in prop::collection::vec((any::<u64>(), 0_u32..=64), 0..40)) {
            let narrow = |number: u64, width: u32| {
                number & u64::MAX.checked_shr(64 - width).unwrap_or(0)
            };
            let mut bytes = Vec::new();
            let mut writer = BitWriter::new(&mut bytes);
            for &(number, width) in &numbers {
                writer.put(narrow(number, width), width);
                writer.put_number(narrow(number, width));
                for _ in 0..3 {
                    writer.put(narrow(number, width), width);
                }
            }
            writer.finish();
            let length = bytes.len();
            bytes.resize(length + PADDING, 0);
            let mut reader = BitReader::new(&bytes);
            for &(number, width) in &numbers {
                prop_assert_eq!(reader.get(width), Some(narrow(number, width)));
                prop_assert_eq!(reader.number(), Some(narrow(number, width)));
                let mut unpacked = [0; 3];
                prop_assert_eq!(reader.unpack(&mut unpacked, width), Some(()));
                prop_assert_eq!(unpacked, [narrow(number, width); 3]);
            }
            prop_assert!(reader.is_at_end() && reader.get(8).is_none());
        }
    }
}
