//! What the rows of machines tell.

use std::collections::HashMap;

use super::who::Who;

/// The machines, by the name that a scraper's label gives them.
#[derive(Debug, Default)]
pub(super) struct Machines {
    all: Vec<Machine>,
    by_name: HashMap<Option<String>, u32, foldhash::fast::RandomState>,
}

/// What the rows of a machine tell in one document.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Machine {
    /// The number of its CPUs.
    pub(super) cpus: Option<u64>,
    /// Bytes of its memory.
    pub(super) memory: Option<u64>,
}

impl Machines {
    /// The index of a machine, which the first call adds.
    pub(super) fn index(&mut self, name: Option<&str>) -> Option<u32> {
        let name = name.map(str::to_owned);
        if let Some(index) = self.by_name.get(&name) {
            return Some(*index);
        }
        let index = u32::try_from(self.all.len()).ok()?;
        self.all.push(Machine::default());
        self.by_name.insert(name, index);
        Some(index)
    }

    pub(super) fn get_mut(&mut self, index: u32) -> Option<&mut Machine> {
        self.all.get_mut(index as usize)
    }

    /// The machine of a container.
    pub(super) fn of(&self, who: &Who) -> Option<Machine> {
        self.all.get(*self.by_name.get(&who.machine)? as usize).copied()
    }

    /// Forgets what the rows told: another document begins.
    pub(super) fn forget(&mut self) {
        self.all.fill(Machine::default());
    }
}
