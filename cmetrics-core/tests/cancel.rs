//! Long work ends soon after it was cancelled, and what it worked on can be used afterwards.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::io::{self, Read, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use cmetrics_core::parse::{DocumentKind, Parser, Receiver, Wanted};
use cmetrics_core::pipeline::{MachineName, Outcome, Progress};
use cmetrics_core::store::{Retention, StoreOptions};
use cmetrics_core::{
    Cancel, Container, DataPoint, Error, ErrorKind, Input, MetricSet, Pipeline, Sample, Settings,
    Store, Timestamp,
};
use proptest::prelude::*;
use tempfile::TempDir;

/// Polls of some containers, each of which repeats half of the one before.
fn polls(containers: usize, polls: usize, samples: usize) -> Vec<String> {
    let sample = |container: usize, second: usize| {
        let (minute, usage) = (second / 60, second * (70 + container) + second % 7);
        let second = second % 60;
        format!(
            r#"{{"timestamp":"2026-11-21T12:{minute:02}:{second:02}Z","cpu":{{"usage":{{"total":{usage}}}}},"memory":{{"usage":{usage}}}}}"#
        )
    };
    let container = |container: usize, first: usize| {
        let samples: Vec<_> =
            (first..first + samples).map(|second| sample(container, second)).collect();
        let samples = samples.join(",");
        format!(
            r#""/docker/{container}":{{"spec":{{"has_cpu":true,"has_memory":true}},"stats":[{samples}]}}"#
        )
    };
    let poll = |poll: usize| {
        let all: Vec<_> = (0..containers).map(|one| container(one, poll * samples / 2)).collect();
        format!("{{{}}}", all.join(","))
    };
    (0..polls).map(poll).collect()
}

/// The same as no cAdvisor writes it: it is read strictly, and held whole meanwhile.
fn spaced(polls: &[String]) -> Vec<String> {
    let spaced = |poll: &String| {
        serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(poll).unwrap())
    };
    polls.iter().map(|poll| spaced(poll).unwrap()).collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn pipeline(threads: usize) -> Pipeline {
    let mut pipeline = Pipeline::default();
    pipeline.set_threads(NonZeroUsize::new(threads).unwrap());
    pipeline
}

/// A pipeline that reads under a token, and the token.
fn cancellable(threads: usize) -> (Pipeline, Cancel) {
    let (mut pipeline, cancel) = (pipeline(threads), Cancel::default());
    pipeline.set_cancel(cancel.clone());
    (pipeline, cancel)
}

/// Asserts that the only error is that of the work that was cancelled.
#[track_caller]
fn assert_cancelled(outcome: &Outcome) {
    let kinds: Vec<_> = outcome.errors.iter().map(Error::kind).collect();
    assert_eq!(kinds, [ErrorKind::Cancelled], "{:?}", outcome.errors);
    assert_eq!(outcome.error_count(), 1);
    assert!(outcome.skipped.is_empty(), "{:?}", outcome.skipped);
}

/// An input that is cancelled once so many bytes of it were read, in pieces of a length.
struct Cancelling<'i> {
    input: &'i [u8],
    piece: usize,
    left: usize,
    cancel: Cancel,
    /// How often it was read after that.
    later: &'i AtomicUsize,
}

impl Read for Cancelling<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.cancel.is_cancelled() {
            self.later.fetch_add(1, SeqCst);
        }
        let piece = buffer.len().min(self.piece);
        let length = self.input.read(&mut buffer[..piece])?;
        self.left = self.left.saturating_sub(length);
        if self.left == 0 {
            self.cancel.cancel();
        }
        Ok(length)
    }
}

/// A folder with these files.
fn folder(files: &[impl AsRef<[u8]>]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (index, content) in files.iter().enumerate() {
        fs::write(folder.path().join(format!("{index:03}.json")), content).unwrap();
    }
    folder
}

/// The paths in turn, each with a copy of its own: in order, as one is told them.
fn paths(folder: &TempDir) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Reads files until so much was told of.
fn read_until(
    pipeline: &mut Pipeline,
    cancel: &Cancel,
    paths: &[PathBuf],
    most: u64,
    last: &mut u64,
) -> Outcome {
    pipeline.read_paths_with(paths, &MachineName::None, |progress| {
        *last = progress.read;
        if progress.read >= most {
            cancel.cancel();
        }
    })
}

#[test]
fn a_cancelled_input_is_not_read_any_further() {
    let text = polls(3, 40, 60).concat();
    for piece in [1, 7, 100_000] {
        for at in [1, 5, 1_000, text.len() / 2, text.len() - 1] {
            let (mut pipeline, cancel) = cancellable(1);
            let later = AtomicUsize::new(0);
            let input =
                Cancelling { input: text.as_bytes(), piece, left: at, cancel, later: &later };
            assert_cancelled(&pipeline.read(Input::reader("polls", input)));
            assert_eq!(later.load(SeqCst), 0, "reads after {at} bytes of it, {piece} at a time");
        }
    }
}

#[test]
fn an_input_that_is_read_ahead_is_not_read_any_further() {
    let text = polls(3, 40, 60).concat();
    for packed in [text.clone().into_bytes(), gzip(&text)] {
        let (mut pipeline, cancel) = cancellable(2);
        let (left, later) = (packed.len() / 2, AtomicUsize::new(0));
        let input = Cancelling { input: &packed, piece: 512, left, cancel, later: &later };
        assert_cancelled(&pipeline.read(Input::reader("polls", input)));
        assert_eq!(later.into_inner(), 0);
    }
}

#[test]
fn what_unpacks_to_nothing_is_not_read_any_further() {
    // Frames of zstd that are to be skipped: what reads them gets nothing until their end.
    let skipped: Vec<u8> =
        [&[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0][..], b"rest"].concat().repeat(100_000);
    let begun = zstd::encode_all(polls(1, 1, 5)[0].as_bytes(), 1).unwrap();
    let input = [begun, skipped].concat();
    let (mut pipeline, cancel) = cancellable(1);
    let later = AtomicUsize::new(0);
    let input = Cancelling { input: &input, piece: 100, left: 5_000, cancel, later: &later };
    assert_cancelled(&pipeline.read(Input::reader("polls", input)));
    assert_eq!(later.load(SeqCst), 0);
}

/// Takes samples, and cancels at one of them.
struct Counter {
    cancel: Cancel,
    at: usize,
    containers: usize,
    samples: usize,
    errors: Vec<ErrorKind>,
}

impl Counter {
    fn count(&mut self) {
        if self.samples + self.containers == self.at {
            self.cancel.cancel();
        }
    }
}

impl Receiver for Counter {
    fn container(&mut self, _: &Container, _: DocumentKind) {
        self.containers += 1;
        self.count();
    }

    fn wants(&mut self, _: Timestamp) -> Wanted {
        Wanted::Whole
    }

    fn sample(&mut self, _: &Sample, _: &[u8]) {
        self.samples += 1;
        self.count();
    }

    fn never_taken(&mut self) {}

    fn faulty(&mut self, _: Error) {}

    fn no_containers(&mut self) {}

    fn error(&mut self, error: Error) {
        self.errors.push(error.kind());
    }
}

#[test]
fn a_document_in_memory_ends_within_a_sample_or_container() {
    let text = polls(5, 3, 20);
    let without_samples = format!(
        "{{{}}}",
        (0..50)
            .map(|one| format!(r#""/{one}":{{"spec":{{}},"stats":[]}}"#))
            .collect::<Vec<_>>()
            .join(",")
    );
    let listed = format!("[{}]", text.join(","));
    let cases = [text.concat(), spaced(&text).concat(), without_samples, listed];
    for text in &cases {
        for strict in [false, true] {
            for at in [1, 2, 3, 21, 22, 40] {
                let cancel = Cancel::default();
                let metrics = MetricSet::default();
                let mut parser =
                    if strict { Parser::strict(metrics) } else { Parser::new(metrics) };
                parser.set_cancel(cancel.clone());
                let mut counter =
                    Counter { cancel, at, containers: 0, samples: 0, errors: Vec::new() };
                parser.read_bytes(text.as_bytes(), &mut counter);
                assert_eq!(counter.errors, [ErrorKind::Cancelled]);
                let told = counter.containers + counter.samples;
                // A container is told of with its first sample.
                assert!(told <= at + 1, "{told} instead of {at}, strict: {strict}, {text:.60}");
            }
        }
    }
}

#[test]
fn nothing_is_read_under_a_token_that_is_cancelled() {
    let text = polls(1, 1, 5).remove(0);
    let files = folder(&[&text, &text]);
    let empty = tempfile::tempdir().unwrap();
    let inputs: [&dyn Fn(&mut Pipeline) -> Outcome; 6] = [
        &|pipeline| pipeline.read(Input::local_reader("it", text.as_bytes())),
        &|pipeline| pipeline.read(Input::bytes("it", &text)),
        &|pipeline| pipeline.read(Input::bytes("it", &gzip(&text))),
        &|pipeline| pipeline.read(Input::reader("it", text.as_bytes())),
        &|pipeline| pipeline.read_paths(&[files.path()]),
        &|pipeline| pipeline.read_paths(&[empty.path()]),
    ];
    for threads in [1, 3] {
        for read in inputs {
            let (mut pipeline, cancel) = cancellable(threads);
            cancel.cancel();
            assert_cancelled(&read(&mut pipeline));
            assert_eq!((pipeline.series().count(), pipeline.summary().inputs), (0, 0));
        }
    }
}

#[test]
fn there_is_one_error_for_all_files_and_none_of_what_was_cut_off() {
    let files = folder(&polls(3, 30, 60));
    for threads in [1, 2, 4] {
        let (mut pipeline, cancel) = cancellable(threads);
        let outcome = read_until(&mut pipeline, &cancel, &[files.path().to_owned()], 1, &mut 0);
        assert_cancelled(&outcome);
        assert!(outcome.inputs < 30);
    }
}

#[test]
fn the_error_is_kept_beside_any_number_of_others() {
    let faulty = r#"{"/":{"spec":{},"stats":[{"timestamp":"never"}]}}"#.repeat(20_000);
    let text = faulty + &polls(1, 1, 5)[0];
    let mut pipeline = pipeline(1);
    let cancel = Cancel::default();
    pipeline.set_cancel(cancel.clone());
    let (left, later) = (text.len(), AtomicUsize::new(0));
    let input = Cancelling { input: text.as_bytes(), piece: 1 << 20, left, cancel, later: &later };
    let outcome = pipeline.read(Input::reader("faulty", input));
    assert_eq!(outcome.errors.len(), Outcome::MOST_ERRORS);
    let last = outcome.errors.last().unwrap();
    assert_eq!(last.to_string(), "faulty: cancelled: the inputs were not read to their end");
    assert!(outcome.more_errors > 0);
    assert_eq!(pipeline.summary().errors, outcome.error_count());
}

#[test]
fn points_are_made_of_whole_containers_until_it_is_cancelled() {
    let text = polls(40, 1, 60).remove(0);
    for threads in [1, 2, 4] {
        let (mut pipeline, cancel) = cancellable(threads);
        pipeline.read(Input::bytes("polls", text.as_bytes())).into_result().unwrap();
        let all: Vec<_> = pipeline.series().collect();
        let mut taken = Vec::new();
        pipeline.side_by_side(
            &all,
            |series| series.identity().clone(),
            |identity| {
                taken.push(identity);
                if taken.len() == 7 {
                    cancel.cancel();
                }
                true
            },
        );
        let expected: Vec<_> = all[..7].iter().map(|series| series.identity().clone()).collect();
        assert_eq!(taken, expected);
        assert!(pipeline.points().is_empty());
        assert_eq!(all[0].history_until(Settings::default(), &cancel), None);
        assert_eq!(all[0].inspect_until(Settings::default(), &cancel), None);
        pipeline.set_cancel(Cancel::default());
        assert_eq!(pipeline.points(), points_of(&[&text]));
    }
}

#[test]
fn work_that_is_cancelled_from_within_is_not_begun_for_others() {
    let text = polls(300, 1, 2).remove(0);
    for threads in [1, 3] {
        let (mut pipeline, cancel) = cancellable(threads);
        pipeline.read(Input::bytes("polls", text.as_bytes())).into_result().unwrap();
        let all: Vec<_> = pipeline.series().collect();
        let begun = AtomicUsize::new(0);
        let work = |_: &cmetrics_core::Series| {
            begun.fetch_add(1, SeqCst);
            cancel.cancel();
        };
        let mut taken = 0;
        pipeline.side_by_side(&all, work, |()| {
            taken += 1;
            true
        });
        assert!(begun.into_inner() <= threads);
        assert_eq!(taken, 0);
    }
}

#[test]
fn progress_is_told_to_the_end_of_packed_files_too() {
    let texts = polls(3, 12, 60);
    let packed: Vec<_> = texts.iter().map(|text| gzip(text)).collect();
    let packed_by_zstd: Vec<_> =
        texts.iter().map(|text| zstd::encode_all(text.as_bytes(), 1).unwrap()).collect();
    for files in [&packed, &packed_by_zstd] {
        let files = folder(files);
        let bytes: u64 = paths(&files).iter().map(|path| path.metadata().unwrap().len()).sum();
        for threads in [1, 2, 3, 20] {
            let mut told = Vec::new();
            let read = |progress: Progress<'_>| told.push((progress.read, progress.total));
            let outcome =
                pipeline(threads).read_paths_with(&[files.path()], &MachineName::None, read);
            assert!(outcome.errors.is_empty());
            assert_eq!(told.last(), Some(&(bytes, bytes)));
            assert!(told.is_sorted());
        }
    }
}

#[test]
fn progress_of_what_was_cancelled_does_not_come_to_its_end() {
    let files = folder(&polls(3, 12, 60));
    let bytes: u64 = paths(&files).iter().map(|path| path.metadata().unwrap().len()).sum();
    let (mut pipeline, cancel) = cancellable(1);
    let mut told = 0;
    assert_cancelled(&read_until(&mut pipeline, &cancel, &paths(&files), bytes / 2, &mut told));
    assert!(told >= bytes / 2 && told < bytes, "{told} of {bytes}");
}

fn points_of(texts: &[impl AsRef<[u8]>]) -> Vec<DataPoint> {
    let mut pipeline = Pipeline::default();
    for text in texts {
        pipeline.read(Input::bytes("whole", text.as_ref())).into_result().unwrap();
    }
    pipeline.points()
}

fn some_polls() -> impl Strategy<Value = Vec<String>> {
    (1..4_usize, 1..6_usize, 1..20_usize, any::<bool>()).prop_map(
        |(containers, count, each, odd)| {
            let polls = polls(containers, count, each);
            if odd { spaced(&polls) } else { polls }
        },
    )
}

proptest! {
    #[test]
    fn what_was_cancelled_can_be_read_again(
        polls in some_polls(),
        piece in 1..2_000_usize,
        at in any::<prop::sample::Index>(),
        packed in any::<bool>(),
    ) {
        let text = polls.concat();
        let input = if packed { gzip(&text) } else { text.clone().into_bytes() };
        let (mut pipeline, cancel) = cancellable(1);
        let later = AtomicUsize::new(0);
        let left = at.index(input.len()) + 1;
        let cut = Cancelling { input: &input, piece, left, cancel, later: &later };
        assert_cancelled(&pipeline.read(Input::reader("polls", cut)));
        pipeline.set_cancel(Cancel::default());
        pipeline.read(Input::reader("polls", &input[..])).into_result().unwrap();
        prop_assert_eq!(pipeline.points(), points_of(&[text]));
    }

    #[test]
    fn files_that_were_cancelled_can_be_read_again(
        polls in some_polls(),
        threads in 1..5_usize,
        at in any::<prop::sample::Index>(),
    ) {
        let files = folder(&polls);
        let bytes: usize = polls.iter().map(String::len).sum();
        let (mut pipeline, cancel) = cancellable(threads);
        let most = at.index(bytes) as u64;
        let outcome = read_until(&mut pipeline, &cancel, &paths(&files), most, &mut 0);
        prop_assert!(outcome.errors.len() <= 1 && outcome.skipped.is_empty());
        let provisional = pipeline.points();
        prop_assert!(provisional.is_empty() || !cancel.is_cancelled());
        pipeline.set_cancel(Cancel::default());
        pipeline.read_paths(&paths(&files)).into_result().unwrap();
        prop_assert_eq!(pipeline.points(), points_of(&polls));
    }
}

/// A store in a folder of its own.
fn store_in(folder: &TempDir) -> Store {
    // A little memory makes segments of few samples.
    Store::open(folder.path().join("store"), StoreOptions::default().with_memory(4_000)).unwrap()
}

/// Two polls at a time are ingested.
fn ingest(store: &Store, polls: &[String]) {
    for text in polls.chunks(2) {
        let mut pipeline = Pipeline::default();
        pipeline.read(Input::bytes("polls", text.concat().as_bytes())).into_result().unwrap();
        store.ingest(pipeline.series()).unwrap();
    }
}

/// All that a store answers.
fn answers(store: &Store) -> Vec<DataPoint> {
    let mut all = Vec::new();
    for bearer in store.containers().unwrap() {
        let points = store.range(bearer.identity.name(), .., None).unwrap();
        all.extend(points.map(Result::unwrap));
    }
    all
}

fn kind<T>(result: Result<T, Error>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

/// The names of the files in a store's folder.
fn files(folder: &TempDir) -> Vec<String> {
    let files = fs::read_dir(folder.path().join("store")).unwrap();
    let mut names: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn no_work_on_a_store_is_done_under_a_token_that_is_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    ingest(&store, &polls(4, 12, 60));
    let known = answers(&store);
    let cancel = Cancel::default();
    cancel.cancel();
    let (until, cancelled) = (store.until(&cancel), Some(ErrorKind::Cancelled));
    let mut more = Pipeline::default();
    more.read(Input::bytes("polls", polls(5, 20, 60).concat().as_bytes())).into_result().unwrap();
    let beside = |name: &str| folder.path().join(name);
    assert_eq!(kind(until.ingest(more.series())), cancelled);
    assert_eq!(kind(until.ingest_strictly(more.series())), cancelled);
    assert_eq!(kind(until.containers()), cancelled);
    assert_eq!(kind(until.events(..)), cancelled);
    assert_eq!(kind(until.retain(Retention::Points(0))), cancelled);
    assert_eq!(kind(until.compact()), cancelled);
    assert_eq!(kind(until.verify()), cancelled);
    assert_eq!(kind(until.count_provisional()), cancelled);
    assert_eq!(kind(until.snapshot(beside("snapshot"))), cancelled);
    let at = beside("store");
    let salvaged = Store::salvage_until(&at, beside("salvaged"), false, &cancel);
    assert_eq!(kind(salvaged), cancelled);
    let read = Store::open_read_only_until(&at, StoreOptions::default(), &cancel);
    assert_eq!(kind(read), cancelled);
    assert!(!beside("snapshot").exists() && !beside("salvaged").exists());
    assert_eq!(answers(&store), known);
    drop(store);
    let opened = Store::open_until(&at, StoreOptions::default(), &cancel);
    assert_eq!(kind(opened), cancelled);
    let store = store_in(&folder);
    assert_eq!(answers(&store), known);
    assert!(store.until(&Cancel::default()).verify().unwrap().is_empty());
}

#[test]
fn what_was_cancelled_in_the_midst_of_ingesting_can_be_ingested_again() {
    let polls = polls(6, 4, 60);
    let expected = {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        ingest(&store, &polls);
        answers(&store)
    };
    for at in 0..6 {
        let folder = tempfile::tempdir().unwrap();
        let store = store_in(&folder);
        ingest(&store, &polls[..2]);
        let known = answers(&store);
        let mut pipeline = Pipeline::default();
        pipeline.read(Input::bytes("polls", polls[2..].concat().as_bytes())).into_result().unwrap();
        let cancel = Cancel::default();
        let mut given = 0;
        let series = pipeline.series().enumerate().map(|(index, series)| {
            given += 1;
            if index == at {
                cancel.cancel();
            }
            series
        });
        let ingested = store.until(&cancel).ingest(series);
        assert_eq!(ingested.unwrap_err().to_string(), "cancelled: nothing was ingested");
        assert_eq!(given, at + 1, "no more containers are looked at");
        assert_eq!(answers(&store), known);
        ingest(&store, &polls[2..]);
        assert_eq!(answers(&store), expected);
        drop(store);
        assert_eq!(answers(&store_in(&folder)), expected);
    }
}

#[test]
fn work_on_a_store_may_be_cancelled_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    ingest(&store, &polls(10, 20, 100));
    let known = answers(&store);
    drop(store);
    let beside = |name: &str| folder.path().join(name);
    for spins in 0..40 {
        let cancel = Cancel::default();
        let elsewhere = cancel.clone();
        let thread = std::thread::spawn(move || {
            for _ in 0..spins * 50 {
                std::thread::yield_now();
            }
            elsewhere.cancel();
        });
        let opened = Store::open_until(beside("store"), StoreOptions::default(), &cancel);
        let store = opened.unwrap_or_else(|error| {
            assert_eq!(error.kind(), ErrorKind::Cancelled);
            store_in(&folder)
        });
        let until = store.until(&cancel);
        let snapshot = until.snapshot(beside("snapshot"));
        let salvaged = Store::salvage_until(beside("store"), beside("salvaged"), false, &cancel);
        assert_eq!(beside("snapshot").exists(), snapshot.is_ok());
        assert_eq!(beside("salvaged").exists(), salvaged.is_ok());
        for made in ["snapshot", "salvaged"].map(beside).iter().filter(|made| made.exists()) {
            let made_store = Store::open_read_only(made, StoreOptions::default()).unwrap();
            assert_eq!(answers(&made_store), known);
            fs::remove_dir_all(made).unwrap();
        }
        for ended in [until.verify().err(), until.compact().err()].into_iter().flatten() {
            assert_eq!(ended.kind(), ErrorKind::Cancelled);
        }
        thread.join().unwrap();
        assert_eq!(answers(&store), known);
        assert!(store.verify().unwrap().is_empty());
    }
    let named = files(&folder);
    assert!(named.iter().all(|name| !name.starts_with("torn")), "{named:?}");
}
