//! Containers' samples as they might be: restarts, gaps, interfaces and devices that come and go,
//! and CPU readings that no container makes.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

pub mod documents;
mod extras;

use std::time::Duration;

use cmetrics_core::point::Extended;
use cmetrics_core::{DataPoint, Metric, MetricSet, Settings, Timestamp};
use extras::{Extras, some_extras};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// What changes from one sample of a container to the next.
#[derive(Clone, Debug)]
pub struct Step {
    millis: u64,
    pub cpu: Option<CpuMove>,
    pub memory: Option<u32>,
    load: Option<u16>,
    /// `None`: no network section. Then for each interface whether it is listed, and its change.
    network: Option<[Option<Move>; 2]>,
    disk: Option<Disk>,
    /// What is read only where it is selected.
    extras: Option<Extras>,
}

/// For each device whether a list has it, and its change.
#[derive(Clone, Debug)]
struct Disk {
    bytes: [Option<Move>; 2],
    tells_writes: bool,
    operations: [Option<Move>; 2],
}

/// How a counter moves.
#[derive(Clone, Copy, Debug)]
pub enum Move {
    Up(u32),
    Leap,
    Down,
    Again(u16),
}

/// How the CPU counter moves, in nanoseconds, or what is written instead.
#[derive(Clone, Copy, Debug)]
pub enum CpuMove {
    Counts(Move),
    /// So many milliseconds, which may be more than all CPUs can use.
    Much(u16),
    /// Written once, the counter itself runs on: so far above it, below it, or this.
    Above(u64),
    Below(u64),
    Instead(u64),
}

fn a_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        12 => (0_u32..5_000_000).prop_map(Move::Up),
        1 => Just(Move::Leap),
        1 => Just(Move::Down),
        1 => any::<u16>().prop_map(Move::Again),
    ]
}

fn a_cpu_move() -> impl Strategy<Value = CpuMove> {
    prop_oneof![
        64 => a_move().prop_map(CpuMove::Counts),
        6 => any::<u16>().prop_map(CpuMove::Much),
        1 => select(&[1_u64 << 60, 100 * SECOND, 9_000 * SECOND][..]).prop_map(CpuMove::Above),
        // What a second collector writes, and a clock that was set.
        2 => (1_u64..50_000_000).prop_map(CpuMove::Below),
        1 => (1_u64..2_000).prop_map(|seconds| CpuMove::Below(seconds * SECOND)),
        1 => prop_oneof![Just(0), 0..SECOND].prop_map(CpuMove::Instead),
    ]
}

/// From samples close together, on the edges of intervals too, to gaps.
fn millis() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => 1_u64..3_000,
        2 => Just(1_000_u64),
        2 => Just(5_000_u64),
        2 => 3_000_u64..70_000,
        1 => 150_000_u64..=151_000,
        1 => Just(150_000_u64),
    ]
}

fn a_disk() -> impl Strategy<Value = Disk> {
    let devices = || [option::weighted(0.8, a_move()), option::of(a_move())];
    (devices(), any::<bool>(), devices()).prop_map(|(bytes, tells_writes, operations)| Disk {
        bytes,
        tells_writes,
        operations,
    })
}

pub fn a_step() -> impl Strategy<Value = Step> {
    let network = [option::weighted(0.8, a_move()), option::of(a_move())];
    (
        millis(),
        option::weighted(0.9, a_cpu_move()),
        option::weighted(0.8, any::<u32>()),
        option::weighted(0.5, any::<u16>()),
        option::weighted(0.9, network),
        option::weighted(0.9, a_disk()),
        option::weighted(0.6, some_extras()),
    )
        .prop_map(|(millis, cpu, memory, load, network, disk, extras)| Step {
            millis,
            cpu,
            memory,
            load,
            network,
            disk,
            extras,
        })
}

impl Step {
    /// Measures everything that can come late: what is first read long after a start changes
    /// what was told of the time in between.
    pub fn fill(&mut self) {
        self.memory.get_or_insert(1);
        self.cpu.get_or_insert(CpuMove::USUAL);
        let nothing = Disk { bytes: [None; 2], tells_writes: true, operations: [None; 2] };
        self.disk.get_or_insert(nothing).tells_writes = true;
        self.extras.get_or_insert_default();
    }
}

impl Default for Move {
    fn default() -> Self {
        Self::Up(0)
    }
}

impl Move {
    fn applied_to(self, value: &mut u64) -> u64 {
        *value = match self {
            Self::Up(by) => value.saturating_add(by.into()),
            Self::Leap => value.saturating_add(1 << 62),
            Self::Down => *value / 2,
            Self::Again(from) => from.into(),
        };
        *value
    }
}

impl CpuMove {
    pub const USUAL: Self = Self::Counts(Move::Up(1_000_000));

    fn written(self, value: &mut u64) -> u64 {
        match self {
            Self::Counts(by) => return by.applied_to(value),
            Self::Much(millis) => *value = value.saturating_add(u64::from(millis) * 1_000_000),
            Self::Above(by) => return value.saturating_add(by),
            Self::Below(by) => return value.saturating_sub(by),
            Self::Instead(other) => return other,
        }
        *value
    }
}

pub const SECOND: u64 = 1_000_000_000;

pub fn at(nanos: u64) -> Timestamp {
    Timestamp::from_nanos(nanos).unwrap()
}

pub fn time_of(sample: &Value) -> u64 {
    let time = Timestamp::parse(sample["timestamp"].as_str().unwrap());
    time.unwrap().unwrap().nanos()
}

/// All that a point tells.
pub fn shown(point: &DataPoint) -> Value {
    serde_json::to_value(Extended(point)).unwrap()
}

pub const START_MILLIS: u64 = 1_795_262_400_000;

/// What the counters of a container stand at.
#[derive(Default)]
struct Counters {
    cpu: u64,
    interfaces: [u64; 2],
    bytes: [u64; 2],
    operations: [u64; 2],
    extra: u64,
}

/// A container's samples as cAdvisor would write them in v1.
pub fn stats(steps: &[Step]) -> Vec<Value> {
    let mut millis = START_MILLIS;
    let mut counters = Counters::default();
    let sample = |step: &Step| {
        millis += step.millis;
        counters.sample(step, at(millis * 1_000_000))
    };
    steps.iter().map(sample).collect()
}

impl Counters {
    fn sample(&mut self, step: &Step, time: Timestamp) -> Value {
        let mut sample = json!({ "timestamp": time.to_string(), "cpu": {}, "memory": {} });
        if let Some(by) = step.cpu {
            sample["cpu"]["usage"] = json!({ "total": by.written(&mut self.cpu) });
        }
        if let Some(load) = step.load {
            sample["cpu"]["load_average"] = load.into();
        }
        if let Some(memory) = step.memory {
            sample["memory"]["usage"] = memory.into();
        }
        if let Some(listed) = step.network {
            let names = ["eth0", "eth1"];
            let entry = |(name, value)| json!({ "name": names[name], "rx_bytes": value, "tx_packets": value / 3 });
            let list = moved(listed, &mut self.interfaces).map(entry);
            sample["network"] = json!({ "interfaces": list.collect::<Vec<_>>() });
        }
        if let Some(disk) = &step.disk {
            sample["diskio"] = self.disk(disk);
        }
        if let Some(extras) = &step.extras {
            extras.write(&mut sample, &mut self.extra);
        }
        sample
    }

    fn disk(&mut self, disk: &Disk) -> Value {
        let bytes = |(minor, value): (usize, u64)| {
            let mut stats = json!({ "Read": value });
            if disk.tells_writes {
                stats["Write"] = (value / 2).into();
            }
            json!({ "major": 8, "minor": minor, "stats": stats })
        };
        let operations = |(minor, value): (usize, u64)| json!({ "major": 8, "minor": minor, "stats": { "Read": value } });
        let bytes: Vec<_> = moved(disk.bytes, &mut self.bytes).map(bytes).collect();
        let operations: Vec<_> =
            moved(disk.operations, &mut self.operations).map(operations).collect();
        let mut section = json!({ "io_service_bytes": bytes });
        // A device that one list has may be in the other or not.
        if !operations.is_empty() {
            section["io_serviced"] = operations.into();
        }
        section
    }
}

/// The numbers of what is listed, and what it stands at.
fn moved(moves: [Option<Move>; 2], values: &mut [u64; 2]) -> impl Iterator<Item = (usize, u64)> {
    let moves = moves.into_iter().zip(values).enumerate();
    moves.filter_map(|(number, (by, value))| Some((number, by?.applied_to(value))))
}

pub fn document(containers: &[Vec<Value>]) -> Value {
    let entry = |(number, stats): (usize, &Vec<Value>)| {
        let path = format!("/{number}");
        let container = json!({ "name": path, "spec": { "has_cpu": true }, "stats": stats });
        (path, container)
    };
    Value::Object(containers.iter().enumerate().map(entry).collect())
}

/// Widths and gaps that need not divide each other.
pub fn some_settings() -> impl Strategy<Value = Settings> {
    (1_u64..20, option::of(0_u64..200)).prop_map(|(interval, gap)| {
        let max_gap = gap.map(|gap| Duration::from_secs(interval + gap));
        Settings::new(Duration::from_secs(interval), max_gap).unwrap()
    })
}

/// A container's samples, behind documents that tell what else is known of it.
pub fn text_with(specs: &[Value], path: &str, stats: &[Value]) -> String {
    let mut text = String::new();
    for spec in specs {
        text += &json!({ path: { "name": path, "spec": spec } }).to_string();
    }
    text + &json!({ path: { "name": path, "spec": {}, "stats": stats } }).to_string()
}

/// None, all, or any.
pub fn some_metrics() -> impl Strategy<Value = MetricSet> {
    prop_oneof![
        2 => Just(MetricSet::default()),
        1 => Just(MetricSet::all()),
        2 => vec(select(Metric::ALL.to_vec()), 1..12)
            .prop_map(|metrics| metrics.into_iter().collect()),
    ]
}
