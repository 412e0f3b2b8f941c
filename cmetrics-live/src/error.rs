//! What can go wrong apart from polls, whose failures are in the state of their machine.

use std::fmt;

/// An error. Its message says what went wrong, where, and what to do about it.
///
/// One pointer wide, so that results stay small.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    cause: Option<cmetrics_core::Error>,
}

/// The kind of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Text that is no address of a machine.
    Address,
    /// A name that no machine can have.
    Name,
    /// A name that another machine has.
    NameTaken,
    /// An address that is not in the networks that may be asked.
    NotAllowed,
    /// A setting outside what is allowed.
    Setting,
    /// The list of machines could not be read or written.
    Machines,
    /// The store or the recorder failed; [`Error::core`] is the cause.
    Store,
    /// [`Live::run`](crate::Live::run) is called while it runs.
    Running,
    /// The system refused what polling needs, such as a thread or the list of its certificates.
    System,
}

impl Error {
    #[cold]
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), cause: None }))
    }

    /// Its kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The error of the store or recorder that is the cause, if one is.
    pub fn core(&self) -> Option<&cmetrics_core::Error> {
        self.0.cause.as_ref()
    }
}

impl From<cmetrics_core::Error> for Error {
    #[cold]
    fn from(cause: cmetrics_core::Error) -> Self {
        let message = cause.to_string();
        Self(Box::new(Inner { kind: ErrorKind::Store, message, cause: Some(cause) }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}: {}", self.0.kind, self.0.message)
    }
}

/// The message has that of the cause, so a chain of messages begins behind it.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_ref().and_then(std::error::Error::source)
    }
}
