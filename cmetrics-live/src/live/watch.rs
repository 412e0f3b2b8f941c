//! One machine's polls, one after another.

use std::sync::Arc;
use std::time::Duration;

use cmetrics_core::Timestamp;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::clocks::{Allowed, Told};
use super::polled::Polled;
use super::shared::Shared;
use crate::clock::Clock;
use crate::failure::{Failure, FailureKind};
use crate::feed::Feed;
use crate::log::TARGET;
use crate::machine::Machine;
use crate::net::Client;
use crate::options::LiveOptions;
use crate::plan::{Answer, Plan, Poll, Step};
use crate::poller::{PollTotals, Poller};
use crate::state::MachineStatus;

/// A machine, its plan, and who asks it.
pub(super) struct Watch {
    shared: Arc<Shared>,
    pub(super) polled: Arc<Polled>,
    clock: Clock,
    plan: Plan,
    poller: Poller,
    /// What of the plan's steps and reboots is in the machine's counts.
    counted: (u64, u64),
    /// By how much its clock may differ from ours,
    allowed: Allowed,
    /// and what is wrong if it differs by more.
    clock_error: Option<String>,
    /// Whether it was told that its clock is off,
    is_clock_told: bool,
    /// and that it is another one.
    is_other_told: bool,
}

/// Polls a machine until `stop` is cancelled or the machine is removed.
pub(super) async fn watch(shared: Arc<Shared>, polled: Arc<Polled>, stop: CancellationToken) {
    let removed = polled.removed.clone();
    let mut watch = Watch::new(shared, polled, Clock::begin());
    tokio::select! {
        () = stop.cancelled() => {}
        () = removed.cancelled() => {}
        () = watch.run() => {}
    }
}

impl Watch {
    pub(super) fn new(shared: Arc<Shared>, polled: Arc<Polled>, clock: Clock) -> Self {
        let (machine, options) = (&polled.machine, &shared.options);
        let api = machine.address.api();
        let times = (options.poll_interval(), options.storage_duration());
        let plan = Plan::new(times, &machine.name, api, polled.machine_id(), clock.now());
        let client = Client::new(Arc::clone(&shared.net), machine.address.clone());
        let readers = Arc::clone(&shared.readers);
        let feed = Feed::new(Arc::clone(&shared.keeper), readers, &machine.name);
        let allowed = Allowed::of(&shared.keeper);
        Self {
            poller: Poller::new(api, client, feed, clock.clone()),
            shared,
            polled,
            clock,
            plan,
            counted: (0, 0),
            allowed,
            clock_error: None,
            is_clock_told: false,
            is_other_told: false,
        }
    }

    async fn run(&mut self) {
        // Each poll has ended before the next is asked for.
        while let Some(until) = self.poll_due().await {
            sleep_until(self.clock.at(until)).await;
        }
    }

    /// Polls if that is due, and returns when it is next, as the clock counts.
    pub(super) async fn poll_due(&mut self) -> Option<Duration> {
        loop {
            match self.plan.next(self.clock.now()) {
                Step::Wait(until) => return Some(until),
                Step::Poll(poll) => self.poll(&poll).await,
                Step::UnderWay => return None,
            }
        }
    }

    async fn poll(&mut self, poll: &Poll) {
        let requests = Arc::clone(&self.shared.requests);
        // It is never closed.
        let Ok(_place) = requests.acquire().await else { return };
        let deadline = Instant::now() + LiveOptions::WHOLE_TIME_OUT;
        let (totals, ended) = match self.ask_who(poll, deadline).await {
            Ok(()) => {
                let has_all_cgroups = self.shared.options.has_all_cgroups();
                self.poller.poll(poll, has_all_cgroups, deadline).await
            }
            Err(failure) => (PollTotals::default(), Err(failure)),
        };
        self.end(&totals, ended);
    }

    /// Asks the machine who it is, if that is due.
    async fn ask_who(&mut self, poll: &Poll, deadline: Instant) -> Result<(), Failure> {
        if !poll.asks_who {
            return Ok(());
        }
        let told = self.poller.ask_who(deadline).await?;
        let machine_id = told.as_ref().and_then(|told| told.machine_id.clone());
        self.plan.identified(told, self.clock.now())?;
        if let Some(machine_id) = machine_id.filter(|_| self.polled.machine_id().is_none()) {
            let (shared, polled) = (Arc::clone(&self.shared), Arc::clone(&self.polled));
            let learnt = spawn_blocking(move || shared.machines.learn_id(&polled, &machine_id));
            if let Ok(Err(error)) = learnt.await {
                let machine = &self.polled.machine.name;
                tracing::warn!(target: TARGET, machine, %error, "machine's id cannot be kept");
            }
        }
        Ok(())
    }

    /// Notes how a poll ended.
    fn end(&mut self, totals: &PollTotals, ended: Result<Answer, Failure>) {
        let (now, before) = (self.clock.now(), self.plan.status());
        let failure = match ended {
            Ok(answer) => {
                self.plan.succeeded(&answer, now);
                self.look_at_clock(&answer, now.wall);
                None
            }
            Err(failure) => {
                self.plan.failed(&failure, now);
                Some(failure)
            }
        };
        self.tell(before, failure.as_ref());
        if before == MachineStatus::New && failure.is_none() {
            self.shared.answered.notify_one();
        }
        let mut state = self.polled.state.lock();
        totals.add_to(&mut state.counts);
        if let Some(failure) = &failure {
            *state.counts.failed_polls.entry(failure.kind.name()).or_default() += 1;
        }
        let is_newly_away =
            before != MachineStatus::Away && self.plan.status() == MachineStatus::Away;
        state.counts.times_away += u64::from(is_newly_away);
        state.last_poll = Some(now.wall);
        let in_part = || self.clock_error.clone().or_else(|| totals.refusal());
        state.last_error = failure.map(|failure| failure.message).or_else(in_part);
        state.clock_error.clone_from(&self.clock_error);
        let (steps, reboots) = self.plan.steps();
        state.counts.clock_steps += steps - self.counted.0;
        state.counts.reboots += reboots - self.counted.1;
        self.counted = (steps, reboots);
        self.plan.describe(&mut state);
    }

    /// A line for each change of state, and none for a poll.
    fn tell(&mut self, before: MachineStatus, failure: Option<&Failure>) {
        let Machine { name, address } = &self.polled.machine;
        let error = failure.map(|failure| &*failure.message).unwrap_or_default();
        let (endpoint, containers, failures) = self.plan.summary();
        match (before, self.plan.status()) {
            (before, now) if before == now => {}
            (MachineStatus::Away, MachineStatus::Up) => {
                tracing::info!(target: TARGET, machine = name, %address, endpoint, containers,
                    "machine answers again");
            }
            (_, MachineStatus::Up) => {
                tracing::info!(target: TARGET, machine = name, %address, endpoint, containers,
                    "machine answers");
            }
            (_, MachineStatus::Away) => {
                tracing::warn!(target: TARGET, machine = name, %address, error, failures,
                    "machine is away");
            }
            (_, MachineStatus::New) => {}
        }
        let is_other = failure.is_some_and(|failure| failure.kind == FailureKind::AnotherMachine);
        if is_other && !self.is_other_told {
            tracing::warn!(target: TARGET, machine = name, %address, error,
                "another machine is at a known address");
        }
        self.is_other_told = is_other;
        self.tell_clock();
    }

    /// A line when its clock begins to differ from ours.
    fn tell_clock(&mut self) {
        let Machine { name, address } = &self.polled.machine;
        let off = self.plan.clock_off_seconds();
        if let Some(seconds) = off.filter(|_| !self.is_clock_told) {
            tracing::warn!(target: TARGET, machine = name, %address, seconds,
                "machine's clock differs from ours");
        }
        self.is_clock_told = off.is_some();
    }

    /// Finds out whether its clock differs from ours by more than is allowed for, with a line when
    /// that begins and ends.
    fn look_at_clock(&mut self, answer: &Answer, now: Timestamp) {
        let Machine { name, address } = &self.polled.machine;
        let told = Told { newest: answer.newest, offset: self.plan.clock_off_seconds() };
        let error = self.allowed.trouble(told, now);
        match (&self.clock_error, &error) {
            (None, Some(error)) => {
                tracing::warn!(target: TARGET, machine = name, %address, error,
                    "machine's clock differs too much from ours");
                // That it differs is told with it.
                self.is_clock_told = true;
            }
            (Some(_), None) => {
                tracing::info!(target: TARGET, machine = name, %address,
                    "machine's clock differs by no more than it may");
            }
            _ => {}
        }
        self.clock_error = error;
    }
}
