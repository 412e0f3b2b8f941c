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
pub(crate) use problem::Problem;

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
    /// How many bytes of the input were passed over because of it.
    passed_over: u64,
    /// Whether the input may well be a dump.
    of_a_dump: bool,
}

impl Error {
    #[cold]
    pub(crate) fn new(problem: Problem) -> Self {
        Self::at(Place::default(), problem)
    }

    #[cold]
    pub(crate) fn at(place: Place, problem: Problem) -> Self {
        Self(Box::new(Inner { problem, place, passed_over: 0, of_a_dump: false }))
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

    /// So many bytes of the input were passed over because of it, besides those that are known.
    pub(crate) fn passing_over(mut self, bytes: u64) -> Self {
        self.0.passed_over += bytes;
        self
    }

    /// The same error at another place.
    pub(crate) fn placed(mut self, place: Place) -> Self {
        self.0.place = place;
        self
    }

    /// The input may well be a dump, despite this error.
    pub(crate) fn of_a_dump(mut self) -> Self {
        self.0.of_a_dump = true;
        self
    }

    /// Whether the input may well be a dump: one that is damaged, or in a form that is not read.
    pub(crate) fn is_of_a_dump(&self) -> bool {
        self.0.of_a_dump || matches!(self.0.problem, Problem::Unread { .. })
    }

    /// How many bytes of the input were passed over because of it, from its place on: up to where
    /// the next document begins, or the end. Of text that is no dump, all of the input's, which is
    /// told once.
    ///
    /// ```
    /// use cmetrics_core::{Input, Pipeline};
    ///
    /// let dump = "saved now\n{\"/a\": {\"stats\": []}}\nsaved later\n";
    /// let outcome = Pipeline::default().read(Input::bytes("dump", dump));
    /// assert_eq!(outcome.containers, 1);
    /// assert_eq!(outcome.errors[0].passed_over(), 9 + 11);
    /// ```
    pub fn passed_over(&self) -> u64 {
        self.0.passed_over
    }

    /// The kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.problem.kind()
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
        write!(f, "{}{}", self.0.place, self.0.problem)?;
        match self.0.passed_over {
            0 => Ok(()),
            1 => f.write_str("; 1 byte is passed over"),
            bytes => write!(f, "; {bytes} bytes are passed over"),
        }
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
