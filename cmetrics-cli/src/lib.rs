//! The command `cmetrics` as a library, for programs that are another door to it.
//!
//! The rules of what a point means are those of `cmetrics-core`. Here is what surrounds them:
//! arguments, progress, messages, output formats and exit codes.

mod args;
mod commands;
mod input;
mod interrupt;
mod messages;
mod open;
mod outcome;
mod output;
mod progress;
mod summary;

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};

use clap::Parser;

pub use output::{write_csv, write_json, write_whole};

/// Runs the command with these arguments, the program's name not among them, and returns the
/// status to exit with. All that is to be said is written by then.
///
/// It is made for a process that does nothing else: from now on Ctrl-C and a request to end make
/// the process exit with 128 and the signal's number, such as 130, unless these signals are ignored or handled already.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    interrupt::handle();
    let name = OsStr::new("cmetrics").to_owned();
    let status = match args::Args::try_parse_from(std::iter::once(name).chain(arguments)) {
        Ok(args) => commands::run(&args).into(),
        Err(error) => {
            // Help on a closed pipe is no error either.
            let _ = error.print();
            u8::try_from(error.exit_code()).unwrap_or(outcome::Status::Usage.into())
        }
    };
    // In a process that is not Rust's own nobody else would.
    let _ = io::stdout().flush();
    status
}
