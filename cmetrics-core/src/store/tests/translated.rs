//! A log of another release, which numbers metrics differently and has some that this one does not
//! know.

use super::bytes::{put_bytes, put_varint};
use super::disk::Disk;
use super::log::LogWriter;
use super::points::{START, WIDTH};
use super::*;
use crate::metric::Kind;
use crate::point::{Figures, Level, ReadingSummary, Watched};
use crate::{Interval, Metric};

/// The table of a release with another order, and two more metrics.
fn table() -> Vec<(&'static str, Kind)> {
    let own = Metric::ALL.iter().copied().rev().map(|metric| (metric.name(), metric.kind()));
    let mut all = vec![("future.counter", Kind::Counter)];
    all.extend(own);
    all.insert(9, ("future.gauge", Kind::Gauge));
    all
}

fn set(names: &[&str]) -> [u8; 16] {
    let table = table();
    let place = |name: &&str| table.iter().position(|(known, _)| known == name).unwrap();
    names.iter().map(place).fold(0_u128, |set, place| set | 1 << place).to_le_bytes()
}

fn put_table(bytes: &mut Vec<u8>) {
    bytes.push(1);
    let table = table();
    put_varint(bytes, table.len() as u64);
    for (name, kind) in table {
        bytes.push(u8::from(kind == Kind::Gauge));
        put_bytes(bytes, name.as_bytes());
    }
}

/// A container's points with two counters and two gauges, one of each unknown here.
fn payload(count: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    put_table(&mut bytes);
    bytes.extend([2, 0]);
    put_bytes(&mut bytes, b"/a");
    bytes.extend([3, 0]);
    let names = ["future.counter", "future.gauge", "cpu.usage", "memory.usage"];
    bytes.extend(set(&names));
    bytes.extend(set(&[]));
    bytes.extend(set(&["future.gauge", "memory.working_set"]));
    // With samples, and the coverage in nanoseconds.
    bytes.extend([1, 0]);
    let mut rows = Vec::new();
    for number in 0..count {
        // Nothing skipped, three samples, all covered.
        rows.extend([0, 3, 0]);
        let mut counters = [("future.counter", 77), ("cpu.usage", number)];
        let mut gauges = [("future.gauge", 5), ("memory.usage", number + 1)];
        let table = table();
        let place = |name| table.iter().position(|(known, _)| *known == name);
        counters.sort_by_key(|(name, _)| place(*name));
        gauges.sort_by_key(|(name, _)| place(*name));
        for (_, growth) in counters {
            put_varint(&mut rows, growth);
        }
        for (_, value) in gauges {
            // As many readings as samples, all equal.
            rows.push(0);
            put_varint(&mut rows, value);
            rows.extend([0, 0]);
        }
    }
    bytes.push(5);
    for number in [0, 0, START, START + count * WIDTH, count] {
        put_varint(&mut bytes, number);
    }
    bytes.push(0);
    put_bytes(&mut bytes, &rows);
    bytes
}

fn expected(number: u64) -> DataPoint {
    let start = START + number * WIDTH;
    let mut figures = Figures::default();
    figures.set_growth(Metric::CpuUsage, number);
    let value = number + 1;
    let readings = ReadingSummary::new(3, u128::from(value) * 3, value, value).unwrap();
    figures.set_level(Metric::MemoryUsage, Level::Read(readings));
    DataPoint::from_parts(
        "/a".into(),
        Interval::new(start, start + WIDTH).unwrap(),
        Some(3),
        Watched::Nanos(WIDTH * 1_000_000_000),
        figures,
        [Metric::MemoryWorkingSet].into_iter().collect(),
    )
}

#[test]
fn a_log_that_numbers_metrics_otherwise_is_translated() {
    let disk = Simulated::new();
    let options = StoreOptions::default();
    open_idle(&disk, options).unwrap().close().unwrap();
    let mut log = LogWriter::create(&disk, 7, 1, None).unwrap();
    log.append(&payload(40)).unwrap();
    log.sync().unwrap();
    disk.sync().unwrap();
    let expected: Vec<_> = (0..40).map(|number| exact(&expected(number))).collect();
    let store = open_idle(&disk, options).unwrap();
    assert_eq!(store.everything_exactly().unwrap(), expected);
    // Later writes use this release's table.
    let spec =
        points::Spec { container: 0, slot: 3, covered: 4, shape: 4, value: 9, figures_only: false };
    store.append(&[spec.point()]).unwrap();
    drop(store);
    let both = [vec![exact(&spec.point())], expected].concat();
    let store = open_idle(&disk.kill(), options).unwrap();
    assert_eq!(store.everything_exactly().unwrap(), both);
    store.merge_all().unwrap();
    assert_eq!(store.everything_exactly().unwrap(), both);
}
