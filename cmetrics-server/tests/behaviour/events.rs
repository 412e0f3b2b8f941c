//! Events: what happened besides points.

use crate::common::{FIRST, Served};
use cmetrics_core::{Input, Pipeline};

fn with_restarts() -> Served {
    let served = Served::new();
    let store = served.live.store();
    let stats = |start: u64| {
        let sample = |(index, cpu): (u64, u64)| {
            let time = cmetrics_core::Timestamp::from_seconds(start + index).unwrap();
            format!(r#"{{"timestamp": "{time}", "cpu": {{"usage": {{"total": {cpu}}}}}}}"#)
        };
        let readings = [(0, 900_000_000_000), (5, 100), (10, 200), (15, 50), (20, 60)];
        readings.map(sample).join(",")
    };
    let dump = format!(
        r#"{{"/a": {{"spec": {{"has_cpu": true}}, "stats": [{}]}},
            "/b": {{"spec": {{"has_cpu": true}}, "stats": [{}]}}}}"#,
        stats(FIRST),
        stats(FIRST + 1)
    );
    let mut pipeline = Pipeline::new(store.settings());
    pipeline.read(Input::bytes("dump", dump.as_bytes()).machine("n")).into_result().unwrap();
    store.ingest(pipeline.series()).unwrap();
    served
}

#[tokio::test]
async fn restarts_are_events_of_their_container() {
    let served = with_restarts();
    let all = served.get("/api/v1/events?event=restart").await.json();
    let all: Vec<_> = all.as_array().unwrap().iter().map(|one| one["container"].clone()).collect();
    assert_eq!(all, ["n:/a", "n:/a", "n:/b", "n:/b"]);
    let of_one = served.get("/api/v1/events?event=restart&name=n:/b").await.json();
    assert_eq!(of_one.as_array().unwrap().len(), 2);
    let early = format!("/api/v1/events?event=restart&start={FIRST}&end={}", FIRST + 8);
    assert_eq!(served.get(&early).await.json().as_array().unwrap().len(), 2);
    served.get("/api/v1/events?event=reboot").await.is_problem(400, "restart, set_aside");
}

#[tokio::test]
async fn pages_of_events_have_each_event_once() {
    let served = with_restarts();
    let all = served.get("/api/v1/events").await.json();
    let (mut path, mut paged) = ("/api/v1/events?limit=1".to_owned(), Vec::new());
    loop {
        let page = served.get(&path).await;
        paged.extend(page.json().as_array().unwrap().clone());
        match page.next() {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(&paged, all.as_array().unwrap());
}
