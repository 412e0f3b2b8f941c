//! Types that the parser and the receiver of its samples share.

use crate::footprint::Footprint;

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
