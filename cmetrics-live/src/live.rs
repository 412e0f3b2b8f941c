//! Machines in, points kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use cmetrics_core::recorder::RecorderSettings;
use cmetrics_core::{Recorder, Store};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, ErrorKind};
use crate::machine::{Added, Machine};
use crate::machines_file::{ListedMachine, MachinesFile};
use crate::options::LiveOptions;
use crate::state::{LiveTotals, MachineState};

/// Polls machines, and keeps their points in a store.
///
/// It is shared by reference, as in an `Arc`.
#[derive(Debug)]
pub struct Live {
    store: Store,
    recorder: Recorder,
    options: LiveOptions,
    file: MachinesFile,
    machines: Mutex<BTreeMap<String, Arc<Polled>>>,
}

/// A machine that is polled.
#[derive(Debug)]
struct Polled {
    listed: ListedMachine,
    state: Mutex<MachineState>,
}

impl Polled {
    fn new(listed: ListedMachine) -> Self {
        let state = MachineState {
            name: listed.machine.name.clone(),
            address: listed.machine.address.to_string(),
            margin_seconds: 10.0,
            ..MachineState::default()
        };
        Self { listed, state: Mutex::new(state) }
    }
}

impl Live {
    /// Reads the machines from `machines.json` in the store's folder, and continues the recorder
    /// whose samples went to the store. Needs no runtime.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] for options outside what is allowed, [`ErrorKind::Machines`] if the
    /// list cannot be read, [`ErrorKind::Store`] if what is stored cannot be.
    pub fn open(store: Store, options: LiveOptions) -> Result<Self, Error> {
        options.check()?;
        let file = MachinesFile::in_folder(&store.folder());
        let listed = file.read()?;
        let recorder = Recorder::resume(recorder_settings(&store, &options), &store)?;
        let polled =
            |listed: ListedMachine| (listed.machine.name.clone(), Arc::new(Polled::new(listed)));
        let machines = Mutex::new(listed.into_iter().map(polled).collect());
        Ok(Self { store, recorder, options, file, machines })
    }

    /// Polls until `stop` is cancelled; then keeps what was recorded and syncs the store. Failures
    /// of machines end nothing, they are in their [states](Self::machines).
    ///
    /// # Errors
    /// [`ErrorKind::Running`] if another call polls, and [`ErrorKind::Store`] if what was recorded
    /// could not be kept at the end.
    pub async fn run(&self, stop: CancellationToken) -> Result<(), Error> {
        stop.cancelled().await;
        self.recorder.keep(&self.store)?;
        self.store.sync()?;
        Ok(())
    }

    /// Adds a machine, durably.
    ///
    /// # Errors
    /// [`ErrorKind::NameTaken`] if a machine with another address has its name,
    /// [`ErrorKind::Name`] for a name that no machine can have, [`ErrorKind::NotAllowed`] if its
    /// address is outside the networks that may be asked (of a host's name that is found out at
    /// each poll), and [`ErrorKind::Machines`] if the list cannot be written.
    pub fn add(&self, machine: Machine) -> Result<Added, Error> {
        machine.check_name()?;
        self.check_allowed(&machine)?;
        let mut machines = self.machines.lock();
        if let Some(known) = machines.get(&machine.name) {
            let known = &known.listed.machine;
            if known.address == machine.address {
                return Ok(Added::Known);
            }
            let message = format!(
                "the name {:?} is that of the machine at {}: remove it first, or take another name",
                known.name, known.address
            );
            return Err(Error::new(ErrorKind::NameTaken, message));
        }
        let listed = ListedMachine { machine, machine_id: None };
        let mut all: Vec<_> = machines.values().map(|polled| polled.listed.clone()).collect();
        all.push(listed.clone());
        self.file.write(all)?;
        machines.insert(listed.machine.name.clone(), Arc::new(Polled::new(listed)));
        Ok(Added::New)
    }

    fn check_allowed(&self, machine: &Machine) -> Result<(), Error> {
        let refused = |why: String| {
            Err(Error::new(ErrorKind::NotAllowed, format!("address {}: {why}", machine.address)))
        };
        let Some(host) = machine.address.host() else {
            let why = "sockets of this machine may not be asked unless that is allowed";
            return if self.options.has_sockets() { Ok(()) } else { refused(why.to_owned()) };
        };
        match host.parse() {
            Ok(address) if !self.options.networks().allow(address) => refused(format!(
                "it may not be asked; allowed are {}, and never link-local, multicast or metadata \
                 addresses",
                self.options.networks()
            )),
            _ => Ok(()),
        }
    }

    /// Removes a machine, durably; what was kept of it stays. Returns `false` if there is none of
    /// this name.
    ///
    /// # Errors
    /// [`ErrorKind::Machines`] if the list cannot be written; the machine stays then.
    pub fn remove(&self, name: &str) -> Result<bool, Error> {
        let mut machines = self.machines.lock();
        if !machines.contains_key(name) {
            return Ok(false);
        }
        let others = machines.iter().filter(|(known, _)| *known != name);
        self.file.write(others.map(|(_, polled)| polled.listed.clone()).collect())?;
        machines.remove(name);
        Ok(true)
    }

    /// What is known of all machines, by name.
    pub fn machines(&self) -> Vec<MachineState> {
        self.machines.lock().values().map(|polled| polled.state.lock().clone()).collect()
    }

    /// What is known of the machine of this name.
    pub fn machine(&self, name: &str) -> Option<MachineState> {
        self.machines.lock().get(name).map(|polled| polled.state.lock().clone())
    }

    /// What samples are recorded in: for [snapshots](Recorder::snapshot) of open intervals, and
    /// [subscriptions](Recorder::subscribe) to final points. Draining it is up to this.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Where points are kept.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What was counted over all machines.
    pub fn totals(&self) -> LiveTotals {
        let mut totals = LiveTotals::default();
        for state in self.machines() {
            totals.machines += 1;
            totals.counts.add(&state.counts);
        }
        totals
    }

    /// Closes the store, after [`run`](Self::run) has ended: see [`Store::close`].
    ///
    /// # Errors
    /// [`ErrorKind::Store`] if what was recorded could not be kept, or the store not be closed.
    pub fn close(self) -> Result<(), Error> {
        self.recorder.keep(&self.store)?;
        Ok(self.store.close()?)
    }
}

/// The recorder of a store whose machines are polled like this.
fn recorder_settings(store: &Store, options: &LiveOptions) -> RecorderSettings {
    let second = std::time::Duration::from_secs(1);
    let of_store = RecorderSettings::of(store);
    let settings = match options.settings() {
        Some(points) => RecorderSettings::from(points).with_lateness(of_store.lateness()),
        None => of_store,
    };
    let history = options.storage_duration().saturating_add(30 * second);
    settings
        .with_history(history.max(of_store.history()))
        .with_max_ahead(options.lag().saturating_add(60 * second))
}

#[cfg(test)]
mod tests {
    use cmetrics_core::store::StoreOptions;

    use super::*;

    fn open(folder: &std::path::Path) -> Live {
        let store = Store::open(folder, StoreOptions::default()).unwrap();
        Live::open(store, LiveOptions::default()).unwrap()
    }

    fn machine(name: &str, address: &str) -> Machine {
        Machine::new(Some(name.to_owned()), address.parse().unwrap())
    }

    #[test]
    fn machines_outlast_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let live = open(folder.path());
        assert_eq!(live.add(machine("b", "10.0.0.2")).unwrap(), Added::New);
        assert_eq!(live.add(machine("a", "10.0.0.1")).unwrap(), Added::New);
        assert_eq!(live.add(machine("a", "10.0.0.1:8080")).unwrap(), Added::Known);
        let error = live.add(machine("a", "10.0.0.3")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NameTaken);
        assert!(live.remove("b").unwrap());
        assert!(!live.remove("b").unwrap());
        live.add(machine("c", "10.0.0.3")).unwrap();
        live.close().unwrap();

        let live = open(folder.path());
        let names: Vec<_> = live.machines().into_iter().map(|state| state.name).collect();
        assert_eq!(names, ["a", "c"]);
        assert_eq!(live.machine("a").unwrap().address, "http://10.0.0.1:8080");
        assert_eq!(live.machine("b"), None);
    }

    #[test]
    fn addresses_outside_the_networks_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let live = open(folder.path());
        for address in ["8.8.8.8", "169.254.169.254", "[fe80::1]", "docker+unix:///run/docker.sock"]
        {
            let error = live.add(machine("a", address)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotAllowed, "{error}");
        }
        let error = live.add(machine("a b", "10.0.0.1")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Name);
        assert!(live.machines().is_empty());
    }
}
