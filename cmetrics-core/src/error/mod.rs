//! Errors, and their places in the input.

mod kind;
mod packed;
mod parts;
mod place;
mod problem;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use kind::ErrorKind;
#[cfg(any(feature = "gzip", feature = "zstd"))]
pub(crate) use packed::PackedDamage;
pub use place::Place;
pub(crate) use place::Shortened;
pub(crate) use problem::{Problem, UTF_16};

/// An error. Its message says what went wrong, where, and what to do about it.
///
/// The message has that of the cause. So [`source`](std::error::Error::source) is what is behind
/// the cause, if anything, and a chain of messages says nothing twice; [`io_error`](Self::io_error)
/// is the cause itself. What a message is made of can be asked for, each part by itself.
///
/// One pointer wide, so that results stay small.
///
/// ```
/// use cmetrics_core::{ErrorKind, Input, Pipeline};
///
/// let cut_off = r#"{"/a": {"stats": [{"timestamp": "#;
/// let outcome = Pipeline::default().read(Input::bytes("now.json", cut_off));
/// let error = &outcome.errors[0];
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
        self.0.problem.kind()
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
        self.io_error().and_then(std::error::Error::source)
    }
}
