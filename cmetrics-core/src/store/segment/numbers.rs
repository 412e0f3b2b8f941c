//! Columns of numbers outside of blocks, for raw tails.

use super::bits::{BitReader, BitWriter, PADDING};
use super::column::{self, ColumnScratch};
use super::column_encoder::{ColumnEncoder, Reference};

/// How many earlier columns are tried as references.
const LOOKED_AT: usize = 3;

/// A writer of numbers that appends to bytes.
pub(crate) struct NumberWriter<'b> {
    bits: BitWriter<'b>,
    encoder: ColumnEncoder,
}

impl<'b> NumberWriter<'b> {
    pub(crate) fn new(bytes: &'b mut Vec<u8>) -> Self {
        Self { bits: BitWriter::new(bytes), encoder: ColumnEncoder::default() }
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.bits.put_number(number);
    }

    /// Writes consecutive columns of `length` numbers each.
    pub(crate) fn columns(&mut self, numbers: &[u64], length: usize) {
        let before = |index: usize, back: usize| {
            let start = index.checked_sub(back)? * length;
            Some(Reference { back, numbers: numbers.get(start..start + length)? })
        };
        for (index, column) in numbers.chunks_exact(length.max(1)).enumerate() {
            let others = (1..=LOOKED_AT).filter_map(|back| before(index, back));
            self.encoder.write(column, &others.collect::<Vec<_>>(), &mut self.bits);
        }
    }

    pub(crate) fn finish(self) {
        self.bits.finish();
    }
}

/// Buffers for reading numbers.
#[derive(Debug, Default)]
pub(crate) struct NumberScratch {
    padded: Vec<u8>,
    scratch: ColumnScratch,
}

impl NumberScratch {
    /// A reader of these bytes.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> NumberReader<'_> {
        self.padded.clear();
        self.padded.extend_from_slice(bytes);
        self.padded.resize(bytes.len() + PADDING, 0);
        NumberReader { bits: BitReader::new(&self.padded), scratch: &mut self.scratch }
    }
}

/// A reader of numbers. Reads return `None` where they end too early.
pub(crate) struct NumberReader<'b> {
    bits: BitReader<'b>,
    scratch: &'b mut ColumnScratch,
}

impl NumberReader<'_> {
    pub(crate) fn number(&mut self) -> Option<u64> {
        self.bits.number()
    }

    /// Reads columns of `length` numbers each until `numbers` is full.
    pub(crate) fn columns(&mut self, numbers: &mut [u64], length: usize) -> Option<()> {
        let count = numbers.len().checked_div(length).unwrap_or(0);
        for index in 0..count {
            let (before, rest) = numbers.split_at_mut_checked(index * length)?;
            let other = |back: usize, into: &mut Vec<u64>| {
                let start = index.checked_sub(back)? * length;
                into.extend_from_slice(before.get(start..start + length)?);
                Some(())
            };
            let own = rest.get_mut(..length)?;
            column::read(own, &mut self.bits, self.scratch, other)?.fill(own);
        }
        Some(())
    }

    /// Whether all was read.
    pub(crate) fn is_at_end(&self) -> bool {
        self.bits.is_at_end()
    }
}
