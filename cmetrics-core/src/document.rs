//! Types that the parser and the receiver of its samples share.

use crate::time::Timestamp;

/// Which of cAdvisor's documents a container was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DocumentKind {
    /// v1 `containers`, `subcontainers`, `docker`.
    V1,
    /// v2.0 `stats`.
    V2_0,
    /// v2.1 `stats`.
    V2_1,
    /// v2 `machinestats`, which contains fewer readings of the machine than the others.
    MachineStats,
}

/// How much of a sample the receiver wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing: the sample is known.
    Nothing,
    /// Nothing: the sample is known, and the parser may skip a text with this footprint.
    Copy(Footprint),
    /// All metrics that the parser reads.
    Whole,
}

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
