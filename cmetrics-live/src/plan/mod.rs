//! What a machine is asked, and when: decisions of state and time alone, without clock and network.

mod contact;
mod endpoint;
mod offset;
mod schedule;
#[cfg(test)]
mod tests;

use std::time::Duration;

use cmetrics_core::Timestamp;

use crate::address::Api;
use crate::failure::Failure;
use crate::state::{MachineState, MachineStatus};
use contact::Contact;
pub(crate) use contact::Identified;
pub(crate) use endpoint::{Endpoint, Listing};
use offset::Offset;
use schedule::Schedule;

/// A moment by both clocks: what people read, and what only goes forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) wall: Timestamp,
    /// Since some moment before.
    pub(crate) elapsed: Duration,
}

/// What is asked of a machine in a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Poll {
    pub(crate) look: Look,
    /// `None` if it must be found.
    pub(crate) endpoint: Option<Endpoint>,
    /// From when on samples can be new if all become visible in time; `None` if that is not known.
    pub(crate) expected_from: Option<Timestamp>,
    /// Whether it is asked first who it is.
    pub(crate) asks_who: bool,
}

/// Which samples are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// All that the machine remembers.
    All,
    /// Those from this time on, by its own clock, of which there are about so many seconds.
    Since(Timestamp, Duration),
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing before this time.
    Wait(Duration),
    /// A poll, whose end must be told.
    Poll(Poll),
    /// Nothing before the poll that is under way has ended.
    UnderWay,
}

/// What a good poll brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Which endpoint is asked from now on.
    pub(crate) endpoint: Option<Endpoint>,
    /// Whether another one had to be asked instead in this poll.
    pub(crate) is_instead: bool,
    /// The time of the newest sample.
    pub(crate) newest: Option<Timestamp>,
    /// New samples older than expected.
    pub(crate) stragglers: u64,
    pub(crate) containers: u64,
}

/// The plan of a machine's polls.
#[derive(Debug)]
pub(crate) struct Plan {
    interval: Duration,
    storage_duration: Duration,
    schedule: Schedule,
    phase: Phase,
    contact: Contact,
    /// The newest sample time in the last good answer, by the machine's clock, and when it rose last.
    seen: Option<(Timestamp, Duration)>,
    /// Whether all that was there at `seen` was taken, so that what is older and new is a straggler.
    has_taken_all: bool,
    margin: Duration,
    needs_all: bool,
    last_success: Option<Moment>,
    /// When the last poll began that looked at all.
    last_all: Option<Duration>,
    failures: u64,
    /// The first of the failures in a row.
    first_failure: Option<Moment>,
    status: MachineStatus,
    offset: Offset,
    containers: u64,
    clock_steps: u64,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Idle { due: Duration },
    UnderWay { begun: Moment, look: Look },
}

const FIRST_MARGIN: Duration = Duration::from_secs(10);
const WIDEST_MARGIN: Duration = Duration::from_secs(60);
/// How often all is looked at.
const ALL_EVERY: Duration = Duration::from_secs(60);
/// For how long no newer sample may come before all is looked at: a clock that was set back leaves
/// the newest sample where it was.
const LONGEST_STANDSTILL: Duration = Duration::from_secs(15);
/// By how much the newest sample falls, at least, if a clock was set back.
const LEAST_STEP: Duration = Duration::from_secs(5);
/// How many failures in a row, or for how long, make a machine away.
const AWAY_AFTER: (u64, Duration) = (3, Duration::from_secs(30));

impl Plan {
    /// A plan for a machine that became known now.
    pub(crate) fn new(
        (interval, storage_duration): (Duration, Duration),
        name: &str,
        api: Api,
        machine_id: Option<String>,
        now: Moment,
    ) -> Self {
        let schedule = Schedule::new(interval, name);
        Self {
            interval,
            storage_duration,
            schedule,
            phase: Phase::Idle { due: schedule.first(now.elapsed) },
            contact: Contact::new(api, machine_id),
            seen: None,
            has_taken_all: false,
            margin: FIRST_MARGIN,
            needs_all: true,
            last_success: None,
            last_all: None,
            failures: 0,
            first_failure: None,
            status: MachineStatus::New,
            offset: Offset::default(),
            containers: 0,
            clock_steps: 0,
        }
    }

    /// What is to be done now. After a poll was handed out, nothing until its end was told.
    pub(crate) fn next(&mut self, now: Moment) -> Step {
        match self.phase {
            Phase::UnderWay { .. } => Step::UnderWay,
            Phase::Idle { due } if now.elapsed < due => Step::Wait(due),
            Phase::Idle { .. } => {
                let look = self.look(now);
                self.phase = Phase::UnderWay { begun: now, look };
                Step::Poll(Poll {
                    look,
                    endpoint: self.contact.endpoint(now.elapsed),
                    expected_from: self.usual_start().filter(|_| self.has_taken_all),
                    asks_who: self.contact.asks_who(now.elapsed),
                })
            }
        }
    }

    /// From when on samples are asked for as a rule.
    fn usual_start(&self) -> Option<Timestamp> {
        let (seen, _) = self.seen?;
        Some(seen.checked_sub(self.margin).unwrap_or(Timestamp::MIN))
    }

    fn look(&self, now: Moment) -> Look {
        let since = |then: Duration| now.elapsed.saturating_sub(then);
        let last_success = self.last_success;
        // Either clock may have stood still: one stops while the system sleeps, the other is set.
        let gap = last_success.map(|last| since(last.elapsed).max(now.wall.since(last.wall)));
        let is_gap = gap.is_none_or(|gap| gap >= self.storage_duration / 2);
        let is_due = self.last_all.is_none_or(|last| since(last) >= ALL_EVERY);
        let stands_still = self.seen.is_none_or(|(_, risen)| {
            since(risen.max(self.last_all.unwrap_or_default())) >= LONGEST_STANDSTILL
        });
        match (self.usual_start(), gap) {
            (Some(start), Some(gap)) if !(self.needs_all || is_gap || is_due || stands_still) => {
                Look::Since(start, gap + self.margin)
            }
            _ => Look::All,
        }
    }

    /// The machine told who it is.
    pub(crate) fn identified(
        &mut self,
        told: Option<Identified>,
        now: Moment,
    ) -> Result<(), Failure> {
        self.contact.identified(told, now.elapsed)
    }

    /// The poll that is under way has ended well.
    pub(crate) fn succeeded(&mut self, answer: &Answer, now: Moment) {
        let Phase::UnderWay { begun, look } = self.phase else { return };
        self.phase = Phase::Idle { due: self.schedule.next(begun.elapsed, now.elapsed) };
        self.contact.succeeded(answer);
        (self.failures, self.first_failure) = (0, None);
        (self.status, self.last_success) = (MachineStatus::Up, Some(now));
        (self.needs_all, self.containers) = (false, answer.containers);
        if look == Look::All {
            self.last_all = Some(begun.elapsed);
            self.has_taken_all = true;
        }
        if answer.stragglers > 0 {
            self.margin = (2 * self.margin).min(WIDEST_MARGIN);
        }
        if let Some(newest) = answer.newest {
            self.see(newest, now);
        }
    }

    /// Notes the newest sample of an answer.
    fn see(&mut self, newest: Timestamp, now: Moment) {
        let before = self.seen.map(|(seen, _)| seen);
        if before.is_some_and(|seen| seen.since(newest) >= LEAST_STEP) {
            // Its clock was set back, or what was newest has ended.
            self.clock_steps += 1;
            self.needs_all = true;
            self.has_taken_all = false;
            self.offset.clear();
        }
        // A sample that was there before tells how old it is, not how late the clock.
        if before.is_none_or(|seen| newest > seen) {
            let nanos = i128::from(newest.nanos()) - i128::from(now.wall.nanos());
            self.offset.add(i64::try_from(nanos).unwrap_or_default());
        }
        let risen = self.seen.filter(|(seen, _)| newest <= *seen).map(|(_, risen)| risen);
        let risen = risen.unwrap_or(now.elapsed);
        self.seen = Some((newest, risen));
    }

    /// The poll that is under way has failed.
    pub(crate) fn failed(&mut self, failure: &Failure, now: Moment) {
        if !matches!(self.phase, Phase::UnderWay { .. }) {
            return;
        }
        self.failures += 1;
        let first = *self.first_failure.get_or_insert(now);
        let (most, longest) = AWAY_AFTER;
        if self.failures >= most || now.elapsed.saturating_sub(first.elapsed) >= longest {
            self.status = MachineStatus::Away;
        }
        self.needs_all = true;
        if failure.kind.is_partial() {
            // What was in the part that is missing would pass for stragglers.
            self.has_taken_all = false;
        }
        self.contact.failed();
        self.phase = Phase::Idle { due: Schedule::after_failures(self.failures, now.elapsed) };
    }

    /// Whether the machine answers.
    pub(crate) fn status(&self) -> MachineStatus {
        self.status
    }

    /// How often its clock was set back, and how often it booted.
    pub(crate) fn steps(&self) -> (u64, u64) {
        (self.clock_steps, self.contact.reboots())
    }

    /// For a line of text: its endpoint, how many containers it lists, and failures in a row.
    pub(crate) fn summary(&self) -> (&'static str, u64, u64) {
        let endpoint = self.contact.endpoint(Duration::ZERO).map_or("", Endpoint::name);
        (endpoint, self.containers, self.failures)
    }

    /// By how much the machine's clock is ahead of ours, in seconds, if that is more than the time
    /// that samples wait between two polls explains.
    pub(crate) fn clock_off_seconds(&self) -> Option<f64> {
        let most = LEAST_STEP.as_secs_f64();
        let least = -most - self.interval.as_secs_f64();
        self.offset.median_seconds().filter(|offset| !(least..=most).contains(offset))
    }

    /// Writes down what it knows.
    pub(crate) fn describe(&self, state: &mut MachineState) {
        state.status = self.status;
        let since = self.last_success.or(self.first_failure).map(|moment| moment.wall);
        state.away_since = since.filter(|_| self.status == MachineStatus::Away);
        state.last_success = self.last_success.map(|moment| moment.wall);
        state.newest_sample = self.seen.map(|(seen, _)| seen);
        state.clock_offset_seconds = self.offset.median_seconds();
        state.margin_seconds = self.margin.as_secs_f64();
        state.failures_in_a_row = self.failures;
        state.containers = self.containers;
        self.contact.describe(state);
    }
}
