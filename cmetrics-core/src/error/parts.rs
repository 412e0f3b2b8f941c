//! The parts of an error that code may need, rather than people.

use std::io;
use std::path::Path;

use super::Error;
use super::problem::{Problem, TIME, WHOLE_NUMBERS};

impl Error {
    /// The field, column or setting that has an invalid value, such as `memory.usage`.
    ///
    /// ```
    /// use cmetrics_core::{Input, Pipeline};
    ///
    /// let dump = r#"{"/": {"stats": [{"timestamp": "noon"}]}}"#;
    /// let error = Pipeline::default().read(Input::bytes("dump", dump)).into_result().unwrap_err();
    /// assert_eq!(error.field(), Some("timestamp"));
    /// assert_eq!(error.expected(), Some("a time such as 2026-11-21T07:37:46.41Z"));
    /// assert_eq!(error.found(), Some("\"noon\""));
    /// ```
    pub fn field(&self) -> Option<&str> {
        match &self.0.problem {
            Problem::Value { field, .. } => Some(field),
            Problem::Field { field, .. } => Some(field),
            Problem::Column(name) => Some(name),
            Problem::Timestamp { .. } => Some("timestamp"),
            Problem::Container { field: name, .. } | Problem::Setting { name, .. } => Some(name),
            _ => None,
        }
    }

    /// What the [`field`](Self::field) may be, in words: of a setting the values that are allowed.
    pub fn expected(&self) -> Option<&str> {
        match &self.0.problem {
            Problem::Value { expected, .. }
            | Problem::Field { expected, .. }
            | Problem::Container { expected, .. } => Some(expected),
            Problem::Column(_) => Some(WHOLE_NUMBERS),
            Problem::Timestamp { .. } => Some(TIME),
            Problem::Setting { allowed, .. } => Some(allowed),
            _ => None,
        }
    }

    /// What the [`field`](Self::field) is: its text in the input, shortened, or a setting with its
    /// unit.
    pub fn found(&self) -> Option<&str> {
        match &self.0.problem {
            Problem::Value { found, .. }
            | Problem::Field { found, .. }
            | Problem::Container { found, .. }
            | Problem::Timestamp { found, .. } => Some(found),
            Problem::Setting { value, .. } => Some(value),
            _ => None,
        }
    }

    /// The word that stands for no container, or for several.
    pub fn word(&self) -> Option<&str> {
        match &self.0.problem {
            Problem::UnknownContainer { word, .. } | Problem::AmbiguousContainer { word, .. } => {
                Some(word)
            }
            _ => None,
        }
    }

    /// The names of the containers that the [`word`](Self::word) may stand for.
    pub fn candidates(&self) -> &[String] {
        match &self.0.problem {
            Problem::UnknownContainer { candidates, .. }
            | Problem::AmbiguousContainer { candidates, .. } => candidates,
            _ => &[],
        }
    }

    /// The file or folder of a store that the error is about.
    pub fn path(&self) -> Option<&Path> {
        match &self.0.problem {
            Problem::Store { path, .. }
            | Problem::Locked { store: path, .. }
            | Problem::ReadOnly(path)
            | Problem::Refused { path, .. } => Some(path),
            Problem::Damaged(_) | Problem::Unsupported(_) => {
                self.0.place.source.as_deref().map(Path::new)
            }
            _ => None,
        }
    }

    /// Who has the store open for writing, where that is known: its process and machine, in words.
    pub fn lock_owner(&self) -> Option<&str> {
        match &self.0.problem {
            Problem::Locked { owner, .. } => owner.as_deref(),
            _ => None,
        }
    }

    /// The error of the system or of the caller's reader, where this is one of reading or writing.
    ///
    /// ```
    /// # #[cfg(feature = "files")] {
    /// use cmetrics_core::Pipeline;
    ///
    /// let outcome = Pipeline::default().read_paths(&["no/such/file"]);
    /// let cause = outcome.errors[0].io_error().unwrap();
    /// assert_eq!(cause.kind(), std::io::ErrorKind::NotFound);
    /// # }
    /// ```
    pub fn io_error(&self) -> Option<&io::Error> {
        match &self.0.problem {
            Problem::Io(cause) | Problem::Store { cause, .. } => Some(cause),
            _ => None,
        }
    }
}
