//! What parent cgroups used and no child was seen to use.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use cmetrics_core::time::Interval;
use cmetrics_core::{DataPoint, Metric, Recorder};

use crate::state::Unseen;

/// How many intervals of a machine are remembered once all is final: an hour of the usual ones.
const MOST_SETTLED: usize = 720;
/// For how long a container's place is remembered that the recorder has forgotten, in seconds.
const REMEMBERED_SECONDS: u64 = 3600;

/// Adds up final points: of each parent what it used, and what its children did.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Where the containers are, by the name of their points.
    places: HashMap<Arc<str>, Place>,
    /// Points of containers whose place is not known yet.
    waiting: Vec<Noted>,
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
    /// Whether a child did not measure its network.
    lack_network: bool,
}

/// What was used.
#[derive(Clone, Copy, Debug, Default)]
struct Growth {
    cpu_ns: Option<i64>,
    rx_bytes: Option<i64>,
    tx_bytes: Option<i64>,
}

/// What counts of a final point.
#[derive(Clone, Debug)]
pub(crate) struct Noted {
    name: Arc<str>,
    interval: Interval,
    is_complete: bool,
    growth: Growth,
}

/// Where a container is.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    name: Arc<str>,
    machine: String,
    path: String,
}

/// Where all containers are that a recorder knows.
pub(crate) fn places(recorder: &Recorder) -> Vec<Found> {
    let found = recorder.containers().filter_map(|known| {
        let identity = &known.identity;
        let path = identity.paths().iter().find(|path| path.starts_with('/'))?.clone();
        let machine = identity.machine()?.to_owned();
        Some(Found { name: Arc::clone(identity.name()), machine, path })
    });
    found.collect()
}

impl Noted {
    pub(crate) fn of(point: &DataPoint) -> Self {
        let growth = |metric| point.growth(metric).and_then(|growth| i64::try_from(growth).ok());
        Self {
            name: point.name().into(),
            interval: point.interval(),
            is_complete: point.is_complete(),
            growth: Growth {
                cpu_ns: growth(Metric::CpuUsage),
                rx_bytes: growth(Metric::NetworkRxBytes),
                tx_bytes: growth(Metric::NetworkTxBytes),
            },
        }
    }
}

impl Ledger {
    /// Leaves out what ends at or before this second, on this machine.
    pub(crate) fn begin_after(&mut self, machine: Option<&str>, second: u64) {
        if let Some(machine) = machine {
            let ledger = self.machines.entry(machine.into()).or_default();
            ledger.begin = ledger.begin.max(second);
        }
    }

    /// Adds final points. Returns whether it must [learn](Self::learn) where some containers are.
    pub(crate) fn add(&mut self, noted: Vec<Noted>) -> bool {
        for one in noted {
            self.newest_second = self.newest_second.max(one.interval.end());
            self.enter(one);
        }
        !self.waiting.is_empty()
    }

    fn enter(&mut self, noted: Noted) {
        let Some(place) = self.places.get(&*noted.name) else {
            self.waiting.push(noted);
            return;
        };
        if let Some(machine) = self.machines.get_mut(&place.machine) {
            machine.enter(&place.path, &noted);
        }
    }

    /// Learns where containers are, and adds the points that waited for it.
    pub(crate) fn learn(&mut self, found: Vec<Found>) {
        if self.waiting.is_empty() {
            return;
        }
        for one in found {
            self.know(one);
        }
        let newest = self.newest_second;
        self.places.retain(|_, place| place.known_at.saturating_add(REMEMBERED_SECONDS) >= newest);
        // Those that are nowhere are of doors that tell no cgroup.
        for noted in std::mem::take(&mut self.waiting) {
            if self.places.contains_key(&*noted.name) {
                self.enter(noted);
            }
        }
    }

    fn know(&mut self, found: Found) {
        let known_at = self.newest_second;
        if let Some(known) = self.places.get_mut(&*found.name) {
            known.known_at = known_at;
            return;
        }
        let known = self.machines.get_key_value(&*found.machine).map(|(name, _)| Arc::clone(name));
        let machine = known.unwrap_or_else(|| found.machine.into());
        let path: Arc<str> = found.path.into();
        let ledger = self.machines.entry(Arc::clone(&machine)).or_default();
        ledger.paths.insert(Arc::clone(&path));
        self.places.insert(found.name, Place { machine, path, known_at });
    }

    /// Settles the intervals that end at or before this second: all of their points were added.
    pub(crate) fn settle(&mut self, until: u64) {
        for machine in self.machines.values_mut() {
            machine.settle(until);
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
    fn enter(&mut self, path: &str, entry: &Noted) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: u64, name: &str, cpu_ns: i64, is_complete: bool) -> Noted {
        let interval = Interval::new(start, start + 5).unwrap();
        let growth = Growth { cpu_ns: Some(cpu_ns), ..Growth::default() };
        Noted { name: name.into(), interval, is_complete, growth }
    }

    fn with_network(noted: Noted, bytes: i64) -> Noted {
        let (rx_bytes, tx_bytes) = (Some(bytes), Some(2 * bytes));
        Noted { growth: Growth { rx_bytes, tx_bytes, ..noted.growth }, ..noted }
    }

    fn found(paths: &[&str]) -> Vec<Found> {
        let of = |path: &&str| Found {
            name: format!("a:{path}").into(),
            machine: "a".to_owned(),
            path: (*path).to_owned(),
        };
        paths.iter().map(of).collect()
    }

    #[test]
    fn what_a_parent_used_and_its_children_did_not_is_unseen() {
        let mut ledger = Ledger::default();
        let noted = vec![
            at(100, "a:/", 10_000, true),
            at(100, "a:/docker", 1_000, true),
            at(100, "a:/docker/c1", 600, true),
            at(100, "a:/docker/c2", 150, false), // ended in this interval
            at(105, "a:/docker", 500, true),
            at(105, "a:/docker/c1", 510, true), // shared out a little differently
        ];
        assert!(ledger.add(noted));
        ledger.learn(found(&["/", "/docker", "/docker/c1", "/docker/c2"]));
        ledger.settle(104);
        assert!(ledger.of("a", 9).is_empty());
        ledger.settle(110);
        let unseen = ledger.of("a", 9);
        let shown: Vec<_> = unseen.iter().map(|one| (one.start, one.end, one.cpu_ns)).collect();
        assert_eq!(shown, [(100, 105, Some(250)), (105, 110, Some(-10))]);
        assert_eq!(unseen[0].network_rx_bytes, None);
        assert_eq!(ledger.cpu_ns(), Some(240));
        assert_eq!(ledger.of("a", 1).len(), 1);
        assert!(ledger.of("b", 9).is_empty());
    }

    #[test]
    fn of_nested_parents_each_tells_what_no_child_of_its_own_did() {
        let mut ledger = Ledger::default();
        let pod = "/kubepods/burstable/pod1";
        let (of_pod, of_child) = (format!("a:{pod}"), format!("a:{pod}/c"));
        ledger.add(vec![
            at(100, "a:/kubepods", 1_000, true),
            with_network(at(100, &of_pod, 900, true), 70),
            with_network(at(100, &of_child, 800, true), 50),
        ]);
        ledger.learn(found(&["/kubepods", pod, &format!("{pod}/c")]));
        ledger.settle(105);
        let unseen = ledger.of("a", 9)[0];
        assert_eq!(unseen.cpu_ns, Some(200));
        assert_eq!((unseen.network_rx_bytes, unseen.network_tx_bytes), (Some(20), Some(40)));
    }

    #[test]
    fn intervals_that_were_not_seen_whole_are_left_out() {
        let mut ledger = Ledger::default();
        ledger.begin_after(Some("a"), 110);
        ledger.add(vec![
            at(105, "a:/docker", 1_000, true), // children of it were final before
            at(110, "a:/docker", 1_000, false),
            at(110, "a:/docker/c1", 400, true),
            at(115, "a:/docker/c1", 400, true),
            at(120, "a:/docker", 1_000, true),
        ]);
        ledger.learn(found(&["/docker", "/docker/c1"]));
        ledger.settle(200);
        let starts: Vec<_> = ledger.of("a", 9).iter().map(|one| one.start).collect();
        assert_eq!(starts, [120]);
    }
}
