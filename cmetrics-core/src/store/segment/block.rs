//! A block: points of one container, column by column.

use super::shape::Column;
use crate::store::bytes::Bytes;

/// From so many points on, a block contains the name of its container, in case the index is lost.
pub(super) const NAMED: usize = 256;
/// The most points and numbers of a block.
pub(super) const MOST_POINTS: usize = 1 << 15;
pub(super) const MOST_NUMBERS: usize = 1 << 21;

/// For the remainder of a gauge's sum, the spread of its readings is a useful reference only
/// together with their number: how far back that column lies.
pub(super) fn bounding(column: Column, back: usize) -> Option<usize> {
    (back == 1 && column.metric().is_some_and(|(_, part)| part == 4)).then_some(3)
}

/// The most by which a sum of so many readings can exceed its expected value.
pub(super) fn bound(span: u64, number: u64) -> u64 {
    span.wrapping_mul(number.saturating_sub(2))
}

pub(super) fn union(all: &[&[Column]]) -> Vec<Column> {
    let mut columns: Vec<_> = all.iter().flat_map(|columns| columns.iter().copied()).collect();
    columns.sort_unstable();
    columns.dedup();
    columns
}

/// The header of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockHeader<'b> {
    pub(super) container: u64,
    /// The first interval, in intervals since the epoch.
    pub(super) first: u64,
    pub(super) count: usize,
    /// The container's name, in blocks of many points.
    pub(super) name: Option<&'b str>,
}

impl<'b> BlockHeader<'b> {
    pub(super) fn take(bytes: &mut Bytes<'b>) -> Option<Self> {
        let (container, first) = (bytes.varint()?, bytes.varint()?);
        let count = usize::try_from(bytes.varint()?).ok()?;
        if !(1..=MOST_POINTS).contains(&count) {
            return None;
        }
        let name = if count >= NAMED { Some(bytes.text()?) } else { None };
        Some(Self { container, first, count, name })
    }
}
