//! Reads up to 16 digits at once.
#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m128i, _mm_cvtsi128_si64, _mm_loadu_si128, _mm_madd_epi16, _mm_maddubs_epi16,
    _mm_packus_epi32, _mm_set_epi8, _mm_set1_epi32, _mm_shuffle_epi8, _mm_sub_epi8,
};

/// A shuffle, if loaded from byte `n` on: moves the first `n` of 16 bytes to the end, and fills the
/// rest with zeros.
const TO_THE_END: [u8; 32] = {
    const ZERO: u8 = 0x80;
    let mut moves = [ZERO; 32];
    let (_, places) = moves.split_at_mut(16);
    places.copy_from_slice(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    moves
};
/// Factors of neighbours, with the first in the lower half.
const HUNDREDS: i32 = (1 << 16) + 100;
const TEN_THOUSANDS: i32 = (1 << 16) + 10_000;

/// The number that the first `digits` bytes of `values` spell, at most 16. `values` has the digits
/// as numbers, not as ASCII.
#[inline]
#[target_feature(enable = "sse4.1")]
#[expect(clippy::cast_sign_loss, reason = "a pattern of bits")]
pub(super) fn number_of_digits(values: __m128i, digits: usize) -> u64 {
    // SAFETY: the offset is at most 16, and 16 of 32 bytes are read from there.
    let places = unsafe { _mm_loadu_si128(TO_THE_END.as_ptr().add(digits.min(16)).cast()) };
    let aligned = _mm_shuffle_epi8(values, places);
    let tens = _mm_set_epi8(1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10);
    let pairs = _mm_maddubs_epi16(aligned, tens);
    let fours = _mm_madd_epi16(pairs, _mm_set1_epi32(HUNDREDS));
    let packed = _mm_packus_epi32(fours, fours);
    let eights = _mm_madd_epi16(packed, _mm_set1_epi32(TEN_THOUSANDS));
    let both = _mm_cvtsi128_si64(eights) as u64;
    (both & 0xffff_ffff) * 100_000_000 + (both >> 32)
}

/// Subtracts the ASCII digit `0` from each byte.
#[inline]
#[target_feature(enable = "sse4.1")]
pub(super) fn minus_ascii_zero(bytes: __m128i) -> __m128i {
    let zeros = _mm_set1_epi32(0x3030_3030);
    _mm_sub_epi8(bytes, zeros)
}
