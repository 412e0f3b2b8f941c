//! Readers around the reader of an input.

use std::io::{self, Read};

use crate::cancel::Cancel;

/// A reader that reports how many bytes were read in all.
pub(super) struct CountingReader<R, T> {
    pub(super) input: R,
    pub(super) read: u64,
    pub(super) report: T,
}

impl<R: Read, T: FnMut(u64)> Read for CountingReader<R, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        self.read += length as u64;
        (self.report)(self.read);
        Ok(length)
    }
}

/// A reader that fails once it is cancelled. That ends even a decoder that reads on without
/// producing any output.
pub(super) struct CancellableReader<R> {
    pub(super) input: R,
    pub(super) cancel: Cancel,
}

impl<R: Read> Read for CancellableReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.cancel.is_cancelled() {
            return Err(io::Error::other("cancelled"));
        }
        self.input.read(buffer)
    }
}
