//! The commands on running machines, in a build without them.

use crate::args::{HealthArgs, ServeArgs, WatchArgs};
use crate::messages;
use crate::outcome::{Failure, Status};

pub(crate) fn watch(_: &WatchArgs) -> Result<Status, Failure> {
    Err(Failure::usage(absent("watch")))
}

#[expect(clippy::unnecessary_wraps, reason = "as where machines can be polled")]
pub(crate) fn serve(_: &ServeArgs) -> Result<Status, Failure> {
    messages::error(absent("serve"));
    Ok(Status::Misconfigured)
}

pub(crate) fn health(_: &HealthArgs) -> Result<Status, Failure> {
    Err(Failure::usage(absent("health")))
}

fn absent(command: &str) -> String {
    format!(
        "this cmetrics, as the Python package has it, cannot poll machines: '{command}' is in the \
         program itself, which 'cargo install cmetrics-cli' installs"
    )
}
