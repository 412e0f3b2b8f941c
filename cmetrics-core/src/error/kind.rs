//! The kinds of errors.

use std::io;

use super::packed::is_damage;

/// The kind of an [`Error`](super::Error).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file, folder or reader could not be read or written, for a reason other than the next two.
    Io,
    /// There is no room left on the disk, or in this user's quota.
    DiskFull,
    /// The system does not permit a file or folder to be read or written.
    Permission,
    /// Compressed data that are damaged or cut off.
    Packed,
    /// Text that is not JSON, or ends too early.
    Json,
    /// A document that is too long or too deeply nested to be read.
    TooLarge,
    /// A value of the wrong type or range, or a line that cannot be read; the line, sample or
    /// container that contains it was left out.
    Value,
    /// JSON or other text, but none of cAdvisor's documents with samples.
    NotADump,
    /// A dump without any container or sample.
    NoSamples,
    /// A setting outside what is allowed.
    Setting,
    /// A word that stands for no container.
    UnknownContainer,
    /// A word that the ids of several containers begin with.
    AmbiguousContainer,
    /// A file of a store that does not contain what was written to it.
    Damaged,
    /// A store that another process has open for writing.
    Locked,
    /// A store that only a newer release can read.
    Unsupported,
    /// A write to a store that was opened to be read.
    ReadOnly,
    /// An operation that is not possible with this store in its present state, or with these
    /// samples or points.
    Refused,
    /// The caller [cancelled](crate::Cancel) the work.
    Cancelled,
}

/// The kind of an error of the system.
pub(super) fn kind_of(cause: &io::Error) -> ErrorKind {
    match cause.kind() {
        _ if is_damage(cause) => ErrorKind::Packed,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::DiskFull,
        io::ErrorKind::PermissionDenied => ErrorKind::Permission,
        _ => ErrorKind::Io,
    }
}
