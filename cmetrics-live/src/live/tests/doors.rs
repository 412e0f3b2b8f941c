//! Machines that are no cAdvisor.

use super::polling::Polling;
use super::*;
use crate::clock::wall;
use crate::net::testing::{Script, Server, http, json};

fn exposition() -> Script {
    let millis = wall().nanos() / 1_000_000;
    let rows = format!(
        "# TYPE container_cpu_usage_seconds_total counter\n\
         container_cpu_usage_seconds_total{{cpu=\"total\",id=\"/docker/c1\"}} 5 {millis}\n"
    );
    Script::Bytes(http("200 OK", "text/plain; version=0.0.4", &rows))
}

fn is_up(state: &MachineState) -> bool {
    state.status == MachineStatus::Up
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exposition_is_asked_for_at_the_path_of_its_address() {
    let server = Server::start(|_| exposition()).await;
    let polling = Polling::start(5);
    polling.add(&format!("prometheus+http://{}/own/metrics", server.address));
    let state = polling.until("up", is_up).await;
    assert_eq!((state.containers, state.endpoint.as_deref()), (1, Some("exposition")));
    assert!(polling.live.recorder().snapshot("a:/docker/c1").is_some());
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "GET /own/metrics");
    polling.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kubelet_is_asked_with_a_token_and_what_it_refuses_is_not_asked_again() {
    let (server, certificate) = Server::start_tls(|asked| match &*asked.line {
        "GET /metrics/cadvisor" => exposition(),
        _ => Script::Bytes(http("403 Forbidden", "text/plain", "Forbidden: nodes/stats")),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "secret\n").unwrap();
    let authority = folder.path().join("ca.pem");
    std::fs::write(&authority, certificate).unwrap();
    let store = Store::open(folder.path().join("points"), StoreOptions::default()).unwrap();
    let options = LiveOptions::default()
        .with_poll_interval(Duration::from_secs(1))
        .with_token_file(&token)
        .with_ca_file(&authority);
    let polling = Polling::of(Live::open(store, options).unwrap(), folder);
    polling.add(&format!("kubelet+https://{}", server.address));
    let state = polling.until("polled twice", |state| state.counts.polls > 1).await;
    assert_eq!((state.status, state.last_error), (MachineStatus::Up, None));
    let asked = server.asked();
    assert!(asked[0].head.to_lowercase().contains("authorization: bearer secret\r\n"));
    let summaries = asked.iter().filter(|asked| asked.line == "GET /stats/summary");
    assert_eq!(summaries.count(), 1);
    polling.end().await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_engine_is_asked_for_each_of_its_containers() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    Server::behind(&socket, |asked| match &*asked.line {
        "GET /containers/json" => json(r#"[{"Id":"c1","Names":["/web"]},{"Id":"c2"}]"#),
        "GET /containers/c1/stats?stream=false&one-shot=true" => {
            let time = wall();
            json(&format!(
                r#"{{"id":"c1","name":"/web","read":"{time}",
                "cpu_stats":{{"cpu_usage":{{"total_usage":5000}}}}}}"#
            ))
        }
        _ => Script::Bytes(http("404 Not Found", "application/json", "{}")),
    });
    let polling = Polling::start(5);
    polling.add(&format!("docker+unix://{}", socket.display()));
    let state = polling.until("up", is_up).await;
    assert_eq!((state.containers, state.counts.accepted), (2, 1));
    polling.end().await;
}
