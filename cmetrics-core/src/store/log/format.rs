//! The encoding of headers and frames.

use std::io;

use crc32c::{crc32c, crc32c_append};

use crate::store::bytes::masked;

pub(super) const LOG_HEADER: usize = 44;
const HEADER_MAGIC: [u8; 8] = *b"cm-log\r\n";
const FORMAT: u32 = 1;
/// Marks a header that has a boot number.
const HAS_BOOT: u32 = 2;

/// The length of a frame's header.
pub(super) const FRAME_HEADER: usize = 16;
/// The longest payload of a frame.
pub(super) const MAX_PAYLOAD: usize = 1 << 20;
pub(super) const FRAME_MAGIC: [u8; 4] = [0xc6, 0x1f, 0x8a, 0xf5];
const FIRST: u32 = 1 << 31;
const LAST: u32 = 1 << 30;

/// The header of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LogHeader {
    pub(crate) number: u64,
    /// A number that no other log is likely to have.
    pub(crate) salt: u64,
    /// The boot of the machine in which the log was begun, where that is known.
    pub(crate) boot: Option<u64>,
}

impl LogHeader {
    /// Its length in bytes.
    pub(crate) const LENGTH: u64 = LOG_HEADER as u64;

    /// Whether everything that was written to the log is known to be there: the machine has not
    /// lost power since.
    pub(crate) fn is_of_boot(&self, boot: Option<u64>) -> bool {
        self.boot.is_some() && self.boot == boot
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LOG_HEADER);
        bytes.extend(HEADER_MAGIC);
        bytes.extend(FORMAT.to_le_bytes());
        let flags = if self.boot.is_some() { HAS_BOOT } else { 0 };
        bytes.extend(flags.to_le_bytes());
        bytes.extend(self.number.to_le_bytes());
        bytes.extend(self.salt.to_le_bytes());
        bytes.extend(self.boot.unwrap_or_default().to_le_bytes());
        bytes.extend(masked(crc32c(&bytes)).to_le_bytes());
        bytes
    }

    /// Verifies the checksum first, which has the same place in all formats, so that damage is not
    /// mistaken for a newer format.
    pub(super) fn decode(bytes: &[u8; LOG_HEADER]) -> io::Result<Self> {
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "its header is damaged");
        let (checked, check) = bytes.split_last_chunk().ok_or_else(broken)?;
        let mut rest = checked;
        let magic: [u8; 8] = take(&mut rest).ok_or_else(broken)?;
        if magic != HEADER_MAGIC || masked(crc32c(checked)) != u32::from_le_bytes(*check) {
            return Err(broken());
        }
        let format = take(&mut rest).map(u32::from_le_bytes).ok_or_else(broken)?;
        if format != FORMAT {
            let message = format!(
                "it is of format {format}, which this release does not know; use a newer release"
            );
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
        Self::fields(rest).ok_or_else(broken)
    }

    fn fields(mut rest: &[u8]) -> Option<Self> {
        let flags = take(&mut rest).map(u32::from_le_bytes)?;
        let [number, salt, boot] =
            [take(&mut rest)?, take(&mut rest)?, take(&mut rest)?].map(u64::from_le_bytes);
        Some(Self { number, salt, boot: (flags == HAS_BOOT).then_some(boot) })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

/// Encodes and verifies the frame headers of one log.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameCodec {
    /// The checksum after the salt.
    salted: u32,
}

/// The header of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameHeader {
    pub(super) first: bool,
    pub(super) last: bool,
    pub(super) length: usize,
    /// The check of the whole frame.
    pub(super) check: u32,
    /// The checksum before the payload.
    crc: u32,
}

impl FrameCodec {
    pub(super) fn new(salt: u64) -> Self {
        Self { salted: crc32c(&salt.to_le_bytes()) }
    }

    fn crc(self, offset: u64, word: u32) -> u32 {
        let mut bytes = [0; 12];
        for (byte, value) in
            bytes.iter_mut().zip(offset.to_le_bytes().iter().chain(&word.to_le_bytes()))
        {
            *byte = *value;
        }
        crc32c_append(self.salted, &bytes)
    }

    /// The header of a frame at `offset`, and its check. The payload has at most `MAX_PAYLOAD`
    /// bytes.
    pub(super) fn header(
        self,
        offset: u64,
        first: bool,
        last: bool,
        payload: &[u8],
    ) -> ([u8; FRAME_HEADER], u32) {
        #[expect(clippy::cast_possible_truncation, reason = "it is at most MOST")]
        let mut word = payload.len() as u32;
        word |= if first { FIRST } else { 0 } | if last { LAST } else { 0 };
        let crc = self.crc(offset, word);
        let check = masked(crc32c_append(crc, payload));
        let mut header = [0; FRAME_HEADER];
        let fields =
            [FRAME_MAGIC, word.to_le_bytes(), masked(crc).to_le_bytes(), check.to_le_bytes()];
        for (byte, value) in header.iter_mut().zip(fields.as_flattened()) {
            *byte = *value;
        }
        (header, check)
    }

    /// The header of a frame of this log, if these bytes at `offset` begin with one.
    pub(super) fn parse(self, offset: u64, mut bytes: &[u8]) -> Option<FrameHeader> {
        if take(&mut bytes)? != FRAME_MAGIC {
            return None;
        }
        let [word, own, check] =
            [take(&mut bytes)?, take(&mut bytes)?, take(&mut bytes)?].map(u32::from_le_bytes);
        let length = (word & !(FIRST | LAST)) as usize;
        let crc = self.crc(offset, word);
        if length > MAX_PAYLOAD || masked(crc) != own {
            return None;
        }
        Some(FrameHeader { first: word & FIRST != 0, last: word & LAST != 0, length, check, crc })
    }
}

impl FrameHeader {
    pub(super) fn is_of(&self, payload: &[u8]) -> bool {
        masked(crc32c_append(self.crc, payload)) == self.check
    }
}

/// Adds a frame's check to the checksum of a log.
pub(super) fn sum(before: u32, check: u32) -> u32 {
    crc32c_append(before, &check.to_le_bytes())
}

/// The checksum of a log without frames.
pub(super) fn empty_sum(header: &LogHeader) -> u32 {
    crc32c(&header.encode())
}
