//! What who reads documents and who takes their samples agree on.

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
    /// v2 `machinestats`, which tells less of the machine than the others do.
    MachineStats,
}

/// How much of a sample is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing: it is known.
    Nothing,
    /// Nothing: it is known, and a copy of this text need not even be looked at.
    Copy(Footprint),
    /// All that the parser was made for.
    Whole,
}

/// What is remembered of a known sample's text. A copy of it has the same length, ends alike and
/// is followed by the same sample or by the end of the list; where that is so, it is taken for one.
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
    /// Length and last bytes of a sample's text; `None` where it is too short or long to matter.
    pub fn of(text: &[u8]) -> Option<(u32, u64)> {
        let last = *text.last_chunk()?;
        Some((u32::try_from(text.len()).ok()?, u64::from_le_bytes(last)))
    }
}
