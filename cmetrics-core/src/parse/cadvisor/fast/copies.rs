//! Jumps over copies of known samples.

use super::text::{StepError, Text};
use crate::parse::Footprint;
use crate::parse::lanes::prefetch_around;
use crate::time::Timestamp;

/// The text that a sample begins with.
const SAMPLE_PREFIX: &[u8] = b"{\"timestamp\":\"";
/// How many samples ahead memory is prefetched.
const PREFETCH_SAMPLES: usize = 8;
/// How many bytes after a sample are enough to read the beginning of the next one.
const LOOKAHEAD: usize = 96;

/// Reads the time of the sample at `at`, and returns it with the end of its text.
#[inline(always)]
pub(super) fn read_time(
    timestamps: &mut super::TimestampReader,
    text: Text<'_>,
    at: usize,
) -> Result<(Timestamp, usize), StepError> {
    let rest = text.from(at);
    if rest.len() < LOOKAHEAD && !text.ended {
        return Err(StepError::Incomplete);
    }
    let rest = rest.strip_prefix(SAMPLE_PREFIX).ok_or(StepError::Fallback)?;
    let (time, length) = timestamps.read(rest).ok_or(StepError::Fallback)?;
    Ok((time, at + SAMPLE_PREFIX.len() + length))
}

/// Where a jump ends, and the time of the next sample there, if any, with the end of its text.
pub(super) type Landing = (usize, Option<(Timestamp, usize)>);

/// Jumps over the copy at `at`, if it ends as the known sample does and the expected sample or the
/// end of the list follows.
#[inline(always)]
pub(super) fn jump(
    timestamps: &mut super::TimestampReader,
    text: Text<'_>,
    at: usize,
    footprint: &Footprint,
) -> Result<Landing, StepError> {
    let length = footprint.length as usize;
    let end = at + length;
    // The samples of a container have similar lengths.
    prefetch_around(text.bytes, end + PREFETCH_SAMPLES * length);
    if text.bytes.len() < end + LOOKAHEAD && !text.ended {
        return Err(StepError::Incomplete);
    }
    let sample = text.bytes.get(at..end).ok_or(StepError::Fallback)?;
    if Footprint::of(sample) != Some((footprint.length, footprint.last)) {
        return Err(StepError::Fallback);
    }
    match text.bytes.get(end) {
        Some(b']') => Ok((end, None)),
        Some(b',') => {
            let (time, time_end) = read_time(timestamps, text, end + 1)?;
            let is_expected = footprint.next == Some(time);
            if is_expected { Ok((end, Some((time, time_end)))) } else { Err(StepError::Fallback) }
        }
        _ => Err(StepError::Fallback),
    }
}
