//! The command `cmetrics` as a library, so that other programs, such as the Python module, can run
//! it.
//!
//! What a point means is defined in `cmetrics-core`. This crate has the arguments, progress,
//! messages, output formats and exit codes.

mod args;
mod commands;
mod input;
mod interrupt;
mod messages;
mod mixed;
mod open;
mod outcome;
mod output;
mod progress;
mod summary;

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};

use clap::Parser;

pub use output::{RowFormat, write_csv, write_json, write_rows, write_whole};

/// Runs the command with these arguments, without the program's name, and returns the exit status.
/// All output and messages are written when it returns.
///
/// It is made for a process that does nothing else: it installs handlers, so that Ctrl-C and a
/// request to end make the process exit with 128 plus the signal's number, such as 130, unless
/// these signals are ignored or handled already.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    interrupt::handle();
    let name = OsStr::new("cmetrics").to_owned();
    let status = match args::Args::try_parse_from(std::iter::once(name).chain(arguments)) {
        Ok(args) => commands::run(&args).into(),
        Err(error) => {
            // Help that goes to a closed pipe is not an error either.
            let _ = error.print();
            u8::try_from(error.exit_code()).unwrap_or(outcome::Status::Usage.into())
        }
    };
    // In a process whose `main` is not Rust's, nobody else flushes it.
    let _ = io::stdout().flush();
    status
}
