//! Up to 16 digits at once.
#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m128i, _mm_cvtsi128_si64, _mm_loadu_si128, _mm_madd_epi16, _mm_maddubs_epi16,
    _mm_packus_epi32, _mm_set_epi8, _mm_set1_epi32, _mm_shuffle_epi8, _mm_sub_epi8,
};

/// Moves the first `n` of 16 bytes to the end and fills up with zeros.
const TO_THE_END: [[u8; 16]; 17] = {
    let mut table = [[0x80; 16]; 17];
    let mut digits = 1;
    while digits <= 16 {
        let mut index = 0;
        while index < digits {
            #[expect(clippy::cast_possible_truncation, reason = "below 16")]
            {
                table[digits][16 - digits + index] = index as u8;
            }
            index += 1;
        }
        digits += 1;
    }
    table
};

/// The number of the first `digits` bytes, at most 16, of `values`, which are digits less `0`.
#[inline]
#[target_feature(enable = "sse4.1")]
#[expect(clippy::cast_sign_loss, reason = "a pattern of bits")]
pub(super) fn joined(values: __m128i, digits: usize) -> u64 {
    let places = &TO_THE_END[digits];
    // SAFETY: 16 bytes, as long as the table's rows are.
    let places = unsafe { _mm_loadu_si128(places.as_ptr().cast()) };
    let aligned = _mm_shuffle_epi8(values, places);
    let tens = _mm_set_epi8(1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10);
    let pairs = _mm_maddubs_epi16(aligned, tens);
    let fours = _mm_madd_epi16(pairs, _mm_set1_epi32(100 | 1 << 16));
    let packed = _mm_packus_epi32(fours, fours);
    let eights = _mm_madd_epi16(packed, _mm_set1_epi32(10_000 | 1 << 16));
    let both = _mm_cvtsi128_si64(eights) as u64;
    (both & 0xffff_ffff) * 100_000_000 + (both >> 32)
}

/// The bytes less `0`.
#[inline]
#[target_feature(enable = "sse4.1")]
pub(super) fn less_zero(bytes: __m128i) -> __m128i {
    let zeros = _mm_set1_epi32(0x3030_3030);
    _mm_sub_epi8(bytes, zeros)
}
