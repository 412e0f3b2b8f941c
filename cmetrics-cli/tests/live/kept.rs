//! What is kept when `cmetrics serve` ends, however it does.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use cmetrics_fake::Which;
use serde_json::Value;

use super::common::{self, cmetrics, text};
use super::running::{Serving, machine};

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

/// The points of a container by their starts.
fn by_start(points: Vec<Value>) -> BTreeMap<u64, Value> {
    points.into_iter().map(|point| (point["start"].as_u64().unwrap(), point)).collect()
}

#[test]
fn a_process_that_is_killed_and_starts_again_loses_nothing() {
    let (_world, machine) = machine(2);
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let named = format!("web={}", machine.address());
    let args =
        ["--machine", &*named, "--poll-interval", "1s", "--interval", "2s", "--lateness", "2s"];
    let id = machine.containers()[0].id.clone();
    let latest = format!("/getdatapoints?containerid={id}&period=60");
    let newest = |body: &str| {
        let points: Vec<Value> = serde_json::from_str(body).unwrap();
        points.iter().filter_map(|point| point["end"].as_u64()).max()
    };
    let mut last = 0;
    for _ in 0..3 {
        let mut serving = Serving::start(text(&store), &args);
        let since = now();
        last = serving.wait_for(&latest, |body| newest(body).filter(|end| *end > since + 1));
        assert_ne!(serving.program.end("-KILL"), Some(0));
        sleep(Duration::from_millis(300));
    }
    // Once more, so that it has what was sampled while it was dead.
    let mut serving = Serving::start(text(&store), &args);
    serving.wait_for(&latest, |body| newest(body).filter(|end| *end > last + 4));
    assert_eq!(serving.program.end("-TERM"), Some(0));
    cmetrics(["store", "verify", text(&store)]).ends_with(0);

    let get = ["get", "--quiet", "--store", text(&store), &id, "--period", "60", "--complete"];
    let kept = by_start(cmetrics(get).ends_with(0).points());
    let documents = machine.documents(Which::Served).concat();
    let args =
        ["points", "--quiet", "--interval", "2", "--complete", "--machine", "web", "-c", &id];
    let batch = by_start(common::fed(&args, documents).ends_with(0).points());
    assert!(kept.len() > 20, "{kept:?}");
    let batch: BTreeMap<_, _> =
        batch.into_iter().filter(|(start, _)| kept.first_key_value().unwrap().0 <= start).collect();
    for (start, point) in &batch {
        assert_eq!(kept.get(start), Some(point), "{start}");
    }
    assert_eq!(kept.len(), batch.len());
}

#[test]
fn a_request_to_end_is_followed_in_order() {
    let (_world, machine) = machine(2);
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let named = format!("web={}", machine.address());
    for signal in ["-TERM", "-INT"] {
        let mut serving = Serving::start(text(&store), &["--machine", &named]);
        let id = &machine.containers()[0].id;
        let path = format!("/getdatapoints?containerid={id}&period=60");
        serving.wait_for(&path, |body| body.contains(&**id).then_some(()));
        // A stream that is open does not hold it up.
        let mut stream = std::net::TcpStream::connect(&serving.address).unwrap();
        let head = format!("GET /api/v1/stream HTTP/1.1\r\nHost: {}\r\n\r\n", serving.address);
        std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
        let mut first = [0; 12];
        std::io::Read::read_exact(&mut stream, &mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        let started = std::time::Instant::now();
        assert_eq!(serving.program.end(signal), Some(0));
        assert!(started.elapsed() < Duration::from_secs(25));
        let rest = serving.program.err.rest();
        let messages: Vec<Value> =
            rest.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(messages.iter().any(|line| line["message"] == "ending"), "{rest:#?}");
        assert_eq!(messages.last().unwrap()["message"], "ended");
        cmetrics(["store", "verify", text(&store)]).ends_with(0);
    }
}

#[test]
fn an_interrupt_that_is_ignored_stays_ignored_and_a_request_to_end_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let mut command = std::process::Command::new("sh");
    let program = env!("CARGO_BIN_EXE_cmetrics");
    command.args(["-c", "trap '' INT; exec \"$0\" \"$@\"", program, "serve"]);
    command.args(["--listen", "127.0.0.1:0", "--store", text(&store)]);
    let mut serving = Serving::of(command);
    serving.program.signal("-INT");
    sleep(Duration::from_millis(300));
    serving.get("/readyz");
    assert_eq!(serving.program.end("-TERM"), Some(0));
    let rest = serving.program.err.rest();
    assert!(rest.iter().any(|line| line.contains("\"signal\":15")), "{rest:#?}");
}

#[test]
fn a_second_request_to_end_does_not_wait_for_what_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let mut serving = Serving::start(text(&store), &[]);
    let mut stream = std::net::TcpStream::connect(&serving.address).unwrap();
    // More is announced than comes.
    let head = format!(
        "POST /api/v1/machines HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: 100\r\n\r\n{{",
        serving.address
    );
    std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
    serving.get("/readyz");
    serving.program.signal("-TERM");
    serving.program.err.next_with("\"ending\"");
    assert_eq!(serving.program.end("-TERM"), Some(128 + 15));
    serving.program.err.next_with("ending at once");
    cmetrics(["store", "verify", text(&store)]).ends_with(0);
}
