//! Looking at 64 bytes at once, with what the processor has for it. All unsafe code of the crate
//! is below here: a value of one of these types is proof that its instructions are there.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;
mod prefetch;
#[cfg(target_arch = "x86_64")]
mod prefix_xor;
#[cfg(target_arch = "x86_64")]
mod sixteen_digits;

#[cfg(target_arch = "x86_64")]
pub(super) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(super) use avx512::Avx512;
#[cfg(any(test, target_arch = "x86_64"))]
pub(super) use portable::number as portable_number;
pub(super) use portable::{Portable, digits_value, leading_digits};
pub(super) use prefetch::{prefetch_around, prefetch_line};

/// What is looked at in one go.
pub(super) type Block = [u8; 64];

/// Which bytes of a block are what: a bit each, the first byte lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Masks {
    pub(super) quotes: u64,
    /// `{` and `[`, inside strings too.
    pub(super) opens: u64,
    /// `}` and `]`, inside strings too.
    pub(super) closes: u64,
    /// What has not the bit that tells curly brackets from square ones.
    pub(super) square: u64,
    /// Whether there is a backslash or a control character.
    pub(super) escape_or_control: bool,
}

/// The first bytes of a block that are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    /// Followed by zeros.
    pub(super) bytes: Block,
    /// A bit for each byte that counts.
    pub(super) mask: u64,
    pub(super) length: usize,
}

impl Literal {
    /// `None` where the text is longer than a block.
    pub(super) fn new(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; 64];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        let mask = u64::MAX.checked_shr(64 - u32::try_from(text.len()).ok()?).unwrap_or(0);
        Some(Self { bytes, mask, length: text.len() })
    }
}

/// Work that is compiled for each kind of instructions.
pub(super) trait Task {
    type Output;
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

pub(super) trait Lanes: Copy {
    /// Runs `task` where these instructions may be used throughout.
    fn run<T: Task>(self, task: T) -> T::Output;

    /// Whether the block begins with the literal.
    fn begins_with(self, block: &Block, literal: &Literal) -> bool;

    /// The number that the block begins with, and how many digits it has; no digits where it does
    /// not fit 64 bits or begins with a needless 0.
    fn number(self, block: &Block) -> (u64, usize);

    /// How many quotes a block has in which there are no brackets, backslashes and control
    /// characters; `None` for others.
    fn quotes_if_plain(self, block: &Block) -> Option<u32>;

    fn masks(self, block: &Block) -> Masks;

    /// For each bit the parity of the bits up to and with it.
    fn prefix_xor(self, bits: u64) -> u64;
}

#[cfg(test)]
mod tests;
