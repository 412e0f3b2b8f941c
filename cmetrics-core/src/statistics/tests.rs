//! Statistics against naive ones.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::metric::{Metric, MetricSet};
use crate::point::DataPoint;

#[derive(Clone, Debug)]
struct Made {
    name: String,
    start: u64,
    width: u64,
    cpu: Option<u32>,
    memory: Option<f64>,
    coverage: Option<f64>,
}

impl Made {
    fn point(&self) -> DataPoint {
        let gauge = |ave: Option<f64>| json!({"ave": ave, "min": ave, "max": ave});
        let network = ["tx_kb", "rx_kb", "tx_packets", "rx_packets", "tx_errors", "rx_errors"];
        let network = network.into_iter().chain(["tx_drops", "rx_drops"]);
        let network: BTreeMap<_, Option<u64>> = network.map(|key| (key, None)).collect();
        let mut point = json!({
            "name": self.name, "start": self.start, "end": self.start + self.width,
            "cpu": {"usage": self.cpu, "load": gauge(None)},
            "memory": gauge(self.memory), "network": network,
            "diskio": {"async": null, "sync": null, "read": null, "write": null},
        });
        if let Some(coverage) = self.coverage {
            point["coverage"] = json!(coverage);
        }
        serde_json::from_value(point).unwrap()
    }

    fn interval(&self) -> Interval {
        Interval::new(self.start, self.start + self.width).unwrap()
    }
}

fn made() -> impl Strategy<Value = Made> {
    (
        0_u8..4,
        0_u64..6,
        prop_oneof![4 => Just(5_u64), 1 => Just(10)],
        prop::option::weighted(0.8, any::<u32>()),
        prop::option::weighted(0.8, 0.0..1e9),
        prop_oneof![Just(None), Just(Some(0.0)), Just(Some(0.4)), Just(Some(1.0))],
    )
        .prop_map(|(name, slot, width, cpu, memory, coverage)| Made {
            name: format!("/{name}"),
            start: slot * width,
            width,
            cpu,
            memory,
            coverage,
        })
}

/// The same points in two tables, of which the first is given in two pieces.
fn with_rows<T>(every: &[Made], split: usize, then: impl FnOnce(Vec<Rows<'_>>) -> T) -> T {
    let split = split.min(every.len());
    let [first, second] = [&every[..split], &every[split..]].map(|some| {
        let mut table = Table::new(MetricSet::default());
        for one in some {
            table.push(&one.point());
        }
        table
    });
    let piece = |rows| Rows { table: &first, rows };
    then(vec![piece(0..split / 2), piece(split / 2..split), Rows::from(&second)])
}

fn cpu(table: &Table, row: usize) -> Option<f64> {
    table.growth(row, Metric::CpuUsage).map(|nanos| nanos as f64)
}

fn naive_quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = q * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    let part = place - place.floor();
    low * (1.0 - part) + high * part
}

fn is_near(found: f64, wanted: f64) -> bool {
    (found - wanted).abs() <= 1e-9 * wanted.abs().max(1e-9)
}

fn grouped(every: &[Made]) -> BTreeMap<Interval, Vec<f64>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for one in every {
        if let Some(cpu) = one.cpu {
            groups.entry(one.interval()).or_default().push(f64::from(cpu));
        }
    }
    groups
}

fn assert_near(
    found: &[(Interval, f64)],
    wanted: BTreeMap<Interval, f64>,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.len(), wanted.len());
    for ((interval, value), (of, model)) in found.iter().zip(wanted) {
        prop_assert_eq!(*interval, of);
        prop_assert!(is_near(*value, model), "{} is not {}", value, model);
    }
    Ok(())
}

fn assert_is_of(spread: Option<Spread>, values: &[(f64, f64)]) -> Result<(), TestCaseError> {
    let Some(found) = spread else {
        prop_assert!(values.is_empty());
        return Ok(());
    };
    let seconds: f64 = values.iter().map(|(_, over)| over).sum();
    let total: f64 = values.iter().map(|(value, over)| value * over).sum();
    prop_assert!(is_near(found.mean, total / seconds));
    let values: Vec<_> = values.iter().map(|(value, _)| *value).collect();
    for (q, found) in [(0.5, found.p50), (0.95, found.p95), (0.99, found.p99), (1.0, found.max)] {
        prop_assert!(is_near(found, naive_quantile(&values, q)));
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_mean_is_over_the_values_that_are_there_in_each_interval(
        every in prop::collection::vec(made(), 0..40), split in 0_usize..40,
    ) {
        let found = with_rows(&every, split, |rows| mean(rows, cpu).collect::<Vec<_>>());
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        let wanted = grouped(&every).into_iter().map(|(of, values)| (of, mean(values)));
        assert_near(&found, wanted.collect())?;
    }

    #[test]
    fn a_quantile_is_over_the_values_that_are_there_in_each_interval(
        every in prop::collection::vec(made(), 0..40), split in 0_usize..40, q in 0.0..=1.0,
    ) {
        let found = with_rows(&every, split, |rows| quantile(rows, q, cpu).collect::<Vec<_>>());
        let wanted = grouped(&every).into_iter();
        let wanted = wanted.map(|(of, values)| (of, naive_quantile(&values, q)));
        assert_near(&found, wanted.collect())?;
    }

    #[test]
    fn each_container_has_its_own_values_in_order_of_time(
        every in prop::collection::vec(made(), 0..40), split in 0_usize..40,
    ) {
        let found = with_rows(&every, split, |rows| by_container(rows, cpu).collect::<Vec<_>>());
        let mut wanted: BTreeMap<&str, Vec<(Interval, f64)>> = BTreeMap::new();
        for one in &every {
            let value = one.cpu.map(|cpu| (one.interval(), f64::from(cpu)));
            wanted.entry(&one.name).or_default().extend(value);
        }
        for values in wanted.values_mut() {
            values.sort_by_key(|(interval, _)| *interval);
        }
        let found = found.iter().map(|(name, values)| (&**name, values.clone()));
        prop_assert!(found.eq(wanted));
    }

    #[test]
    fn a_usage_is_of_the_intervals_that_are_covered_or_of_all(
        every in prop::collection::vec(made(), 0..40), split in 0_usize..40, partial: bool,
    ) {
        let found = with_rows(&every, split, |rows| usages(rows, partial).collect::<Vec<_>>());
        let mut wanted: BTreeMap<&str, Vec<&Made>> = BTreeMap::new();
        for one in &every {
            let points = wanted.entry(&one.name).or_default();
            points.extend((partial || one.coverage == Some(1.0)).then_some(one));
        }
        prop_assert_eq!(found.len(), wanted.len());
        for (usage, (name, points)) in found.iter().zip(wanted) {
            prop_assert_eq!(&*usage.name, name);
            prop_assert_eq!(usage.intervals, points.len());
            let cores = points.iter().filter_map(|one| {
                let over = one.width as f64 * one.coverage.unwrap_or(1.0);
                (over > 0.0).then_some((f64::from(one.cpu?) / over / 1e9, over))
            });
            assert_is_of(usage.of(Quantity::Cores), &cores.collect::<Vec<_>>())?;
            let memory =
                points.iter().filter_map(|one| Some((one.memory? * 1024.0, one.width as f64)));
            assert_is_of(usage.of(Quantity::Memory), &memory.collect::<Vec<_>>())?;
            prop_assert_eq!(usage.of(Quantity::Sent), None);
        }
    }

    #[test]
    fn a_quantile_lies_between_the_least_and_the_greatest(
        mut values in prop::collection::vec(-1e300..1e300, 1..20), q in 0.0..=1.0,
    ) {
        values.sort_by(f64::total_cmp);
        let found = linear_quantile(&values, q).unwrap();
        prop_assert!(values[0] <= found && found <= values[values.len() - 1]);
        prop_assert_eq!(linear_quantile(&values, 0.0), values.first().copied());
        prop_assert_eq!(linear_quantile(&values, 1.0), values.last().copied());
    }
}

#[test]
fn there_is_no_quantile_outside_of_0_to_1() {
    for q in [-0.001, 1.001, f64::NAN, f64::INFINITY] {
        assert_eq!(linear_quantile(&[1.0, 2.0], q), None);
    }
}

#[test]
fn a_quantity_is_what_the_point_says() {
    let one = Made {
        name: "/a".to_owned(),
        start: 10,
        width: 5,
        cpu: Some(2_500_000_000),
        memory: Some(2.0),
        coverage: None,
    };
    let mut point = serde_json::to_value(one.point()).unwrap();
    point["network"]["tx_kb"] = json!(5.0);
    point["network"]["rx_kb"] = json!(10.0);
    point["diskio"]["read"] = json!(50);
    point["diskio"]["write"] = json!(500);
    let mut table = Table::new(MetricSet::default());
    table.push(&serde_json::from_value(point).unwrap());
    let found = Quantity::ALL.iter().map(|quantity| quantity.of(&table, 0).unwrap());
    let wanted = [0.5, 2048.0, 1024.0, 2048.0, 10.0, 100.0];
    assert!(found.zip(wanted).all(|(found, wanted)| is_near(found, wanted)));
}
