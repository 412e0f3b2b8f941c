//! A store that the first release wrote: half of a recording in a segment, the rest in a log.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use cmetrics_core::store::StoreOptions;
use cmetrics_core::{Pipeline, Store};

use crate::ingest::all_points;

fn data(what: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(what)
}

fn lines(store: &Store) -> Vec<String> {
    let points = all_points(store);
    let mut lines: Vec<_> =
        points.iter().map(|point| serde_json::to_string(point).unwrap()).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn a_store_of_the_first_release_is_read_and_goes_on() {
    let mut text = String::new();
    let expected = File::open(data("store/v1.ndjson.gz")).unwrap();
    flate2::read::GzDecoder::new(expected).read_to_string(&mut text).unwrap();
    let mut expected: Vec<_> = text.lines().map(str::to_owned).collect();
    expected.sort_unstable();

    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(data("store/v1")).unwrap().flatten() {
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    let store = Store::open_read_only(folder.path(), StoreOptions::default()).unwrap();
    assert_eq!(lines(&store), expected);
    assert!(store.verify().unwrap().is_empty());

    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let mut pipeline = Pipeline::default();
    pipeline.read_paths(&[data("recorded/dynamic")]).into_result().unwrap();
    store.ingest(pipeline.series()).unwrap();
    assert_eq!(lines(&store), expected);
    store.compact().unwrap();
    store.close().unwrap();
    let manifest = fs::read_to_string(folder.path().join("MANIFEST")).unwrap();
    assert!(manifest.contains("tails-by-column"), "{manifest}");
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    assert_eq!(lines(&store), expected);
    assert!(store.verify().unwrap().is_empty());
}
