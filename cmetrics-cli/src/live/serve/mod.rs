//! `cmetrics serve`: polls machines, keeps their points, and answers for them.

mod check;
mod configured;
mod ending;
mod failed;
mod opening;
mod reload;
mod running;

use std::io::{self, Write};
use std::sync::Arc;

use cmetrics_live::Live;
use cmetrics_server::Server;

use self::configured::Configured;
use self::failed::{Failed, misconfigured, of_live, of_server, of_store};
use self::opening::open;
use self::running::Started;
use super::config::{self, Config};
use super::log;
use super::memory;
use crate::args::ServeArgs;
use crate::messages;
use crate::outcome::{Failure, Status};

pub(crate) fn run(args: &ServeArgs) -> Result<Status, Failure> {
    if args.print_config {
        let (printed, notes) = match config::print(args) {
            Ok(printed) => printed,
            Err(problems) => return Ok(misconfigured(&problems)),
        };
        let written = io::stdout().write_all(printed.as_bytes());
        written.map_err(|error| Failure::Output("standard output".to_owned(), error))?;
        if !args.check {
            notes.iter().for_each(messages::note);
            return Ok(Status::AllWell);
        }
    }
    let config = match config::read(args) {
        Ok(config) => config,
        Err(problems) => return Ok(misconfigured(&problems)),
    };
    if args.check {
        return Ok(check::check(&config));
    }
    memory::give_large_buffers_back();
    log::begin(config.log.targets.clone(), config.log.format);
    for note in &config.notes {
        tracing::warn!("{note}");
    }
    Ok(match start(&config).and_then(|started| running::run(started, &config, args)) {
        Ok(()) => Status::AllWell,
        Err(failed) => {
            tracing::error!("{}", failed.message);
            failed.status
        }
    })
}

fn start(config: &Config) -> Result<Started, Failed> {
    let store = open(config).map_err(|error| of_store(&error))?;
    let live = Live::open(store, config.live.clone()).map_err(|error| of_live(&error))?;
    let mut configured = Configured::read(&config.store).map_err(Failed::store)?;
    let problems = configured.apply(&live, &config.machines);
    if !problems.is_empty() {
        return Err(Failed { status: Status::Misconfigured, message: problems.join("; ") });
    }
    let live = Arc::new(live);
    let server = Server::new(Arc::clone(&live), config.server.clone());
    let server = Arc::new(server.map_err(|error| of_server(&error))?);
    Ok(Started { live, server, configured })
}
