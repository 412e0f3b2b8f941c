//! Who answers at an address, and which of its APIs is asked.

use std::time::Duration;

use super::Answer;
use super::endpoint::Endpoint;
use crate::address::Api;
use crate::failure::{Failure, FailureKind};
use crate::state::{MachineIdentity, MachineState};

/// Who a machine says that it is.
pub(crate) type Identified = MachineIdentity;

/// Who answers at an address, and which of its APIs is asked.
#[derive(Debug)]
pub(crate) struct Contact {
    api: Api,
    endpoint: Option<Endpoint>,
    /// How often in a row another endpoint had to be asked instead.
    insteads: u32,
    /// When it was asked last who it is; `None` if it must be asked again.
    asked_who: Option<Duration>,
    /// Of the machine that was found here first.
    machine_id: Option<String>,
    identity: Option<MachineIdentity>,
    reboots: u64,
}

/// How often a machine is asked who it is, and whether a better endpoint has come up.
const ASK_EVERY: Duration = Duration::from_secs(300);
/// After how many polls in a row that had to ask another endpoint one is looked for.
const MOST_INSTEADS: u32 = 3;

impl Contact {
    pub(super) fn new(api: Api, machine_id: Option<String>) -> Self {
        Self {
            api,
            endpoint: None,
            insteads: 0,
            asked_who: None,
            machine_id,
            identity: None,
            reboots: 0,
        }
    }

    /// Which endpoint is asked; `None` if it must be found.
    pub(super) fn endpoint(&self, now: Duration) -> Option<Endpoint> {
        // A better one may have come up.
        self.endpoint.filter(|known| !(known.is_second_choice() && self.asks_who(now)))
    }

    /// Whether the machine is asked who it is.
    pub(super) fn asks_who(&self, now: Duration) -> bool {
        let is_due = |asked: Duration| now.saturating_sub(asked) >= ASK_EVERY;
        self.api == Api::Cadvisor && self.asked_who.is_none_or(is_due)
    }

    /// Notes who the machine says that it is; `None` if it does not tell.
    pub(super) fn identified(
        &mut self,
        told: Option<MachineIdentity>,
        now: Duration,
    ) -> Result<(), Failure> {
        let told_id = told.as_ref().and_then(|told| told.machine_id.as_deref());
        match (self.machine_id.as_deref(), told_id) {
            (Some(known), Some(told)) if known != told => {
                let message = format!(
                    "another machine answers: its machine id is {told}, and was {known}. Add it \
                     under a name of its own, or remove the machine and add it again"
                );
                return Err(Failure::new(FailureKind::AnotherMachine, message));
            }
            (None, Some(told)) => self.machine_id = Some(told.to_owned()),
            _ => {}
        }
        self.asked_who = Some(now);
        let boot_id = |identity: &Option<MachineIdentity>| identity.as_ref()?.boot_id.clone();
        if let (Some(before), Some(now)) = (boot_id(&self.identity), boot_id(&told)) {
            self.reboots += u64::from(before != now);
        }
        self.identity = told.or(self.identity.take());
        Ok(())
    }

    pub(super) fn succeeded(&mut self, answer: &Answer) {
        self.insteads = if answer.is_instead { self.insteads + 1 } else { 0 };
        self.endpoint = answer.endpoint.filter(|_| self.insteads < MOST_INSTEADS);
    }

    /// After a failure it may be another version, or another machine.
    pub(super) fn failed(&mut self) {
        self.asked_who = None;
        (self.endpoint, self.insteads) = (None, 0);
    }

    /// How often the machine booted since the first contact.
    pub(super) fn reboots(&self) -> u64 {
        self.reboots
    }

    pub(super) fn describe(&self, state: &mut MachineState) {
        if let Some(endpoint) = self.endpoint {
            state.endpoint = Some(endpoint.name().to_owned());
        }
        state.identity.clone_from(&self.identity);
    }
}
