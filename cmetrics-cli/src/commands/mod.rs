//! One file per command.

mod completions;
mod containers;
mod get;
mod ingest;
mod inspect;
mod metrics;
mod points;
mod store;

use crate::args::{Args, Command};
#[cfg(feature = "live")]
use crate::live;
#[cfg(not(feature = "live"))]
use crate::live_absent as live;
use crate::messages;
use crate::outcome::{Failure, Status};

/// Runs the command, and prints why it failed.
pub(crate) fn run(args: &Args) -> Status {
    let done = match &args.command {
        Command::Points(args) => points::run(args),
        Command::Inspect(args) => inspect::run(args),
        Command::Metrics(args) => metrics::run(args),
        Command::Ingest(args) => ingest::run(args),
        Command::Get(args) => get::run(args),
        Command::Containers(args) => containers::run(args),
        Command::Watch(args) => live::watch(args),
        Command::Serve(args) => live::serve(args),
        Command::Health(args) => live::health(args),
        Command::Store(command) => store::run(command),
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
        Err(Failure::Store(error)) => {
            messages::error(error);
            Status::Damaged
        }
        #[cfg(feature = "live")]
        Err(Failure::Live(error)) => {
            messages::error(error);
            Status::Damaged
        }
    }
}
