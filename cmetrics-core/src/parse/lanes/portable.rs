//! Operations for every processor, written so that compilers can vectorise them.

use super::{Block, Lanes, Literal, Masks, Task};

#[derive(Clone, Copy, Debug)]
pub(in crate::parse) struct Portable;

impl Lanes for Portable {
    #[inline(always)]
    fn run<T: Task>(self, task: T) -> T::Output {
        task.run(self)
    }

    #[inline(always)]
    fn begins_with(self, block: &Block, literal: &Literal) -> bool {
        let (words, others) = (words(block), words(&literal.bytes));
        let mut left = literal.length;
        for (word, other) in words.into_iter().zip(others) {
            if left < 8 {
                let counts = !(u64::MAX << (left * 8));
                return (word ^ other) & counts == 0;
            }
            if word != other {
                return false;
            }
            left -= 8;
        }
        true
    }

    #[inline(always)]
    fn number(self, block: &Block) -> (u64, usize) {
        let [first, second, ..] = words(block);
        let digits = leading_digits(first);
        if digits < 8 {
            if digits > 1 && block[0] == b'0' {
                return (0, 0);
            }
            return (digits_value(first, digits), digits);
        }
        let more = leading_digits(second);
        match POWERS.get(more) {
            Some(power) if block[0] != b'0' => {
                (digits_value(first, 8) * power + digits_value(second, more), 8 + more)
            }
            _ => number(block),
        }
    }

    #[inline(always)]
    fn quotes_if_plain(self, block: &Block) -> Option<u32> {
        let (mut quotes, mut special) = (0u8, 0u8);
        for byte in block {
            quotes += u8::from(*byte == b'"');
            special |= u8::from((byte | 0x20).wrapping_sub(b'{') <= 2) | u8::from(*byte < 0x20);
        }
        (special == 0).then_some(u32::from(quotes))
    }

    #[inline(always)]
    fn masks(self, block: &Block) -> Masks {
        let mut masks =
            Masks { quotes: 0, opens: 0, closes: 0, square: 0, escape_or_control: false };
        for (index, word) in words(block).into_iter().enumerate() {
            let shift = index * 8;
            let folded = word | repeated(0x20);
            masks.quotes |= bits(equal(word, b'"')) << shift;
            masks.opens |= bits(equal(folded, b'{')) << shift;
            masks.closes |= bits(equal(folded, b'}')) << shift;
            masks.square |= bits(!(word << 2) & repeated(0x80)) << shift;
            let control = !(word & repeated(0x7f)).wrapping_add(repeated(0x60)) & !word;
            masks.escape_or_control |= (equal(word, b'\\') | control & repeated(0x80)) != 0;
        }
        masks
    }

    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        [1, 2, 4, 8, 16, 32].into_iter().fold(bits, |bits, shift| bits ^ (bits << shift))
    }
}

const POWERS: [u64; 8] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

#[inline(always)]
fn words(block: &Block) -> [u64; 8] {
    let (words, _) = block.as_chunks::<8>();
    std::array::from_fn(|index| words.get(index).map_or(0, |word| u64::from_le_bytes(*word)))
}

#[inline(always)]
const fn repeated(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Sets the highest bit of each byte that equals `byte`, and no others.
#[inline(always)]
fn equal(word: u64, byte: u8) -> u64 {
    let other = word ^ repeated(byte);
    !((other & repeated(0x7f)) + repeated(0x7f)) & !other & repeated(0x80)
}

/// Collects the highest bits of the bytes, side by side.
#[inline(always)]
fn bits(highest: u64) -> u64 {
    (highest >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// How many digits the word begins with.
#[inline(always)]
pub(in crate::parse) fn leading_digits(word: u64) -> usize {
    let zeroed = word ^ repeated(b'0');
    // A digit is 0 to 9 here: its bit 7 is not set, and not after 0x76 is added either.
    let others = (zeroed | (zeroed & repeated(0x7f)).wrapping_add(repeated(0x76))) & repeated(0x80);
    (others.trailing_zeros() / 8) as usize
}

/// The number that the first `digits` bytes of a word spell.
#[inline(always)]
pub(in crate::parse) fn digits_value(word: u64, digits: usize) -> u64 {
    if digits == 0 {
        return 0;
    }
    let word = (word ^ repeated(b'0')) << (64 - 8 * digits);
    // Joins neighbours: 8 digits to 4 pairs, 2 fours and 1 eight.
    let pairs = (word.wrapping_mul(10) + (word >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100) + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours.wrapping_mul(10_000) + (fours >> 32)) & 0xffff_ffff
}

/// Reads numbers of any length, digit by digit.
#[cold]
pub(in crate::parse) fn number(block: &Block) -> (u64, usize) {
    let digits = block.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let needless = digits > 1 && block[0] == b'0';
    let value = block
        .iter()
        .take(digits)
        .try_fold(0u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
    match value {
        Some(value) if !needless => (value, digits),
        _ => (0, 0),
    }
}
