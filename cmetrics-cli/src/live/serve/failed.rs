//! Why a server did not start, or did not end in order.

use cmetrics_core::ErrorKind as CoreErrorKind;
use cmetrics_live::ErrorKind;

use crate::messages;
use crate::outcome::Status;

/// Why it did not start, or did not end in order.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) status: Status,
    pub(super) message: String,
}

/// Tells what is wrong with a configuration.
pub(super) fn misconfigured(problems: &[String]) -> Status {
    problems.iter().for_each(messages::error);
    Status::Misconfigured
}

pub(super) fn of_store(error: &cmetrics_core::Error) -> Failed {
    let status = match error.kind() {
        CoreErrorKind::Setting => Status::Misconfigured,
        _ => Status::StoreFailed,
    };
    Failed { status, message: error.to_string() }
}

pub(super) fn of_live(error: &cmetrics_live::Error) -> Failed {
    let status = match error.kind() {
        ErrorKind::Setting | ErrorKind::Name | ErrorKind::NotAllowed => Status::Misconfigured,
        ErrorKind::Store | ErrorKind::Machines => Status::StoreFailed,
        _ => Status::Damaged,
    };
    Failed { status, message: error.to_string() }
}

pub(super) fn of_server(error: &cmetrics_server::Error) -> Failed {
    let status = match error {
        cmetrics_server::Error::System { .. } => Status::Damaged,
        _ => Status::Misconfigured,
    };
    Failed { status, message: error.to_string() }
}

impl Failed {
    pub(super) fn store(message: String) -> Self {
        Self { status: Status::StoreFailed, message }
    }

    pub(super) fn other(message: String) -> Self {
        Self { status: Status::Damaged, message }
    }
}
