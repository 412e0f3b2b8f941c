//! A table gives back the points that were put in, and shows their figures column by column.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, missing_docs)]

mod common;

use std::time::Duration;

use cmetrics_core::point::{Column, Figure, RollUp, Table, Values};
use cmetrics_core::{DataPoint, MetricSet, Pipeline, Settings};

fn points(words: &[&str]) -> Vec<DataPoint> {
    let metrics = MetricSet::named(words).unwrap();
    let settings = Settings::default().with_metrics(metrics).with_shares();
    let mut points = Vec::new();
    for (set, endpoint) in [("steady-1s", "v1.3-docker"), ("dynamic", "v1.2-docker")] {
        let paths = common::recorded(set, endpoint);
        points.extend(common::read_files(&paths, settings).points());
    }
    assert!(points.len() > 100);
    points
}

fn table(points: &[DataPoint]) -> Table {
    let mut table = Table::new(points[0].selected());
    for point in points {
        table.push(point);
    }
    table
}

const SELECTIONS: [&[&str]; 3] = [&[], &["memory.*", "network.tx_bytes"], &["all"]];

#[test]
fn points_come_out_as_they_were_put_in() {
    for words in SELECTIONS {
        let points = points(words);
        let table = table(&points);
        assert_eq!(table.len(), points.len());
        for (row, point) in points.iter().enumerate() {
            let found = table.point(row).unwrap();
            assert_eq!(&found, point);
            assert_eq!(found.is_exact(), point.is_exact());
            assert_eq!(found.shares(), point.shares());
            for metric in MetricSet::all().iter() {
                assert_eq!(table.per_second(row, metric), point.per_second(metric));
            }
        }
        assert_eq!(table.point(points.len()), None);
    }
}

#[test]
fn points_of_a_table_roll_up_as_exactly_as_they_were() {
    let points = points(&["all"]);
    let table = table(&points);
    let rows = (0..table.len()).filter_map(|row| table.point(row));
    let wide = |points: &mut dyn Iterator<Item = DataPoint>| {
        RollUp::new(Duration::from_secs(60)).unwrap().of(points).unwrap()
    };
    assert_eq!(wide(&mut rows.into_iter()), wide(&mut points.iter().cloned()));
}

#[test]
fn columns_hold_the_figures_of_the_points() {
    for words in SELECTIONS {
        let points = points(words);
        let table = table(&points);
        let mut measured = 0;
        for column in table.columns() {
            let values = table.values(column);
            measured += usize::from(values.is_some());
            for (row, point) in points.iter().enumerate() {
                let found = values.filter(|(_, validity)| validity.is_valid(row));
                let found = found.map(|(values, _)| match values {
                    Values::Whole(values) => Figure::Whole(values[row]),
                    Values::Real(values) => Figure::Real(values[row]),
                });
                assert_eq!(found, column.figure(point), "{} {row}", column.name());
            }
            if let Some((Values::Real(values), _)) = values {
                assert_eq!(values.len(), points.len());
            }
        }
        assert!(measured > 10);
    }
}

#[test]
fn a_metric_that_is_documented_in_the_same_unit_has_one_column() {
    let selected = MetricSet::named(&["network.*", "memory.usage"]).unwrap();
    let columns = Table::new(selected).columns().to_vec();
    let count = |name: &str| columns.iter().filter(|column| column.name() == name).count();
    let of =
        |metric: &str| columns.iter().filter(|column| column.metric().name() == metric).count();
    assert_eq!((count("network.tx_kb"), count("network.tx_bytes")), (1, 1));
    assert_eq!((count("memory.ave"), count("memory.usage.ave")), (1, 1));
    assert_eq!((count("network.tx_packets"), of("network.tx_packets")), (1, 1));
    assert_eq!((count("network.tx_drops"), of("network.tx_dropped")), (1, 1));
}

#[test]
fn a_table_that_was_kept_is_the_table() {
    for words in SELECTIONS {
        let points = points(words);
        let kept = serde_json::to_vec(&table(&points)).unwrap();
        let back: Table = serde_json::from_slice(&kept).unwrap();
        let found: Vec<_> = (0..back.len()).filter_map(|row| back.point(row)).collect();
        assert_eq!(found, points);
        assert!(found.iter().all(DataPoint::is_exact));
    }
}

#[test]
fn columns_that_do_not_fit_each_other_are_refused() {
    let kept = serde_json::to_value(table(&points(&["all"]))).unwrap();
    let fields: Vec<_> = kept.as_object().unwrap().keys().cloned().collect();
    for field in ["intervals", "samples", "watched", "shares", "names"] {
        assert!(fields.iter().any(|known| known == field));
        let mut damaged = kept.clone();
        damaged[field].as_array_mut().unwrap().pop();
        assert!(serde_json::from_value::<Table>(damaged).is_err(), "{field}");
    }
    for field in ["growths", "levels"] {
        let mut damaged = kept.clone();
        damaged[field][0][1].as_array_mut().unwrap().pop();
        assert!(serde_json::from_value::<Table>(damaged).is_err(), "{field}");
        let mut damaged = kept.clone();
        damaged[field][0][0] = "cpu".into();
        assert!(serde_json::from_value::<Table>(damaged).is_err(), "{field}");
    }
}

#[test]
fn figures_that_are_read_back_from_columns_are_those_that_were_told() {
    for words in SELECTIONS {
        for point in points(words) {
            let figure = |column: &Column| column.figure(&point);
            let back = DataPoint::from_columns(
                point.name(),
                point.interval(),
                point.samples(),
                point.coverage(),
                point.selected(),
                figure,
            );
            let json = |point: &DataPoint| serde_json::to_value(point).unwrap();
            assert!(common::alike(&json(&back.unwrap()), &json(&point)));
        }
    }
}

#[test]
fn a_counter_that_is_not_whole_is_an_error_that_names_the_column() {
    let point = Pipeline::default().points().pop();
    assert_eq!(point, None);
    let interval = cmetrics_core::Interval::new(0, 5).unwrap();
    let none = MetricSet::default();
    for number in [0.5, -1.0, f64::NAN, f64::INFINITY] {
        let figure = |column: &Column| {
            (column.name() == "network.tx_packets").then_some(Figure::Real(number))
        };
        let error = DataPoint::from_columns("/", interval, None, None, none, figure).unwrap_err();
        assert_eq!(error.kind(), cmetrics_core::ErrorKind::Value);
        assert!(error.to_string().contains("network.tx_packets"), "{error}");
    }
}
