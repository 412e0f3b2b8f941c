//! `cmetrics health`.

use super::common::text;
use super::running::{Serving, run};

#[test]
fn a_server_that_is_ready_is_healthy_and_anything_else_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(text(&folder.path().join("store")), &[]);
    let url = format!("http://{}", serving.address);
    let ready = run(&["health", &url]).ends_with(0);
    assert_eq!(ready.stderr, format!("ready: {url}/readyz\n"));
    let other = format!("{url}/no/such/path");
    run(&["health", &other]).ends_with(1).has_one_error_with(&["not ready", "404"]);
    assert_eq!(serving.program.end("-TERM"), Some(0));
    run(&["health", &url]).ends_with(1).has_one_error_with(&["not ready", &url, "refused"]);
    run(&["health", "https://host"]).ends_with(2).has_one_error_with(&["https", "without TLS"]);
}
