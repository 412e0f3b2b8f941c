//! The end of a quoted text, sixteen bytes at a time.
#![allow(unsafe_code)]

/// Where the first quote or backslash is.
#[inline]
pub(in crate::parse) fn quote_or_backslash(text: &[u8]) -> Option<usize> {
    let is_wanted = |byte: &u8| matches!(byte, b'"' | b'\\');
    let mut at = 0;
    while let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
        let found = either(chunk, b'"', b'\\');
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize);
        }
        at += 16;
    }
    Some(at + text.get(at..)?.iter().position(is_wanted)?)
}

/// Which bytes are one of two, a bit each.
#[inline]
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
fn either(chunk: &[u8; 16], one: u8, other: u8) -> u32 {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    };
    let [one, other] = [one, other].map(u8::cast_signed);
    // SAFETY: these instructions are part of what this is compiled for, and 16 bytes are loaded of 16.
    let found = unsafe {
        let text = _mm_loadu_si128(chunk.as_ptr().cast());
        let is_one = _mm_cmpeq_epi8(text, _mm_set1_epi8(one));
        let is_other = _mm_cmpeq_epi8(text, _mm_set1_epi8(other));
        _mm_movemask_epi8(_mm_or_si128(is_one, is_other))
    };
    found.cast_unsigned()
}

#[inline]
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
fn either(chunk: &[u8; 16], one: u8, other: u8) -> u32 {
    let bits = chunk.iter().enumerate();
    bits.map(|(index, byte)| u32::from(*byte == one || *byte == other) << index).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_quote_or_backslash_is_found_wherever_it_is() {
        for length in 0..70 {
            let mut text = vec![b'x'; length];
            assert_eq!(quote_or_backslash(&text), None);
            for place in (0..length).rev() {
                text[place] = if place % 3 == 0 { b'\\' } else { b'"' };
                assert_eq!(quote_or_backslash(&text), Some(place));
            }
        }
    }
}
