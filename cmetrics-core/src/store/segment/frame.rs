//! The frames of a segment. Each has its kind, its length and a checksum.

use super::damage::{DamageKind, Part};
use crate::store::bytes::{Bytes, masked, put_varint};

/// The kind of a frame: its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Points = 0xd1,
    Events = 0xd2,
    Tail = 0xd3,
    Metadata = 0xd4,
    Directory = 0xd5,
    Page = 0xd6,
    Index = 0xd7,
    Extras = 0xd8,
}

impl Kind {
    pub(super) const ALL: [Self; 8] = [
        Self::Points,
        Self::Events,
        Self::Tail,
        Self::Metadata,
        Self::Directory,
        Self::Page,
        Self::Index,
        Self::Extras,
    ];

    pub(super) fn part(self) -> Part {
        match self {
            Self::Points => Part::Points,
            Self::Events => Part::Events,
            Self::Tail => Part::Tail,
            Self::Metadata => Part::Metadata,
            Self::Directory => Part::Directory,
            Self::Page => Part::Names,
            Self::Index => Part::Index,
            Self::Extras => Part::Extras,
        }
    }
}

/// The length of a frame's checksum.
pub(super) const CHECKSUM: usize = 4;

/// CRC-32 as in gzip, masked.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    masked(crc.sum())
}

/// Appends a frame.
pub(super) fn put(bytes: &mut Vec<u8>, kind: Kind, content: &[u8]) {
    let start = bytes.len();
    bytes.push(kind as u8);
    put_varint(bytes, content.len() as u64);
    bytes.extend_from_slice(content);
    let sum = checksum(bytes.get(start..).unwrap_or_default());
    bytes.extend_from_slice(&sum.to_le_bytes());
}

/// The content of a frame of this kind, which these bytes are exactly.
pub(super) fn content(frame: &[u8], kind: Kind) -> Result<&[u8], DamageKind> {
    let split = frame.len().checked_sub(CHECKSUM).and_then(|at| frame.split_at_checked(at));
    let (body, sum) = split.ok_or(DamageKind::Truncated)?;
    if sum != checksum(body).to_le_bytes() {
        return Err(DamageKind::Checksum);
    }
    let (first, rest) = body.split_first().ok_or(DamageKind::Truncated)?;
    let mut rest = Bytes(rest);
    match rest.bytes() {
        Some(content) if *first == kind as u8 && rest.is_empty() => Ok(content),
        _ => Err(DamageKind::Malformed),
    }
}

/// The kind and length of the frame at the start of these bytes, if there is one.
pub(super) fn peek(bytes: &[u8]) -> Option<(Kind, usize)> {
    let (first, rest) = bytes.split_first()?;
    let kind = Kind::ALL.into_iter().find(|kind| *kind as u8 == *first)?;
    let mut after = Bytes(rest);
    let length = usize::try_from(after.varint()?).ok()?;
    let header = bytes.len() - after.0.len();
    Some((kind, header.checked_add(length)?.checked_add(CHECKSUM)?))
}
