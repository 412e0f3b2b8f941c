//! Documents of every kind, which tell more or less of a container's samples.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

use super::{Step, a_step, at, stats, time_of};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    V1,
    V20,
    V21,
    MachineStats,
}

impl Kind {
    fn of_any_path(self) -> Self {
        if self == Self::MachineStats { Self::V20 } else { self }
    }
}

/// Its path is `/`, of which alone there is `machinestats`, or another.
#[derive(Clone, Debug)]
pub struct Watched {
    pub steps: Vec<Step>,
    is_root: bool,
    told: Told,
    copies: Vec<Copy>,
}

/// What documents tell of a container beside its samples.
#[derive(Clone, Debug)]
pub struct Told {
    mask: Option<&'static str>,
    starts: Vec<Start>,
}

/// A start so many milliseconds from a sample, or none.
#[derive(Clone, Debug)]
enum Start {
    Near(Index, i64),
    ZeroTime,
    NoTime,
}

/// A document with some of the samples.
#[derive(Clone, Debug)]
struct Copy {
    kind: Kind,
    /// Not all of them.
    range: Option<(Index, Index)>,
    /// Sections that it lacks, and flags that it denies, as bits.
    lacks: u16,
    denies: u16,
    tells_cpus: bool,
    /// Which of the starts it tells.
    start: Option<usize>,
}

const SECTIONS: [&str; 10] = [
    "filesystem",
    "processes",
    "accelerators",
    "oom_events",
    "task_stats",
    "cpu",
    "memory",
    "network",
    "diskio",
    "referenced_memory",
];

/// What `machinestats` never tells, as bits: processes, tasks, disks and referenced memory.
const NOT_IN_MACHINESTATS: u16 = 0b11_0001_0010;

/// Of these sections the larger copy stays.
const COMPLETED: u16 = 0b1_1111;

const FLAGS: [&str; 7] = [
    "has_filesystem",
    "has_processes",
    "has_load",
    "has_cpu",
    "has_memory",
    "has_network",
    "has_diskio",
];

/// The flags of the sections of which the larger copy stays.
const OF_COMPLETED: u16 = 0b111;

fn a_start() -> impl Strategy<Value = Start> {
    let near = prop_oneof![
        4 => -3_000_i64..3_000,
        2 => Just(0),
        2 => -160_000_i64..10_000,
        1 => -150_001_i64..-149_998,
    ];
    prop_oneof![
        12 => (any::<Index>(), near).prop_map(|(index, millis)| Start::Near(index, millis)),
        1 => Just(Start::ZeroTime),
        1 => Just(Start::NoTime),
    ]
}

fn a_copy() -> impl Strategy<Value = Copy> {
    let kinds = select(&[Kind::V1, Kind::V1, Kind::V20, Kind::V21, Kind::MachineStats][..]);
    let bits = || prop_oneof![3 => Just(0_u16), 1 => any::<u16>(), 1 => (0_u32..10).prop_map(|bit| 1 << bit)];
    let range = option::weighted(0.8, any::<(Index, Index)>());
    (kinds, range, bits(), bits(), any::<bool>(), option::of(0_usize..4)).prop_map(
        |(kind, range, lacks, denies, tells_cpus, start)| Copy {
            kind,
            range,
            lacks,
            denies,
            tells_cpus,
            start,
        },
    )
}

pub fn some_told() -> impl Strategy<Value = Told> {
    let masks = select(&["0", "0-3", "0-3,6", "0-63", "", "0-", "all"][..]);
    let starts = prop_oneof![2 => Just(Vec::new()), 3 => vec(a_start(), 1..4)];
    (option::weighted(0.7, masks), starts).prop_map(|(mask, starts)| Told { mask, starts })
}

pub fn a_container(most: usize) -> impl Strategy<Value = Watched> {
    let steps = vec(a_step(), 1..most);
    (steps, any::<bool>(), some_told(), vec(a_copy(), 0..5)).prop_map(
        |(steps, is_root, told, mut copies)| {
            // There is no machinestats of others than the root.
            for copy in copies.iter_mut().filter(|_| !is_root) {
                copy.kind = copy.kind.of_any_path();
            }
            Watched { steps, is_root, told, copies }
        },
    )
}

/// The documents of all containers: of each one with all samples, among others.
pub fn documents(containers: &[Watched]) -> Vec<Value> {
    let of_one = |(number, one): (usize, &Watched)| {
        let path = if one.is_root && number == 0 { "/".to_owned() } else { format!("/{number}") };
        let samples = stats(&one.steps);
        let mut copies = one.copies.clone();
        // A document may be the first to tell of a sample, and then this one completes it.
        copies.insert(copies.len() / 2, WHOLE);
        copies.iter().map(|copy| copy.document(one, &path, &samples)).collect::<Vec<_>>()
    };
    containers.iter().enumerate().flat_map(of_one).collect()
}

/// The same of one container, where no document is the only one to tell, or to deny, what the
/// first one read decides.
pub fn documents_in_any_order(container: &Watched) -> Vec<Value> {
    let mut container = container.clone();
    for copy in &mut container.copies {
        copy.lacks &= if copy.kind == Kind::MachineStats { u16::MAX } else { COMPLETED };
        copy.denies &= OF_COMPLETED;
    }
    documents(&[container])
}

const WHOLE: Copy =
    Copy { kind: Kind::V1, range: None, lacks: 0, denies: 0, tells_cpus: true, start: Some(0) };

impl Told {
    pub fn has_starts(&self) -> bool {
        !self.starts.is_empty()
    }

    /// All of it: there is one start in each spec.
    pub fn specs(&self, samples: &[Value]) -> Vec<Value> {
        let spec = |start| self.spec(&Copy { start: Some(start), ..WHOLE }, samples);
        (0..self.starts.len().max(1)).map(spec).collect()
    }

    /// What a document tells of it.
    fn spec(&self, copy: &Copy, samples: &[Value]) -> Value {
        let mut spec = Map::new();
        for flag in copy.denied() {
            spec.insert(flag.to_owned(), false.into());
        }
        if let Some(mask) = self.mask.filter(|_| copy.tells_cpus) {
            spec.insert("cpu".to_owned(), json!({ "mask": mask }));
        }
        if let Some(start) = copy.start.and_then(|start| self.starts.get(start)) {
            spec.insert("start_time".to_owned(), start.written(samples).into());
        }
        spec.into()
    }
}

impl Start {
    fn written(&self, samples: &[Value]) -> String {
        match self {
            Self::Near(index, millis) => {
                let time = time_of(&samples[index.index(samples.len())]);
                at(time.saturating_add_signed(millis * 1_000_000)).to_string()
            }
            Self::ZeroTime => "0001-01-01T00:00:00Z".to_owned(),
            Self::NoTime => "yesterday".to_owned(),
        }
    }
}

impl Copy {
    fn document(&self, of: &Watched, path: &str, samples: &[Value]) -> Value {
        let kind = if path == "/" { self.kind } else { self.kind.of_any_path() };
        let taken = match self.range {
            None => samples,
            Some((from, to)) => {
                let (from, to) = (from.index(samples.len()), to.index(samples.len()));
                &samples[from.min(to)..=from.max(to)]
            }
        };
        let stats: Vec<_> = taken.iter().map(|sample| self.told(kind, sample)).collect();
        let spec = of.told.spec(self, samples);
        match kind {
            Kind::V1 => json!({ path: { "name": path, "spec": spec, "stats": stats } }),
            Kind::V20 => json!({ path: stats }),
            Kind::V21 => json!({ path: { "spec": spec, "stats": stats } }),
            Kind::MachineStats => stats.into(),
        }
    }

    fn denied(&self) -> impl Iterator<Item = &'static str> {
        named(&FLAGS, self.denies)
    }

    /// A sample as this kind of document writes it.
    fn told(&self, kind: Kind, sample: &Value) -> Value {
        let mut sample = sample.as_object().unwrap().clone();
        let lacks = self.lacks | if kind == Kind::MachineStats { NOT_IN_MACHINESTATS } else { 0 };
        for section in named(&SECTIONS, lacks) {
            sample.remove(section);
        }
        if kind == Kind::V20 {
            for flag in self.denied() {
                sample.insert(flag.to_owned(), false.into());
            }
        }
        if kind != Kind::V1
            && let Some(tasks) = sample.remove("task_stats")
        {
            sample.insert("load_stats".to_owned(), tasks);
        }
        if kind == Kind::V21
            && let Some(list) = sample.remove("filesystem")
        {
            let one = json!({ "totalUsageBytes": list[0]["usage"], "baseUsageBytes": list[0]["base_usage"] });
            sample.insert("filesystem".to_owned(), one);
        }
        sample.into()
    }
}

/// The names whose bits are set.
fn named<'n>(names: &'n [&'static str], bits: u16) -> impl Iterator<Item = &'static str> + 'n {
    let is_set = move |(bit, _): &(usize, &&str)| bits >> bit & 1 == 1;
    names.iter().enumerate().filter(is_set).map(|(_, name)| *name)
}
