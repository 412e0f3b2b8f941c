//! The stream of sealed points.

use std::time::Duration;

use axum::body::Body;
use cmetrics_core::Timestamp;
use cmetrics_server::Limits;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::common::{FIRST, Served, request};

/// A stream that is read.
pub(crate) struct Events {
    body: Body,
    text: String,
}

/// An event: its id, name and data.
pub(crate) type Event = (String, String, Value);

impl Events {
    pub(crate) async fn open(served: &Served, path: &str, last: Option<&str>) -> Self {
        let request = request("GET", path).header("accept", "text/event-stream");
        let request = match last {
            Some(last) => request.header("last-event-id", last),
            None => request,
        };
        let request = request.body(Body::empty()).unwrap();
        let answer = served.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { body: answer.into_body(), text: String::new() }
    }

    /// The next event; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let event = event(block);
                self.text = String::from(rest);
                match event {
                    Some(event) => return Some(event),
                    None => continue,
                }
            }
            let wait = tokio::time::timeout(Duration::from_secs(60), self.body.frame());
            let frame = wait.await.expect("an event within a minute")?;
            self.text.push_str(std::str::from_utf8(frame.unwrap().data_ref().unwrap()).unwrap());
        }
    }
}

fn event(block: &str) -> Option<Event> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
    let name = field("event: ")?;
    let data = serde_json::from_str(field("data: ")?).unwrap();
    Some((field("id: ").unwrap_or_default().to_owned(), name.to_owned(), data))
}

/// Records a sample of `/docker/new` of node3, lets points become final, and keeps them.
pub(crate) fn feed(served: &Served, second: u64, cpu: u64) {
    let time = Timestamp::from_seconds(second).unwrap();
    let reply = format!(
        r#"{{"/docker/new": {{"spec": {{"has_cpu": true, "labels": {{"app": "new"}}}}, "stats": [
            {{"timestamp": "{time}", "cpu": {{"usage": {{"total": {cpu}}}}}}}]}}}}"#
    );
    let recorder = served.live.recorder();
    let ingested = recorder.source("reply", Some("node3")).ingest(reply.as_bytes());
    assert_eq!(ingested.accepted, 1);
    recorder.advance(time);
    recorder.seal();
    recorder.keep(served.live.store()).unwrap();
}

/// Feeds samples of ten minutes, 5 s apart.
fn feed_from(served: &Served, start: u64) {
    (0..120).for_each(|index| feed(served, start + 5 * index, index));
}

#[tokio::test]
async fn points_come_once_they_are_final() {
    let served = Served::new();
    let mut events = Events::open(&served, "/api/v1/stream?machine=node3", None).await;
    feed_from(&served, FIRST + 1000);
    let mut start = FIRST + 1000;
    for _ in 0..50 {
        let (id, name, data) = events.next().await.unwrap();
        assert_eq!((&*name, &data["name"]), ("point", &"node3:/docker/new".into()));
        assert_eq!(data["start"], start, "in order and without a hole");
        assert!(id.parse::<u64>().unwrap() < start);
        start += 5;
    }
}

#[tokio::test]
async fn a_stream_has_only_what_is_selected() {
    let served = Served::new();
    let mut events =
        Events::open(&served, "/api/v1/stream?label=app=new&container=node3:/docker/new", None)
            .await;
    // Two known containers become final, too, as time goes on.
    feed_from(&served, FIRST + 1000);
    for _ in 0..20 {
        assert_eq!(events.next().await.unwrap().2["name"], "node3:/docker/new");
    }
}

#[tokio::test]
async fn a_stream_that_is_resumed_has_missed_no_point() {
    let now = Timestamp::from_seconds(FIRST + 1600).unwrap();
    let served =
        Served::with(|options| options.with_clock(cmetrics_server::Clock::of(move || now)));
    let path = "/api/v1/stream?container=node3:/docker/new&container=yet-to-come";
    let mut events = Events::open(&served, path, None).await;
    feed_from(&served, FIRST + 1000);
    let (last, ..) = events.next().await.unwrap();
    drop(events);
    let mut events = Events::open(&served, path, Some(&last)).await;
    feed(&served, FIRST + 1000 + 600, 120);
    let mut starts = Vec::new();
    // The first point was seen; all behind it come now, from the store or as they are sealed.
    while starts.last().is_none_or(|start| *start < FIRST + 1000 + 350) {
        let (_, name, data) = events.next().await.unwrap();
        match &*name {
            "point" => starts.push(data["start"].as_u64().unwrap()),
            "resumed" => {}
            other => panic!("{other}: {data}"),
        }
    }
    let first = starts[0];
    assert!(first <= FIRST + 1005, "{first}");
    let whole: Vec<_> = (first..=*starts.last().unwrap()).step_by(5).collect();
    assert_eq!(starts, whole);
}

#[tokio::test]
async fn a_stream_is_resumed_by_the_next_process() {
    let now = Timestamp::from_seconds(FIRST + 1600).unwrap();
    let clock = || cmetrics_server::Clock::of(move || now);
    let path = "/api/v1/stream?machine=node3";
    let served = Served::with(|options| options.with_clock(clock()));
    let mut events = Events::open(&served, path, None).await;
    feed_from(&served, FIRST + 1000);
    let (last, ..) = events.next().await.unwrap();
    drop(events);

    let served = served.again(|options| options.with_clock(clock())).await;
    let mut events = Events::open(&served, path, Some(&last)).await;
    let mut starts = Vec::new();
    for index in 120..130 {
        feed(&served, FIRST + 1000 + 5 * index, index);
    }
    // The last sample is at 645 s, so what ends at 465 s is final.
    while starts.last().is_none_or(|start| *start < FIRST + 1000 + 460) {
        let (_, name, data) = events.next().await.unwrap();
        if name == "point" {
            assert_eq!(data["cpu"]["usage"], 1);
            starts.push(data["start"].as_u64().unwrap());
        }
    }
    let whole: Vec<_> = (FIRST + 1000..=FIRST + 1000 + 460).step_by(5).collect();
    assert_eq!(starts, whole);
}

#[tokio::test]
async fn who_was_away_for_too_long_is_told() {
    let served = Served::new();
    let last = (FIRST - 7200).to_string();
    let mut events = Events::open(&served, "/api/v1/stream", Some(&last)).await;
    let (_, name, data) = events.next().await.unwrap();
    assert_eq!((&*name, &data["from"]), ("missed", &(FIRST - 7200).into()));
    assert_eq!(data["until"], FIRST + 120 - 3600);
    let (_, name, _) = events.next().await.unwrap();
    assert_eq!(name, "resumed");
    served.get("/api/v1/stream?last_event_id=x").await.is_problem(400, "the id of an event");
}

#[tokio::test]
async fn a_slow_reader_holds_up_nobody_and_is_told_what_it_missed() {
    let mut limits = Limits::default();
    limits.stream_behind = 16;
    let served = Served::with(|options| options.with_limits(limits));
    let mut slow = Events::open(&served, "/api/v1/stream?machine=node3", None).await;
    let mut quick = Events::open(&served, "/api/v1/stream?machine=node3", None).await;
    // What becomes final at once is one batch, so the quick reader waits for each point.
    let start = FIRST + 1000;
    feed(&served, start, 0);
    (1..=36).for_each(|index| feed(&served, start + 5 * index, index));
    for index in 37..137 {
        feed(&served, start + 5 * index, index);
        let (_, _, data) = quick.next().await.unwrap();
        assert_eq!(data["end"], start + 5 * (index - 36));
    }
    let (mut points, mut missed, mut end) = (0, 0, 0);
    while end < start + 500 {
        let (_, name, data) = slow.next().await.unwrap();
        match &*name {
            "missed" => missed += data["points"].as_u64().unwrap(),
            "point" => {
                points += 1;
                end = data["end"].as_u64().unwrap();
            }
            other => panic!("{other}"),
        }
    }
    assert!(missed > 50, "{points} and {missed}");
    // Two other containers became final meanwhile.
    assert!(points + missed >= 100, "{points} and {missed}");
    let all = served.live.recorder().totals().sealed;
    assert!(points + missed <= all, "{points} and {missed} of {all}");
}

#[tokio::test]
async fn there_are_no_more_streams_than_there_may_be() {
    let mut limits = Limits::default();
    limits.streams = 1;
    let served = Served::with(|options| options.with_limits(limits));
    let first = Events::open(&served, "/api/v1/stream", None).await;
    let answer = served.get("/api/v1/stream").await;
    answer.is_problem(503, "as many streams");
    assert_eq!(answer.header("retry-after"), "1");
    drop(first);
}

#[tokio::test]
async fn a_silent_stream_is_kept_alive() {
    let mut limits = Limits::default();
    limits.keep_alive = Duration::from_millis(20);
    let served = Served::with(|options| options.with_limits(limits));
    let mut events = Events::open(&served, "/api/v1/stream", None).await;
    let mut text = String::new();
    while !text.contains("\n: \n\n") {
        let frame = events.body.frame().await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
    }
}
