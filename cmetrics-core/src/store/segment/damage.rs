//! Damage of a segment.

use std::fmt;
use std::io;
use std::sync::Arc;

/// A range of a segment that cannot be read.
#[derive(Debug)]
pub(crate) struct Damage {
    /// The offset in the file.
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) part: Part,
    pub(crate) kind: DamageKind,
    /// Its container, where that is known.
    pub(crate) container: Option<Arc<str>>,
    /// Its first second and its end in seconds, where they are known.
    pub(crate) time: Option<(u64, u64)>,
}

/// The parts of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Start,
    Points,
    Events,
    Tail,
    /// Events and tails of several containers.
    Extras,
    Metadata,
    Directory,
    /// The part of the index with the names of containers.
    Names,
    Index,
    Footer,
    /// Bytes of no known part.
    Unknown,
}

/// The kinds of damage.
#[derive(Debug)]
pub(crate) enum DamageKind {
    /// A checksum is wrong.
    Checksum,
    /// It ends too early.
    Truncated,
    /// It is not a valid part of a segment.
    Malformed,
    /// It refers to a metric or shape that no readable directory has.
    NoDirectory,
    /// It was written by a later version.
    Newer,
    /// It cannot be read.
    Io(io::Error),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::Start => "the start",
            Part::Points => "points",
            Part::Events => "events",
            Part::Tail => "samples of unfinished intervals",
            Part::Extras => "events and samples of unfinished intervals",
            Part::Metadata => "names and limits of containers",
            Part::Directory => "the directory of metrics",
            Part::Names => "the index of containers",
            Part::Index => "the index",
            Part::Footer => "the footer",
            Part::Unknown => "bytes",
        };
        write!(f, "{part} at bytes {}..{}", self.offset, self.offset.saturating_add(self.length))?;
        if let Some(container) = &self.container {
            write!(f, " of {}", crate::chain_name::told(container))?;
        }
        if let Some((first, end)) = self.time {
            write!(f, " from {first} to {end}")?;
        }
        match &self.kind {
            DamageKind::Checksum => write!(f, ": the checksum is wrong"),
            DamageKind::Truncated => write!(f, ": cut off"),
            DamageKind::Malformed => write!(f, ": invalid"),
            DamageKind::NoDirectory => {
                write!(f, ": it refers to an unreadable directory of metrics")
            }
            DamageKind::Newer => write!(f, ": written by a later version"),
            DamageKind::Io(cause) => write!(f, ": {cause}"),
        }
    }
}

impl std::error::Error for Damage {}

impl Damage {
    /// Adds the path of the file.
    pub(crate) fn into_error(self, path: &std::path::Path) -> crate::Error {
        let what = self.to_string();
        match self.kind {
            DamageKind::Io(cause) => crate::Error::store("read", path.to_owned(), cause),
            _ => crate::Error::damaged(path, Some(self.offset), what),
        }
    }
}
