//! Dumps that are ingested one by one give the points of one run over all of them.

use std::path::{Path, PathBuf};

use cmetrics_core::store::StoreOptions;
use cmetrics_core::{DataPoint, MetricSet, Pipeline, Settings, Store};

use crate::common::{read_files, recorded};

/// The polls of all endpoints of a recording, in the order in which they were taken.
fn polls(set: &str, endpoints: &[&str]) -> Vec<PathBuf> {
    let mut paths: Vec<_> = endpoints.iter().flat_map(|one| recorded(set, one)).collect();
    paths.sort_by_key(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        name.rsplit('.').nth(2).unwrap().to_owned()
    });
    paths
}

fn ingest(folder: &Path, options: StoreOptions, path: &Path) -> cmetrics_core::store::Kept {
    let store = Store::open(folder, options).unwrap();
    let pipeline = read_files(&[path.to_owned()], store.settings());
    let kept = store.ingest(pipeline.series()).unwrap();
    store.close().unwrap();
    kept
}

pub(crate) fn all_points(store: &Store) -> Vec<DataPoint> {
    let containers = store.containers().unwrap();
    let points = containers.iter().flat_map(|bearer| {
        store.range(bearer.identity.name(), .., None).unwrap().map(Result::unwrap)
    });
    points.collect()
}

fn batch(paths: &[PathBuf], settings: Settings) -> Vec<DataPoint> {
    let pipeline: Pipeline = read_files(paths, settings);
    pipeline.points()
}

#[test]
fn dumps_one_by_one_give_the_points_of_one_run() {
    for (set, endpoints) in [
        ("steady-1s", &["v1.2-docker"][..]),
        ("dynamic", &["v1.2-docker", "v2.0-stats-docker", "v2.1-stats"]),
        ("v060-1s", &["v1.2-docker", "v1.3-docker", "v2.0-stats-docker", "v2.1-stats"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::default().with_metrics(MetricSet::all());
        let paths = polls(set, endpoints);
        for path in &paths {
            ingest(folder.path(), options, path);
        }
        let store = Store::open_read_only(folder.path(), options).unwrap();
        let expected = batch(&paths, store.settings());
        let found = all_points(&store);
        assert_eq!(found.len(), expected.len(), "{set}");
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{set}");
        }
    }
}

#[test]
fn the_metrics_of_points_stay_when_the_store_is_opened_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions::default().with_metrics(MetricSet::all());
    let paths = polls("dynamic", &["v1.2-docker"]);
    for path in &paths {
        ingest(folder.path(), options, path);
        Store::open(folder.path(), StoreOptions::default()).unwrap().close().unwrap();
    }
    let without = Store::open(folder.path(), StoreOptions::default()).unwrap();
    without.compact().unwrap();
    without.close().unwrap();
    let store = Store::open_read_only(folder.path(), options).unwrap();
    assert_eq!(all_points(&store), batch(&paths, store.settings()));
}
