//! The configuration of `cmetrics serve`.

use std::fs;

use super::common::{Run, folder, run as run_command, text};
use super::running::{command, run};

/// The line of an option in what `--print-config` prints.
fn line<'r>(run: &'r Run, key: &str) -> &'r str {
    let of_key = |line: &&str| line.trim_start_matches("# ").starts_with(&format!("{key} = "));
    run.stdout.lines().find(of_key).unwrap_or_else(|| panic!("no {key}: {run:?}"))
}

#[track_caller]
fn has(run: &Run, key: &str, value: &str, origin: &str) {
    let line = line(run, key);
    let (shown, from) = line.rsplit_once(" # ").unwrap();
    assert_eq!((shown.trim_end(), from), (&*format!("{key} = {value}"), origin));
}

#[test]
fn flags_are_over_the_environment_over_the_file_over_defaults() {
    let file = "store = \"in-file\"\n[poll]\ninterval = 10\nrequests = 7\n[machine]\nb = \"h:1\"\n";
    let folder = folder([("c.toml", file)]);
    let config = folder.path().join("c.toml");
    let args = ["serve", "--print-config", "--poll-interval", "2s", "--config", text(&config)];
    let mut command = command(&args);
    command.env("CMETRICS_POLL_INTERVAL", "3s").env("CMETRICS_POLL_REQUESTS", "8");
    command.env("CMETRICS_NETWORK", "10.0.0.0/8, private");
    let run = run_command(&mut command).ends_with(0);
    has(&run, "poll.interval", "\"2s\"", "--poll-interval");
    has(&run, "poll.requests", "\"8\"", "CMETRICS_POLL_REQUESTS");
    has(&run, "network", "[\"10.0.0.0/8\", \"private\"]", "CMETRICS_NETWORK");
    has(&run, "store", "\"in-file\"", &format!("{} line 1", text(&config)));
    has(&run, "machine", "[\"b=h:1\"]", &format!("{} line 5", text(&config)));
    has(&run, "limit.streams", "\"128\"", "default");
    assert!(line(&run, "token.file").starts_with("# token.file"));
}

#[test]
fn what_is_printed_is_a_file_that_says_the_same() {
    let args =
        ["serve", "--print-config", "--machine", "a=h:1,b=h:2", "--host", "x,y", "--insecure"];
    let values = |run: &Run| -> Vec<String> {
        run.stdout.lines().map(|line| line.rsplit_once(" # ").unwrap().0.to_owned()).collect()
    };
    let first = run(&args).ends_with(0);
    let folder = folder([("c.toml", &first.stdout)]);
    let config = folder.path().join("c.toml");
    let again = run(&["serve", "--print-config", "--config", text(&config)]).ends_with(0);
    assert_eq!(values(&again), values(&first));
}

#[test]
fn an_unknown_key_is_an_error_that_names_the_nearest() {
    let folder = folder([("c.toml", "[poll]\nintervall = 5\nrequest = 5\n")]);
    let config = folder.path().join("c.toml");
    let run = run(&["serve", "--check", "--config", text(&config)]).ends_with(64);
    assert_eq!(run.errors().len(), 2, "{run:?}");
    let first = run.errors()[0].to_owned();
    assert!(first.contains("c.toml line 2"), "{first}");
    assert!(first.contains("\"poll.intervall\": did you mean poll.interval?"), "{first}");
}

#[test]
fn an_unknown_variable_that_is_near_one_is_noted_and_others_are_not_ours() {
    let mut command = command(&["serve", "--check"]);
    command.env("CMETRICS_POLL_INTERVALL", "5s");
    command.env("CMETRICS_SERVICE_HOST", "10.0.0.1").env("CMETRICS_PORT", "tcp://10.0.0.1:5000");
    let run = run_command(&mut command).ends_with(0);
    assert!(run.stderr.contains("did you mean CMETRICS_POLL_INTERVAL?"), "{run:?}");
    assert!(!run.stderr.contains("10.0.0.1") && !run.stderr.contains("_PORT"), "{run:?}");
}

#[test]
fn all_that_is_wrong_is_told_at_once_with_where_it_is_from() {
    let folder = folder([("c.toml", "retain = \"5s\"\n")]);
    let config = folder.path().join("c.toml");
    let args =
        ["serve", "--check", "--config", text(&config), "--listen", "nowhere", "--sync", "0"];
    let mut command =
        command(&[&args[..], &["--machine", "ftp://a", "--metrics", "memry"]].concat());
    command.env("CMETRICS_LIMIT_BODY", "huge").env("CMETRICS_LOG_LEVEL", "loud=quiet");
    let run = run_command(&mut command).ends_with(64);
    for told in [
        "--listen is \"nowhere\"",
        "--sync is \"0\": expected always, os, or a time such as 1s",
        "--machine is \"ftp://a\": address",
        "--metrics: ",
        "CMETRICS_LIMIT_BODY is \"huge\": expected a size such as",
        "CMETRICS_LOG_LEVEL is \"loud=quiet\": expected error, warn",
        "c.toml line 1: retain is \"5s\": expected forever, or a time from 1h",
    ] {
        assert!(run.errors().iter().any(|error| error.contains(told)), "{told}: {run:?}");
    }
    assert_eq!(run.stdout, "");
}

#[test]
fn an_option_without_a_value_is_an_error_that_says_so() {
    let mut command = command(&["serve", "--check", "--limit-rows="]);
    let run = run_command(command.env("CMETRICS_LISTEN", "")).ends_with(64);
    for told in ["CMETRICS_LISTEN is empty", "--limit-rows is empty"] {
        assert!(run.errors().iter().any(|error| error.contains(told)), "{told}: {run:?}");
    }
}

#[test]
fn check_says_whether_the_server_would_start() {
    let check = |more: &[&str]| run(&[&["serve", "--check"][..], more].concat());
    assert!(check(&[]).ends_with(0).stderr.contains("the configuration is right"));
    check(&["--poll-interval", "90s"]).ends_with(64).has_one_error_with(&["poll interval is 90 s"]);
    check(&["--interval", "0s"]).ends_with(64).has_one_error_with(&["interval is 0 s"]);
    check(&["--machine", "a=h:1", "--machine", "a=h:2"])
        .ends_with(64)
        .has_one_error_with(&["--machine names \"a\" twice"]);
    check(&["--machine", "8.8.8.8"]).ends_with(64).has_one_error_with(&["8.8.8.8", "--network"]);
    check(&["--machine", "8.8.8.8", "--network", "any"]).ends_with(0);
    check(&["--config", "/no/such/file"]).ends_with(64).has_one_error_with(&["/no/such/file"]);
}

#[test]
fn check_says_what_is_wrong_with_limits_hosts_and_times_and_where_it_is_from() {
    let check = |more: &[&str]| run(&[&["serve", "--check"][..], more].concat());
    for flag in ["--limit-span", "--limit-body"] {
        check(&[flag, "0"]).ends_with(64).has_one_error_with(&[flag, "more than 0"]);
    }
    for host in ["http://x/", "x:5000"] {
        check(&["--host", host]).ends_with(64).has_one_error_with(&["--host is", "without scheme"]);
    }
    check(&["--host", "metrics.example.org,10.0.0.1,[::1]"]).ends_with(0);
    for (variable, value, told) in [
        ("CMETRICS_POLL_INTERVAL", "61", "poll interval is 61 s"),
        ("CMETRICS_INTERVAL", "0", "interval is 0 s"),
        ("CMETRICS_POLL_STORAGE_DURATION", "1s", "from 2 s to 3600 s"),
    ] {
        let mut command = command(&["serve", "--check"]);
        command.env(variable, value);
        run_command(&mut command).ends_with(64).has_one_error_with(&[variable, told]);
    }
}

#[test]
fn check_opens_a_store_that_is_there() {
    let folder = folder([("file", "text")]);
    let file = folder.path().join("file");
    let check = |store: &std::path::Path, more: &[&str]| {
        run(&[&["serve", "--check", "--store", text(store)][..], more].concat())
    };
    check(&file, &[]).ends_with(74).has_one_error_with(&[text(&file)]);
    check(&folder.path().join("none"), &[]).ends_with(0);
    // As of a new disk: one is made beside what is there.
    check(folder.path(), &[]).ends_with(0);
    let store = folder.path().join("store");
    drop(
        cmetrics_core::Store::open(&store, cmetrics_core::store::StoreOptions::default()).unwrap(),
    );
    check(&store, &[]).ends_with(0);
    check(&store, &["--interval", "10s"]).ends_with(64).has_one_error_with(&["interval is 10 s"]);
}

#[test]
fn an_address_that_others_reach_needs_tokens() {
    let folder = folder([("tokens", "read 0123456789abcdef\n"), ("bad", "read short\n")]);
    let check = |more: &[&str]| {
        run(&[&["serve", "--check", "--listen", "0.0.0.0:5000"][..], more].concat())
    };
    check(&[]).ends_with(64).has_one_error_with(&["--listen: 0.0.0.0:5000", "--token-file"]);
    check(&["--insecure"]).ends_with(0);
    check(&["--insecure=false"]).ends_with(64);
    check(&["--token-file", text(&folder.path().join("tokens"))]).ends_with(0);
    let bad = check(&["--token-file", text(&folder.path().join("bad"))]).ends_with(64);
    assert!(
        bad.stderr.contains("line 1 of the tokens") && !bad.stderr.contains("short"),
        "{bad:?}"
    );
}

#[test]
fn a_certificate_must_be_one_and_have_its_key() {
    let folder = folder([("no.pem", "nothing")]);
    let path = folder.path().join("no.pem");
    let check = |more: &[&str]| run(&[&["serve", "--check"][..], more].concat()).ends_with(64);
    let certificate = ["--tls-certificate", text(&path)];
    check(&certificate).has_one_error_with(&["--tls-certificate: ", "--tls-key FILE"]);
    check(&["--tls-key", text(&path)]).has_one_error_with(&["--tls-certificate FILE"]);
    let both = [&certificate[..], &["--tls-key", text(&path)]].concat();
    check(&both).has_one_error_with(&["--tls-certificate: ", text(&path)]);
}

#[test]
fn a_redis_has_an_address_and_a_layout() {
    let folder = folder([("password", "secret\n")]);
    let path = folder.path().join("password");
    let check = |more: &[&str]| run(&[&["serve", "--check"][..], more].concat());
    check(&["--redis-address", "localhost:6379", "--redis-password-file", text(&path)])
        .ends_with(0);
    check(&["--redis-address", "localhost"])
        .ends_with(64)
        .has_one_error_with(&["a host and a port"]);
    check(&["--redis-layout", "list"])
        .ends_with(64)
        .has_one_error_with(&["triggers or throttlebot"]);
    check(&["--redis-password-file", "/no/such"]).ends_with(64).has_one_error_with(&["/no/such"]);
}

#[test]
fn an_unknown_flag_has_the_exit_status_of_a_wrong_configuration() {
    let run = run(&["serve", "--poll-intervall", "5s"]).ends_with(64);
    assert!(run.stderr.contains("--poll-interval"), "{run:?}");
    super::running::run(&["serve", "--help"]).ends_with(0);
}

#[test]
fn each_option_is_in_the_documentation_with_its_default() {
    let repository = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(repository.join("docs/live.md")).unwrap();
    for line in run(&["serve", "--print-config"]).ends_with(0).stdout.lines() {
        let (key, rest) = line.trim_start_matches("# ").split_once(" = ").unwrap();
        let value = rest.rsplit_once(" # ").unwrap().0.trim_end();
        let value = value.trim_matches(['"', '[', ']']).trim_matches('"');
        let row = page.lines().find(|line| line.starts_with(&format!("| `{key}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/live.md has no row of {key}"));
        let default = if value.is_empty() { "–".to_owned() } else { format!("`{value}`") };
        assert!(row.contains(&format!("| {default} |")), "{row} is not {default}");
    }
}
