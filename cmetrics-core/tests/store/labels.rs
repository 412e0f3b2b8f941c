//! Labels: the newest document counts, and a change is an event.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cmetrics_core::container::Identity;
use cmetrics_core::recorder::RecorderSettings;
use cmetrics_core::store::{Happening, StoreOptions};
use cmetrics_core::{Container, Input, Pipeline, Recorder, Settings, Store, Timestamp};
use proptest::prelude::*;

/// A reply whose newest sample is at this second.
fn reply(second: u64, labels: &[(&str, &str)]) -> String {
    let labels = labels.iter().map(|(key, value)| format!(r#""{key}": "{value}""#));
    let labels = labels.collect::<Vec<_>>().join(",");
    let time = |second| Timestamp::from_seconds(1_795_262_400 + second).unwrap();
    let cpu = |second| {
        format!(r#"{{"timestamp": "{}", "cpu": {{"usage": {{"total": {second}}}}}}}"#, time(second))
    };
    format!(
        r#"{{"/docker": {{"spec": {{"labels": {{{labels}}}}}, "stats": [{}, {}]}}}}"#,
        cpu(second - 1),
        cpu(second)
    )
}

fn restarted(count: &str) -> [(&str, &str); 2] {
    [("app", "web"), ("restartcount", count)]
}

fn map(labels: &[(&str, &str)]) -> BTreeMap<String, String> {
    labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn store(folder: &tempfile::TempDir) -> Store {
    Store::open(folder.path(), StoreOptions::default().with_lateness(Duration::from_secs(60)))
        .unwrap()
}

/// The changes of labels that a store knows, by second.
fn changes(store: &Store) -> Vec<(u64, BTreeMap<String, String>)> {
    let events = store.events(..).unwrap().into_iter();
    let changes = events.filter_map(|event| match event.what {
        Happening::Labels(labels) => Some((event.at.seconds() - 1_795_262_400, labels)),
        _ => None,
    });
    changes.collect()
}

fn stored(store: &Store) -> Identity {
    let [found] = &store.find("/docker", ..).unwrap()[..] else { panic!("one container") };
    found.identity.clone()
}

#[test]
fn a_store_keeps_the_newest_labels_and_each_change_as_an_event() {
    let folder = tempfile::tempdir().unwrap();
    let open = store(&folder);
    let ingest = |second, count: &str| {
        let mut pipeline = Pipeline::new(open.settings());
        let reply = reply(second, &restarted(count));
        pipeline.read(Input::bytes("reply", &reply)).into_result().unwrap();
        open.ingest(pipeline.series()).unwrap();
    };
    ingest(10, "0");
    assert_eq!(changes(&open), []);
    ingest(20, "1");
    // What is older than the labels that are known changes nothing.
    ingest(15, "0");
    ingest(30, "1");
    let expected = [(20, map(&restarted("1")))];
    assert_eq!(changes(&open), expected);
    assert_eq!(stored(&open).labels(), &map(&restarted("1")));
    open.close().unwrap();
    let open = store(&folder);
    open.compact().unwrap();
    assert_eq!(changes(&open), expected);
    assert_eq!(stored(&open).label("restartcount"), Some("1"));
}

#[test]
fn a_recorder_keeps_labels_for_a_store_and_containers_are_found_by_them_live() {
    let folder = tempfile::tempdir().unwrap();
    let open = store(&folder);
    let recorder = Recorder::resume(RecorderSettings::of(&open), &open).unwrap();
    let mut source = recorder.source("node", None);
    let is_live = |count: &str| {
        let wanted = map(&restarted(count));
        recorder.containers().any(|known| known.identity.has_labels(&wanted))
    };
    for (second, count) in [(10, "0"), (20, "1"), (15, "0")] {
        assert_eq!(source.ingest(reply(second, &restarted(count)).as_bytes()).accepted, 2);
        recorder.keep(&open).unwrap();
    }
    assert!(is_live("1") && !is_live("0"));
    assert_eq!(changes(&open), [(20, map(&restarted("1")))]);
    drop(recorder);
    // The next one knows them from the store.
    let recorder = Recorder::resume(RecorderSettings::of(&open), &open).unwrap();
    let known = recorder.containers().next().unwrap();
    assert_eq!(known.identity.labels(), &map(&restarted("1")));
}

#[test]
fn a_recorder_without_a_store_has_labels_where_they_were_asked_for() {
    let mut container = Container::at_path("/other");
    container.labels = vec![("app".to_owned(), "db".to_owned())];
    for (settings, expected) in [(Settings::default(), 0), (Settings::default().with_labels(), 2)] {
        let recorder = Recorder::new(settings);
        let reply = reply(10, &[("app", "web")]);
        assert_eq!(recorder.source("node", None).ingest(reply.as_bytes()).accepted, 2);
        let _handle = recorder.register(&container, None);
        let labelled = recorder.containers().filter(|known| known.identity.label("app").is_some());
        assert_eq!(labelled.count(), expected);
    }
}

/// A container with one sample at this second.
fn labelled(path: &str, second: u64, labels: &[(&str, &str)]) -> String {
    reply(second, labels).replace("/docker", path)
}

#[test]
fn containers_of_a_store_are_found_by_their_labels_in_a_range_of_time() {
    let folder = tempfile::tempdir().unwrap();
    let open = store(&folder);
    for (path, second, labels) in [
        ("/a", 10, &[("app", "web"), ("tier", "front")][..]),
        ("/b", 10, &[("app", "web")]),
        ("/c", 40, &[("app", "web"), ("tier", "front")]),
        ("/d", 10, &[]),
    ] {
        let mut pipeline = Pipeline::new(open.settings());
        let reply = labelled(path, second, labels);
        pipeline.read(Input::bytes("reply", &reply)).into_result().unwrap();
        open.ingest(pipeline.series()).unwrap();
    }
    let found = |labels: &[(&str, &str)], from: u64| {
        let from = Timestamp::from_seconds(1_795_262_400 + from).unwrap();
        let found = open.find_labelled(labels.iter().copied(), from..).unwrap();
        found.iter().map(|bearer| bearer.identity.name().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(found(&[("app", "web")], 0), ["/a", "/b", "/c"]);
    assert_eq!(found(&[("app", "web")], 30), ["/c"]);
    assert_eq!(found(&[("app", "web"), ("tier", "front")], 0), ["/a", "/c"]);
    assert_eq!(found(&[("app", "db")], 0), [""; 0]);
    assert_eq!(found(&[], 0), ["/a", "/b", "/c", "/d"]);
}

/// The times of documents, each with what it tells, and the changes between them, of those of one
/// time by the last in their order.
fn changes_of(documents: &[(u64, u8)]) -> Vec<(u64, BTreeMap<String, String>)> {
    let mut told: BTreeMap<u64, u8> = BTreeMap::new();
    for (second, count) in documents {
        let known = told.entry(*second).or_insert(*count);
        *known = (*known).max(*count);
    }
    let pairs = told.values().zip(told.iter().skip(1));
    let changes = pairs.filter(|(before, (_, count))| before != count);
    changes.map(|(_, (second, count))| (*second, map(&restarted(&count.to_string())))).collect()
}

fn ingest_all(open: &Store, documents: &[(u64, u8)]) -> Pipeline {
    let mut pipeline = Pipeline::new(open.settings());
    for (second, count) in documents {
        let reply = reply(*second, &restarted(&count.to_string()));
        pipeline.read(Input::bytes("reply", &reply)).into_result().unwrap();
    }
    open.ingest(pipeline.series()).unwrap();
    pipeline
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Each call has some documents of the calls before, too. No two end with the same sample.
    #[test]
    fn the_changes_of_labels_are_those_of_one_call_however_documents_are_split_over_calls(
        mut documents in prop::collection::vec((2..80_u64, 0..3_u8), 1..16),
        calls in prop::collection::vec((1..4_usize, 0..4_usize, 0..4_u8), 16),
    ) {
        documents.sort_by_key(|(second, _)| *second);
        documents.dedup_by_key(|(second, _)| *second);
        let folder = tempfile::tempdir().unwrap();
        let mut open = store(&folder);
        let mut end = 0_usize;
        for (length, repeated, act) in calls {
            let first = end.saturating_sub(repeated);
            end = documents.len().min(end + length);
            let mut call = documents[first..end].to_vec();
            call.reverse();
            ingest_all(&open, &call);
            match act {
                0 => open.compact().unwrap(),
                1 => {
                    open.close().unwrap();
                    open = store(&folder);
                }
                _ => {}
            }
        }
        let expected = changes_of(&documents);
        prop_assert_eq!(changes(&open), expected.clone());
        let whole = ingest_all(&open, &documents);
        let series = whole.series().next().unwrap();
        prop_assert_eq!(series.label_changes(), expected.len() as u64);
        let labels = stored(&open).labels().clone();
        prop_assert_eq!(&labels, series.identity().labels());
        prop_assert_eq!(changes(&open), expected);
    }

    /// What lay between two documents that told the same is not known any more. No two end with the
    /// same sample.
    #[test]
    fn of_documents_that_come_late_the_newest_labels_count_and_each_change_is_told_once(
        mut documents in prop::collection::vec((2..80_u64, 0..3_u8), 1..16),
    ) {
        let mut seconds = BTreeSet::new();
        documents.retain(|(second, _)| seconds.insert(*second));
        let folder = tempfile::tempdir().unwrap();
        let open = store(&folder);
        for document in &documents {
            ingest_all(&open, &[*document]);
        }
        let whole = changes_of(&documents);
        let found = changes(&open);
        let newest = documents.iter().max().unwrap();
        let labels = stored(&open).labels().clone();
        prop_assert_eq!(labels, map(&restarted(&newest.1.to_string())));
        prop_assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 != pair[1].1));
        prop_assert_eq!(found.last().map(|last| &last.1), whole.last().map(|last| &last.1));
        // All documents together tell the rest.
        ingest_all(&open, &documents);
        prop_assert_eq!(changes(&open), whole);
    }
}

#[test]
fn very_long_labels_are_not_kept_and_nothing_else_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let open = store(&folder);
    let long = "x".repeat(1 << 20);
    let mut pipeline = Pipeline::new(open.settings());
    for reply in [
        labelled("/a", 10, &[("app", &long)]),
        labelled("/a", 20, &[("app", "web")]),
        labelled("/b", 10, &[("app", &long)]),
        labelled("/c", 10, &[("app", "db")]),
    ] {
        pipeline.read(Input::bytes("reply", &reply)).into_result().unwrap();
    }
    let kept = open.ingest(pipeline.series()).unwrap();
    assert_eq!((kept.accepted, kept.unlabelled), (8, 2));
    open.compact().unwrap();
    let labels = |bearer: &cmetrics_core::store::Bearer| bearer.identity.labels().clone();
    let found: Vec<_> = open.containers().unwrap().iter().map(labels).collect();
    assert_eq!(found, [map(&[("app", "web")]), map(&[]), map(&[("app", "db")])]);
}
