#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m256i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_max_epu8, _mm_movemask_epi8, _mm_set1_epi8,
    _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set1_epi8, _mm256_slli_epi16, _mm256_sub_epi8,
};

use super::prefix_xor::prefix_xor;
use super::sixteen_digits::{minus_ascii_zero, number_of_digits};
use super::{Block, Lanes, Literal, Masks, Task, portable_number};

/// AVX2, carry-less multiplication, and what every processor with AVX2 has besides.
#[derive(Clone, Copy, Debug)]
pub(in crate::parse) struct Avx2(());

impl Avx2 {
    pub(in crate::parse) fn new() -> Option<Self> {
        (is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("pclmulqdq")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt"))
        .then_some(Self(()))
    }
}

impl Lanes for Avx2 {
    #[inline(always)]
    fn run<T: Task>(self, task: T) -> T::Output {
        #[target_feature(enable = "avx2,pclmulqdq,bmi1,bmi2,lzcnt,popcnt,sse4.1,ssse3")]
        fn with_features<T: Task>(lanes: Avx2, task: T) -> T::Output {
            task.run(lanes)
        }
        // SAFETY: `new` checked that the processor has all of these.
        unsafe { with_features(self, task) }
    }

    #[inline(always)]
    fn begins_with(self, block: &Block, literal: &Literal) -> bool {
        // SAFETY: `new` checked for the instructions.
        unsafe {
            let ([low, high], [literal_low, literal_high]) = (load(block), load(&literal.bytes));
            let same = u64::from(bits(_mm256_cmpeq_epi8(low, literal_low)))
                | u64::from(bits(_mm256_cmpeq_epi8(high, literal_high))) << 32;
            same & literal.mask == literal.mask
        }
    }

    #[inline(always)]
    fn number(self, block: &Block) -> (u64, usize) {
        // SAFETY: `new` checked for the instructions; 16 of the block's 64 bytes are read.
        unsafe {
            let values = minus_ascii_zero(_mm_loadu_si128(block.as_ptr().cast()));
            let others = _mm_cmpeq_epi8(_mm_max_epu8(values, _mm_set1_epi8(10)), values);
            let digits = (_mm_movemask_epi8(others) | 1 << 16).trailing_zeros() as usize;
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
            let [low, high] = load(block);
            let special = _mm256_or_si256(special(low), special(high));
            let quotes = (bits(equal(low, b'"')), bits(equal(high, b'"')));
            (_mm256_movemask_epi8(special) == 0)
                .then_some(quotes.0.count_ones() + quotes.1.count_ones())
        }
    }

    #[inline(always)]
    fn masks(self, block: &Block) -> Masks {
        // SAFETY: `new` checked for the instructions.
        unsafe {
            let [low, high] = load(block);
            let space = _mm256_set1_epi8(0x20);
            let folded = [_mm256_or_si256(low, space), _mm256_or_si256(high, space)];
            let escapes = mask([low, high], b'\\');
            let controls = _mm256_or_si256(at_most(low, 0x1f), at_most(high, 0x1f));
            Masks {
                quotes: mask([low, high], b'"'),
                opens: mask(folded, b'{'),
                closes: mask(folded, b'}'),
                square: !(u64::from(bits(_mm256_slli_epi16::<2>(low)))
                    | u64::from(bits(_mm256_slli_epi16::<2>(high))) << 32),
                escape_or_control: escapes != 0 || _mm256_movemask_epi8(controls) != 0,
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
#[target_feature(enable = "avx2")]
fn load(block: &Block) -> [__m256i; 2] {
    let start = block.as_ptr();
    // SAFETY: a block has 64 bytes, which are two loads of 32. The loads may be unaligned.
    unsafe { [_mm256_loadu_si256(start.cast()), _mm256_loadu_si256(start.add(32).cast())] }
}

#[inline]
#[target_feature(enable = "avx2")]
fn equal(bytes: __m256i, byte: u8) -> __m256i {
    _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()))
}

#[inline]
#[target_feature(enable = "avx2")]
fn at_most(bytes: __m256i, most: u8) -> __m256i {
    _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(most.cast_signed())), bytes)
}

/// Finds brackets, backslashes and `|`, which are adjacent once upper case is folded to lower, and
/// control characters.
#[inline]
#[target_feature(enable = "avx2")]
fn special(bytes: __m256i) -> __m256i {
    let folded = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
    let above = _mm256_sub_epi8(folded, _mm256_set1_epi8(0x7b));
    _mm256_or_si256(at_most(above, 2), at_most(bytes, 0x1f))
}

#[inline]
#[target_feature(enable = "avx2")]
fn bits(bytes: __m256i) -> u32 {
    _mm256_movemask_epi8(bytes).cast_unsigned()
}

#[inline]
#[target_feature(enable = "avx2")]
fn mask([low, high]: [__m256i; 2], byte: u8) -> u64 {
    u64::from(bits(equal(low, byte))) | u64::from(bits(equal(high, byte))) << 32
}
