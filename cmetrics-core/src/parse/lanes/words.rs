//! What is found in text eight bytes at a time.

/// How many of the word's first bytes are letters, digits, underscores or colons.
#[inline]
pub(in crate::parse) fn leading_name(word: u64) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    // Sets the highest bit of each byte that is as large, where none is above 0x7f.
    let from = |word: u64, least: u8| word + (0x80 - u64::from(least)) * ONES;
    let low = word & !HIGH;
    let folded = low | (0x20 * ONES);
    let letters = from(folded, b'a') & !from(folded, b'z' + 1);
    // A colon comes after the digits.
    let digits = from(low, b'0') & !from(low, b':' + 1);
    let underscores = !from(low ^ (u64::from(b'_') * ONES), 1);
    let others = !((letters | digits | underscores) & !word) & HIGH;
    (others.trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_at_the_first_byte_that_none_has() {
        for byte in 0..=u8::MAX {
            let is_of_name = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
            for place in 0..8 {
                let mut word = *b"aZ_09:zA";
                word[place] = byte;
                let expected = if is_of_name { 8 } else { place };
                assert_eq!(leading_name(u64::from_le_bytes(word)), expected, "{word:?}");
            }
        }
    }
}
