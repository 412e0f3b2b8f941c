#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m512i, _mm_cmpgt_epu8_mask, _mm_loadu_si128, _mm_set1_epi8, _mm512_cmpeq_epi8_mask,
    _mm512_cmple_epu8_mask, _mm512_cmplt_epu8_mask, _mm512_loadu_si512,
    _mm512_mask_cmpneq_epi8_mask, _mm512_or_si512, _mm512_set1_epi8, _mm512_sub_epi8,
    _mm512_testn_epi8_mask,
};

use super::prefix_xor::prefix_xor;
use super::sixteen_digits::{minus_ascii_zero, number_of_digits};
use super::{Block, Lanes, Literal, Masks, Task, portable_number};

/// AVX-512 F, BW and VL, and everything that [`Avx2`](super::Avx2) needs.
#[derive(Clone, Copy, Debug)]
pub(in crate::parse) struct Avx512(());

impl Avx512 {
    pub(in crate::parse) fn new() -> Option<Self> {
        (is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && super::Avx2::new().is_some())
        .then_some(Self(()))
    }
}

impl Lanes for Avx512 {
    #[inline(always)]
    fn run<T: Task>(self, task: T) -> T::Output {
        #[target_feature(
            enable = "avx512f,avx512bw,avx512vl,avx2,pclmulqdq,bmi1,bmi2,lzcnt,popcnt,sse4.1,ssse3"
        )]
        fn with_features<T: Task>(lanes: Avx512, task: T) -> T::Output {
            task.run(lanes)
        }
        // SAFETY: `new` checked that the processor has all of these.
        unsafe { with_features(self, task) }
    }

    #[inline(always)]
    fn begins_with(self, block: &Block, literal: &Literal) -> bool {
        // SAFETY: `new` checked for the instructions; both are 64 bytes long.
        unsafe {
            let literal_bytes = load(&literal.bytes);
            _mm512_mask_cmpneq_epi8_mask(literal.mask, load(block), literal_bytes) == 0
        }
    }

    #[inline(always)]
    fn number(self, block: &Block) -> (u64, usize) {
        // SAFETY: `new` checked for the instructions; 16 of the block's 64 bytes are read.
        unsafe {
            let values = minus_ascii_zero(_mm_loadu_si128(block.as_ptr().cast()));
            let others = _mm_cmpgt_epu8_mask(values, _mm_set1_epi8(9));
            let digits = (u32::from(others) | 1 << 16).trailing_zeros() as usize;
            if digits == 16 || (digits > 1 && block[0] == b'0') {
                return portable_number(block);
            }
            (number_of_digits(values, digits), digits)
        }
    }

    #[inline(always)]
    fn quotes_if_plain(self, block: &Block) -> Option<u32> {
        // SAFETY: `new` checked for the instructions.
        unsafe {
            let bytes = load(block);
            let special = brackets(bytes) | controls(bytes);
            let quotes = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(0x22));
            (special == 0).then_some(quotes.count_ones())
        }
    }

    #[inline(always)]
    fn masks(self, block: &Block) -> Masks {
        // SAFETY: `new` checked for the instructions.
        unsafe {
            let bytes = load(block);
            let folded = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
            let escapes = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(0x5c));
            Masks {
                quotes: _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(0x22)),
                opens: _mm512_cmpeq_epi8_mask(folded, _mm512_set1_epi8(0x7b)),
                closes: _mm512_cmpeq_epi8_mask(folded, _mm512_set1_epi8(0x7d)),
                square: _mm512_testn_epi8_mask(bytes, _mm512_set1_epi8(0x20)),
                escape_or_control: escapes | controls(bytes) != 0,
            }
        }
    }

    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        // SAFETY: `new` checked for the instructions.
        unsafe { prefix_xor(bits) }
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(block: &Block) -> __m512i {
    // SAFETY: a block has 64 bytes, and the load may be unaligned.
    unsafe { _mm512_loadu_si512(block.as_ptr().cast()) }
}

/// Finds brackets, backslashes and `|`, which are adjacent once upper case is folded to lower.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn brackets(bytes: __m512i) -> u64 {
    let folded = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
    let above = _mm512_sub_epi8(folded, _mm512_set1_epi8(0x7b));
    _mm512_cmple_epu8_mask(above, _mm512_set1_epi8(2))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn controls(bytes: __m512i) -> u64 {
    _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20))
}
