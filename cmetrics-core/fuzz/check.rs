//! What must hold for any bytes. The fuzzer and the test of its corpus both call this.

use std::time::Duration;

use cmetrics_core::{DataPoint, Input, MetricSet, Pipeline, Settings};

/// Reads `bytes` as a dump. Nothing may panic, errors must lie inside the input, points must
/// deserialise, and reading the same bytes again must change nothing.
pub fn read(bytes: &[u8]) {
    // A short gap keeps hostile samples from making millions of points.
    let settings = Settings::new(Duration::from_secs(1), Some(Duration::from_secs(100)))
        .expect("a gap of a hundred intervals is allowed");
    check(bytes, settings);
    check(bytes, settings.with_metrics(MetricSet::all()).with_shares());
}

fn check(bytes: &[u8], settings: Settings) {
    let mut pipeline = Pipeline::new(settings);
    let outcome = pipeline.read(Input::reader("fuzz", bytes));
    for error in &outcome.errors {
        let place = error.place();
        assert!(place.offset.is_none_or(|offset| offset <= outcome.bytes), "{error}");
        assert!(!error.to_string().is_empty());
    }
    let points = pipeline.points();
    for point in &points {
        let json = serde_json::to_string(point).expect("points serialise");
        let back: DataPoint = serde_json::from_str(&json).expect("points read back");
        assert_eq!(json, serde_json::to_string(&back).expect("points serialise"));
        assert!(point.coverage().is_some_and(|coverage| (0.0..=1.0).contains(&coverage)));
    }
    let again = pipeline.read(Input::reader("fuzz", bytes));
    assert_eq!(again.accepted, 0);
    assert_eq!(points, pipeline.points());
}
