//! What `cmetrics serve` logs and does about machines.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::common::{self, text};
use super::http::{get, get_with};
use super::running::{Serving, command, machine, run};

#[test]
fn a_machine_that_goes_away_and_comes_back_is_one_line_each_in_the_log() {
    let (_world, machine) = machine(1);
    let folder = tempfile::tempdir().unwrap();
    let named = format!("web={}", machine.address());
    let args = ["--machine", &*named, "--poll-interval", "1s"];
    let mut serving = Serving::start(text(&folder.path().join("store")), &args);
    let is = |line: &str, level: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&line["level"], &line["machine"]), (&level.into(), &"web".into()), "{line}");
    };
    is(&serving.program.err.next_with("answers"), "INFO");
    machine.refuse();
    is(&serving.program.err.next_with("away"), "WARN");
    // Machines that are away do not make the server unready.
    serving.get("/readyz");
    machine.listen();
    is(&serving.program.err.next_with("answers"), "INFO");
    assert_eq!(serving.program.end("-TERM"), Some(0));
    let rest = serving.program.err.rest();
    let about_it = rest.iter().filter(|line| line.contains("\"web\"")).count();
    assert_eq!(about_it, 0, "{rest:#?}");
}

#[test]
fn machines_and_tokens_are_read_again_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (config, tokens, store) = (path("c.toml"), path("tokens"), path("store"));
    fs::write(&tokens, "read the-first-token-of-all\n").unwrap();
    let text_of =
        |machines: &str| format!("token.file = {:?}\n[machine]\n{machines}", text(&tokens));
    fs::write(&config, text_of("a = \"127.0.0.1:9\"\nb = \"127.0.0.1:9\"\n")).unwrap();
    let mut serving = Serving::start(text(&store), &["--config", text(&config)]);
    let machines = |token: &str| {
        let header = format!("Authorization: Bearer {token}");
        get_with(&serving.address, "/api/v1/machines", &header)
    };
    let (status, body) = machines("the-first-token-of-all");
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("\"a\"") && body.contains("\"b\""), "{body}");

    fs::write(&tokens, "read the-second-token-of-all\n").unwrap();
    fs::write(&config, text_of("b = \"127.0.0.1:9\"\nc = \"127.0.0.1:9\"\n")).unwrap();
    serving.program.signal("-HUP");
    serving.program.err.next_with("read again");
    assert_eq!(machines("the-first-token-of-all").0, 401);
    let (status, body) = machines("the-second-token-of-all");
    assert_eq!(status, 200);
    assert!(!body.contains("\"a\"") && body.contains("\"b\"") && body.contains("\"c\""), "{body}");

    // What is wrong changes nothing, not even what is right beside it.
    fs::write(&tokens, "read the-third-token-of-all\n").unwrap();
    fs::write(&config, text_of("c = \"127.0.0.1:9\"\nwrong = \"169.254.169.254\"\n")).unwrap();
    serving.program.signal("-HUP");
    serving.program.err.next_with("stays as it was");
    let (status, body) = machines("the-second-token-of-all");
    assert_eq!(status, 200);
    assert!(body.contains("\"b\"") && !body.contains("\"wrong\""), "{body}");
    fs::write(&config, "store = 5\n").unwrap();
    serving.program.signal("-HUP");
    serving.program.err.next_with("stays as it was");
    assert_eq!(machines("the-second-token-of-all").0, 200);
    assert_eq!(serving.program.end("-TERM"), Some(0));
}

#[test]
fn a_log_that_nobody_reads_any_more_ends_nothing() {
    let (_world, machine) = machine(1);
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let named = format!("web={}", machine.address());
    let usual = ["serve", "--store", text(&store), "--listen", "127.0.0.1:0"];
    let args = [&usual[..], &["--machine", &named, "--poll-interval", "1s"]].concat();
    let mut command = command(&args);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("listening") {
        line.clear();
        assert_ne!(log.read_line(&mut line).unwrap(), 0);
    }
    drop(log);
    let line: Value = serde_json::from_str(&line).unwrap();
    let address = line["address"].as_str().unwrap().strip_prefix("http://").unwrap();
    machine.refuse();
    let state = || get(address, "/api/v1/machines").1;
    while !state().contains("\"away\"") {
        thread::sleep(Duration::from_millis(50));
    }
    let kill = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(kill.success());
    assert_eq!(common::status_of(&mut child).code(), Some(0));
}

#[test]
fn a_store_that_another_process_has_is_told_by_its_own_exit_status() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let serving = Serving::start(text(&store), &[]);
    let again = run(&["serve", "--store", text(&store), "--listen", "127.0.0.1:0"]).ends_with(74);
    assert!(again.stderr.contains("open for writing"), "{again:?}");
    let other = folder.path().join("other");
    let args = ["serve", "--store", text(&other), "--listen", &serving.address];
    let taken = run(&args).ends_with(1);
    assert!(taken.stderr.contains("cannot listen on"), "{taken:?}");
}
