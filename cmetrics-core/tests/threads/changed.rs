//! Folders of dumps in which some bytes were changed, read on several threads.

use std::io::Write;

use cmetrics_core::{Metric, MetricSet, Settings};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tempfile::TempDir;

use super::{assert_same, known};

/// A file: its documents, and whether it is packed.
#[derive(Clone, Debug)]
struct File {
    documents: Vec<Document>,
    packed: bool,
}

/// A byte of a file that becomes another one.
#[derive(Clone, Debug)]
struct Change {
    file: prop::sample::Index,
    place: prop::sample::Index,
    to: u8,
}

/// A document of some containers' samples of some seconds.
#[derive(Clone, Debug)]
struct Document {
    kind: usize,
    first: usize,
    samples: usize,
}

fn document() -> impl Strategy<Value = Document> {
    // Most dumps of a folder are of one kind.
    let kind = prop_oneof![8 => Just(0), 1 => 1..4_usize];
    (kind, 0..6_usize, 1..5_usize).prop_map(|(kind, first, samples)| Document {
        kind,
        first,
        samples,
    })
}

fn file() -> impl Strategy<Value = File> {
    let (documents, packed) = (vec(document(), 1..=2), prop::bool::weighted(0.2));
    (documents, packed).prop_map(|(documents, packed)| File { documents, packed })
}

fn change() -> impl Strategy<Value = Change> {
    let to = prop_oneof![
        4 => prop::sample::select(br#"\"{}[],:x-1.0e "#.to_vec()),
        1 => any::<u8>(),
    ];
    let (file, place) = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    (file, place, to).prop_map(|(file, place, to)| Change { file, place, to })
}

/// Every sample that a container has at one second is the same text, but for what copies tell
/// differently.
fn sample(container: usize, second: usize, varying: usize) -> String {
    let total = 1000 * second + container;
    format!(
        concat!(
            r#"{{"timestamp":"2026-11-21T12:00:{:02}.5Z","cpu":{{"usage":{{"total":{},"user":{}}},"#,
            r#""load_average":0}},"memory":{{"usage":{},"note":"a"}},"#,
            r#""processes":{{"process_count":{}}},"note":"b","more":[1,{{"x":2}}]}}"#,
        ),
        second,
        total,
        total / 2,
        4096 * second,
        varying,
    )
}

impl Document {
    fn text(&self, varying: usize) -> String {
        let samples = |container| {
            let all = self.first..self.first + self.samples;
            let all: Vec<_> = all.map(|second| sample(container, second, varying)).collect();
            all.join(",")
        };
        match self.kind {
            0 => {
                let spec = r#"{"has_cpu":true,"has_memory":true}"#;
                let (c, d) = (samples(0), samples(1));
                // Where the name says that no spec follows its samples, copies are jumped over; else
                // their list is walked through.
                format!(
                    r#"{{"/c":{{"name":"/c","spec":{spec},"stats":[{c}]}},"/d":{{"spec":{spec},"stats":[{d}]}}}}"#
                )
            }
            1 => format!(r#"{{"/c":[{}],"/":[{}]}}"#, samples(0), samples(2)),
            2 => format!("[{}]", samples(2)),
            _ => ["{}", "no dump"][self.first % 2].to_owned(),
        }
    }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// Writes the files into a folder, with these bytes changed.
fn folder(files: &[File], changes: &[Change]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let texts = files.iter().enumerate().map(|(number, file)| {
        let texts: Vec<_> = file.documents.iter().map(|one| one.text(number % 3)).collect();
        texts.join("\n").into_bytes()
    });
    let mut texts: Vec<_> = texts.collect();
    for Change { file, place, to } in changes {
        let text = &mut texts[file.index(files.len())];
        let place = place.index(text.len());
        text[place] = *to;
    }
    for (number, (text, file)) in texts.iter().zip(files).enumerate() {
        let path = folder.path().join(format!("{number}.json"));
        if file.packed {
            std::fs::write(path.with_extension("json.gz"), packed(text)).unwrap();
        } else {
            std::fs::write(path, text).unwrap();
        }
    }
    folder
}

/// Some hundred folders, the same each time; others, where `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    let rng_seed = RngSeed::Fixed(config.cases.into());
    ProptestConfig { rng_seed, failure_persistence: None, ..config }
}

fn settings() -> [Settings; 3] {
    let processes = [Metric::ProcessesCount].into_iter().collect();
    [
        Settings::default(),
        Settings::default().with_metrics(processes),
        Settings::default().with_metrics(MetricSet::all()),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_folder_in_which_a_byte_or_two_were_changed_is_read_alike_on_any_number_of_threads(
        files in vec(file(), 1..9),
        changes in vec(change(), 1..=2),
    ) {
        let folder = folder(&files, &changes);
        let paths = [folder.path().to_owned()];
        for settings in settings() {
            for verify in [false, true] {
                let one = known(&paths, settings, 1, verify);
                for threads in [2, 3, 5] {
                    let what = format!("{threads} threads, verify: {verify}, {settings:?}");
                    let several = known(&paths, settings, threads, verify);
                    assert_same(&several.errors, &one.errors, &what);
                    prop_assert_eq!(&several, &one, "{}", what);
                }
            }
        }
    }
}
