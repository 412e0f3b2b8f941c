//! What a fake machine answers, and what it tells of itself.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use cmetrics_core::{Input, Pipeline, Timestamp};
use cmetrics_fake::{
    Clock, FakeMachine, Fault, MachineOptions, Recording, Runtime, TrueLife, Which, World,
};
use serde_json::Value;

fn world() -> World {
    World::new(Clock::driven("2026-11-21T07:30:00Z".parse().unwrap())).unwrap()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// All that is answered on a connection of its own.
fn exchange(address: SocketAddr, path: &str, body: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: fake\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply);
    reply
}

/// The status and body of an answer.
fn post(machine: &FakeMachine, path: &str, body: &str) -> (u16, Vec<u8>) {
    let reply = exchange(machine.address(), path, body);
    let end = reply.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8(reply[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut rest = &reply[end..];
    if !head.contains("chunked") {
        return (status, rest.to_vec());
    }
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|two| two == b"\r\n") {
        let length = std::str::from_utf8(&rest[..line]).unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        let start = line + 2;
        let end = rest.len().min(start + length);
        body.extend(&rest[start..end]);
        rest = rest.get(end + 2..).unwrap_or_default();
    }
    (status, body)
}

fn json(machine: &FakeMachine, path: &str, body: &str) -> Value {
    let (status, body) = post(machine, path, body);
    assert_eq!(status, 200);
    serde_json::from_slice(&body).unwrap()
}

/// How many samples each container of a reply has.
fn counts(reply: &Value) -> Vec<usize> {
    let containers = reply.as_object().unwrap().values();
    containers.map(|container| container["stats"].as_array().map_or(0, Vec::len)).collect()
}

const ALL: &str = r#"{"num_stats": -1}"#;

#[test]
fn a_machine_has_two_minutes_of_samples_one_to_two_seconds_apart() {
    let world = world();
    let machine = world.machine(MachineOptions::default()).unwrap();
    let reply = json(&machine, "/api/v1.3/docker/", ALL);
    let counts = counts(&reply);
    assert_eq!(counts.len(), 3);
    assert!(counts.iter().all(|count| (65..=120).contains(count)), "{counts:?}");
    for container in reply.as_object().unwrap().values() {
        let times: Vec<Timestamp> = container["stats"]
            .as_array()
            .unwrap()
            .iter()
            .map(|sample| sample["timestamp"].as_str().unwrap().parse().unwrap())
            .collect();
        for pair in times.windows(2) {
            let apart = pair[1].since(pair[0]);
            assert!(apart >= seconds(1) && apart <= seconds(2), "{apart:?}");
        }
        assert!(times[times.len() - 1].since(times[0]) < seconds(120));
    }
}

#[test]
fn the_body_of_a_request_says_which_samples_are_wanted() {
    let world = world();
    let machine = world.machine(MachineOptions::default()).unwrap();
    let start = r#"{"num_stats": -1, "start": "2026-11-21T07:29:50Z"}"#;
    assert!(
        counts(&json(&machine, "/api/v1.3/docker/", start)).iter().all(|n| (4..=10).contains(n))
    );
    let counts_of = |body| counts(&json(&machine, "/api/v1.3/docker/", body));
    assert_eq!(counts_of(""), [60, 60, 60]);
    assert_eq!(counts_of(r#"{"num_stats": 2}"#), [2, 2, 2]);
    assert_eq!(counts_of(r#"{"num_stats": 0}"#), [0, 0, 0]);
    assert_eq!(post(&machine, "/api/v1.3/docker/", "{").0, 500);
    let count = "/api/v2.1/stats/?type=docker&recursive=true&count=3";
    assert_eq!(counts(&json(&machine, count, "")), [3, 3, 3]);
}

#[test]
fn every_endpoint_that_a_poller_asks_for_answers() {
    let world = world();
    let machine = world.machine(MachineOptions::default().with_prefix("/cadvisor")).unwrap();
    let get = |path: &str| json(&machine, &format!("/cadvisor{path}"), "");
    assert_eq!(get("/api/v2.0/version"), "v0.60.5");
    assert_eq!(get("/api/v1.3/machine")["num_cores"], 2);
    assert_eq!(get("/api/v1.3/subcontainers/").as_array().unwrap().len(), 5);
    let root = get("/api/v1.3/containers/");
    assert_eq!(root["name"], "/");
    assert_eq!(root["subcontainers"][0]["name"], "/docker");
    assert_eq!(get("/api/v1.3/containers/docker")["subcontainers"].as_array().unwrap().len(), 3);
    assert_eq!(post(&machine, "/cadvisor/healthz", ""), (200, b"ok\n".to_vec()));
    assert_eq!(post(&machine, "/api/v1.3/docker/", "").0, 404);
    for wrong in ["/api/v1.3/containers/nowhere", "/api/v9/machine", "/api/v1.3/docker/nobody"] {
        assert_eq!(post(&machine, &format!("/cadvisor{wrong}"), "").0, 500, "{wrong}");
    }
}

#[test]
fn only_the_endpoint_of_its_runtime_has_the_containers_of_a_machine() {
    let world = world();
    let podman = "/api/v2.1/stats/?type=podman&recursive=true&count=1";
    for (runtime, docker, in_podman) in
        [(Runtime::Docker, 3, 0), (Runtime::Podman, 0, 3), (Runtime::Kubernetes, 0, 0)]
    {
        let machine = world.machine(MachineOptions::default().with_runtime(runtime)).unwrap();
        let of = |path| json(&machine, path, "").as_object().unwrap().len();
        assert_eq!((of("/api/v1.3/docker/"), of(podman)), (docker, in_podman));
        let all = json(&machine, "/api/v1.3/subcontainers/", "");
        let named = |container: &&Value| container["aliases"].is_array();
        assert_eq!(all.as_array().unwrap().iter().filter(named).count(), 3);
    }
}

#[test]
fn what_was_served_is_what_replies_had() {
    let world = world();
    let options = MachineOptions::default().with_life(seconds(40)).with_delay(seconds(3));
    let machine = world.machine(options).unwrap();
    for _ in 0..30 {
        world.clock().advance(seconds(7));
        post(&machine, "/api/v1.3/docker/", r#"{"num_stats": 3}"#);
    }
    let points = |documents: Vec<Vec<u8>>| {
        let mut pipeline = Pipeline::default();
        for document in documents {
            assert!(pipeline.read(Input::bytes("fake", &document)).errors.is_empty());
        }
        serde_json::to_string(&pipeline.points()).unwrap()
    };
    let truth = machine.truth();
    let replies = truth.served.iter().map(|served| served.body.clone()).collect();
    assert_eq!(points(machine.documents(Which::Served)), points(replies));
    assert!(truth.lives.iter().filter(|life| life.ended.is_some()).count() > 5);
    let unseen: u64 = truth.lives[2..].iter().map(TrueLife::unseen_cpu_ns).sum();
    let seen = truth.lives[2..].iter().filter_map(|life| {
        life.samples.iter().filter(|sample| sample.is_served).filter_map(|s| s.totals).next_back()
    });
    let seen: u64 = seen.map(|totals| totals.cpu_ns).sum();
    assert_eq!(seen + unseen, truth.lives[1].used.cpu_ns, "the parent remembers");
    assert!(unseen > 0);
}

#[test]
fn an_end_of_a_container_or_of_cadvisor_loses_its_samples_and_not_its_counters() {
    let world = world();
    let machine = world.machine(MachineOptions::default()).unwrap();
    let [first, second, _] = machine.containers().try_into().unwrap();
    assert!(machine.end_container(&first.id) && !machine.end_container(&first.id));
    assert!(machine.restart_container(&second.id));
    machine.stop_cadvisor();
    assert!(TcpStream::connect(machine.address()).is_err());
    world.clock().advance(seconds(20));
    machine.start_cadvisor();
    world.clock().advance(seconds(10));
    let reply = json(&machine, "/api/v1.3/docker/", ALL);
    assert_eq!(counts(&reply).len(), 2);
    assert!(counts(&reply).iter().all(|count| (5..=10).contains(count)));
    let total = |path: &str| {
        let cpu = &reply[path]["stats"][0]["cpu"]["usage"]["total"];
        cpu.as_u64().unwrap()
    };
    let third = &machine.containers()[1];
    assert!(total(&second.path) < total(&third.path) / 2);
}

#[test]
fn a_reboot_and_another_machine_have_other_identities() {
    let world = world();
    let machine = world.machine(MachineOptions::default()).unwrap();
    let identity = || {
        let machine = json(&machine, "/api/v1.3/machine", "");
        ["machine_id", "boot_id"].map(|key| machine[key].as_str().unwrap().to_owned())
    };
    let (before, containers) = (identity(), machine.containers());
    machine.reboot();
    let rebooted = identity();
    assert!(rebooted[0] == before[0] && rebooted[1] != before[1]);
    assert_eq!(machine.containers(), containers);
    machine.replace();
    let replaced = identity();
    assert!(replaced[0] != before[0] && replaced[1] != rebooted[1]);
    assert!(machine.containers().iter().all(|container| !containers.contains(container)));
}

#[test]
fn a_clock_that_is_behind_stamps_samples_behind() {
    let world = world();
    let machine = world.machine(MachineOptions::default()).unwrap();
    machine.set_seconds_ahead(-60);
    world.clock().advance(seconds(10));
    let truth = machine.truth();
    let newest = truth.lives[2].samples.iter().map(|sample| sample.at).max().unwrap();
    assert!(newest < world.clock().now());
    let behind: Timestamp = "2026-11-21T07:29:10Z".parse().unwrap();
    let set_back = truth.lives[2].samples.iter().filter(|sample| sample.at < behind);
    assert!(set_back.count() > 30);
}

#[test]
fn faults_befall_what_they_should_and_end() {
    let world = world();
    let machine = world.machine(MachineOptions::default()).unwrap();
    machine.fail_within("docker/", Fault::Status(500, "cannot".to_owned()));
    assert_eq!(post(&machine, "/api/v1.3/docker/", ""), (500, b"cannot".to_vec()));
    assert_eq!(post(&machine, "/api/v1.3/subcontainers/", "").0, 200);
    machine.heal();
    machine.fail_times(1, Fault::Cut(3_000));
    let (_, cut) = post(&machine, "/api/v1.3/docker/", "");
    assert_eq!(cut.len(), 3_000);
    let served = machine.truth().served;
    assert!(!served[1].is_whole && served[1].body == cut);
    assert!(machine.documents(Which::Served).len() > 1);
    machine.fail_times(1, Fault::Dropped);
    assert!(exchange(machine.address(), "/healthz", "").is_empty());
    machine.fail_times(1, Fault::Garbage(10 << 20));
    assert_eq!(post(&machine, "/api/v1.3/docker/", "").1.len(), 10 << 20);
    machine.fail_times(1, Fault::Page);
    assert!(post(&machine, "/healthz", "").1.starts_with(b"<!DOCTYPE html>"));
    machine.refuse();
    assert!(TcpStream::connect(machine.address()).is_err());
    machine.listen();
    assert_eq!(post(&machine, "/healthz", "").0, 200);
    assert_eq!(machine.requests().len(), 7);
}

#[test]
fn ten_thousand_containers_are_answered() {
    let world = world();
    let options = MachineOptions::default().with_containers(10_000).with_history(seconds(5));
    let machine = world.machine(options).unwrap();
    assert_eq!(counts(&json(&machine, "/api/v1.3/docker/", ALL)).len(), 10_000);
}

#[test]
fn a_recording_is_replayed_at_its_pace() {
    let folder = "../cmetrics-core/tests/data/recorded/steady-1s";
    let recording = Recording::read(folder.as_ref(), "v1.2-docker").unwrap();
    let world = World::new(Clock::driven(recording.start().unwrap())).unwrap();
    let machine = world.recorded(&recording, MachineOptions::default()).unwrap();
    let mut pipeline = Pipeline::default();
    for _ in 0..40 {
        world.clock().advance(seconds(7));
        let (_, body) = post(&machine, "/api/v1.3/docker/", ALL);
        assert!(pipeline.read(Input::bytes("reply", &body)).errors.is_empty());
    }
    let mut recorded = Pipeline::default();
    for document in machine.documents(Which::Taken) {
        assert!(recorded.read(Input::bytes("taken", &document)).errors.is_empty());
    }
    assert!(!recorded.points().is_empty());
    assert_eq!(pipeline.points(), recorded.points());
}

#[test]
fn the_program_prints_its_usage_when_asked() {
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_fake_cadvisor"));
    let asked = program.arg("--help").output().unwrap();
    assert!(asked.status.success() && asked.stdout.starts_with(b"usage: "), "{asked:?}");
}
