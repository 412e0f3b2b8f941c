//! Errors of the system and of HTTP, named as what they are.

use std::error::Error as StdError;
use std::io;

use crate::failure::{Failure, FailureKind};

/// No connection was made.
#[cold]
pub(super) fn no_connection(url: &str, cause: &io::Error) -> Failure {
    let (kind, what) = match cause.kind() {
        io::ErrorKind::ConnectionRefused => {
            (FailureKind::Refused, "nobody listens there (connection refused)".to_owned())
        }
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
            (FailureKind::NoRoute, "no way leads there".to_owned())
        }
        io::ErrorKind::TimedOut => {
            (FailureKind::TimedOutConnecting, "no connection in time".to_owned())
        }
        io::ErrorKind::NotFound => (FailureKind::Refused, "there is no such socket".to_owned()),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
            (FailureKind::Refused, format!("the connection was refused: {cause}"))
        }
        _ => (FailureKind::Local, format!("no connection could be made: {cause}")),
    };
    Failure::new(kind, format!("{url}: {what}"))
}

/// No secure connection was made.
#[cold]
pub(super) fn no_tls(url: &str, cause: &dyn StdError) -> Failure {
    let message = format!("{url}: no secure connection: {}", innermost(cause));
    Failure::new(FailureKind::Tls, message)
}

/// A connection was made, and no answer came.
#[cold]
pub(super) fn no_answer(url: &str, cause: &hyper::Error) -> Failure {
    let (kind, what) = if cause.is_parse() && cause.to_string().contains("too large") {
        (FailureKind::TooLarge, "the head of the answer is longer than 64 KiB".to_owned())
    } else if cause.is_parse() {
        (FailureKind::Protocol, format!("what answers is not HTTP: {}", innermost(cause)))
    } else if cause.is_incomplete_message() {
        (FailureKind::CutOff, "the connection was closed before an answer".to_owned())
    } else {
        (FailureKind::CutOff, format!("the connection failed: {}", innermost(cause)))
    };
    Failure::new(kind, format!("{url}: {what}"))
}

/// No byte of an answer came in time.
#[cold]
pub(super) fn timed_out_waiting(url: &str) -> Failure {
    Failure::new(FailureKind::TimedOutWaiting, format!("{url}: no answer in time"))
}

/// The request could not be made.
#[cold]
pub(super) fn cannot_send(url: &str, cause: &dyn StdError) -> Failure {
    Failure::new(FailureKind::Local, format!("{url}: the request cannot be made: {cause}"))
}

/// The text of the last cause, which says most.
pub(super) fn innermost(error: &dyn StdError) -> String {
    let mut cause = error;
    while let Some(behind) = cause.source() {
        cause = behind;
    }
    cause.to_string()
}
