//! Errors, and their places in the input.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::time::{Interval, TimestampError};

/// The kind of an [`Error`].
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
    /// A value of the wrong type or range; the sample or container that contains it was left out.
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

/// The cause inside an [`std::io::Error`] where compressed data cannot be unpacked.
#[derive(Debug, thiserror::Error)]
#[error("the {format} data are damaged or cut off: {cause}")]
pub(crate) struct PackedDamage {
    pub(crate) format: &'static str,
    #[source]
    pub(crate) cause: io::Error,
}

fn is_damage(failure: &io::Error) -> bool {
    failure.get_ref().and_then(|inner| inner.downcast_ref::<PackedDamage>()).is_some()
}

/// What went wrong, with the parts of its message.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("cannot read: {0}")]
    Io(#[source] io::Error),
    #[error("no file in this folder holds samples")]
    EmptyFolder,
    #[error("{0}")]
    Json(String),
    #[error("{0}")]
    TooLarge(String),
    #[error("{field}: expected {expected}, found {found}; the sample is left out")]
    Value { field: String, expected: &'static str, found: String },
    #[error("the column {0}: expected whole numbers, 0 or more")]
    Column(String),
    #[error("{field}: expected {expected}, found {found}; the container is left out")]
    Container { field: &'static str, expected: &'static str, found: String },
    #[error(
        "timestamp: expected a time such as 2026-11-21T07:37:46.41Z, found {found}: {cause}; the sample is left out"
    )]
    Timestamp {
        found: String,
        #[source]
        cause: TimestampError,
    },
    #[error(
        "no cAdvisor samples here: this looks like {looks_like} (samples are served by {SERVING})"
    )]
    NotADump { looks_like: String },
    #[error("no samples: the document is {0}")]
    NoSamples(&'static str),
    #[error("{} is {value}, but must be {allowed}", .name.replace('_', " "))]
    Setting { name: &'static str, value: String, allowed: String },
    #[error("no container is called {word:?}{}{}", if .shown.is_empty() { "" } else { "; near matches: " }, .shown.join(", "))]
    UnknownContainer { word: String, candidates: Vec<String>, shown: Vec<String> },
    #[error("{word:?} could be any of {}", .shown.join(", "))]
    AmbiguousContainer { word: String, candidates: Vec<String>, shown: Vec<String> },
    #[error("cannot {doing} {}: {cause}{}", .path.display(), advice(.cause))]
    Store {
        doing: &'static str,
        path: PathBuf,
        #[source]
        cause: io::Error,
    },
    #[error("the file is damaged: {0}")]
    Damaged(String),
    #[error(
        "the store {} is open for writing by {}; open it read-only, or wait",
        .store.display(), .owner.as_deref().unwrap_or("another process")
    )]
    Locked { store: PathBuf, owner: Option<String> },
    #[error("{0}")]
    Unsupported(String),
    #[error("the store {}: it was opened to be read, not written", .0.display())]
    ReadOnly(PathBuf),
    #[error("the store {}: {why}", .path.display())]
    Refused { path: PathBuf, why: String },
    #[error(
        "the point of {name} from {} to {} cannot be rolled up: {why}",
        .interval.start(), .interval.end()
    )]
    RollUp { name: Arc<str>, interval: Interval, why: String },
    #[error("cancelled: {0}")]
    Cancelled(&'static str),
}

/// The kind of an error of the system.
fn kind_of(cause: &io::Error) -> ErrorKind {
    match cause.kind() {
        _ if is_damage(cause) => ErrorKind::Packed,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::DiskFull,
        io::ErrorKind::PermissionDenied => ErrorKind::Permission,
        _ => ErrorKind::Io,
    }
}

/// What to do where the system fails to read or write a file of a store.
fn advice(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; make room on its disk, or keep less in the store: 'cmetrics store retain' needs no room"
        }
        io::ErrorKind::PermissionDenied => {
            "; let the user who runs this read the store, and write it unless it is opened read-only"
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "; open the store read-only, or mount its disk for writing"
        }
        io::ErrorKind::AlreadyExists => "; name a folder that is not there yet",
        io::ErrorKind::NotFound => "; see that the path is right and its disk mounted",
        _ => "",
    }
}

/// How messages describe text of two bytes per character, which Windows shells write.
pub(crate) const UTF_16: &str = "UTF-16 text; save it as UTF-8";

const SERVING: &str = "/api/v1.x/containers/, /api/v1.x/subcontainers/, /api/v1.x/docker/, \
                       /api/v2.0/stats/, /api/v2.1/stats/ and /api/v2.x/machinestats";

/// A place in an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file, or the name that the caller gave the input.
    pub source: Option<Arc<str>>,
    /// The offset in bytes, in the unpacked text or in a file of a store.
    pub offset: Option<u64>,
    /// The line, from 1.
    pub line: Option<u64>,
    /// The column, in bytes from 1.
    pub column: Option<u64>,
    /// The cgroup path of the container whose data contain it.
    pub container: Option<Arc<str>>,
}

impl Place {
    fn of(path: &Path) -> Self {
        Self { source: Some(path.display().to_string().into()), ..Self::default() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(source) = &self.source {
            write!(f, "{source}: ")?;
        }
        if let (Some(line), Some(column), Some(offset)) = (self.line, self.column, self.offset) {
            write!(f, "line {line} column {column} (byte {offset}): ")?;
        }
        if let (None, Some(offset)) = (self.line, self.offset) {
            write!(f, "byte {offset}: ")?;
        }
        if let Some(container) = &self.container {
            write!(f, "container {}: ", Shortened(container))?;
        }
        Ok(())
    }
}

/// An error. Its message says what went wrong, where, and what to do about it.
///
/// One pointer wide, so that results stay small.
///
/// ```
/// use cmetrics_core::{ErrorKind, Pipeline};
///
/// let mut pipeline = Pipeline::default();
/// pipeline.read("now.json", &br#"{"/a": {"stats": [{"timestamp": "#[..]);
/// let error = &pipeline.errors()[0];
/// assert_eq!(error.kind(), ErrorKind::Json);
/// assert_eq!(error.place().offset, Some(32));
/// assert_eq!(
///     error.to_string(),
///     "now.json: line 1 column 33 (byte 32): container /a: the text ends inside a document",
/// );
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    problem: Problem,
    place: Place,
}

impl Error {
    #[cold]
    pub(crate) fn new(problem: Problem) -> Self {
        Self::at(Place::default(), problem)
    }

    #[cold]
    pub(crate) fn at(place: Place, problem: Problem) -> Self {
        Self(Box::new(Inner { problem, place }))
    }

    /// The system failed to read or write a file or folder of a store.
    #[cold]
    pub(crate) fn store(doing: &'static str, path: PathBuf, cause: io::Error) -> Self {
        Self::new(Problem::Store { doing, path, cause })
    }

    /// A file of a store does not contain what was written to it.
    #[cold]
    pub(crate) fn damaged(path: &Path, offset: Option<u64>, what: impl Into<String>) -> Self {
        Self::at(Place { offset, ..Place::of(path) }, Problem::Damaged(what.into()))
    }

    /// Only a newer release can read this file of a store.
    #[cold]
    pub(crate) fn unsupported(path: &Path, what: impl Into<String>) -> Self {
        Self::at(Place::of(path), Problem::Unsupported(what.into()))
    }

    pub(crate) fn in_source(mut self, source: &Arc<str>) -> Self {
        self.0.place.source.get_or_insert_with(|| Arc::clone(source));
        self
    }

    /// The kind of the error.
    pub fn kind(&self) -> ErrorKind {
        match self.0.problem {
            Problem::Io(ref cause) | Problem::Store { ref cause, .. } => kind_of(cause),
            Problem::EmptyFolder | Problem::NoSamples(_) => ErrorKind::NoSamples,
            Problem::Json(_) => ErrorKind::Json,
            Problem::TooLarge(_) => ErrorKind::TooLarge,
            Problem::Column(_)
            | Problem::Value { .. }
            | Problem::Container { .. }
            | Problem::Timestamp { .. } => ErrorKind::Value,
            Problem::NotADump { .. } => ErrorKind::NotADump,
            Problem::Setting { .. } => ErrorKind::Setting,
            Problem::UnknownContainer { .. } => ErrorKind::UnknownContainer,
            Problem::AmbiguousContainer { .. } => ErrorKind::AmbiguousContainer,
            Problem::Damaged(_) => ErrorKind::Damaged,
            Problem::Locked { .. } => ErrorKind::Locked,
            Problem::Unsupported(_) => ErrorKind::Unsupported,
            Problem::ReadOnly(_) => ErrorKind::ReadOnly,
            Problem::Refused { .. } | Problem::RollUp { .. } => ErrorKind::Refused,
            Problem::Cancelled(_) => ErrorKind::Cancelled,
        }
    }

    /// Whether the input is text that may be a dump in another encoding.
    pub(crate) fn is_of_utf_16(&self) -> bool {
        matches!(&self.0.problem, Problem::NotADump { looks_like } if looks_like == UTF_16)
    }

    /// Where in the input the error is.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// The message without the place.
    pub fn message(&self) -> String {
        self.0.problem.to_string()
    }

    /// The field or setting that has an invalid value, such as `memory.usage`.
    pub fn field(&self) -> Option<&str> {
        match &self.0.problem {
            Problem::Value { field, .. } => Some(field),
            Problem::Timestamp { .. } => Some("timestamp"),
            Problem::Container { field: name, .. } | Problem::Setting { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The names of the containers that an ambiguous or unknown word may stand for.
    pub fn candidates(&self) -> &[String] {
        match &self.0.problem {
            Problem::UnknownContainer { candidates, .. }
            | Problem::AmbiguousContainer { candidates, .. } => candidates,
            _ => &[],
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0.place, self.0.problem)
    }
}

/// The text of [`Display`](fmt::Display), because `unwrap` shows it to people.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.problem.source()
    }
}

/// A text of the input, shortened to about a line and without control characters.
pub(crate) struct Shortened<'t>(pub(crate) &'t str);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 120;
        for char in self.0.chars().take(LONGEST) {
            if char.is_control() {
                write!(f, "{}", char.escape_default())?;
            } else {
                write!(f, "{char}")?;
            }
        }
        if self.0.chars().nth(LONGEST).is_some() { f.write_str("…") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn trouble_with_a_file_of_a_store_says_what_to_do() {
        for (kind, ours, what_to_do) in [
            (io::ErrorKind::StorageFull, ErrorKind::DiskFull, "; make room on its disk"),
            (io::ErrorKind::QuotaExceeded, ErrorKind::DiskFull, "; make room on its disk"),
            (io::ErrorKind::PermissionDenied, ErrorKind::Permission, "; let the user"),
            (io::ErrorKind::ReadOnlyFilesystem, ErrorKind::Io, "; open the store read-only"),
            (io::ErrorKind::NotFound, ErrorKind::Io, "; see that the path is right"),
            (io::ErrorKind::AlreadyExists, ErrorKind::Io, "; name a folder that is not there"),
        ] {
            let error = Error::store("write", "s/log-1".into(), kind.into());
            assert_eq!(error.kind(), ours);
            assert_eq!(Error::new(Problem::Io(kind.into())).kind(), ours);
            let start = format!("cannot write s/log-1: {}{what_to_do}", io::Error::from(kind));
            assert!(error.to_string().starts_with(&start), "{error}");
            assert!(std::error::Error::source(&error).is_some());
        }
        let error = Error::store("read", "s/log-1".into(), io::ErrorKind::UnexpectedEof.into());
        assert_eq!(error.to_string(), "cannot read s/log-1: unexpected end of file");
    }

    #[test]
    fn damage_of_a_store_says_in_which_file_and_where() {
        let error = Error::damaged(Path::new("s/log-1"), Some(44), "no frame");
        assert_eq!(error.to_string(), "s/log-1: byte 44: the file is damaged: no frame");
        assert_eq!((error.kind(), error.place().offset), (ErrorKind::Damaged, Some(44)));
        assert_eq!(error.place().source.as_deref(), Some("s/log-1"));
        let error = Error::unsupported(Path::new("s/MANIFEST"), "use a newer release");
        assert_eq!(error.to_string(), "s/MANIFEST: use a newer release");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn a_text_in_a_message_is_shortened_and_has_no_control_characters() {
        assert_eq!(Shortened("a\nb\u{1b}[31m").to_string(), "a\\nb\\u{1b}[31m");
        assert_eq!(Shortened(&"x".repeat(500)).to_string().chars().count(), 121);
        assert_eq!(Shortened(&"é".repeat(120)).to_string().chars().count(), 120);
    }
}
