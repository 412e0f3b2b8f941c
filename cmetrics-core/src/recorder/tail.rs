//! Changes to a container's tail: the raw samples that are not in final points.

use crate::sample::Sample;
use crate::series::{Chunk, SampleMeta};
use crate::time::Timestamp;

/// Inserts a sample into a tail that has none of its time.
pub(super) fn insert_sample(tail: &mut Chunk, sample: &Sample, is_partial: bool) {
    let (row, mut mark) = (sample.row(), SampleMeta::default());
    mark.is_partial = is_partial;
    tail.reserve_few(row);
    let index = if tail.last() < Some(row.time) { tail.len() } else { tail.before(row.time) };
    tail.insert(index, row, mark);
}

/// Copies the sample of this time from one chunk to another, in the place of one of its time.
pub(super) fn copy_sample(into: &mut Chunk, from: &Chunk, time: Timestamp) {
    let index = from.before(time);
    let (Some(row), Some(mark)) = (from.row(index), from.meta(index)) else { return };
    let index = into.before(time);
    if into.time(index) == Some(time) {
        into.replace(index, row);
        if let Some(known) = into.meta_mut(index) {
            *known = mark;
        }
    } else {
        into.insert(index, row, mark);
    }
}

/// Adds what a copy has besides to a sample of the tail. Returns whether the sample is there.
pub(super) fn complete_sample(tail: &mut Chunk, copy: &Sample, is_partial: bool) -> bool {
    let index = tail.before(copy.time());
    let is_present = tail.time(index) == Some(copy.time());
    if is_present {
        tail.complete(index, copy, SampleMeta::without_text(is_partial));
    }
    is_present
}
