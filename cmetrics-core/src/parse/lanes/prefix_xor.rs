//! The parity of all bits up to each bit.

use std::arch::x86_64::{
    __m128i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8,
};

/// A carry-less product with all ones: each bit is the XOR of itself and those below it.
#[inline]
#[target_feature(enable = "pclmulqdq")]
#[expect(clippy::cast_possible_wrap, clippy::cast_sign_loss, reason = "a pattern of bits")]
pub(super) fn prefix_xor(bits: u64) -> u64 {
    let factor: __m128i = _mm_set1_epi8(-1);
    let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits as i64), factor);
    _mm_cvtsi128_si64(product) as u64
}
