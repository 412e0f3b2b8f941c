//! What is told of machines: changes of their state, each once.

use std::collections::HashMap;

use cmetrics_live::{MachineState, MachineStatus};

/// What was told of machines so far.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// The machines of which it was told that they do not answer.
    silent: HashMap<String, MachineStatus>,
}

impl Changes {
    /// What there is to tell now.
    pub(super) fn of(&mut self, machines: &[MachineState]) -> Vec<String> {
        self.silent.retain(|name, _| machines.iter().any(|machine| machine.name == *name));
        machines.iter().filter_map(|machine| self.of_one(machine)).collect()
    }

    fn of_one(&mut self, machine: &MachineState) -> Option<String> {
        let name = &machine.name;
        match trouble(machine) {
            Some(trouble) => {
                let is_new = self.silent.insert(name.clone(), machine.status).is_none();
                is_new.then(|| format!("{name} does not answer, and is asked again: {trouble}"))
            }
            None if machine.status == MachineStatus::Up => {
                self.silent.remove(name).map(|_| format!("{name} answers again"))
            }
            None => None,
        }
    }
}

/// Why a machine does not answer. One that usually does has none until it is away.
pub(super) fn trouble(machine: &MachineState) -> Option<&str> {
    let error = machine.last_error.as_deref();
    error.filter(|_| machine.status != MachineStatus::Up)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(status: MachineStatus, error: Option<&str>) -> MachineState {
        let mut state = MachineState::default();
        state.name = "node1".to_owned();
        state.status = status;
        state.last_error = error.map(str::to_owned);
        state
    }

    #[test]
    fn each_change_is_told_once() {
        let mut changes = Changes::default();
        let mut told = |status, error| changes.of(&[machine(status, error)]).join("|");
        assert_eq!(told(MachineStatus::New, None), "");
        let silent = "node1 does not answer, and is asked again: refused";
        assert_eq!(told(MachineStatus::New, Some("refused")), silent);
        assert_eq!(told(MachineStatus::Away, Some("no route")), "");
        assert_eq!(told(MachineStatus::Up, None), "node1 answers again");
        assert_eq!(told(MachineStatus::Up, Some("cut off")), "");
        assert_eq!(told(MachineStatus::Up, None), "");
        assert_eq!(told(MachineStatus::Away, Some("refused")), silent);
    }
}
