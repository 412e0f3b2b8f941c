//! Polls of a server on loopback, in real time.

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cmetrics_core::{Metric, Timestamp};

use super::polling::Polling;
use super::*;
use crate::clock::wall;
use crate::net::testing::{Asked, Script, Server, http, json};

/// A list of samples: how many seconds ago each was taken, and its CPU time in milliseconds.
fn stats(base: Timestamp, samples: &[(u64, u64)]) -> String {
    let mut list = String::new();
    for (ago, millis) in samples {
        let comma = if list.is_empty() { "" } else { "," };
        let time = base.checked_sub(Duration::from_secs(*ago)).unwrap();
        let nanos = millis * 1_000_000;
        let _ = write!(
            list,
            "{comma}{{\"timestamp\":\"{time}\",\"cpu\":{{\"usage\":{{\"total\":{nanos}}}}}}}"
        );
    }
    format!("[{list}]")
}

/// One container's answer.
fn container(name: &str, stats: &str) -> String {
    format!("{{\"name\":\"{name}\",\"spec\":{{\"has_cpu\":true}},\"stats\":{stats}}}")
}

fn not_found() -> Script {
    Script::Bytes(http("500 Internal Server Error", "text/plain", "unknown container"))
}

const SAMPLES: [(u64, u64); 3] = [(11, 0), (6, 500), (1, 1500)];

/// A machine with Docker.
fn docker(base: Timestamp, asked: &Asked) -> Script {
    let stats = stats(base, &SAMPLES);
    match &*asked.line {
        "GET /api/v1.3/machine" => json(r#"{"num_cores":2,"machine_id":"m1","boot_id":"b1"}"#),
        "POST /api/v1.3/docker/" => {
            json(&format!("{{\"/docker/c1\":{}}}", container("/docker/c1", &stats)))
        }
        "POST /api/v1.3/containers/" => json(&container("/", &stats)),
        "POST /api/v1.3/containers/docker" => json(&container("/docker", &stats)),
        _ => not_found(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_is_added_is_polled_and_its_points_are_kept() {
    let base = wall();
    let server = Server::start(move |asked| docker(base, asked)).await;
    let polling = Polling::start(5);
    polling.add(&format!("http://{}", server.address));
    let state = polling.until("up", |state| state.status == MachineStatus::Up).await;
    assert_eq!((state.containers, state.counts.accepted), (1, 9));
    assert_eq!(state.endpoint.as_deref(), Some("/api/v1.3/docker/"));
    assert_eq!(state.identity.unwrap().cores, Some(2));
    assert_eq!(state.newest_sample, base.checked_sub(Duration::from_secs(1)));
    assert!(polling.live.recorder().snapshot("a:/docker/c1").is_some());
    polling.until("polled again", |state| state.counts.polls > 1).await;

    let asked = server.asked();
    let lines: Vec<_> = asked.iter().map(|asked| &*asked.line).take(5).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v1.3/machine",
            "POST /api/v1.3/docker/",
            "POST /api/v1.3/containers/",
            "POST /api/v1.3/containers/docker",
            "POST /api/v1.3/docker/",
        ]
    );
    assert_eq!(asked[1].body, r#"{"num_stats":-1}"#);
    let start = base.checked_sub(Duration::from_secs(11)).unwrap();
    assert_eq!(asked[4].body, format!("{{\"num_stats\":-1,\"start\":\"{start}\"}}"));
    assert_eq!(server.connections(), 1);

    let error = polling.live.run(CancellationToken::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Running);
    let folder = polling.end().await;
    let store =
        Store::open(folder.path(), StoreOptions::default().with_lateness(Duration::from_secs(5)));
    let points = store.unwrap().range("a:/docker/c1", .., None).unwrap();
    let growth = points.map(|point| point.unwrap().growth(Metric::CpuUsage).unwrap_or(0));
    assert_eq!(growth.sum::<u64>(), 1_500_000_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_fails_is_replaced_by_the_tree_of_cgroups() {
    let base = wall();
    let fails = Arc::new(AtomicBool::new(false));
    let failing = Arc::clone(&fails);
    let server = Server::start(move |asked| match &*asked.line {
        "POST /api/v1.3/docker/" if failing.load(Ordering::Relaxed) => not_found(),
        "POST /api/v1.3/subcontainers/" => {
            let stats = stats(base, &[(0, 2000)]);
            let listed = container("/docker/c1", &stats).replacen('{', "{\"id\":\"c1\",", 1);
            json(&format!("[{listed},{}]", container("/x", &stats)))
        }
        _ => docker(base, asked),
    })
    .await;
    let polling = Polling::start(5);
    polling.add(&format!("http://{}", server.address));
    polling.until("up", |state| state.status == MachineStatus::Up).await;
    fails.store(true, Ordering::Relaxed);
    let newest = |state: &MachineState| state.newest_sample == Some(base);
    let state = polling.until("at the newest sample", newest).await;
    assert_eq!((state.status, state.last_error), (MachineStatus::Up, None));
    assert_eq!(state.endpoint.as_deref(), Some("/api/v1.3/docker/"));
    polling.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_machine_at_a_known_address_is_not_joined_with_it() {
    let base = wall();
    let is_other = Arc::new(AtomicBool::new(false));
    let other = Arc::clone(&is_other);
    let server = Server::start(move |asked| match &*asked.line {
        "GET /api/v1.3/machine" if other.load(Ordering::Relaxed) => json(r#"{"machine_id":"m2"}"#),
        _ => docker(base, asked),
    })
    .await;
    let polling = Polling::start(5);
    polling.add(&format!("http://{}", server.address));
    polling.until("up", |state| state.status == MachineStatus::Up).await;
    let folder = polling.end().await;

    is_other.store(true, Ordering::Relaxed);
    let options = StoreOptions::default().with_lateness(Duration::from_secs(5));
    let store = Store::open(folder.path(), options).unwrap();
    let live = Live::open(store, LiveOptions::default()).unwrap();
    let polling = Polling::of(live, folder);
    let state = polling.until("failing", |state| state.failures_in_a_row > 0).await;
    assert_eq!(state.counts.failed_polls["another_machine"], 1);
    assert!(state.last_error.unwrap().contains("its machine id is m2, and was m1"));
    assert_eq!(state.counts.accepted, 0);
    polling.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn samples_that_are_too_late_for_the_recorder_go_to_the_store() {
    let base = wall();
    let has_older = Arc::new(AtomicBool::new(false));
    let older = Arc::clone(&has_older);
    let server = Server::start(move |asked| match &*asked.line {
        "POST /api/v1.3/docker/" => {
            let mut samples = SAMPLES.to_vec();
            if older.load(Ordering::Relaxed) {
                samples.splice(0..0, [(61, 0), (51, 0)]);
            }
            json(&format!("[{}]", container("/docker/c1", &stats(base, &samples))))
        }
        _ => docker(base, asked),
    })
    .await;
    let polling = Polling::start(5);
    polling.add(&format!("http://{}", server.address));
    polling.until("up", |state| state.status == MachineStatus::Up).await;
    has_older.store(true, Ordering::Relaxed);
    let state = polling.until("late", |state| state.counts.late > 0).await;
    assert_eq!((state.counts.stragglers, state.margin_seconds), (2, 20.0));
    let before = base.checked_sub(Duration::from_secs(45)).unwrap();
    let points = polling.live.store().range("a:/docker/c1", ..before, None).unwrap();
    assert!(points.count() >= 2);
    // They come again and again, and count once.
    let polls = state.counts.polls;
    let state = polling.until("polled again", |state| state.counts.polls > polls + 1).await;
    assert_eq!((state.counts.stragglers, state.margin_seconds), (2, 20.0));
    polling.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_off_answer_is_taken_as_far_as_it_goes_and_asked_for_again() {
    let base = wall();
    let is_cut = Arc::new(AtomicBool::new(true));
    let cut = Arc::clone(&is_cut);
    let server = Server::start(move |asked| match docker(base, asked) {
        Script::Bytes(whole)
            if asked.line.ends_with("docker/") && cut.swap(false, Ordering::Relaxed) =>
        {
            Script::Last(whole[..whole.len() - 20].to_vec())
        }
        script => script,
    })
    .await;
    let polling = Polling::start(5);
    polling.add(&format!("http://{}", server.address));
    let state = polling.until("up", |state| state.status == MachineStatus::Up).await;
    assert_eq!(state.counts.failed_polls["cut_off"], 1);
    assert_eq!((state.counts.accepted, state.counts.stragglers), (9, 0));
    assert!(state.counts.duplicates >= 2);
    polling.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_cadvisor_is_told_as_what_it_looks_like_and_removal_ends_it() {
    let server =
        Server::start(|_| Script::Bytes(http("200 OK", "text/html", "<html>x</html>"))).await;
    let polling = Polling::start(5);
    polling.add(&format!("http://{}", server.address));
    let state = polling.until("failing", |state| state.failures_in_a_row > 0).await;
    assert!(state.last_error.unwrap().contains("an HTML page"));
    assert_eq!(state.counts.failed_polls["not_metrics"], state.counts.polls);
    assert_eq!(state.status, MachineStatus::New);
    assert!(polling.live.remove("a").unwrap());
    assert!(polling.live.machine("a").is_none());
    assert!(polling.live.totals().counts.polls > 0);
    polling.end().await;
}
