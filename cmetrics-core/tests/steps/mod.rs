//! Containers' samples as they might be: restarts, gaps, interfaces and devices that come and go.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

use cmetrics_core::{DataPoint, Extended, Settings, Timestamp};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

/// What changes from one sample of a container to the next.
#[derive(Clone, Debug)]
pub struct Step {
    millis: u64,
    cpu: Option<Move>,
    pub memory: Option<u32>,
    load: Option<u16>,
    /// `None`: no network section. Then for each interface whether it is listed, and its change.
    network: Option<[Option<Move>; 2]>,
    disk: Option<[Option<Move>; 2]>,
}

/// How a counter moves.
#[derive(Clone, Copy, Debug)]
enum Move {
    Up(u32),
    Leap,
    Down,
    Again(u16),
}

fn a_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        12 => (0_u32..5_000_000).prop_map(Move::Up),
        1 => Just(Move::Leap),
        1 => Just(Move::Down),
        1 => any::<u16>().prop_map(Move::Again),
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

pub fn a_step() -> impl Strategy<Value = Step> {
    let counters =
        || option::weighted(0.9, [option::weighted(0.8, a_move()), option::of(a_move())]);
    (
        millis(),
        option::weighted(0.9, a_move()),
        option::weighted(0.8, any::<u32>()),
        option::weighted(0.5, any::<u16>()),
        counters(),
        counters(),
    )
        .prop_map(|(millis, cpu, memory, load, network, disk)| Step {
            millis,
            cpu,
            memory,
            load,
            network,
            disk,
        })
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

/// A container's samples as cAdvisor would write them.
pub fn stats(steps: &[Step]) -> Vec<Value> {
    let mut millis = START_MILLIS;
    let mut cpu = 0;
    let (mut interfaces, mut devices) = ([0; 2], [0; 2]);
    let sample = |step: &Step| {
        millis += step.millis;
        let time = at(millis * 1_000_000).to_string();
        let mut sample = json!({ "timestamp": time, "cpu": {}, "memory": {} });
        if let Some(by) = step.cpu {
            sample["cpu"]["usage"] = json!({ "total": by.applied_to(&mut cpu) });
        }
        if let Some(load) = step.load {
            sample["cpu"]["load_average"] = load.into();
        }
        if let Some(memory) = step.memory {
            sample["memory"]["usage"] = memory.into();
        }
        if let Some(listed) = step.network {
            let entry = |(name, (by, value)): (&str, (Option<Move>, &mut u64))| {
                let value = by?.applied_to(value);
                Some(json!({ "name": name, "rx_bytes": value, "tx_packets": value / 3 }))
            };
            let moves = listed.into_iter().zip(&mut interfaces);
            let list: Vec<_> = ["eth0", "eth1"].into_iter().zip(moves).filter_map(entry).collect();
            sample["network"] = json!({ "interfaces": list });
        }
        if let Some(listed) = step.disk {
            let entry = |(minor, (by, value)): (u64, (Option<Move>, &mut u64))| {
                let value = by?.applied_to(value);
                Some(json!({ "major": 8, "minor": minor, "stats": { "Read": value } }))
            };
            let moves = listed.into_iter().zip(&mut devices);
            let list: Vec<_> = (0..).zip(moves).filter_map(entry).collect();
            sample["diskio"] = json!({ "io_service_bytes": list });
        }
        sample
    };
    steps.iter().map(sample).collect()
}

pub fn document(containers: &[Vec<Value>]) -> Value {
    let entry = |(number, stats): (usize, &Vec<Value>)| {
        let path = format!("/{number}");
        let container = json!({ "name": path, "spec": { "has_cpu": true }, "stats": stats });
        (path, container)
    };
    Value::Object(containers.iter().enumerate().map(entry).collect())
}

pub fn some_settings() -> impl Strategy<Value = Settings> {
    (1_u64..20, option::of(0_u64..200))
        .prop_map(|(interval, gap)| Settings::new(interval, gap.map(|gap| interval + gap)).unwrap())
}
