//! Health, own figures, and what the server says of itself.

use crate::common::{Served, request};
use axum::body::Body;

#[tokio::test]
async fn a_server_lives_and_is_ready() {
    let served = Served::new();
    for path in ["/livez", "/readyz", "/healthz"] {
        let answer = served.get(path).await;
        assert_eq!((answer.status.as_u16(), &*answer.text), (200, "ok\n"), "{path}");
    }
    let answer = served.get("/readyz?verbose").await;
    assert_eq!(answer.text, "server: ok\nstore: ok\nkeeping: ok\nok\n");
}

#[tokio::test]
async fn own_figures_are_open_metrics() {
    let served = Served::new();
    served.get("/livez").await;
    served.get("/api/v1/none").await;
    let answer = served.get("/metrics").await;
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    assert!(answer.text.ends_with("\n# EOF\n"));
    for line in [
        "cmetrics_http_requests_total{route=\"/livez\",status=\"200\"} 1\n",
        "cmetrics_http_requests_total{route=\"none\",status=\"404\"} 1\n",
        "cmetrics_machines{status=\"up\"} 0\n",
        "# TYPE cmetrics_store_written_bytes counter\n",
    ] {
        assert!(answer.text.contains(line), "{}", answer.text);
    }
    check_families(&answer.text);
}

/// Each family stands in one place, and each sample belongs to the family before it.
fn check_families(text: &str) {
    let mut families: Vec<&str> = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let name = rest.split(' ').next().unwrap();
            assert!(!families.contains(&name), "{name} twice");
            families.push(name);
        } else if !line.starts_with('#') {
            let family = families.last().unwrap();
            assert!(line.starts_with(family), "{line} is not of {family}");
            line.rsplit(' ').next().unwrap().parse::<f64>().unwrap();
        }
    }
}

#[tokio::test]
async fn last_figures_of_containers_are_there_where_they_are_asked_for() {
    let served = Served::new();
    assert!(!served.get("/metrics").await.text.contains("container_"));
    let feed = |second: u64, cpu: u64| {
        let time = cmetrics_core::Timestamp::from_seconds(second).unwrap();
        let reply = format!(
            r#"{{"/docker/a": {{"spec": {{"has_cpu": true}}, "stats": [
                {{"timestamp": "{time}", "cpu": {{"usage": {{"total": {cpu}}}}}}}]}}}}"#
        );
        let recorder = served.live.recorder();
        let ingested = recorder.source("reply", Some("node3")).ingest(reply.as_bytes());
        assert_eq!(ingested.accepted, 1);
        recorder.advance(time);
        recorder.seal();
        recorder.keep(served.live.store()).unwrap();
    };
    (0..200).for_each(|index| feed(1_795_300_000 + 5 * index, 1_000_000_000 * index));
    // The time of the row, behind the first point, and the sum.
    let sum = || async {
        let text = served.get("/metrics?containers=1").await.text;
        check_families(&text);
        let line = text.lines().find(|line| {
            line.starts_with("container_cpu_usage_seconds_total") && line.contains("node3")
        })?;
        let (sum, time) = line.split("} ").nth(1)?.split_once(' ')?;
        Some((time.parse::<u64>().unwrap() - 1_795_300_000, sum.parse::<f64>().unwrap()))
    };
    // The thread that notes what was sealed may be behind.
    let sum_at = async |end: u64| {
        for _ in 0..3000 {
            match sum().await {
                Some((time, sum)) if time == end => return sum,
                _ => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            }
        }
        panic!("no sum at {end}: {:?}", sum().await);
    };
    let first = sum_at(5 * 199 - 180).await;
    (200..203).for_each(|index| feed(1_795_300_000 + 5 * index, 1_000_000_000 * index));
    let second = sum_at(5 * 202 - 180).await;
    assert!((second - first - 3.0).abs() < 1e-9, "{first} {second}");
}

#[tokio::test]
async fn the_document_has_each_route_and_each_route_is_there() {
    let served = Served::new();
    let document = served.get("/api/v1/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 16);
    for (path, methods) in paths {
        let real = path.replace("{name}", "none");
        for method in ["get", "post", "delete"] {
            if path.ends_with("/stream") && method == "get" {
                continue; // It has no end.
            }
            let request = request(&method.to_uppercase(), &real).body(Body::empty()).unwrap();
            let answer = served.send(request).await;
            let is_there = methods.get(method).is_some();
            assert_eq!(answer.status.as_u16() != 405, is_there, "{method} {path}");
            let is_route = answer.status.as_u16() != 404 || path.contains("{name}");
            assert!(is_route, "{method} {path}");
            if !is_there {
                answer.is_problem(405, "is not for this path");
                let allow = answer.header("allow").to_lowercase();
                assert!(methods.as_object().unwrap().keys().all(|one| allow.contains(&**one)));
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let served = Served::new();
    served.get("/api/v1/nothing").await.is_problem(404, "/api/v1/openapi.json");
    served.get("/api/v1/metrics?x=1").await.is_problem(400, "no parameters");
    served.get("/api/v1/points?contaner=a").await.is_problem(400, "container, machine");
    served.get("/api/v1/points?start=1&start=2").await.is_problem(400, "twice");
}

#[tokio::test]
async fn head_is_answered_where_get_is() {
    let served = Served::new();
    let head = request("HEAD", "/api/v1/metrics").body(Body::empty()).unwrap();
    let answer = served.send(head).await;
    assert_eq!((answer.status.as_u16(), &*answer.text), (200, ""));
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn the_catalogue_has_every_metric() {
    let served = Served::new();
    let metrics = served.get("/api/v1/metrics").await.json();
    assert_eq!(metrics.as_array().unwrap().len(), cmetrics_core::Metric::ALL.len());
    assert_eq!(metrics[0]["name"], cmetrics_core::Metric::ALL[0].name());
}

#[tokio::test]
async fn answers_are_packed_for_those_who_accept_it() {
    let served = Served::new();
    let request = request("GET", "/api/v1/metrics").header("accept-encoding", "gzip");
    let answer = served.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    assert_eq!(answer.bytes[..2], [0x1f, 0x8b]);
}
