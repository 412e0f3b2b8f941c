//! What can go wrong, and the words for it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::kind::{ErrorKind, kind_of};
use crate::time::{Interval, TimestampError};

/// What went wrong, with the parts of its message. A message has that of its cause, so none has a
/// source for [`Error`](super::Error) to show once more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("cannot read: {0}")]
    Io(io::Error),
    #[error("no file in this folder holds samples")]
    EmptyFolder,
    #[error("{0}")]
    Json(String),
    #[error("{0}")]
    TooLarge(String),
    #[error("{field}: expected {expected}, found {found}; the sample is left out")]
    Value { field: String, expected: &'static str, found: String },
    #[error("expected {expected}, found {found}; the line is left out")]
    Line { expected: &'static str, found: String },
    #[error("{0}")]
    Rows(&'static str),
    #[error("{field}: expected {expected}, found {found}; the field is left out")]
    Field { field: &'static str, expected: &'static str, found: String },
    #[error("the column {0}: expected {WHOLE_NUMBERS}")]
    Column(String),
    #[error("{field}: expected {expected}, found {found}; the container is left out")]
    Container { field: &'static str, expected: &'static str, found: String },
    #[error("timestamp: expected {TIME}, found {found}: {cause}; the sample is left out")]
    Timestamp { found: String, cause: TimestampError },
    #[error(
        "no cAdvisor samples here: this looks like {looks_like} (samples are served by {SERVING})"
    )]
    NotADump { looks_like: String },
    #[error("no samples here: this looks like {what}; {instead}")]
    Near { what: &'static str, instead: &'static str },
    #[error("this is {what}, which is not read: {advice}")]
    Unread { what: &'static str, advice: &'static str },
    #[error("no samples: the document is {0}")]
    NoSamples(&'static str),
    #[error(
        "no containers here, only {0}; of OTLP, metrics of the receivers `docker_stats` and \
         `kubeletstats` are read"
    )]
    NoContainers(String),
    #[error("{} is {value}, but must be {allowed}", .name.replace('_', " "))]
    Setting { name: &'static str, value: String, allowed: String },
    #[error("no container is called {word:?}{}{}", if .shown.is_empty() { "" } else { "; near matches: " }, .shown.join(", "))]
    UnknownContainer { word: String, candidates: Vec<String>, shown: Vec<String> },
    #[error("{word:?} could be any of {}", .shown.join(", "))]
    AmbiguousContainer { word: String, candidates: Vec<String>, shown: Vec<String> },
    #[error("cannot {doing} {}: {cause}{}", .path.display(), advice(.cause))]
    Store { doing: &'static str, path: PathBuf, cause: io::Error },
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

impl Problem {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Io(cause) | Self::Store { cause, .. } => kind_of(cause),
            Self::EmptyFolder | Self::NoSamples(_) | Self::NoContainers(_) => ErrorKind::NoSamples,
            Self::Json(_) => ErrorKind::Json,
            Self::TooLarge(_) => ErrorKind::TooLarge,
            Self::Column(_)
            | Self::Line { .. }
            | Self::Rows(_)
            | Self::Value { .. }
            | Self::Field { .. }
            | Self::Container { .. }
            | Self::Timestamp { .. } => ErrorKind::Value,
            Self::NotADump { .. } | Self::Near { .. } | Self::Unread { .. } => ErrorKind::NotADump,
            Self::Setting { .. } => ErrorKind::Setting,
            Self::UnknownContainer { .. } => ErrorKind::UnknownContainer,
            Self::AmbiguousContainer { .. } => ErrorKind::AmbiguousContainer,
            Self::Damaged(_) => ErrorKind::Damaged,
            Self::Locked { .. } => ErrorKind::Locked,
            Self::Unsupported(_) => ErrorKind::Unsupported,
            Self::ReadOnly(_) => ErrorKind::ReadOnly,
            Self::Refused { .. } | Self::RollUp { .. } => ErrorKind::Refused,
            Self::Cancelled(_) => ErrorKind::Cancelled,
        }
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

const SERVING: &str = "/api/v1.x/containers/, /api/v1.x/subcontainers/, /api/v1.x/docker/, \
                       /api/v2.0/stats/, /api/v2.1/stats/ and /api/v2.x/machinestats";

/// What a time in a dump must be.
pub(super) const TIME: &str = "a time such as 2026-11-21T07:37:46.41Z";

/// What a column of a table must hold.
pub(super) const WHOLE_NUMBERS: &str = "whole numbers, 0 or more";
