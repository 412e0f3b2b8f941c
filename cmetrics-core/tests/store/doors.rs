//! Doors: a store keeps the samples of each door of a container, and its points are those of a
//! batch of all documents.

use std::path::Path;
use std::time::Duration;

use cmetrics_core::container::Identity;
use cmetrics_core::parse::Door;
use cmetrics_core::recorder::RecorderSettings;
use cmetrics_core::store::{Event, Happening, StoreOptions};
use cmetrics_core::{DataPoint, Input, MetricSet, Pipeline, Recorder, Settings, Store, Timestamp};
use proptest::prelude::*;

use crate::common::{expositions, read_files, recorded};
use crate::ingest::all_points;
use crate::three_doors::{
    self, BEGIN, ID, documents, documents_in_step, readings, recreated, summary,
};

/// A scrape in which the container has used 100 ms of CPU for each second since the beginning.
fn scrape(second: u64) -> String {
    three_doors::scrape(second, second + 10)
}

/// A reply of the same container, which says that it has no memory.
fn reply(second: u64) -> String {
    reply_without_memory(second, 2 * second)
}

fn reply_without_memory(second: u64, tenths: u64) -> String {
    three_doors::reply("", second, tenths)
}

fn read<'i>(inputs: impl IntoIterator<Item = &'i String>) -> Pipeline {
    let mut pipeline = Pipeline::new(Settings::default().with_labels());
    for input in inputs {
        pipeline.read(Input::bytes("input", input)).into_result().unwrap();
    }
    pipeline
}

fn points_of(inputs: &[String]) -> Vec<DataPoint> {
    read(inputs).points()
}

/// When restarts were, as a door shows them.
fn restarts(events: &[Event], of: Option<Door>) -> Vec<Timestamp> {
    let is_of = |event: &&Event| of.is_none_or(|door| event.door == door);
    let restarts = events.iter().filter(is_of).filter(|event| event.what == Happening::Restart);
    restarts.map(|event| event.at).collect()
}

fn options() -> StoreOptions {
    StoreOptions::default().with_lateness(Duration::from_secs(2))
}

#[test]
fn a_store_keeps_the_samples_of_every_door() {
    let folder = tempfile::tempdir().unwrap();
    let scrapes: Vec<_> = (0..8).map(|n| scrape(n * 7)).collect();
    let replies: Vec<_> = (0..8).map(|n| reply(n * 7 + 3)).collect();
    let store = Store::open(folder.path(), options()).unwrap();
    for inputs in [&scrapes[..4], &replies, &scrapes[4..]] {
        let kept = store.ingest(read(inputs).series()).unwrap();
        assert_eq!(kept.accepted, inputs.len() as u64);
    }
    let all = [scrapes, replies].concat();
    let expected = points_of(&all);
    assert_eq!(all_points(&store), expected);
    store.close().unwrap();

    let store = Store::open(folder.path(), options()).unwrap();
    assert_eq!(all_points(&store), expected);
    store.compact().unwrap();
    assert_eq!(all_points(&store), expected);
    let [found] = &store.containers().unwrap()[..] else { panic!("one container") };
    assert_eq!(found.doors, [Door::Cadvisor, Door::Exposition]);
    assert_eq!(store.stats().unwrap().containers, 1);
    assert_eq!(store.verify().unwrap().len(), 0);
    let last = store.last(ID, Duration::from_secs(20)).unwrap();
    assert_eq!(last, expected[expected.len() - last.len()..]);
    assert_eq!(last.len(), 4);
    let table = store.table(.., MetricSet::default()).unwrap();
    assert_eq!(table.len(), expected.len());

    let otherwise = options().with_doors(&[Door::Exposition]);
    let otherwise = Store::open_read_only(folder.path(), otherwise).unwrap();
    let settings = Settings::default().with_doors(&[Door::Exposition]);
    let mut pipeline = Pipeline::new(settings);
    for input in &all {
        pipeline.read(Input::bytes("input", input)).into_result().unwrap();
    }
    assert_eq!(all_points(&otherwise), pipeline.points());
    assert_ne!(all_points(&otherwise), expected);

    let copies = tempfile::tempdir().unwrap();
    let (copy, salvaged) = (copies.path().join("copy"), copies.path().join("salvaged"));
    store.snapshot(&copy).unwrap();
    let made = Store::salvage(&copy, &salvaged, false).unwrap();
    assert_eq!((made.containers, made.lost.len()), (1, 0));
    for folder in [copy, salvaged] {
        let store = Store::open_read_only(folder, options()).unwrap();
        assert_eq!(all_points(&store), expected);
    }

    let from: Timestamp = "2026-11-21T12:00:20Z".parse().unwrap();
    let until = expected.partition_point(|point| point.interval().start_time() < from);
    let removed = store.remove(ID, from..).unwrap();
    assert_eq!(removed.points, (expected.len() - until) as u64);
    assert_eq!(all_points(&store).len(), until);
    let all = store.remove(ID, ..).unwrap();
    assert_eq!(all.points, until as u64);
    assert_eq!(store.containers().unwrap(), []);
    assert!(store.find(ID, ..).is_err());
}

#[test]
fn recordings_of_two_doors_that_are_ingested_one_by_one_give_the_points_of_one_run() {
    for (set, endpoint) in [("dynamic", "v1.2-docker"), ("v060-1s", "v1.3-docker")] {
        let mut paths = [recorded(set, endpoint), expositions(set)].concat();
        paths.sort_by_key(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            name.rsplit('.').nth(2).unwrap().to_owned()
        });
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::default();
        for path in &paths {
            let store = Store::open(folder.path(), options).unwrap();
            let pipeline = read_files(std::slice::from_ref(path), store.settings());
            store.ingest(pipeline.series()).unwrap();
            store.close().unwrap();
        }
        let store = Store::open_read_only(folder.path(), options).unwrap();
        let expected = read_files(&paths, store.settings()).points();
        let found = all_points(&store);
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{set}");
        }
        assert_eq!(found.len(), expected.len(), "{set}");
    }
}

#[test]
fn a_name_in_kubernetes_is_the_id_that_another_document_tells_at_any_time() {
    let summaries: Vec<_> = (0..6).map(|n| summary(n * 6, n * 3)).collect();
    let replies: Vec<_> = (0..3).map(|n| reply(n * 9 + 3)).collect();
    let expected = points_of(&[&summaries[..], &replies].concat());
    for order in [[&summaries[..], &replies], [&replies, &summaries]] {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), options()).unwrap();
        for input in order.concat() {
            store.ingest(read([&input]).series()).unwrap();
        }
        assert_eq!(all_points(&store), expected);
        store.close().unwrap();
        let store = Store::open(folder.path(), options()).unwrap();
        store.compact().unwrap();
        assert_eq!(all_points(&store), expected);
        let names = store.containers().unwrap();
        let names: Vec<_> = names.iter().map(|one| &**one.identity.name()).collect();
        assert_eq!(names, [ID]);
        assert_eq!(store.last("shop/web-0/nginx", Duration::from_secs(600)).unwrap(), expected);
        // A second id of the name: it stands for neither.
        let other = reply(40).replace(ID, &"1".repeat(64));
        store.ingest(read([&other]).series()).unwrap();
        let mut inputs = order.concat();
        inputs.push(other);
        assert_eq!(all_points(&store), points_of(&inputs));
        store.close().unwrap();
        let store = Store::open(folder.path(), options()).unwrap();
        assert_eq!(all_points(&store), points_of(&inputs));
    }
}

#[test]
fn a_zero_byte_in_a_name_makes_no_container_part_of_another() {
    let odd = reply(3).replace(&format!("/docker/{ID}"), "/a\\u0000exposition");
    let plain = reply(7).replace(&format!("/docker/{ID}"), "/a");
    let other = scrape(5).replace(&format!("/docker/{ID}"), "/a");
    let inputs = [odd, plain, other];
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), options()).unwrap();
    for input in &inputs {
        store.ingest(read([input]).series()).unwrap();
    }
    assert_eq!(all_points(&store), points_of(&inputs));
    let names: Vec<_> = store.containers().unwrap();
    let names: Vec<_> = names.iter().map(|one| &**one.identity.name()).collect();
    assert_eq!(names, ["/a", "/a\u{fffd}exposition"]);
}

/// All orders of some inputs.
fn orders(inputs: &[String]) -> Vec<Vec<String>> {
    if inputs.is_empty() {
        return vec![Vec::new()];
    }
    let with_first = |index: usize| {
        let mut rest = inputs.to_vec();
        let first = rest.remove(index);
        orders(&rest).into_iter().map(move |order| [vec![first.clone()], order].concat())
    };
    (0..inputs.len()).flat_map(with_first).collect()
}

#[test]
fn names_are_joined_by_what_all_documents_tell_in_whatever_order_they_come() {
    let resource = |name: &str, second| {
        let time = (BEGIN + second) * 1000;
        format!("{name}_cpu_usage_seconds_total{{namespace=\"shop\",pod=\"web-0\"}} 1 {time}\n")
    };
    let container = resource("container", 1).replace('}', ",container=\"nginx\"}");
    let uid = "1027c4d1-1111-2222-3333-fda91e2feb89";
    let pod = format!(
        r#"{{"node": {{"nodeName": "n1"}}, "pods": [{{"podRef":
            {{"name": "web-0", "namespace": "shop", "uid": "{uid}"}},
            "cpu": {{"time": "2026-11-21T12:00:02Z", "usageCoreNanoSeconds": 5}}}}]}}"#
    );
    let cgroup = reply(7).replace(&format!("/docker/{ID}"), &format!("/kubepods/pod{uid}"));
    let other = reply(40).replace(ID, &"1".repeat(64));
    for inputs in [
        // The rows of a pod do not tell its uid, which its cgroup is known by.
        vec![resource("pod", 1), pod, cgroup],
        // A name that two doors tell, of one id.
        vec![container.clone(), summary(2, 5), reply(3)],
        // The same of two.
        vec![container, summary(2, 5), reply(3), other],
    ] {
        let expected = points_of(&inputs);
        for order in orders(&inputs) {
            let folder = tempfile::tempdir().unwrap();
            let mut store = Store::open(folder.path(), options()).unwrap();
            for input in &order {
                store.ingest(read([input]).series()).unwrap();
            }
            assert_eq!(all_points(&store), expected, "{order:#?}");
            store.close().unwrap();
            store = Store::open(folder.path(), options()).unwrap();
            assert_eq!(all_points(&store), expected, "reopened: {order:#?}");
        }
    }
}

/// A store into which inputs were ingested a few at a time. After some it was compacted (0) or opened
/// anew (1).
fn ingested_in_chunks(folder: &Path, inputs: &[String], chunks: Vec<(usize, u8)>) -> Store {
    let mut store = Store::open(folder, options()).unwrap();
    let mut rest = inputs;
    for (length, act) in chunks {
        let (some, more) = rest.split_at(length.min(rest.len()));
        rest = more;
        store.ingest(read(some).series()).unwrap();
        match act {
            0 => store.compact().unwrap(),
            1 => {
                store.close().unwrap();
                store = Store::open(folder, options()).unwrap();
            }
            _ => {}
        }
    }
    store
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Of several ids of a name, the one that was created in the same second is meant.
    #[test]
    fn of_containers_that_were_made_anew_a_store_has_the_names_of_a_batch(
        inputs in recreated::documents(),
        chunks in prop::collection::vec((1..4_usize, 0..5_u8), 12),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let store = ingested_in_chunks(folder.path(), &inputs, chunks);
        prop_assert_eq!(&all_points(&store), &points_of(&inputs));
        let batch = read(&inputs);
        let batch = batch.series().filter(|series| !series.is_empty());
        let names = |identity: &Identity| {
            (identity.name().clone(), identity.kubernetes().map(ToString::to_string))
        };
        let stored = store.containers().unwrap();
        let stored: Vec<_> = stored.iter().map(|bearer| names(&bearer.identity)).collect();
        let expected: Vec<_> = batch.map(|series| names(series.identity())).collect();
        prop_assert_eq!(stored, expected);
    }

    #[test]
    fn samples_of_several_doors_that_come_bit_by_bit_give_the_points_of_a_batch(
        readings in readings(),
        chunks in prop::collection::vec((1..6_usize, 0..4_u8), 40),
    ) {
        let inputs = documents(&readings, reply_without_memory);
        let folder = tempfile::tempdir().unwrap();
        let store = ingested_in_chunks(folder.path(), &inputs, chunks);
        let points = points_of(&inputs);
        prop_assert_eq!(&all_points(&store), &points);
        let (batch, events) = (read(&inputs), store.events_by_door(..).unwrap());
        let series = batch.find(ID).or(batch.find("shop/web-0/nginx")).unwrap()[0];
        let of_highest = series.history(batch.settings()).events;
        // Without a reply nothing tells that both names are one container's.
        let of_container = store.events_of(series.identity().name(), ..).unwrap();
        prop_assert_eq!(restarts(&of_container, None), of_highest.restarts);
        for chain in series.chains() {
            let of_chain = chain.history(batch.settings()).events;
            prop_assert_eq!(restarts(&events, Some(chain.door())), of_chain.restarts);
        }
        // What lies before a range decides about what is in it.
        for (index, first) in points.iter().enumerate() {
            let (name, from) = (first.name(), first.interval().start_time());
            let found = store.range(name, from.., None).unwrap().map(Result::unwrap);
            let expected = points[index..].iter().filter(|point| point.name() == name);
            prop_assert_eq!(found.collect::<Vec<_>>(), expected.cloned().collect::<Vec<_>>());
        }
    }
}

#[test]
fn labels_and_names_in_kubernetes_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), options()).unwrap();
    store.ingest(read(&[reply(0), reply(9)]).series()).unwrap();
    store.close().unwrap();
    let store = Store::open(folder.path(), options()).unwrap();
    store.compact().unwrap();
    let [found] = &store.find("shop/web-0/nginx", ..).unwrap()[..] else { panic!("one container") };
    assert_eq!(&**found.identity.name(), ID);
    assert_eq!(found.identity.kubernetes().unwrap().to_string(), "shop/web-0/nginx");
    assert_eq!(found.identity.labels()["app"], "web");
}

/// Keeps documents by a recorder, which is stopped and resumed now and then.
fn record(store: &Store, inputs: &[String], acts: &[u8]) -> Vec<DataPoint> {
    let settings = RecorderSettings::of(store);
    let mut recorder = Recorder::resume(settings, store).unwrap();
    let mut source = recorder.source("node", None);
    let mut points = Vec::new();
    for (input, act) in inputs.iter().zip(acts.iter().cycle()) {
        let ingested = source.ingest(input.as_bytes());
        assert!(ingested.errors.is_empty(), "{:?}", ingested.errors);
        match act {
            0 => drop(recorder.keep(store).unwrap()),
            1 => drop(recorder.drain(&mut |point| points.push(point))),
            2 => {
                recorder.keep(store).unwrap();
                recorder.drain(&mut |point| points.push(point));
                recorder = Recorder::resume(settings, store).unwrap();
                source = recorder.source("node", None);
            }
            _ => {}
        }
    }
    recorder.keep(store).unwrap();
    points
}

#[test]
fn a_resumed_recorder_knows_the_names_that_the_store_knows() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), options()).unwrap();
    store.ingest(read(&[reply(1), summary(2, 20)]).series()).unwrap();
    let recorder = Recorder::resume(RecorderSettings::of(&store), &store).unwrap();
    // Nothing tells the id again.
    assert!(recorder.source("node", None).ingest(summary(9, 90).as_bytes()).errors.is_empty());
    recorder.flush_all();
    let mut names = Vec::new();
    recorder.drain(&mut |point| names.push(point.name().to_owned()));
    names.dedup();
    assert_eq!(names, [ID]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn what_a_recorder_keeps_of_containers_that_were_made_anew_has_the_names_of_a_batch(
        inputs in recreated::documents(),
        acts in prop::collection::vec(0..8_u8, 1..12),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let options = options().with_lateness(Duration::from_secs(3_000));
        let store = Store::open(folder.path(), options).unwrap();
        record(&store, &inputs, &acts);
        prop_assert_eq!(all_points(&store), points_of(&inputs));
    }

    /// No sample is late here.
    #[test]
    fn what_a_recorder_keeps_of_several_doors_gives_the_points_of_a_batch(
        readings in readings(),
        acts in prop::collection::vec(0..8_u8, 1..20),
        in_step in any::<bool>(),
    ) {
        let documents = if in_step { documents_in_step } else { documents };
        let inputs = documents(&readings, reply_without_memory);
        let folder = tempfile::tempdir().unwrap();
        let lateness = Duration::from_secs(if in_step { 2 } else { 3_000 });
        let options = options().with_lateness(lateness);
        let store = Store::open(folder.path(), options).unwrap();
        record(&store, &inputs, &acts);
        prop_assert_eq!(all_points(&store), points_of(&inputs));
    }
}
