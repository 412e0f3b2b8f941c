//! What several tests need.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test takes what it needs of it"
)]

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use cmetrics_core::{Input, Pipeline, Settings};
use serde_json::Value;

/// The pipeline that has read these bytes.
pub fn read(dump: impl AsRef<[u8]>) -> Pipeline {
    let mut pipeline = Pipeline::default();
    pipeline.read(Input::reader("dump.json", dump.as_ref())).into_result().unwrap();
    pipeline
}

pub fn read_files(paths: &[PathBuf], settings: Settings) -> Pipeline {
    let mut pipeline = Pipeline::new(settings);
    pipeline.read_paths(paths).into_result().unwrap();
    pipeline
}

pub fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

/// The dumps of one endpoint in a set of recordings, in the order in which they were taken.
pub fn recorded(set: &str, endpoint: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(data().join("recorded").join(set)).unwrap();
    let begins = format!("{endpoint}.");
    let mut paths: Vec<_> = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&begins))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{set} has no {endpoint}");
    paths
}

/// The expositions of a set of recordings, in the order in which they were taken.
pub fn expositions(set: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(data().join("expositions").join(set)).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The text of a gzipped file.
pub fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

/// Whether two JSON values are the same, numbers to nine digits.
pub fn alike(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            let (left, right) = (left.as_f64().unwrap(), right.as_f64().unwrap());
            (left - right).abs() <= 1e-9 * left.abs().max(right.abs())
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| alike(l, r))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, l)| right.get(key).is_some_and(|r| alike(l, r)))
        }
        _ => left == right,
    }
}

/// Asserts that two lists of points are the same, and shows the first that are not.
pub fn assert_alike(found: &[Value], expected: &[Value], what: &str) {
    for (found, expected) in found.iter().zip(expected) {
        assert!(alike(found, expected), "{what}\n   found {found}\nexpected {expected}");
    }
    assert_eq!(found.len(), expected.len(), "{what}");
}

/// The points that a pipeline makes, as JSON.
pub fn as_json(pipeline: &Pipeline) -> Vec<Value> {
    pipeline.points().iter().map(|point| serde_json::to_value(point).unwrap()).collect()
}
