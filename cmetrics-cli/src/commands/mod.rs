//! One file per command.

mod completions;
mod inspect;
mod metrics;
mod points;

use crate::args::{Args, Command};
use crate::messages;
use crate::outcome::{Failure, Status};

/// Runs the command, and tells why where it fails.
pub(crate) fn run(args: &Args) -> Status {
    let done = match &args.command {
        Command::Points(args) => points::run(args),
        Command::Inspect(args) => inspect::run(args),
        Command::Metrics(args) => metrics::run(args),
        Command::Completions(args) => completions::run(args),
    };
    match done {
        Ok(status) => status,
        Err(Failure::Usage(reasons)) => {
            reasons.iter().for_each(messages::error);
            Status::Usage
        }
        Err(Failure::Output(name, failure)) => {
            messages::error(format_args!("cannot write {name}: {failure}"));
            Status::Damaged
        }
    }
}
