//! The newest figures of all containers.

use crate::common::{FIRST, Served, WEB, request};
use axum::body::Body;

#[tokio::test]
async fn the_last_complete_and_the_open_interval_of_each_container_are_told() {
    let served = Served::new();
    let list = served.get("/api/v1/latest").await.json();
    assert_eq!(list.as_array().unwrap().len(), 2);
    let web = &list[0];
    assert_eq!((web["container"].as_str(), web["machine"].as_str()), (Some(WEB), Some("node1")));
    assert_eq!(web["complete"]["end"], FIRST + 120);
    assert_eq!(web["complete"]["cpu"]["usage"], 1_000_000_000);
    assert_eq!(web["open"]["start"], FIRST + 120);
}

#[tokio::test]
async fn the_newest_figures_are_selected_and_come_in_lines() {
    let served = Served::new();
    let lines = served.get("/api/v1/latest?format=ndjson&machine=node2").await;
    assert_eq!(lines.text.lines().count(), 1);
    assert!(lines.text.starts_with(r#"{"container":"node2:/","#), "{}", lines.text);
    assert_eq!(served.get("/api/v1/latest?machine=none").await.text, "[]\n");
    assert_eq!(served.get("/api/v1/latest?machine=none&format=ndjson").await.text, "");
    served.get("/api/v1/latest?format=csv").await.is_problem(400, "json or ndjson");
    let csv = request("GET", "/api/v1/latest").header("accept", "text/csv");
    served.send(csv.body(Body::empty()).unwrap()).await.is_problem(406, "application/json");
}
