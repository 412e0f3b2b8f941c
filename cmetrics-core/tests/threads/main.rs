//! The number of threads changes nothing but the time.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod changed;
#[path = "../common/mod.rs"]
mod common;
mod faulty;

use std::fmt::Debug;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use cmetrics_core::container::{Identity, Limits};
use cmetrics_core::pipeline::{MachineName, Summary};
use cmetrics_core::series::{Counts, Events};
use cmetrics_core::{DataPoint, Input, MetricSet, Pipeline, Settings};
use tempfile::TempDir;

/// All that can be known of what was read.
#[derive(Debug, PartialEq)]
struct Known {
    containers: Vec<(Identity, Counts, Limits, [u64; 2], Events)>,
    points: Vec<DataPoint>,
    summary: Summary,
    errors: Vec<String>,
    skipped: Vec<String>,
    /// The counts of the outcome.
    counts: [u64; 9],
}

/// What so many threads know once they have read these paths.
fn known(paths: &[PathBuf], settings: Settings, threads: usize, verify: bool) -> Known {
    let mut pipeline = Pipeline::new(settings.with_labels());
    pipeline.set_threads(NonZeroUsize::new(threads).unwrap());
    pipeline.set_verify(verify);
    let (mut read, mut total) = (0, 0);
    let outcome = pipeline.read_paths_with(paths, &MachineName::None, |progress| {
        assert!(progress.read >= read, "progress goes back");
        (read, total) = (progress.read, progress.total);
    });
    assert_eq!(read, total, "the progress of {threads} threads");
    let all: Vec<_> = pipeline.series().collect();
    let mut containers = Vec::new();
    let work = |series: &cmetrics_core::Series| {
        let events = series.history(settings).events;
        let changes = [series.limit_changes(), series.label_changes()];
        (series.identity().clone(), series.counts(), series.limits(), changes, events)
    };
    pipeline.side_by_side(&all, work, |one| {
        containers.push(one);
        true
    });
    let all = containers.iter().map(|one| one.1);
    let found = [outcome.duplicates, outcome.never_taken, outcome.faulty];
    let expected = all.fold([0; 3], |sums, counts| {
        [sums[0] + counts.duplicates, sums[1] + counts.never_taken, sums[2] + counts.faulty]
    });
    assert_eq!(found, expected, "the counts of {threads} threads");
    let samples: usize = pipeline.series().map(cmetrics_core::Series::len).sum();
    assert_eq!(outcome.accepted, samples as u64, "the samples of {threads} threads");
    let texts = |errors: &[cmetrics_core::Error]| errors.iter().map(ToString::to_string).collect();
    Known {
        containers,
        points: pipeline.points(),
        summary: pipeline.summary(),
        errors: texts(&outcome.errors),
        skipped: texts(&outcome.skipped),
        counts: [
            outcome.inputs,
            outcome.bytes,
            outcome.containers,
            outcome.without_containers,
            outcome.accepted,
            outcome.duplicates,
            outcome.never_taken,
            outcome.faulty,
            outcome.more_errors,
        ],
    }
}

fn assert_same<T: PartialEq + Debug>(found: &[T], expected: &[T], what: &str) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected, "{what}");
    }
    assert_eq!(found.len(), expected.len(), "{what}");
}

/// Reads with several numbers of threads; returns what all of them found.
#[track_caller]
fn the_same(paths: &[PathBuf], settings: Settings) -> Known {
    let one = known(paths, settings, 1, false);
    for (threads, verify) in [(1, true), (2, false), (3, false), (7, false), (3, true)] {
        let what = format!("{threads} threads, verify: {verify}");
        let several = known(paths, settings, threads, verify);
        assert_same(&several.errors, &one.errors, &what);
        assert_same(&several.skipped, &one.skipped, &what);
        assert_same(&several.containers, &one.containers, &what);
        assert_same(&several.points, &one.points, &what);
        assert_eq!(several.summary, one.summary, "{what}");
        assert_eq!(several.counts, one.counts, "{what}");
    }
    one
}

fn everything() -> Settings {
    Settings::default().with_metrics(MetricSet::all()).with_shares()
}

#[test]
fn recordings_of_several_endpoints_in_one_folder_are_read_alike() {
    for set in ["steady-1s", "dynamic", "v060-1s", "v060-oom"] {
        let folder = common::data().join("recorded").join(set);
        for settings in [Settings::default(), everything()] {
            let known = the_same(std::slice::from_ref(&folder), settings);
            assert!(known.points.len() > 50, "{set}");
            assert!(known.containers.iter().any(|one| one.1.duplicates > 0), "{set}");
        }
    }
}

#[test]
fn one_file_is_read_alike_whatever_it_is_packed_with() {
    let folder = tempfile::tempdir().unwrap();
    let paths = common::recorded("steady-1s", "v1.3-docker");
    let texts: Vec<_> = paths.iter().map(|path| common::unpacked(path)).collect();
    let text = texts.join(
        "
",
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut found = Vec::new();
    for (name, bytes) in
        [("plain", text.as_bytes()), ("gz", &gzip), ("cut", &gzip[..gzip.len() / 2])]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let known = the_same(&[path], Settings::default());
        assert_eq!(known.errors.len(), usize::from(name == "cut"), "{:?}", known.errors);
        found.push(known.points);
    }
    assert_same(&found[0], &found[1], "plain and gzip");
    assert!(found[2].len() < found[0].len() && !found[2].is_empty());
}

/// Files to read, in the order of their names.
struct Files(TempDir, Vec<PathBuf>);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap(), Vec::new())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn add(&mut self, text: impl AsRef<[u8]>) {
        let path = self.path().join(format!("{:03}.json", self.1.len()));
        std::fs::write(&path, text).unwrap();
        self.1.push(path);
    }
}

fn sample(second: usize, total: &str) -> String {
    let (minute, second) = (second / 60, second % 60);
    format!(
        r#"{{"timestamp":"2026-11-21T12:{minute:02}:{second:02}Z","cpu":{{"usage":{{"total":{total}}}}}}}"#
    )
}

fn dump(alias: &str, cores: usize, samples: &[String]) -> String {
    let spec = format!(r#"{{"has_cpu":true,"cpu":{{"quota":{}00,"period":100}}}}"#, cores + 1);
    format!(
        r#"{{"/docker/a":{{"id":"a","aliases":["{alias}"],"spec":{spec},"stats":[{}]}}}}"#,
        samples.join(",")
    )
}

/// How many files: more than threads, so that every border between them is met.
const FILES: usize = 12;

#[test]
fn of_copies_that_differ_the_first_in_the_order_of_input_stays() {
    let mut files = Files::new();
    for file in 0..FILES {
        let samples: Vec<_> = (file..file + 5)
            .map(|one| sample(one * 4, &format!("{}", one * 1000 + file)))
            .collect();
        files.add(dump(&format!("web{}", file % 3), file / 2, &samples));
    }
    let known = the_same(&files.1, everything());
    assert_eq!(known.containers[0].1.duplicates, (FILES as u64 - 1) * 4);
    assert_eq!(known.containers[0].0.aliases().len(), 3);
    // Read backwards, other copies are the first.
    files.1.reverse();
    assert_ne!(the_same(&files.1, everything()).points, known.points);
}

#[test]
fn faulty_copies_of_known_samples_are_no_errors_and_others_are() {
    let mut files = Files::new();
    for file in 0..FILES {
        // The first file that has a sample tells it wrongly in one case out of three.
        let samples: Vec<_> = (file..file + 5)
            .map(|one| match (one + file) % 3 {
                0 => sample(one * 4, "-1"),
                _ => sample(one * 4, &format!("{}", one * 1000)),
            })
            .collect();
        files.add(dump("web", 0, &samples));
        files.add("{}\n[broken");
    }
    let known = the_same(&files.1, Settings::default());
    let (counts, errors) = (known.containers[0].1, known.summary.errors);
    assert!(counts.faulty > 3 && counts.duplicates > 3, "{counts:?}");
    assert_eq!(errors, counts.faulty + FILES as u64);
    assert_eq!(known.summary.without_containers, FILES as u64);
}

#[test]
fn machinestats_are_completed_by_whichever_file_comes_later() {
    let machine = common::recorded("steady-1s", "v2.1-machinestats");
    let others = common::recorded("steady-1s", "v1.3-subcontainers");
    for paths in [[machine.clone(), others.clone()].concat(), [others, machine].concat()] {
        let known = the_same(&paths, everything());
        assert!(known.points.iter().any(|point| point.name() == "/"));
    }
}

#[test]
fn damaged_files_and_folders_without_dumps_are_told_of_in_the_order_of_the_paths() {
    let (mut files, empty) = (Files::new(), tempfile::tempdir().unwrap());
    std::fs::create_dir(empty.path().join("below")).unwrap();
    let text = common::unpacked(&common::recorded("steady-1s", "v1.3-docker")[0]);
    for file in 0..FILES {
        files.add(&text[..text.len() / (1 + file % 4)]);
        files.add(if file % 2 == 0 { "no dump" } else { "" });
    }
    let readme = empty.path().join("README");
    std::fs::write(&readme, "nothing").unwrap();
    let paths = [
        empty.path().join("missing"),
        empty.path().to_owned(),
        files.path().to_owned(),
        empty.path().join("below"),
        readme.clone(),
        files.1[0].clone(),
        empty.path().to_owned(),
    ];
    let known = the_same(&paths, Settings::default());
    assert_eq!(known.skipped.len(), FILES + 2, "{:?}", known.skipped);
    let begins = |error: &str, path: &Path| error.starts_with(path.to_str().unwrap());
    let errors = &known.errors;
    assert!(begins(&errors[0], &paths[0]) && begins(&errors[1], empty.path()), "{errors:#?}");
    let last = &errors[errors.len() - 3..];
    let expected = [&paths[3], &readme, &paths[6]];
    assert!(last.iter().zip(expected).all(|(error, path)| begins(error, path)), "{errors:#?}");
    assert!(errors[2..errors.len() - 3].iter().all(|error| begins(error, files.path())));
}

#[test]
fn a_folder_of_which_each_thread_reads_a_part_is_not_empty() {
    let mut files = Files::new();
    files.add(dump("web", 0, &[sample(0, "1")]));
    (0..FILES).for_each(|_| files.add("no dump, but as long as one that is: ".repeat(5)));
    let known = the_same(&[files.path().to_owned()], Settings::default());
    assert_eq!((known.errors.len(), known.skipped.len()), (0, FILES));
}

#[test]
fn work_side_by_side_is_taken_in_order_and_no_more_of_it_than_is_wanted() {
    let mut pipeline = Pipeline::default();
    let entry = |index| format!(r#""/{index:04}":{{"stats":[]}}"#);
    let text: Vec<_> = (0..500).map(entry).collect();
    pipeline
        .read(Input::reader("many", format!("{{{}}}", text.join(",")).as_bytes()))
        .into_result()
        .unwrap();
    let all: Vec<_> = pipeline.series().collect();
    let names: Vec<_> = all.iter().map(|series| series.identity().name().clone()).collect();
    for threads in [1, 2, 7, 1000] {
        let mut copy = Pipeline::default();
        copy.set_threads(NonZeroUsize::new(threads).unwrap());
        for wanted in [1, 2, 77, 500, 501] {
            let mut taken = Vec::new();
            copy.side_by_side(
                &all,
                |series| series.identity().name().clone(),
                |name| {
                    taken.push(name);
                    taken.len() < wanted
                },
            );
            assert_eq!(taken, names[..wanted.min(500)], "{threads} threads");
        }
    }
}

#[test]
#[should_panic(expected = "the work")]
fn a_panic_of_the_work_is_passed_on_and_nobody_waits() {
    let mut pipeline = Pipeline::default();
    pipeline
        .read(Input::reader(
            "two",
            &br#"{"/a":{"stats":[]},"/b":{"stats":[]},"/c":{"stats":[]}}"#[..],
        ))
        .into_result()
        .unwrap();
    pipeline.set_threads(NonZeroUsize::new(2).unwrap());
    let all: Vec<_> = pipeline.series().collect();
    pipeline.side_by_side(
        &all,
        |series| assert!(&**series.identity().name() == "/b", "the work"),
        |()| true,
    );
}
