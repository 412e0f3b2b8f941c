//! Machines in, points kept.

mod clocks;
mod driven;
mod polled;
mod run;
mod shared;
#[cfg(test)]
mod tests;
mod watch;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use cmetrics_core::{Recorder, Store};
use tokio_util::sync::CancellationToken;

use crate::address::{Address, Api};
use crate::error::{Error, ErrorKind};
use crate::machine::{Added, Machine};
use crate::options::LiveOptions;
use crate::state::{LiveTotals, MachineState, MachineStatus};
pub use driven::Driven;
use polled::Polled;
use shared::Shared;

/// Polls machines, and keeps their points in a store.
///
/// It is shared by reference, as in an [`Arc`]. Apart from [`run`](Self::run), its calls return
/// soon, but may wait for the disk ([`add`](Self::add), [`remove`](Self::remove),
/// [`close`](Self::close), [`open`](Self::open)): in async code, make these on a thread that may
/// block.
#[derive(Debug)]
pub struct Live {
    shared: Arc<Shared>,
}

/// How many of its newest intervals a machine has in the list of all.
const UNSEEN_IN_LIST: usize = 12;

impl Live {
    /// Reads the machines from `machines.json` in the store's folder, and continues the recorder
    /// whose samples went to the store. Needs no runtime.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] for options outside what is allowed, [`ErrorKind::Machines`] if the
    /// list cannot be read, [`ErrorKind::Store`] if what is stored cannot be.
    pub fn open(store: Store, options: LiveOptions) -> Result<Self, Error> {
        Ok(Self { shared: Arc::new(Shared::open(store, options)?) })
    }

    /// Polls until `stop` is cancelled; then keeps what was recorded and syncs the store. Failures
    /// of machines end nothing, they are in their [states](Self::machines).
    ///
    /// It must be called in a tokio runtime with time and input and output enabled. If its future is
    /// dropped, polling ends, too, and [`close`](Self::close) keeps what was recorded.
    ///
    /// # Errors
    /// [`ErrorKind::Running`] if another call polls, and [`ErrorKind::Store`] if what was recorded
    /// could not be kept at the end.
    pub async fn run(&self, stop: CancellationToken) -> Result<(), Error> {
        run::run(&self.shared, stop).await
    }

    /// Polls on a clock that the caller drives, in place of [`run`](Self::run): for tests.
    #[doc(hidden)]
    pub fn driven(&self) -> Driven {
        Driven::new(Arc::clone(&self.shared))
    }

    /// Adds a machine, durably. It is polled at once if machines are.
    ///
    /// # Errors
    /// [`ErrorKind::NameTaken`] if a machine with another address has its name,
    /// [`ErrorKind::Name`] for a name that no machine can have, [`ErrorKind::NotAllowed`] if its
    /// address is outside the networks that may be asked (of a host's name that is found out at
    /// each connection), and [`ErrorKind::Machines`] if the list cannot be written.
    pub fn add(&self, machine: Machine) -> Result<Added, Error> {
        self.check(&machine)?;
        self.shared.machines.add(machine)
    }

    /// Whether a machine may have its name and be asked at its address, without adding it.
    ///
    /// # Errors
    /// [`ErrorKind::Name`] and [`ErrorKind::NotAllowed`] as of [`add`](Self::add).
    pub fn check(&self, machine: &Machine) -> Result<(), Error> {
        machine.check_name()?;
        let why = why_refused(&machine.address, &self.shared.options);
        why.map_or(Ok(()), |why| {
            let message = format!("address {}: {why}", machine.address);
            Err(Error::new(ErrorKind::NotAllowed, message))
        })
    }

    /// Removes a machine, durably, and stops polling it; what was kept of it stays. Returns `false`
    /// if there is none of this name.
    ///
    /// # Errors
    /// [`ErrorKind::Machines`] if the list cannot be written; the machine stays then.
    pub fn remove(&self, name: &str) -> Result<bool, Error> {
        self.shared.machines.remove(name)
    }

    /// What is known of all machines, by name, each with its last 12 settled intervals.
    pub fn machines(&self) -> Vec<MachineState> {
        let all = self.shared.machines.all();
        all.iter().map(|polled| self.state(polled, UNSEEN_IN_LIST)).collect()
    }

    /// What is known of the machine of this name, with its last 720 settled intervals.
    pub fn machine(&self, name: &str) -> Option<MachineState> {
        self.shared.machines.get(name).map(|polled| self.state(&polled, usize::MAX))
    }

    fn state(&self, polled: &Polled, most_unseen: usize) -> MachineState {
        let state = polled.state.lock().clone();
        let unseen = self.shared.keeper.unseen(&polled.machine.name, most_unseen);
        MachineState { unseen, ..state }
    }

    /// What samples are recorded in: for [snapshots](Recorder::snapshot) of open intervals, and
    /// [subscriptions](Recorder::subscribe) to final points. Do not drain it: that is done here.
    pub fn recorder(&self) -> &Recorder {
        &self.shared.keeper.recorder
    }

    /// Where points are kept.
    pub fn store(&self) -> &Store {
        &self.shared.keeper.store
    }

    /// How machines are polled.
    pub fn options(&self) -> &LiveOptions {
        &self.shared.options
    }

    /// What was counted over all machines.
    pub fn totals(&self) -> LiveTotals {
        let shared = &self.shared;
        let mut totals =
            LiveTotals { counts: shared.machines.former_counts(), ..LiveTotals::default() };
        for polled in shared.machines.all() {
            let state = polled.state.lock();
            totals.machines += 1;
            totals.up += u64::from(state.status == MachineStatus::Up);
            totals.away += u64::from(state.status == MachineStatus::Away);
            totals.counts.add(&state.counts);
        }
        let kept = shared.keeper.counts();
        let free = shared.requests.available_permits();
        totals.requests_under_way = shared.options.most_requests().saturating_sub(free) as u64;
        totals.unseen_cpu_ns = shared.keeper.unseen_cpu_ns();
        (totals.keeps, totals.failed_keeps) = (kept.keeps, kept.failed);
        (totals.last_keep, totals.store_error) = (kept.last, kept.error);
        totals
    }

    /// Keeps what was recorded and closes the store, after [`run`](Self::run) has ended: see
    /// [`Store::close`].
    ///
    /// # Errors
    /// [`ErrorKind::Store`] if what was recorded could not be kept, or the store not be closed;
    /// [`ErrorKind::Running`] if it is still in use, and then what was recorded is kept, and
    /// synced.
    pub fn close(self) -> Result<(), Error> {
        let kept = self.shared.keeper.keep_all();
        let mut shared = self.shared;
        // An answer may still be read whose poll was given up.
        for _ in 0..200 {
            match Arc::try_unwrap(shared) {
                Ok(alone) => match Arc::try_unwrap(alone.keeper) {
                    Ok(keeper) => {
                        kept?;
                        return keeper.close();
                    }
                    Err(keeper) => shared = Arc::new(Shared { keeper, ..alone }),
                },
                Err(used) => shared = used,
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        kept?;
        shared.keeper.keep_all()?;
        shared.keeper.store.sync()?;
        let message = "machines are still polled: end that first, and what holds this";
        Err(Error::new(ErrorKind::Running, message))
    }
}

/// Why a machine at this address may not be asked, as far as that is known before its name is looked
/// up.
fn why_refused(address: &Address, options: &LiveOptions) -> Option<String> {
    let Some(host) = address.host() else {
        let why = "sockets of this machine may not be asked unless that is allowed";
        return (!options.has_sockets()).then(|| why.to_owned());
    };
    if address.api() == Api::Kubelet && address.is_tls() && options.token_file().is_none() {
        return Some("kubelets are asked with a token: name its file".to_owned());
    }
    let host: IpAddr = host.parse().ok()?;
    let networks = options.networks();
    (!networks.allow(host)).then(|| {
        format!(
            "it may not be asked; allowed are {networks}, and never link-local, multicast or \
             metadata addresses"
        )
    })
}
