//! How a command ends.

use std::io;

use cmetrics_core::{ErrorKind, Pipeline};

/// The status of a command that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    AllWell,
    /// Some input was damaged or missing, and the rest was done; or the output or a store failed.
    Damaged,
    Usage,
    /// The configuration of a server is wrong.
    Misconfigured,
    /// The store of a server failed.
    #[cfg(feature = "live")]
    StoreFailed,
}

/// The exit status of the process.
impl From<Status> for u8 {
    fn from(status: Status) -> Self {
        match status {
            Status::AllWell => 0,
            Status::Damaged => 1,
            Status::Usage => 2,
            // EX_USAGE and EX_IOERR of sysexits.h, which supervisors of servers know.
            Status::Misconfigured => 64,
            #[cfg(feature = "live")]
            Status::StoreFailed => 74,
        }
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The arguments are invalid, for these reasons.
    Usage(Vec<String>),
    /// The output of this name could not be written.
    Output(String, io::Error),
    /// A store could not be opened, read or written.
    Store(cmetrics_core::Error),
    /// Machines cannot be polled.
    #[cfg(feature = "live")]
    Live(String),
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(vec![message.into()])
    }
}

/// An invalid setting and an unknown container are errors of usage; others are errors of a store.
impl From<cmetrics_core::Error> for Failure {
    fn from(error: cmetrics_core::Error) -> Self {
        match error.kind() {
            ErrorKind::Setting | ErrorKind::UnknownContainer | ErrorKind::AmbiguousContainer => {
                Self::usage(error.to_string())
            }
            _ => Self::Store(error),
        }
    }
}

/// An unknown metric is an error of usage.
impl From<cmetrics_core::metric::UnknownMetric> for Failure {
    fn from(error: cmetrics_core::metric::UnknownMetric) -> Self {
        Self::usage(error.to_string())
    }
}

/// The status of a command that has done all that its inputs allow.
pub(crate) fn status_after(pipeline: &Pipeline) -> Status {
    if pipeline.summary().errors == 0 { Status::AllWell } else { Status::Damaged }
}
