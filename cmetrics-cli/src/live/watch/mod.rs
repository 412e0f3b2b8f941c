//! `cmetrics watch`: points of machines as they become final, or a table that is renewed.

mod changes;
mod frame;
mod lines;
mod screen;
mod watched;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use cmetrics_core::store::{StoreOptions, SyncPolicy};
use cmetrics_core::{ErrorKind as CoreErrorKind, MetricSet, Store};
use cmetrics_live::{ErrorKind, Live, LiveOptions, Machine, Networks};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use self::watched::Watched;
use super::machines::machine;
use super::memory;
use super::retention::retain;
use super::signals::{Asked, Signals};
use crate::args::{WatchArgs, WatchFormat};
use crate::outcome::{Failure, Status};
use crate::{interrupt, messages};

/// In a new store, samples count that are older than their container's newest by as much.
const LATENESS: Duration = Duration::from_secs(5);
/// For how long points stay in a folder that is removed at the end.
const REMEMBERED: Duration = Duration::from_secs(600);
/// For how long the end waits for whoever reads what is written.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) fn run(args: &WatchArgs) -> Result<Status, Failure> {
    let metrics = crate::args::metrics(&args.figures.metrics)?;
    let machines = machines(args)?;
    memory::give_large_buffers_back();
    let folder = Folder::new(args.store.as_deref())?;
    let live = Arc::new(open(args, &folder, metrics)?);
    add(&live, machines)?;
    let (stop, ended) = (CancellationToken::new(), CancellationToken::new());
    let watched = Watched {
        live: Arc::clone(&live),
        metrics,
        extended: args.figures.extended,
        complete: args.figures.complete,
        open: args.open,
        quiet: args.quiet,
        ended: ended.clone(),
    };
    let output = begin_output(watched, format(args), stop.clone());
    let forgotten = matches!(folder, Folder::Temporary(_)).then_some(REMEMBERED);
    let polled = poll(&live, &stop, forgotten);
    ended.cancel();
    let written = match output.recv_timeout(PATIENCE) {
        Ok(written) => written,
        // Whoever reads it does not: the rest is not waited for.
        Err(RecvTimeoutError::Timeout) => end_at_once(live, folder),
        Err(RecvTimeoutError::Disconnected) => Ok(()),
    };
    let closed = Arc::into_inner(live).map_or(Ok(()), Live::close);
    polled?;
    closed.map_err(failure)?;
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Output("standard output".to_owned(), error))
        }
        _ => Ok(Status::AllWell),
    }
}

fn format(args: &WatchArgs) -> WatchFormat {
    let by_default =
        if io::stdout().is_terminal() { WatchFormat::Table } else { WatchFormat::Ndjson };
    args.format.unwrap_or(by_default)
}

fn machines(args: &WatchArgs) -> Result<Vec<Machine>, Failure> {
    let parsed: Vec<_> = args.machines.iter().map(|text| machine(text)).collect();
    let wrong: Vec<_> = parsed.iter().filter_map(|one| one.as_ref().err()).cloned().collect();
    if wrong.is_empty() {
        Ok(parsed.into_iter().flatten().collect())
    } else {
        Err(Failure::Usage(wrong))
    }
}

/// The folder of the store: the one that was named, or one until the end.
enum Folder {
    Kept(PathBuf),
    Temporary(TempDir),
}

impl Folder {
    fn new(named: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = named else {
            let folder = tempfile::Builder::new().prefix("cmetrics-").tempdir();
            let name = || std::env::temp_dir().display().to_string();
            return folder.map(Self::Temporary).map_err(|error| Failure::Output(name(), error));
        };
        Ok(Self::Kept(path.to_owned()))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }
}

fn open(args: &WatchArgs, folder: &Folder, metrics: MetricSet) -> Result<Live, Failure> {
    let mut of_store = StoreOptions::default().with_metrics(metrics);
    if let Some(interval) = args.interval {
        of_store = of_store.with_interval(Duration::from_secs(interval));
    }
    if let Folder::Temporary(_) = folder {
        of_store = of_store.with_sync(SyncPolicy::Os);
    }
    let store = match Store::open(folder.path(), of_store.with_lateness(LATENESS)) {
        // It keeps its own.
        Err(error) if error.kind() == CoreErrorKind::Setting => {
            Store::open(folder.path(), of_store)?
        }
        opened => opened?,
    };
    // Whoever starts the command may connect to anything anyhow.
    let mut options = LiveOptions::default()
        .with_poll_interval(Duration::from_secs(args.poll_interval))
        .with_networks(Networks::any())
        .with_sockets();
    if args.figures.extended {
        options = options.with_settings(store.settings().with_shares());
    }
    Live::open(store, options).map_err(failure)
}

/// Adds the machines that were named; without any and without a list, this one.
fn add(live: &Live, named: Vec<Machine>) -> Result<(), Failure> {
    let mut machines = named;
    if machines.is_empty() && live.machines().is_empty() {
        machines.push(machine("localhost").map_err(Failure::usage)?);
    }
    for machine in machines {
        live.add(machine).map_err(failure)?;
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn failure(error: cmetrics_live::Error) -> Failure {
    match error.kind() {
        ErrorKind::Store | ErrorKind::Machines | ErrorKind::System | ErrorKind::Running => {
            Failure::Live(error.to_string())
        }
        _ => Failure::usage(error.to_string()),
    }
}

/// Starts the thread that writes. It tells how that ended.
fn begin_output(
    watched: Watched,
    format: WatchFormat,
    stop: CancellationToken,
) -> mpsc::Receiver<io::Result<()>> {
    let (sender, receiver) = mpsc::channel();
    // Before the first poll, so that none of its points is missed.
    let subscription = (format == WatchFormat::Ndjson).then(|| lines::subscribe(&watched));
    thread::spawn(move || {
        let written = match &subscription {
            Some(subscription) => lines::write(&watched, subscription),
            None => screen::write(&watched),
        };
        stop.cancel();
        drop((watched, subscription));
        let _ = sender.send(written);
    });
    receiver
}

/// Polls until a signal or the end of the output asks for the end. Points are dropped after the time
/// that is given.
fn poll(
    live: &Arc<Live>,
    stop: &CancellationToken,
    forgotten: Option<Duration>,
) -> Result<(), Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime =
        runtime.map_err(|error| Failure::Live(format!("cannot start threads: {error}")))?;
    let forgetting = forgotten.map(|age| runtime.spawn(retain(Arc::clone(live), age)));
    let done = runtime.block_on(async {
        let mut signals = Signals::new()
            .map_err(|error| Failure::Live(format!("cannot handle signals: {error}")))?;
        let mut run = std::pin::pin!(live.run(stop.clone()));
        loop {
            tokio::select! {
                done = &mut run => return done.map_err(failure),
                asked = signals.next() => match asked {
                    // It is asked for twice.
                    Asked::End(signal) if stop.is_cancelled() => interrupt::end(signal),
                    _ => stop.cancel(),
                },
            }
        }
    });
    if let Some(forgetting) = forgetting {
        forgetting.abort();
        let _ = runtime.block_on(forgetting);
    }
    runtime.shutdown_background();
    done
}

/// Ends the process while a thread waits for whoever reads the output: to return would wait, too.
fn end_at_once(live: Arc<Live>, folder: Folder) -> ! {
    drop(live);
    drop(folder);
    messages::note("the last points were not written, since nobody reads them");
    std::process::exit(0)
}
