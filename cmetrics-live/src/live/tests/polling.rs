//! What tests of polls have in common.

use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::*;

/// A polling `Live` and what stops it.
pub(super) struct Polling {
    pub(super) live: Arc<Live>,
    stop: CancellationToken,
    run: JoinHandle<Result<(), Error>>,
    folder: tempfile::TempDir,
}

impl Polling {
    pub(super) fn start(lateness: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lateness = Duration::from_secs(lateness);
        let options = StoreOptions::default().with_lateness(lateness);
        let store = Store::open(folder.path(), options).unwrap();
        let options = LiveOptions::default().with_poll_interval(Duration::from_secs(1));
        Self::of(Live::open(store, options.with_sockets()).unwrap(), folder)
    }

    pub(super) fn of(live: Live, folder: tempfile::TempDir) -> Self {
        let live = Arc::new(live);
        let (stop, running) = (CancellationToken::new(), Arc::clone(&live));
        let token = stop.clone();
        let run = tokio::spawn(async move { running.run(token).await });
        Self { live, stop, run, folder }
    }

    /// Adds the machine `a`.
    pub(super) fn add(&self, address: &str) {
        assert_eq!(self.live.add(machine("a", address)).unwrap(), Added::New);
    }

    fn state(&self) -> MachineState {
        self.live.machine("a").unwrap()
    }

    /// Waits until something is so of the machine `a`.
    pub(super) async fn until(
        &self,
        what: &str,
        is_so: impl Fn(&MachineState) -> bool,
    ) -> MachineState {
        let began = Instant::now();
        loop {
            let state = self.state();
            if is_so(&state) {
                return state;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "not {what}: {state:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Stops polling, and closes the store.
    pub(super) async fn end(self) -> tempfile::TempDir {
        self.stop.cancel();
        self.run.await.unwrap().unwrap();
        let live = Arc::into_inner(self.live).unwrap();
        tokio::task::spawn_blocking(|| live.close()).await.unwrap().unwrap();
        self.folder
    }
}
