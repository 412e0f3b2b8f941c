//! What is told of machines: changes of their state, each once.

use std::collections::HashSet;

use cmetrics_live::{MachineState, MachineStatus};

/// What was told of machines so far.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// The machines of which it was told that they do not answer.
    silent: HashSet<String>,
    /// Those of which it was told that their clocks differ too much from ours.
    off: HashSet<String>,
}

impl Changes {
    /// What there is to tell now.
    pub(super) fn of(&mut self, machines: &[MachineState]) -> Vec<String> {
        let is_known = |name: &str| machines.iter().any(|machine| machine.name == name);
        self.silent.retain(|name| is_known(name));
        self.off.retain(|name| is_known(name));
        let of_one = |machine| [self.of_answers(machine), self.of_clock(machine)];
        machines.iter().flat_map(of_one).flatten().collect()
    }

    fn of_clock(&mut self, machine: &MachineState) -> Option<String> {
        let name = &machine.name;
        match &machine.clock_error {
            Some(error) => self.off.insert(name.clone()).then(|| format!("{name}: {error}")),
            None => self.off.remove(name).then(|| format!("{name}: its clock is right again")),
        }
    }

    fn of_answers(&mut self, machine: &MachineState) -> Option<String> {
        let name = &machine.name;
        match trouble(machine) {
            Some(trouble) => {
                let is_new = self.silent.insert(name.clone());
                is_new.then(|| format!("{name} does not answer, and is asked again: {trouble}"))
            }
            None if machine.status == MachineStatus::Up => {
                self.silent.remove(name).then(|| format!("{name} answers again"))
            }
            None => None,
        }
    }
}

/// Why a machine does not answer. One that usually does has none until it is away.
fn trouble(machine: &MachineState) -> Option<&str> {
    let error = machine.last_error.as_deref();
    error.filter(|_| machine.status != MachineStatus::Up)
}

/// Why points of a machine are missing: it does not answer, or its clock differs too much from ours.
pub(super) fn what_is_wrong(machine: &MachineState) -> Option<&str> {
    trouble(machine).or(machine.clock_error.as_deref())
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

    #[test]
    fn a_clock_that_differs_too_much_is_told_once_and_so_is_its_end() {
        let mut changes = Changes::default();
        let mut told = |error: Option<&str>| {
            let mut machine = machine(MachineStatus::Up, error);
            machine.clock_error = error.map(str::to_owned);
            changes.of(&[machine]).join("|")
        };
        assert_eq!(told(None), "");
        assert_eq!(told(Some("its clock is 300 s ahead")), "node1: its clock is 300 s ahead");
        assert_eq!(told(Some("its clock is 301 s ahead")), "");
        assert_eq!(told(None), "node1: its clock is right again");
    }
}
