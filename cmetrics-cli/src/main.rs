//! `cmetrics`: cAdvisor dumps in, data points out.
//!
//! The rules of what a point means are those of `cmetrics-core`. Here is what surrounds them:
//! arguments, progress, messages, output formats and exit codes.

mod args;
mod commands;
mod input;
mod messages;
mod opened;
mod outcome;
mod output;
mod progress;
mod summary;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match args::Args::try_parse() {
        Ok(args) => commands::run(&args).into(),
        Err(error) => {
            // Help on a closed pipe is no error either.
            let _ = error.print();
            u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
        }
    }
}
