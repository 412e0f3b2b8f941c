//! `cmetrics serve --check`: whether it would start.

use std::io;

use cmetrics_core::{Error as CoreError, Store};
use cmetrics_live::Live;

use super::super::config::Config;
use super::configured::Configured;
use super::failed::{misconfigured, of_store};
use super::opening::open_by;
use crate::messages;
use crate::outcome::Status;

/// Checks what only those can that are told the options.
pub(super) fn check(config: &Config) -> Status {
    if let Err(error) = try_store(config) {
        let failed = of_store(&error);
        messages::error(&failed.message);
        return failed.status;
    }
    match try_out(config) {
        Ok(problems) if problems.is_empty() => {
            config.notes.iter().for_each(messages::note);
            messages::plain("the configuration is right");
            Status::AllWell
        }
        Ok(problems) => misconfigured(&problems),
        Err(problem) => misconfigured(&[problem]),
    }
}

/// Opens the store if there is one, without writing to it: a server may have it.
fn try_store(config: &Config) -> Result<(), CoreError> {
    match open_by(config, |options| Store::open_read_only(&config.store, options)) {
        Err(error) if is_missing(&error) => Ok(()),
        opened => opened.map(drop),
    }
}

/// Whether there is no store, so that a new one would be made.
fn is_missing(error: &CoreError) -> bool {
    error.io_error().is_some_and(|cause| cause.kind() == io::ErrorKind::NotFound)
}

/// Opens a store that is soon gone and adds the machines. Returns what is wrong with them.
fn try_out(config: &Config) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let store = Store::open(folder.path(), config.store_options());
    let store = store.map_err(|error| error.to_string())?;
    let live = Live::open(store, config.live.clone()).map_err(|error| error.to_string())?;
    Ok(Configured::read(folder.path())?.apply(&live, &config.machines))
}
