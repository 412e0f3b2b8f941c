//! Processes 64 bytes at once, with the best instructions of the processor. All unsafe code of the
//! parser is in this folder: a value of one of these types is the proof that the processor has its
//! instructions.

#![expect(
    clippy::inline_always,
    reason = "what runs with special instructions has to be compiled with them, in one piece"
)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod dispatch;
mod portable;
mod prefetch;
#[cfg(target_arch = "x86_64")]
mod prefix_xor;
mod quote;
#[cfg(target_arch = "x86_64")]
mod sixteen_digits;
mod words;

#[cfg(target_arch = "x86_64")]
pub(super) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(super) use avx512::Avx512;
pub(super) use dispatch::Dispatch;
#[cfg(any(test, target_arch = "x86_64"))]
pub(super) use portable::number as portable_number;
pub(super) use portable::{Portable, digits_value, leading_digits};
pub(super) use prefetch::{prefetch_around, prefetch_line};
pub(super) use quote::quote_or_backslash;
pub(super) use words::leading_name;

/// The bytes that one operation processes.
pub(super) type Block = [u8; 64];

/// Classes of a block's bytes, with one bit for each byte, the first byte lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Masks {
    pub(super) quotes: u64,
    /// `{` and `[`, inside strings too.
    pub(super) opens: u64,
    /// `}` and `]`, inside strings too.
    pub(super) closes: u64,
    /// Bytes without the bit 0x20, by which curly brackets differ from square ones.
    pub(super) square: u64,
    /// Whether the block has a backslash or a control character.
    pub(super) escape_or_control: bool,
}

/// Text to compare the beginning of a block with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    /// The text, followed by zeros.
    pub(super) bytes: Block,
    /// A bit for each byte of the text.
    pub(super) mask: u64,
    pub(super) length: usize,
}

impl Literal {
    /// `None` if the text is longer than a block.
    pub(super) fn new(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; 64];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        let mask = u64::MAX.checked_shr(64 - u32::try_from(text.len()).ok()?).unwrap_or(0);
        Some(Self { bytes, mask, length: text.len() })
    }

    /// The text.
    pub(super) fn text(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Work that is compiled for each instruction set.
pub(super) trait Task {
    type Output;
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

pub(super) trait Lanes: Copy {
    /// Runs `task` compiled for these instructions.
    fn run<T: Task>(self, task: T) -> T::Output;

    /// Returns whether the block begins with the literal.
    fn begins_with(self, block: &Block, literal: &Literal) -> bool;

    /// The number at the beginning of the block, and how many digits it has. There are 0 digits if
    /// it does not fit 64 bits or has a leading zero.
    fn number(self, block: &Block) -> (u64, usize);

    /// The number of quotes in a block without brackets, backslashes and control characters; `None`
    /// for other blocks.
    fn quotes_if_plain(self, block: &Block) -> Option<u32>;

    fn masks(self, block: &Block) -> Masks;

    /// For each bit, the parity of all bits up to and including it.
    fn prefix_xor(self, bits: u64) -> u64;
}

#[cfg(test)]
mod tests;
