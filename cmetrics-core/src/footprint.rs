//! How the text of a known sample is recognised.

use crate::time::Timestamp;

/// What is remembered of the text of a known sample. A text counts as a copy of it if it has the
/// same length, the same last bytes, and is followed by the same sample or by the end of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// The length of the text, in bytes.
    pub length: u32,
    /// Its last eight bytes.
    pub last: u64,
    /// The known sample that comes next in time, if any.
    pub next: Option<Timestamp>,
}

impl Footprint {
    /// The length and last bytes of a sample's text; `None` if the text is too short or too long.
    pub fn of(text: &[u8]) -> Option<(u32, u64)> {
        let last = *text.last_chunk()?;
        Some((u32::try_from(text.len()).ok()?, u64::from_le_bytes(last)))
    }
}
