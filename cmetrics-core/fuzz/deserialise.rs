//! What must hold for any JSON that is deserialised as one of the library's values: it is refused,
//! or the value can be used like any other. The fuzzer and the tests both call this.

use std::time::Duration;

use cmetrics_core::container::{Identity, Limits};
use cmetrics_core::point::{Column, Extended, Gauge, RollUp, Shares, Table};
use cmetrics_core::statistics::{self, Quantity, Rows};
use cmetrics_core::store::Happening;
use cmetrics_core::{DataPoint, Metric, MetricSet};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads `text` as each type that can be deserialised, and uses the value.
pub fn check(text: &[u8]) {
    let limits = read::<Limits>(text).unwrap_or_default();
    if let Some(point) = read::<DataPoint>(text) {
        let points = [point.clone(), point];
        use_points(&points, &limits);
    }
    if let Some(points) = read::<Vec<DataPoint>>(text) {
        use_points(&points, &limits);
    }
    if let Some(table) = read::<Table>(text) {
        use_table(&table);
        let points: Vec<_> = (0..table.len()).filter_map(|row| table.point(row)).collect();
        assert_eq!(points.len(), table.len(), "each row has a point");
        use_points(&points, &limits);
    }
    if let Some(identity) = read::<Identity>(text) {
        let found = Identity::find([&identity, &identity], identity.name());
        assert_eq!(found.expect("it has its own name").len(), 2);
        let _ = Identity::find([&identity, &identity], "0");
    }
    let _ = (read::<Gauge>(text), read::<Shares>(text), read::<Happening>(text));
}

/// Reads a value, and checks that it can be serialised.
fn read<T: DeserializeOwned + Serialize>(text: &[u8]) -> Option<T> {
    let value: T = serde_json::from_slice(text).ok()?;
    let again = serde_json::to_vec(&value).expect("what was read can be written");
    assert!(!again.is_empty());
    Some(value)
}

fn use_points(points: &[DataPoint], limits: &Limits) {
    for point in points {
        let mut point = point.clone();
        read_point(&point);
        point.set_shares(limits);
        read_point(&point);
        point.select(MetricSet::documented());
        read_point(&point);
    }
    for seconds in [1, 5, 60, 1 << 40, u64::MAX] {
        let mut wide = RollUp::new(Duration::from_secs(seconds)).expect("at least 1 s");
        let mut made = Vec::new();
        for point in points {
            match wide.add(point) {
                Ok(done) => made.extend(done),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
        made.extend(wide.finish());
        made.iter().for_each(read_point);
    }
    let mut table = Table::new(MetricSet::all());
    for point in points {
        table.push(point);
    }
    use_table(&table);
}

/// Reads everything that a point has, by its methods and as text.
fn read_point(point: &DataPoint) {
    let _ = (point.coverage(), point.is_complete(), point.samples(), point.is_exact());
    let _ = (point.cpu_cores(), point.load(), point.memory(), point.shares());
    let _ = (point.tx_bytes_per_second(), point.rx_bytes_per_second());
    let _ = (point.read_bytes_per_second(), point.written_bytes_per_second());
    for &metric in Metric::ALL {
        let _ = (point.value(metric), point.per_second(metric));
    }
    for column in Column::all() {
        let _ = column.figure(point);
    }
    let mut text = Vec::new();
    point.write_json(&mut text);
    assert_eq!(text, serde_json::to_vec(point).expect("a point serialises"));
    text.clear();
    Extended(point).write_json(&mut text);
    assert_eq!(text, serde_json::to_vec(&Extended(point)).expect("a point serialises"));
}

fn use_table(table: &Table) {
    for row in 0..=table.len() {
        let _ = table.point(row).as_ref().map(read_point);
        let _ = (table.name(row), table.interval(row), table.shares(row));
        let _ = (table.samples(row), table.coverage(row));
        for &metric in Metric::ALL {
            let _ = (table.growth(row, metric), table.gauge(row, metric));
            let _ = table.per_second(row, metric);
        }
        for column in table.columns() {
            let _ = table.figure(row, column);
        }
    }
    let cores = |table: &Table, row| Quantity::Cores.of(table, row);
    let memory = |table: &Table, row| Quantity::Memory.of(table, row);
    let _ = statistics::mean([Rows::from(table)], cores).count();
    let _ = statistics::quantile([Rows::from(table)], 0.5, memory).count();
    let _ = statistics::by_container([Rows::from(table)], memory).count();
    for usage in statistics::usages([Rows::from(table)], true) {
        let _ = Quantity::ALL.iter().filter_map(|quantity| usage.of(*quantity)).count();
    }
    let again = serde_json::to_vec(table).expect("a table serialises");
    let again: Table = serde_json::from_slice(&again).expect("a table reads back");
    assert_eq!(again.len(), table.len());
}
