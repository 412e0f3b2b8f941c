//! The command `cmetrics` as a library, so that other programs, such as the Python module, can run
//! it.
//!
//! What a point means is defined in `cmetrics-core`. This crate has the arguments, progress,
//! messages, output formats and exit codes.

mod args;
mod commands;
mod input;
mod interrupt;
#[cfg(feature = "live")]
mod live;
#[cfg(not(feature = "live"))]
mod live_absent;
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
/// these signals are ignored or handled already. `watch` and `serve` end in order instead.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let name = OsStr::new("cmetrics").to_owned();
    let words: Vec<_> = std::iter::once(name).chain(arguments).collect();
    let status = match args::Args::try_parse_from(&words) {
        Ok(args) => {
            if !args.command.ends_in_order() {
                interrupt::handle();
            }
            commands::run(&args).into()
        }
        Err(error) => {
            // Help that goes to a closed pipe is not an error either.
            let _ = error.print();
            status_of(&error, &words)
        }
    };
    // In a process whose `main` is not Rust's, nobody else flushes it.
    let _ = io::stdout().flush();
    status
}

/// The exit status where the arguments are not those of a command, or ask for help.
fn status_of(error: &clap::Error, words: &[OsString]) -> u8 {
    let is_serve = words.get(1).is_some_and(|word| word == "serve");
    match error.exit_code() {
        0 => outcome::Status::AllWell,
        _ if is_serve => outcome::Status::Misconfigured,
        _ => outcome::Status::Usage,
    }
    .into()
}
