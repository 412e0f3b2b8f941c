//! `cmetrics completions`: a completion script for a shell.

use clap::CommandFactory;

use crate::args::{Args, CompletionsArgs};
use crate::outcome::{Failure, Status};
use crate::output::Target;

pub(crate) fn run(args: &CompletionsArgs) -> Result<Status, Failure> {
    // Not directly to standard output, because `generate` panics where that is closed.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "cmetrics", &mut script);
    Target::standard_output().write(|out| out.write_all(&script))?;
    Ok(Status::AllWell)
}
