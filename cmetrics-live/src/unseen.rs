//! What parent cgroups used and no child was seen to use.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use cmetrics_core::time::Interval;
use cmetrics_core::{DataPoint, Metric, Recorder, Timestamp};

use crate::state::Unseen;

/// How many intervals of a machine are remembered once all is final: an hour of the usual ones.
const MOST_SETTLED: usize = 720;
/// For how long a container's place is remembered that the recorder has forgotten, in seconds.
const REMEMBERED_SECONDS: u64 = 3600;

/// Adds up final points: of each parent what it used, and what its children did.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Where the containers are, by the name of their points.
    places: HashMap<String, Place>,
    /// Points of containers whose place is not known yet.
    waiting: Vec<(String, Entry)>,
    machines: HashMap<Arc<str>, MachineLedger>,
    newest_second: u64,
}

#[derive(Debug)]
struct Place {
    machine: Arc<str>,
    path: Arc<str>,
    /// When the recorder last knew it, in seconds.
    known_at: u64,
}

#[derive(Debug, Default)]
struct MachineLedger {
    /// What ends at or before this second was final in part before the process began.
    begin: u64,
    paths: HashSet<Arc<str>>,
    open: BTreeMap<Interval, HashMap<Arc<str>, Family>>,
    settled: VecDeque<Unseen>,
    cpu_ns: Option<i64>,
}

/// A parent and its children in one interval.
#[derive(Clone, Copy, Debug, Default)]
struct Family {
    /// Of the parent, if it was measured in all of the interval.
    parent: Option<Growth>,
    children: Growth,
    /// Whether each child measured its network.
    lack_network: bool,
}

/// What was used.
#[derive(Clone, Copy, Debug, Default)]
struct Growth {
    cpu_ns: Option<i64>,
    rx_bytes: Option<i64>,
    tx_bytes: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    interval: Interval,
    is_complete: bool,
    growth: Growth,
}

impl Ledger {
    /// Leaves out what ends at or before this second, on this machine.
    pub(crate) fn begin_after(&mut self, machine: Option<&str>, second: u64) {
        if let Some(machine) = machine {
            let ledger = self.machines.entry(machine.into()).or_default();
            ledger.begin = ledger.begin.max(second);
        }
    }

    /// Adds a final point.
    pub(crate) fn add(&mut self, point: &DataPoint) {
        let growth = |metric| point.growth(metric).and_then(|growth| i64::try_from(growth).ok());
        let entry = Entry {
            interval: point.interval(),
            is_complete: point.is_complete(),
            growth: Growth {
                cpu_ns: growth(Metric::CpuUsage),
                rx_bytes: growth(Metric::NetworkRxBytes),
                tx_bytes: growth(Metric::NetworkTxBytes),
            },
        };
        self.newest_second = self.newest_second.max(entry.interval.end());
        self.enter(point.name(), entry);
    }

    fn enter(&mut self, name: &str, entry: Entry) {
        let Some(place) = self.places.get(name) else {
            self.waiting.push((name.to_owned(), entry));
            return;
        };
        if let Some(machine) = self.machines.get_mut(&place.machine) {
            machine.enter(&place.path, entry);
        }
    }

    /// Asks the recorder where the containers are whose points came for the first time.
    pub(crate) fn learn_names(&mut self, recorder: &Recorder) {
        if self.waiting.is_empty() {
            return;
        }
        for known in recorder.containers() {
            let identity = &known.identity;
            let path = identity.paths().iter().find(|path| path.starts_with('/'));
            if let (Some(machine), Some(path)) = (identity.machine(), path) {
                self.know(identity.name(), machine, path);
            }
        }
        let newest = self.newest_second;
        self.places.retain(|_, place| place.known_at.saturating_add(REMEMBERED_SECONDS) >= newest);
        // Those that are nowhere are of doors that tell no cgroup.
        for (name, entry) in std::mem::take(&mut self.waiting) {
            if self.places.contains_key(&name) {
                self.enter(&name, entry);
            }
        }
    }

    fn know(&mut self, name: &str, machine: &str, path: &str) {
        let known_at = self.newest_second;
        if let Some(known) = self.places.get_mut(name) {
            known.known_at = known_at;
            return;
        }
        let known = self.machines.get_key_value(machine).map(|(name, _)| Arc::clone(name));
        let machine = known.unwrap_or_else(|| machine.into());
        let path: Arc<str> = path.into();
        let ledger = self.machines.entry(Arc::clone(&machine)).or_default();
        ledger.paths.insert(Arc::clone(&path));
        self.places.insert(name.to_owned(), Place { machine, path, known_at });
    }

    /// Settles the intervals that end at or before this time: all of their points were added.
    pub(crate) fn settle(&mut self, until: Timestamp) {
        for machine in self.machines.values_mut() {
            machine.settle(until.seconds());
        }
    }

    /// The last settled intervals of a machine, the oldest first.
    pub(crate) fn of(&self, machine: &str, most: usize) -> Vec<Unseen> {
        let settled = self.machines.get(machine).map(|ledger| {
            let before = ledger.settled.len().saturating_sub(most);
            ledger.settled.iter().skip(before).copied()
        });
        settled.into_iter().flatten().collect()
    }

    /// What was settled of all machines: CPU time, in nanoseconds.
    pub(crate) fn cpu_ns(&self) -> Option<i64> {
        let all = self.machines.values().filter_map(|ledger| ledger.cpu_ns);
        all.reduce(i64::saturating_add)
    }
}

impl MachineLedger {
    fn enter(&mut self, path: &str, entry: Entry) {
        if entry.interval.start() < self.begin {
            return;
        }
        let above = self.nearest_parent(path);
        let own = self.paths.get(path).filter(|path| is_parent(path)).map(Arc::clone);
        if above.is_none() && own.is_none() {
            return;
        }
        let families = self.open.entry(entry.interval).or_default();
        if let Some(own) = own {
            families.entry(own).or_default().parent =
                Some(entry.growth).filter(|_| entry.is_complete);
        }
        if let Some(above) = above {
            let family = families.entry(above).or_default();
            family.children.add(&entry.growth);
            family.lack_network |= entry.growth.rx_bytes.is_none();
        }
    }

    /// The nearest cgroup above a path that is polled, and is a parent of containers.
    fn nearest_parent(&self, path: &str) -> Option<Arc<str>> {
        let mut above = path;
        while let Some((parent, _)) = above.rsplit_once('/') {
            if let Some(known) = self.paths.get(parent).filter(|path| is_parent(path)) {
                return Some(Arc::clone(known));
            }
            above = parent;
        }
        None
    }

    fn settle(&mut self, until: u64) {
        while let Some(entry) = self.open.first_entry().filter(|entry| entry.key().end() <= until) {
            let (interval, families) = entry.remove_entry();
            let measured = families.values().filter(|family| family.parent.is_some());
            let Some(unseen) = measured.map(Family::unseen).reduce(Growth::plus) else { continue };
            self.settled.push_back(Unseen {
                start: interval.start(),
                end: interval.end(),
                cpu_ns: unseen.cpu_ns,
                network_rx_bytes: unseen.rx_bytes,
                network_tx_bytes: unseen.tx_bytes,
            });
            if let Some(cpu_ns) = unseen.cpu_ns {
                self.cpu_ns = Some(self.cpu_ns.unwrap_or_default().saturating_add(cpu_ns));
            }
        }
        let over = self.settled.len().saturating_sub(MOST_SETTLED);
        self.settled.drain(..over);
    }
}

impl Family {
    /// What the parent used and no child.
    fn unseen(&self) -> Growth {
        let Some(parent) = self.parent else { return Growth::default() };
        let less = |own: Option<i64>, children: Option<i64>| {
            Some(own?.saturating_sub(children.unwrap_or_default()))
        };
        let has_network = !self.lack_network;
        Growth {
            cpu_ns: less(parent.cpu_ns, self.children.cpu_ns),
            rx_bytes: less(parent.rx_bytes, self.children.rx_bytes).filter(|_| has_network),
            tx_bytes: less(parent.tx_bytes, self.children.tx_bytes).filter(|_| has_network),
        }
    }
}

impl Growth {
    fn add(&mut self, more: &Self) {
        *self = self.plus(*more);
    }

    /// The sums of what either measured.
    fn plus(self, more: Self) -> Self {
        let sum = |a: Option<i64>, b: Option<i64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (one, other) => one.or(other),
        };
        Self {
            cpu_ns: sum(self.cpu_ns, more.cpu_ns),
            rx_bytes: sum(self.rx_bytes, more.rx_bytes),
            tx_bytes: sum(self.tx_bytes, more.tx_bytes),
        }
    }
}

/// Whether a cgroup is there for containers, so that what it uses and they do not is theirs.
fn is_parent(path: &str) -> bool {
    let mut components = path.rsplit('/');
    let last = components.next().unwrap_or_default();
    let is_runtime = matches!(last, "docker" | "libpod_parent" | "machine.slice" | "lxc");
    // The cgroup of a container is below that of its pod.
    let is_pod = last.starts_with("kubepods")
        || (path.contains("kubepods")
            && (last.starts_with("pod") || matches!(last, "burstable" | "besteffort")));
    is_runtime || is_pod
}
