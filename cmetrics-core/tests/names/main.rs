//! Points under other names.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod page;
mod rows;
mod table;

use cmetrics_core::DataPoint;
use serde_json::Value;

/// The points, of whose documented figures none was measured.
pub(crate) fn read(points: &[Value]) -> Vec<DataPoint> {
    let documented = r#"{"cpu": {"usage": null, "load": {"ave": null, "min": null, "max": null}},
        "memory": {"ave": null, "min": null, "max": null},
        "network": {"tx_kb": null, "rx_kb": null, "tx_packets": null, "rx_packets": null,
            "tx_errors": null, "rx_errors": null, "tx_drops": null, "rx_drops": null},
        "diskio": {"async": null, "sync": null, "read": null, "write": null}}"#;
    let whole = |point: &Value| {
        let mut whole: serde_json::Map<_, _> = serde_json::from_str(documented).unwrap();
        whole.extend(point.as_object().unwrap().clone());
        serde_json::from_value(whole.into()).unwrap()
    };
    points.iter().map(whole).collect()
}
