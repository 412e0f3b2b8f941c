//! What is known of a machine, for those who ask.

use std::collections::BTreeMap;

use cmetrics_core::Timestamp;
use serde::Serialize;

/// What is known of a machine. What is not known, or was not measured, is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MachineState {
    /// Its name, which stands before its cgroup paths.
    pub name: String,
    /// Where it is asked, as [`Address`](crate::Address) is written.
    pub address: String,
    /// Whether it answers.
    pub status: MachineStatus,
    /// Since when it does not answer, by our clock: its last good answer, or the first failure if
    /// there was none.
    pub away_since: Option<Timestamp>,
    /// When the last poll ended, by our clock.
    pub last_poll: Option<Timestamp>,
    /// When the last good poll ended, by our clock.
    pub last_success: Option<Timestamp>,
    /// The time of its newest sample, by its own clock.
    pub newest_sample: Option<Timestamp>,
    /// By how much its clock is ahead of ours, in seconds: the median of the last answers. It
    /// includes how long the newest sample had been waiting, so a second or two behind is usual.
    pub clock_offset_seconds: Option<f64>,
    /// How much older than the newest sample those are that are asked for again, in seconds.
    pub margin_seconds: f64,
    /// Which of its APIs is asked.
    pub endpoint: Option<String>,
    /// What went wrong in the last poll, if only in part; `None` if nothing did.
    pub last_error: Option<String>,
    /// By how much its clock differs from ours and what to do, as long as that is more than is
    /// allowed for. It is in `last_error`, too, unless polls fail.
    #[serde(skip)]
    pub clock_error: Option<String>,
    /// How many polls have failed since the last good one.
    pub failures_in_a_row: u64,
    /// How many containers, and cgroups besides, its last good answer listed.
    pub containers: u64,
    /// Which machine it is; `None` if it does not tell.
    pub identity: Option<MachineIdentity>,
    /// What was counted since the process began.
    pub counts: MachineCounts,
    /// The newest intervals in which all is final, the oldest first.
    pub unseen: Vec<Unseen>,
}

/// Whether a machine answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MachineStatus {
    /// It was not reached yet.
    #[default]
    New,
    /// It answers.
    Up,
    /// Three polls failed, or none succeeded for 30 s.
    Away,
}

/// Which machine answers, as cAdvisor tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MachineIdentity {
    /// Of the installed system.
    pub machine_id: Option<String>,
    /// Of the hardware.
    pub system_uuid: Option<String>,
    /// Changes when it boots.
    pub boot_id: Option<String>,
    /// Its processors.
    pub cores: Option<u64>,
    /// Its memory, in bytes.
    pub memory_bytes: Option<u64>,
}

/// What was counted of a machine since the process began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MachineCounts {
    /// Polls that ended, good or not.
    pub polls: u64,
    /// Those that failed, by what they failed of: `refused`, `no_route`, `timed_out_connecting`, …
    pub failed_polls: BTreeMap<&'static str, u64>,
    /// Bytes of answers, unpacked.
    pub bytes: u64,
    /// Samples that were new.
    pub accepted: u64,
    /// Samples that were known.
    pub duplicates: u64,
    /// Samples that were too late for the recorder; they went to the store.
    pub late: u64,
    /// Samples too far ahead of our clock, which were refused.
    pub ahead: u64,
    /// Samples that were new, and older than what the polls before had asked for.
    pub stragglers: u64,
    /// Samples that were left out because of an impossible value.
    pub faulty: u64,
    /// How often its boot id changed.
    pub reboots: u64,
    /// Containers that were in an answer, and not in the next.
    pub ended_containers: u64,
    /// How often it was found to be away.
    pub times_away: u64,
    /// How often its clock was set back.
    pub clock_steps: u64,
}

/// What parent cgroups used in an interval beyond what their children were seen to use: by
/// containers that ended before they were sampled again, and by processes in the parent itself.
///
/// Both sides are shared out between samples of different times, so a figure of one interval may be
/// off by a little either way, and even be negative; over time these differences cancel out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Unseen {
    /// The start of the interval, in seconds since the epoch.
    pub start: u64,
    /// Its end.
    pub end: u64,
    /// CPU time, in nanoseconds.
    pub cpu_ns: Option<i64>,
    /// Bytes received; `None` unless the parents and all of their children measure it.
    pub network_rx_bytes: Option<i64>,
    /// Bytes sent, likewise.
    pub network_tx_bytes: Option<i64>,
}

/// What was counted over all machines since the process began.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LiveTotals {
    /// Known machines.
    pub machines: u64,
    /// Those that answer.
    pub up: u64,
    /// Those that do not.
    pub away: u64,
    /// The sums of the counts of all machines, those that were removed since included.
    pub counts: MachineCounts,
    /// CPU time that parents used and no child was seen to use, in nanoseconds: the sum over all
    /// intervals in which all is final. `None` until there is one.
    pub unseen_cpu_ns: Option<i64>,
    /// Requests that are under way.
    pub requests_under_way: u64,
    /// How often recorded samples were handed to the store.
    pub keeps: u64,
    /// How often that failed. What could not be handed over is tried again.
    pub failed_keeps: u64,
    /// When it last succeeded, by our clock.
    pub last_keep: Option<Timestamp>,
    /// The last failure of the store, unless a later call succeeded.
    pub store_error: Option<String>,
}

impl MachineCounts {
    /// Adds the counts of another machine.
    pub(crate) fn add(&mut self, other: &Self) {
        for (kind, number) in &other.failed_polls {
            *self.failed_polls.entry(kind).or_default() += number;
        }
        self.polls += other.polls;
        self.bytes += other.bytes;
        self.accepted += other.accepted;
        self.duplicates += other.duplicates;
        self.late += other.late;
        self.ahead += other.ahead;
        self.stragglers += other.stragglers;
        self.faulty += other.faulty;
        self.reboots += other.reboots;
        self.ended_containers += other.ended_containers;
        self.times_away += other.times_away;
        self.clock_steps += other.clock_steps;
    }
}
