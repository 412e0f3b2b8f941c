//! Stores of recorded dumps, and what is asked of them.

use std::ffi::OsString;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::{Run, cmetrics, recorded, text};

/// A store with recorded dumps in it, in a segment or in the log.
pub(crate) fn store(compacted: bool) -> TempDir {
    let store = tempfile::tempdir().unwrap();
    let mut args: Vec<OsString> = ["ingest", "--lateness", "5", "--store"].map(Into::into).into();
    args.push(store.path().into());
    args.extend(recorded("steady-1s", &["v1.3-docker"]).into_iter().map(Into::into));
    cmetrics(args).ends_with(0);
    if compacted {
        of_store("compact", store.path(), &[]).ends_with(0);
    }
    store
}

pub(crate) fn of_store(command: &str, store: &Path, args: &[&str]) -> Run {
    cmetrics(["store", command, text(store)].iter().chain(args))
}

pub(crate) fn stats(store: &Path) -> Value {
    let stats = of_store("stats", store, &["--format", "json"]).ends_with(0).stdout;
    serde_json::from_str(&stats).unwrap()
}

pub(crate) fn get(store: &Path, container: &str) -> Run {
    cmetrics(["get", "--store", text(store), container, "--period", "100000"])
}
