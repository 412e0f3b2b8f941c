//! Reading machines and tokens again while it runs.

use std::sync::{Arc, Mutex, PoisonError};

use cmetrics_live::Live;
use cmetrics_server::Server;
use tokio::task::spawn_blocking;

use super::configured::{Configured, problems_of};
use crate::args::ServeArgs;
use crate::live::config::{self, Config, Effective};

/// What reads the configuration again.
pub(super) struct Reload {
    args: ServeArgs,
    /// As it was when the process began.
    effective: Effective,
    configured: Arc<Mutex<Configured>>,
    live: Arc<Live>,
    server: Arc<Server>,
}

impl Reload {
    pub(super) fn new(
        args: ServeArgs,
        config: &Config,
        configured: Configured,
        live: &Arc<Live>,
        server: &Arc<Server>,
    ) -> Self {
        Self {
            args,
            effective: config.effective.clone(),
            configured: Arc::new(Mutex::new(configured)),
            live: Arc::clone(live),
            server: Arc::clone(server),
        }
    }

    /// Reads the configuration, and takes machines and tokens from it. What is wrong is logged, and
    /// then nothing changes.
    pub(super) async fn run(&self) {
        let args = self.args.clone();
        match spawn_blocking(move || config::read(&args)).await {
            Ok(Ok(config)) => self.take(config).await,
            Ok(Err(problems)) => stays(&problems),
            Err(error) => tracing::error!(%error, "the configuration was not read"),
        }
    }

    async fn take(&self, config: Config) {
        for key in self.effective.changed(&config.effective) {
            tracing::warn!(option = key, "changed, which takes effect after a restart");
        }
        // Before anything changes; then only the disk can fail.
        let problems = problems_of(&self.live, &config.machines);
        if !problems.is_empty() {
            return stays(&problems);
        }
        if let Err(error) = self.server.set_tokens(config.tokens) {
            return stays(&[format!("the tokens: {error}")]);
        }
        let (configured, live) = (Arc::clone(&self.configured), Arc::clone(&self.live));
        let applied = spawn_blocking(move || {
            let mut configured = configured.lock().unwrap_or_else(PoisonError::into_inner);
            configured.apply(&live, &config.machines)
        });
        for problem in applied.await.unwrap_or_default() {
            tracing::error!("{problem}");
        }
        tracing::info!(machines = self.live.machines().len(), "the configuration was read again");
    }
}

/// Tells what is wrong with a configuration that is not taken.
fn stays(problems: &[String]) {
    for problem in problems {
        tracing::error!("{problem}");
    }
    tracing::error!("the configuration stays as it was");
}
