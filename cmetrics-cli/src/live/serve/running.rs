//! From listening to the end.

use std::sync::Arc;
use std::time::Duration;

use cmetrics_live::Live;
use cmetrics_server::Server;
use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::configured::Configured;
use super::ending::{Ending, close};
use super::failed::{Failed, of_live, of_server};
use super::reload::Reload;
use crate::args::ServeArgs;
use crate::live::config::Config;
use crate::live::notify::Supervisor;
use crate::live::retention::retain;
use crate::live::signals::{Asked, Signals};

/// What runs.
pub(super) struct Started {
    pub(super) live: Arc<Live>,
    pub(super) server: Arc<Server>,
    pub(super) configured: Configured,
}

/// Runs until a signal asks for the end, and ends in order.
///
/// # Errors
/// Why it did not start to listen, or what could not be ended in order.
pub(super) fn run(started: Started, config: &Config, args: &ServeArgs) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Failed::other(format!("cannot start threads: {error}")))?;
    let mut ending = Ending::new(config.stop_within);
    let live = Arc::clone(&started.live);
    let ended = runtime.block_on(serve(started, config, args, &mut ending));
    runtime.shutdown_background();
    let closed = close(live, &ending);
    ended.and(closed)?;
    tracing::info!("ended");
    Ok(())
}

async fn serve(
    started: Started,
    config: &Config,
    args: &ServeArgs,
    ending: &mut Ending,
) -> Result<(), Failed> {
    let Started { live, server, configured } = started;
    let signals = Signals::new();
    let mut signals =
        signals.map_err(|error| Failed::other(format!("cannot handle signals: {error}")))?;
    let listener = TcpListener::bind(config.listen).await.and_then(|listener| {
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    let (listener, address) = listener
        .map_err(|error| Failed::other(format!("cannot listen on {}: {error}", config.listen)))?;
    let stop = CancellationToken::new();
    let mut parts = Parts {
        polling: spawn_polling(&live, &stop),
        serving: {
            let (server, stop) = (Arc::clone(&server), stop.clone());
            tokio::spawn(async move { server.serve(listener, stop).await })
        },
    };
    let retaining = config.retain.map(|age| tokio::spawn(retain(Arc::clone(&live), age)));
    tracing::info!(
        address = %format_args!("{}://{address}", config.scheme),
        store = %config.store.display(),
        machines = live.machines().len(),
        "listening"
    );
    let supervisor = Supervisor::from_environment();
    supervisor.tell("READY=1");
    let mut reload = Reload::new(args.clone(), config, configured, &live, &server);
    let done = parts.until_ended(&mut signals, &stop, ending, &supervisor, &mut reload).await;
    if let Some(retaining) = retaining {
        retaining.abort();
        let _ = retaining.await;
    }
    done
}

fn spawn_polling(
    live: &Arc<Live>,
    stop: &CancellationToken,
) -> JoinHandle<Result<(), cmetrics_live::Error>> {
    let (live, stop) = (Arc::clone(live), stop.clone());
    tokio::spawn(async move { live.run(stop).await })
}

/// What ends only at the end.
struct Parts {
    polling: JoinHandle<Result<(), cmetrics_live::Error>>,
    serving: JoinHandle<Result<(), cmetrics_server::Error>>,
}

impl Parts {
    async fn until_ended(
        &mut self,
        signals: &mut Signals,
        stop: &CancellationToken,
        ending: &mut Ending,
        supervisor: &Supervisor,
        reload: &mut Reload,
    ) -> Result<(), Failed> {
        let (mut is_polling, mut is_serving) = (true, true);
        let mut done = Ok(());
        while is_polling || is_serving {
            let last = ending.deadline().map_or_else(far, Instant::from_std);
            tokio::select! {
                ended = &mut self.polling, if is_polling => {
                    is_polling = false;
                    done = done.and(polled(ended));
                }
                ended = &mut self.serving, if is_serving => {
                    is_serving = false;
                    done = done.and(served(ended));
                }
                asked = signals.next() => match asked {
                    Asked::End(signal) if stop.is_cancelled() => end_at_once(signal),
                    Asked::End(signal) => {
                        tracing::info!(signal, "ending");
                        supervisor.tell("STOPPING=1");
                    }
                    Asked::Hangup => {
                        reload.run().await;
                        continue;
                    }
                },
                () = supervisor.next_beat() => {
                    supervisor.tell("WATCHDOG=1");
                    continue;
                }
                () = sleep_until(last) => return done.and(Err(ending.exceeded())),
            }
            // Whatever has ended, or was asked for: nothing goes on alone.
            ending.begin();
            stop.cancel();
        }
        done
    }
}

fn far() -> Instant {
    Instant::now() + Duration::from_secs(86_400)
}

fn polled(ended: Result<Result<(), cmetrics_live::Error>, JoinError>) -> Result<(), Failed> {
    match ended {
        Ok(polled) => polled.map_err(|error| of_live(&error)),
        Err(error) => Err(Failed::other(format!("polling ended: {error}"))),
    }
}

fn served(ended: Result<Result<(), cmetrics_server::Error>, JoinError>) -> Result<(), Failed> {
    match ended {
        Ok(served) => served.map_err(|error| of_server(&error)),
        Err(error) => Err(Failed::other(format!("answering ended: {error}"))),
    }
}

/// Ends the process as a signal would: it was asked for twice. All that was kept stays.
fn end_at_once(signal: i32) -> ! {
    tracing::warn!(signal, "ending at once, as asked again");
    crate::interrupt::end(signal)
}
