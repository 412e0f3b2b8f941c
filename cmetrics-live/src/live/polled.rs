//! A machine that is polled, and the list of all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, ErrorKind};
use crate::log::TARGET;
use crate::machine::{Added, Machine};
use crate::machines_file::{ListedMachine, MachinesFile};
use crate::state::{MachineCounts, MachineState};

/// A machine that is polled.
#[derive(Debug)]
pub(crate) struct Polled {
    /// Tells it from one that is added under the same name later.
    pub(crate) serial: u64,
    pub(crate) machine: Machine,
    /// Cancelled once it is removed.
    pub(crate) removed: CancellationToken,
    pub(crate) state: Mutex<MachineState>,
    /// Of the machine that was found at its address first.
    machine_id: Mutex<Option<String>>,
}

/// All machines, and the file that lists them.
#[derive(Debug)]
pub(crate) struct Machines {
    file: MachinesFile,
    /// Held while the file is replaced; those who read the list do not wait for that.
    writing: Mutex<()>,
    all: Mutex<BTreeMap<String, Arc<Polled>>>,
    /// What was counted of machines that were removed.
    former: Mutex<MachineCounts>,
    /// Told when the list has changed.
    pub(crate) changed: Notify,
}

impl Polled {
    fn new(listed: ListedMachine) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let state = MachineState {
            name: listed.machine.name.clone(),
            address: listed.machine.address.to_string(),
            margin_seconds: 10.0,
            ..MachineState::default()
        };
        Self {
            serial: NEXT.fetch_add(1, Ordering::Relaxed), // only unique
            machine: listed.machine,
            removed: CancellationToken::new(),
            state: Mutex::new(state),
            machine_id: Mutex::new(listed.machine_id),
        }
    }

    pub(crate) fn machine_id(&self) -> Option<String> {
        self.machine_id.lock().clone()
    }

    fn listed(&self) -> ListedMachine {
        ListedMachine { machine: self.machine.clone(), machine_id: self.machine_id() }
    }
}

impl Machines {
    pub(crate) fn read(file: MachinesFile) -> Result<Self, Error> {
        let listed = file.read()?;
        let polled =
            |listed: ListedMachine| (listed.machine.name.clone(), Arc::new(Polled::new(listed)));
        Ok(Self {
            file,
            writing: Mutex::default(),
            all: Mutex::new(listed.into_iter().map(polled).collect()),
            former: Mutex::default(),
            changed: Notify::new(),
        })
    }

    pub(crate) fn all(&self) -> Vec<Arc<Polled>> {
        self.all.lock().values().map(Arc::clone).collect()
    }

    pub(crate) fn get(&self, name: &str) -> Option<Arc<Polled>> {
        self.all.lock().get(name).map(Arc::clone)
    }

    pub(crate) fn former_counts(&self) -> MachineCounts {
        self.former.lock().clone()
    }

    pub(crate) fn add(&self, machine: Machine) -> Result<Added, Error> {
        let _writing = self.writing.lock();
        if let Some(known) = self.get(&machine.name) {
            let known = &known.machine;
            if known.address == machine.address {
                return Ok(Added::Known);
            }
            let message = format!(
                "the name {:?} is that of the machine at {}: remove it first, or take another name",
                known.name, known.address
            );
            return Err(Error::new(ErrorKind::NameTaken, message));
        }
        let polled = Arc::new(Polled::new(ListedMachine { machine, machine_id: None }));
        let mut all = self.all();
        all.push(Arc::clone(&polled));
        self.write(&all)?;
        let Machine { name, address } = &polled.machine;
        tracing::info!(target: TARGET, machine = name, %address, "machine added");
        self.all.lock().insert(polled.machine.name.clone(), polled);
        self.changed.notify_one();
        Ok(Added::New)
    }

    pub(crate) fn remove(&self, name: &str) -> Result<bool, Error> {
        let _writing = self.writing.lock();
        let mut all = self.all();
        let before = all.len();
        all.retain(|polled| polled.machine.name != name);
        if all.len() == before {
            return Ok(false);
        }
        self.write(&all)?;
        if let Some(removed) = self.all.lock().remove(name) {
            removed.removed.cancel();
            tracing::info!(target: TARGET, machine = name, "machine removed");
            self.former.lock().add(&removed.state.lock().counts);
        }
        self.changed.notify_one();
        Ok(true)
    }

    /// Remembers which machine was found at an address, if that was not known.
    pub(crate) fn learn_id(&self, polled: &Polled, machine_id: &str) -> Result<(), Error> {
        let _writing = self.writing.lock();
        polled.machine_id.lock().get_or_insert_with(|| machine_id.to_owned());
        self.write(&self.all())
    }

    fn write(&self, all: &[Arc<Polled>]) -> Result<(), Error> {
        self.file.write(all.iter().map(|polled| polled.listed()).collect())
    }
}
