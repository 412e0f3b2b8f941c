//! Who takes part, and in what.

use crate::channel::Channel;
use crate::contender::{Contender, Nothing};
use crate::dash::Sharded;
use crate::figures::Measured;
use crate::measure::run;
use crate::memory::{Scale, live};
use crate::mutex::Mutexed;
use crate::ours::{Apart, ByHandle, ByName};
use crate::rwlock::Locked;
use crate::workload::{Containers, Run, SECOND, STEP, Workload};

pub(crate) const BY_HANDLE: &str = "cmetrics";
pub(crate) const BY_NAME: &str = "cmetrics, by name";
pub(crate) const APART: &str = "cmetrics, a recorder each";
pub(crate) const NOTHING: &str = "samples' production";
pub(crate) const MUTEX: &str = "`Mutex<HashMap>`";
/// What keeps all samples.
pub(crate) const RIVALS: [&str; 4] = [MUTEX, "`RwLock`, `Mutex` each", "DashMap", "channel"];

/// A contender of any type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Run) -> Measured,
    pub(crate) memory: fn(Scale) -> i64,
}

const fn entry<C: Contender>(name: &'static str) -> Entry {
    Entry { name, run: run::<C>, memory: live::<C> }
}

pub(crate) const FIELD: [Entry; 9] = [
    entry::<Nothing>(NOTHING),
    entry::<ByHandle>(BY_HANDLE),
    entry::<ByName>(BY_NAME),
    entry::<Apart>(APART),
    entry::<Mutexed>(RIVALS[0]),
    entry::<Locked>(RIVALS[1]),
    entry::<Sharded>(RIVALS[2]),
    entry::<Channel<true>>(RIVALS[3]),
    entry::<Channel<false>>("channel that drops"),
];

/// Threads, containers and a reader or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) threads: usize,
    pub(crate) containers: Containers,
    pub(crate) reader: bool,
}

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    pub(crate) turns: usize,
    /// Samples of each thread and run that are measured.
    pub(crate) samples: u64,
    /// For how long, in data time, a run goes on before that: until as much is forgotten as is
    /// taken in.
    pub(crate) warm_up: u64,
    pub(crate) memory: Scale,
}

pub(crate) const FULL: Effort = Effort {
    turns: 5,
    samples: 400_000,
    warm_up: 200 * SECOND,
    memory: Scale { containers: 10_000, seconds: 400 },
};
/// Enough for the assertions to mean something.
pub(crate) const QUICK: Effort = Effort {
    turns: 1,
    samples: 40_000,
    warm_up: 20 * SECOND,
    memory: Scale { containers: 100, seconds: 400 },
};

pub(crate) const MANY: Containers = Containers::Shared(1000);
pub(crate) const ONE: Containers = Containers::Shared(1);

impl Case {
    pub(crate) const fn new(threads: usize, containers: Containers, reader: bool) -> Self {
        Self { threads, containers, reader }
    }

    pub(crate) fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for reader in [false, true] {
            cases.push(Self::new(1, Containers::Own, reader));
            cases.push(Self::new(1, MANY, reader));
            cases.push(Self::new(2, Containers::Own, reader));
            cases.push(Self::new(2, ONE, reader));
            cases.push(Self::new(2, MANY, reader));
        }
        cases
    }

    pub(crate) fn name(self) -> String {
        let threads = if self.threads == 1 { "1 thread" } else { "2 threads" };
        let containers = match (self.threads, self.containers) {
            (1, Containers::Own) | (_, Containers::Shared(1)) => "one container",
            (_, Containers::Own) => "a container each",
            _ => "1 000 containers in turn",
        };
        let reader = if self.reader { ", with a reader" } else { "" };
        format!("{threads}, {containers}{reader}")
    }

    /// Whether this contender has anything to show here.
    pub(crate) fn suits(self, name: &str) -> bool {
        match name {
            NOTHING => self.threads == 1 && !self.reader,
            APART => self.threads == 2 && self.containers == Containers::Own,
            _ => true,
        }
    }

    /// With a reader, rounds last longer than the millisecond between its drains.
    pub(crate) fn run(self, effort: Effort, each: bool) -> Run {
        let per_round = if self.reader { 20_000 } else { 4_000 };
        let (threads, containers) = (self.threads, self.containers);
        let each_thread = match containers {
            Containers::Own => 1,
            Containers::Shared(all) => all.div_ceil(threads) as u64,
        };
        let warm_up = (effort.warm_up / STEP * each_thread).div_ceil(per_round).max(3);
        let rounds = effort.samples / per_round + warm_up;
        let workload = Workload { threads, containers, per_round, rounds };
        Run { workload, warm_up, reader: self.reader, each }
    }
}
