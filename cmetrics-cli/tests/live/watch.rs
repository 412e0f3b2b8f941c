//! `cmetrics watch`.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::Value;

use super::common::{self, cmetrics, text};
use super::running::{Running, command, machine, run};

/// What a machine remembers, as cAdvisor serves it.
fn dump(address: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    let body = r#"{"num_stats": -1}"#;
    let length = body.len();
    let head = format!(
        "POST /api/v1.3/docker/ HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let start = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    // The frame of chunks is no part of the document.
    let text = String::from_utf8(answer.split_off(start)).unwrap();
    if !text.starts_with('{') {
        let mut rest = &*text;
        let mut whole = String::new();
        while let Some((length, after)) = rest.split_once("\r\n") {
            let length = usize::from_str_radix(length, 16).unwrap();
            whole.push_str(&after[..length]);
            rest = &after[length + 2..];
        }
        return whole.into_bytes();
    }
    text.into_bytes()
}

fn interval(line: &str) -> (String, u64, u64) {
    let point: Value = serde_json::from_str(line).unwrap();
    let number = |key: &str| point[key].as_u64().unwrap();
    (point["name"].as_str().unwrap().to_owned(), number("start"), number("end"))
}

#[test]
fn the_points_of_what_a_machine_remembers_come_at_once_as_points_writes_them() {
    let (_world, machine) = machine(2);
    let address = machine.address().to_string();
    let ids: HashSet<_> = machine.containers().iter().map(|one| one.id.clone()).collect();
    let mut watch = Running::start(command(&["watch", "--complete", &address]));
    let mut seen = Vec::new();
    while seen.len() < 20 {
        let line = watch.out.next().unwrap();
        if ids.contains(&interval(&line).0) {
            seen.push(line);
        }
    }
    assert_eq!(watch.end("-TERM"), Some(0));

    let args = ["points", "--quiet", "--complete", "--format", "ndjson"];
    let batch = common::fed(&args, dump(&address)).ends_with(0).stdout;
    let batch: HashSet<_> = batch.lines().collect();
    let known: HashSet<_> = batch.iter().map(|line| interval(line)).collect();
    // The machine has forgotten the first of them since.
    let both: Vec<_> = seen.iter().filter(|line| known.contains(&interval(line))).collect();
    assert!(both.len() >= 10, "{seen:#?}\n{batch:#?}");
    for line in both {
        assert!(batch.contains(&**line), "{line}");
    }
}

#[test]
fn signals_and_a_closed_output_end_it_in_order() {
    let (_world, machine) = machine(1);
    let address = machine.address().to_string();
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut watch = Running::start(command(&["watch", &address]));
        watch.out.next().unwrap();
        assert_eq!(watch.end(signal), Some(0), "{signal}");
        assert_eq!(watch.err.rest(), [""; 0]);
    }
    let program = env!("CARGO_BIN_EXE_cmetrics");
    let line = format!("'{program}' watch {address} | head -n 1");
    let run = common::run(std::process::Command::new("sh").args(["-c", &line]));
    assert_eq!(run.stdout.lines().count(), 1, "{run:?}");
    assert_eq!(run.stderr, "");
}

#[test]
fn a_machine_that_does_not_answer_is_told_once_and_when_it_answers_again() {
    let (_world, machine) = machine(1);
    let address = machine.address().to_string();
    machine.refuse();
    let mut watch =
        Running::start(command(&["watch", "--poll-interval", "1", &format!("web={address}")]));
    let first = watch.err.next().unwrap();
    assert!(first.starts_with("note: web does not answer, and is asked again: "), "{first}");
    machine.listen();
    assert_eq!(watch.err.next().unwrap(), "note: web answers again");
    watch.out.next_with("\"name\":\"web:/\"");
    assert_eq!(watch.end("-TERM"), Some(0));
    assert_eq!(watch.err.rest(), [""; 0]);
}

#[test]
fn open_intervals_are_written_whenever_they_change_and_then_their_last_point() {
    let (_world, machine) = machine(1);
    let args = ["watch", "--open", "--poll-interval", "1", "--interval", "2"];
    let address = machine.address().to_string();
    let mut watch = Running::start(command(&[&args[..], &[&*address]].concat()));
    let (mut seen, mut times) = (HashSet::new(), 0);
    while times < 3 {
        let line = watch.out.next().unwrap();
        let of = interval(&line);
        // The last one comes again once it is final.
        seen.insert(line);
        times = times.max(seen.iter().filter(|known| interval(known) == of).count());
    }
    assert_eq!(watch.end("-TERM"), Some(0));
}

#[test]
fn points_have_what_options_ask_for() {
    let (_world, machine) = machine(1);
    let address = machine.address().to_string();
    let args = ["watch", "--extended", "--metrics", "memory.working_set", &address];
    let mut watch = Running::start(command(&args));
    let point: Value = serde_json::from_str(&watch.out.next().unwrap()).unwrap();
    assert!(point["samples"].is_u64() && point["coverage"].is_number(), "{point}");
    assert!(point["metrics"]["memory.working_set"].is_object(), "{point}");
    assert_eq!(watch.end("-TERM"), Some(0));
}

#[test]
fn a_store_keeps_what_was_watched() {
    let (_world, machine) = machine(2);
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let address = machine.address().to_string();
    let mut watch = Running::start(command(&[
        "watch",
        "--store",
        text(&store),
        "--poll-interval",
        "1",
        &address,
    ]));
    let started = std::time::Instant::now();
    let kept = || {
        let run = run(&["containers", "--store", text(&store), "--format", "json"]);
        run.stdout.matches("\"name\"").count()
    };
    while kept() < 4 {
        assert!(started.elapsed() < common::LIMIT);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(watch.end("-INT"), Some(0));
    cmetrics(["store", "verify", text(&store)]).ends_with(0);
}

#[test]
fn what_is_no_machine_is_refused() {
    run(&["watch", "ftp://a", "a b"]).ends_with(2).has_two_errors();
    let run = run(&["watch", "--poll-interval", "61", "localhost"]).ends_with(2);
    run.has_one_error_with(&["poll interval is 61 s", "from 1 s to 60 s"]);
}

trait Errors {
    fn has_two_errors(&self);
}

impl Errors for common::Run {
    fn has_two_errors(&self) {
        assert_eq!(self.errors().len(), 2, "{self:?}");
    }
}

#[test]
fn an_output_that_nobody_reads_does_not_hold_up_the_end() {
    let (_world, machine) = machine(50);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    drop(listener);
    let address = machine.address().to_string();
    let mut command = command(&["watch", "--open", &address]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    // As much as a pipe holds, and no more is read.
    let mut first = [0; 1];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    let kill = std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(kill.success());
    assert_eq!(common::status_of(&mut child).code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_shows_a_table() {
    let (_world, machine) = machine(2);
    let program = env!("CARGO_BIN_EXE_cmetrics");
    let line = format!("stty rows 20 cols 120; '{program}' watch {}", machine.address());
    let mut command = std::process::Command::new("script");
    command.args(["-qefc", &line, "/dev/null"]).stdin(std::process::Stdio::null());
    command.env("TERM", "xterm");
    if std::process::Command::new("script").arg("--version").output().is_err() {
        return;
    }
    let shown = Running::start(command);
    let title = shown.out.next_with("CONTAINER");
    assert!(title.contains("START") && title.contains("CORES"), "{title}");
    shown.out.next_with("1 of 1 machine answers");
    shown.out.next_with(&machine.containers()[0].alias);
}
