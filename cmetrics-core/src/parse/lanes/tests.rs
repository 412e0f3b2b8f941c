use proptest::prelude::*;

use super::*;

/// Runs a check with every instruction set that this processor has, including the portable one.
struct Everywhere<F>(F);

trait Check {
    fn check<L: Lanes>(&self, lanes: L);
}

impl<F: Check> Everywhere<F> {
    fn run(&self) {
        self.0.check(Portable);
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(lanes) = Avx2::new() {
                self.0.check(lanes);
            }
            if let Some(lanes) = Avx512::new() {
                self.0.check(lanes);
            }
        }
    }
}

struct Blocks(Block);

impl Check for Blocks {
    fn check<L: Lanes>(&self, lanes: L) {
        let Self(block) = self;
        let mask = |is: fn(u8) -> bool| {
            block.iter().rev().fold(0, |mask, &byte| mask << 1 | u64::from(is(byte)))
        };
        let quotes = mask(|byte| byte == b'"');
        let brackets = mask(|byte| b"{}[]\\|\x0c".contains(&byte) || byte < 0x20);
        let masks = Masks {
            quotes,
            opens: mask(|byte| byte == b'{' || byte == b'['),
            closes: mask(|byte| byte == b'}' || byte == b']'),
            square: mask(|byte| byte & 0x20 == 0),
            escape_or_control: mask(|byte| byte == b'\\' || byte < 0x20) != 0,
        };
        assert_eq!(lanes.masks(block), masks);
        let plain = (brackets == 0).then_some(quotes.count_ones());
        assert_eq!(lanes.quotes_if_plain(block), plain);
        let mut parity = 0;
        let parities = (0..64).fold(0, |all, bit| {
            parity ^= quotes >> bit & 1;
            all | parity << bit
        });
        assert_eq!(lanes.prefix_xor(quotes), parities);
        assert_eq!(lanes.number(block), portable_number(block), "{block:?}");
        for length in 0..=64 {
            let mut literal = Literal::new(&block[..length]).unwrap();
            assert!(lanes.begins_with(block, &literal));
            if let Some(last) = length.checked_sub(1) {
                literal.bytes[last] ^= 1;
                assert!(!lanes.begins_with(block, &literal));
            }
        }
    }
}

#[test]
fn numbers_are_read_up_to_the_greatest_of_64_bits() {
    for (text, expected) in [
        ("0,", (0, 1)),
        ("7}", (7, 1)),
        ("12345678,", (12_345_678, 8)),
        ("1234567890123456,", (1_234_567_890_123_456, 16)),
        ("18446744073709551615,", (u64::MAX, 20)),
        ("18446744073709551616,", (0, 0)),
        ("00,", (0, 0)),
        ("01,", (0, 0)),
        ("000000000000000000000001,", (0, 0)),
        ("-1,", (0, 0)),
        ("\"1\"", (0, 0)),
        ("1.5", (1, 1)),
    ] {
        let mut block = [b' '; 64];
        block[..text.len()].copy_from_slice(text.as_bytes());
        assert_eq!(portable_number(&block), expected, "{text}");
        Everywhere(Blocks(block)).run();
    }
}

proptest! {
    #[test]
    fn all_instructions_see_the_same(
        bytes in prop::collection::vec(
            prop_oneof![
                3 => any::<u8>(),
                5 => prop::sample::select(b"{}[]\"\\|:,09 \n;<z~Z^".to_vec()),
            ],
            64,
        ),
        digits in prop::collection::vec(b'0'..=b'9', 0..24),
    ) {
        let mut block = [0; 64];
        block.copy_from_slice(&bytes);
        Everywhere(Blocks(block)).run();
        block[..digits.len()].copy_from_slice(&digits);
        Everywhere(Blocks(block)).run();
    }

    #[test]
    fn plain_text_is_plain_everywhere(bytes in prop::collection::vec(b' '..=b'Z', 64)) {
        let mut block = [0; 64];
        block.copy_from_slice(&bytes);
        Everywhere(Blocks(block)).run();
    }
}
