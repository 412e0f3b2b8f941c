//! Recorded replies.

use std::path::Path;
use std::time::Duration;

use cmetrics_core::recorder::RecorderSettings;
use cmetrics_core::{Input, MetricSet, Pipeline, Recorder, Settings, Timestamp};

use serde_json::json;

use super::common::{recorded, unpacked};
use super::steps::{SECOND, at};
use super::{START, all_drained, drained};

/// The time at which a reply was taken, from the name of its file.
fn taken_at(path: &Path) -> u64 {
    let name = path.file_name().unwrap().to_str().unwrap();
    name.split('.').find_map(|part| part.parse().ok().filter(|&time: &u64| time > 1_000)).unwrap()
}

/// The points of a recorder and of a batch that read these replies in the order of their times. The
/// recorder reads each endpoint by a source of its own.
fn both(set: &str, endpoints: &[&str], settings: Settings) -> [Vec<cmetrics_core::DataPoint>; 2] {
    let recorder =
        Recorder::new(RecorderSettings::from(settings).with_lateness(Duration::from_secs(100)));
    let mut sources: Vec<_> = endpoints.iter().map(|name| recorder.source(name, None)).collect();
    let mut replies = Vec::new();
    for (source, endpoint) in endpoints.iter().enumerate() {
        let paths = recorded(set, endpoint).into_iter();
        replies.extend(paths.map(|path| (taken_at(&path), source, path)));
    }
    replies.sort();
    let (mut batch, mut given) = (Pipeline::new(settings), Vec::new());
    for (now, source, path) in replies {
        batch.read(Input::bytes("poll", unpacked(&path).as_bytes())).into_result().unwrap();
        let ingested = sources[source].ingest(&std::fs::read(&path).unwrap());
        assert!(ingested.errors.is_empty() && ingested.late == 0, "{ingested:?}");
        recorder.advance(Timestamp::from_nanos(now * 1_000_000).unwrap());
        given.extend(drained(&recorder));
    }
    assert!(given.len() > 50, "{set}: {}", given.len());
    let counts: u64 = batch.series().map(|series| series.counts().duplicates).sum();
    assert_eq!(recorder.totals().duplicates, counts, "{set}");
    given.extend(all_drained(&recorder));
    given.sort_by(|one, other| (one.name(), one.interval()).cmp(&(other.name(), other.interval())));
    [given, batch.points()]
}

#[test]
fn recorded_polls_of_several_endpoints_give_the_points_of_a_batch() {
    for (set, endpoints) in [
        ("steady-1s", ["v1.2-docker", "v2.0-stats-docker"].as_slice()),
        ("dynamic", &["v1.2-docker", "v2.1-stats"]),
        ("v060-1s", &["v2.1-machinestats", "v1.3-docker"]),
        ("v060-oom", &["v1.3-docker", "v2.1-machinestats", "v2.1-stats"]),
    ] {
        for metrics in [MetricSet::default(), MetricSet::all()] {
            let [given, batch] = both(set, endpoints, Settings::default().with_metrics(metrics));
            assert_eq!(given.len(), batch.len(), "{set}");
            for (given, batch) in given.iter().zip(&batch) {
                assert_eq!(given, batch, "{set}");
            }
        }
    }
}

#[test]
fn what_is_ahead_says_nothing_of_limits() {
    let recorder = Recorder::new(Settings::default().with_shares());
    recorder.advance(at(START * SECOND));
    let mut source = recorder.source("one", None);
    let reply = |second: u64, quota: u64| {
        let sample = json!({ "timestamp": at((START + second) * SECOND).to_string(),
            "cpu": { "usage": { "total": second * SECOND } } });
        let spec = json!({ "has_cpu": true, "cpu": { "quota": quota, "period": 100 } });
        json!({ "/a": { "name": "/a", "spec": spec, "stats": [sample] } }).to_string()
    };
    assert_eq!(source.ingest(reply(40_000, 900).as_bytes()).ahead, 1);
    for second in [0, 5] {
        assert_eq!(source.ingest(reply(second, 100).as_bytes()).accepted, 1);
    }
    let shares = all_drained(&recorder)[0].shares().unwrap();
    assert_eq!(shares.cpu, Some(1.0));
}
