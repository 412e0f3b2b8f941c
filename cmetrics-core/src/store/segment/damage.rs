//! What is wrong with a segment, and where.

use std::fmt;
use std::io;
use std::sync::Arc;

/// A stretch of a segment that cannot be read.
#[derive(Debug)]
pub(crate) struct Damage {
    /// Bytes from the file's start.
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) part: Part,
    pub(crate) kind: DamageKind,
    /// The container whose it is, where that is known.
    pub(crate) container: Option<Arc<str>>,
    /// First second and the one that it ends before, where they are known.
    pub(crate) time: Option<(u64, u64)>,
}

/// What of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Start,
    Points,
    Events,
    Tail,
    Metadata,
    Directory,
    /// The part of the index that tells of containers by name.
    Names,
    Index,
    Footer,
    /// Bytes that are none of these.
    Unknown,
}

/// What is wrong with it.
#[derive(Debug)]
pub(crate) enum DamageKind {
    /// It is not what was written.
    Checksum,
    /// It ends too early.
    Truncated,
    /// It is none of what a segment holds.
    Malformed,
    /// It tells of a metric or kind of point that no directory that can be read tells of.
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
            Part::Metadata => "what names containers",
            Part::Directory => "the directory of metrics",
            Part::Names => "the index of containers",
            Part::Index => "the index",
            Part::Footer => "the footer",
            Part::Unknown => "bytes",
        };
        write!(f, "{part} at bytes {}..{}", self.offset, self.offset.saturating_add(self.length))?;
        if let Some(container) = &self.container {
            write!(f, " of {container}")?;
        }
        if let Some((first, end)) = self.time {
            write!(f, " from {first} to {end}")?;
        }
        match &self.kind {
            DamageKind::Checksum => write!(f, ": not what was written"),
            DamageKind::Truncated => write!(f, ": cut off"),
            DamageKind::Malformed => write!(f, ": not understood"),
            DamageKind::NoDirectory => write!(f, ": what it tells of is not known"),
            DamageKind::Newer => write!(f, ": written by a later version"),
            DamageKind::Io(cause) => write!(f, ": {cause}"),
        }
    }
}

impl std::error::Error for Damage {}

impl Damage {
    /// The same with the file that it is in.
    pub(crate) fn into_error(self, path: &std::path::Path) -> crate::Error {
        let what = self.to_string();
        match self.kind {
            DamageKind::Io(cause) => crate::Error::store("read", path.to_owned(), cause),
            _ => crate::Error::damaged(path, Some(self.offset), what),
        }
    }
}
