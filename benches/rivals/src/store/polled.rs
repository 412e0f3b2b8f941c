//! Samples that are ingested poll by poll, as cAdvisor tells them: each poll repeats the last
//! minute. What that leaves on disk, each case in a process of its own.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cmetrics_core::{Container, DataPoint, Pipeline, Sample};
use cmetrics_core::store::StoreOptions;
use cmetrics_core::Store;

use crate::bytes::RECORDINGS;
use crate::contender::{bytes_of, log_bytes};
use crate::figures::{Report, Row, median, ratio, resident, timed};
use crate::fleet::{Fleet, WIDTH, usize_of};
use crate::settings::{Bench, number};

const FLEET: &str = "fleet";
/// How long a poll remembers samples, in seconds.
const REPEATED: u64 = 60;
/// How many ticks lie between two polls: ten seconds as a rule.
const BETWEEN: [usize; 4] = [2, 1, 3, 2];

/// Of a segment.
const MAGIC: usize = 8;
const FOOTER: usize = 24;
/// Of a segment's frame.
const CHECKSUM: usize = 4;

/// What is ingested: the polls of a recording, or of containers that were made up.
struct Source<'s> {
    kind: &'s str,
    containers: usize,
    ticks: u64,
}

/// What a process says of its store before and as it closes it.
struct Said {
    resident: u64,
    logged: u64,
    sealed: u64,
    descriptors: u64,
    files: u64,
    segments: u64,
}

pub(crate) fn run(bench: &Bench, report: &mut Report) {
    let (containers, ticks) = bench.pick((2_000, 360), (50, 48));
    let minutes = ticks * WIDTH / 60;
    let what = format!("{containers} containers polled for {minutes} minutes");
    measure(bench, report, &what, &Source { kind: FLEET, containers, ticks });
    for kind in RECORDINGS {
        let what = format!("`{kind}` polled");
        measure(bench, report, &what, &Source { kind, containers: 0, ticks: 0 });
    }
}

fn measure(bench: &Bench, report: &mut Report, what: &str, source: &Source<'_>) {
    let folder = bench.scratch("polled");
    let said = source.in_a_process(&folder);
    let (on_disk, kinds) = (bytes_of(&folder), kinds(&folder));
    let opened: Vec<_> = (0..bench.turns()).map(|_| timed(|| open(&folder)).0 * 1e3).collect();
    let points = check(&open(&folder), source);
    let each = |bytes| ratio(bytes, points);
    let row = Row::new(format!("{what}: on disk"), "bytes a point", each(on_disk));
    let row = kinds.into_iter().fold(row, |row, (name, bytes)| row.beside(name, each(bytes)));
    report.add(row.beside("points", each(points) * ratio(points, 1)));
    let written = each(said.logged + said.sealed);
    let row = Row::new(format!("{what}: written"), "bytes a point", written);
    let row = row.beside("in logs", each(said.logged)).beside("in segments", each(said.sealed));
    let row = row.beside("segments", ratio(said.segments, 1)).beside("files", ratio(said.files, 1));
    report.add(row.beside("descriptors", ratio(said.descriptors, 1)));
    let row = Row::new(format!("{what}: open to read"), "ms", median(opened));
    report.add(row.beside("MB resident at most", ratio(said.resident, 1_000_000)));
}

fn open(folder: &Path) -> Store {
    Store::open_read_only(folder, StoreOptions::default()).expect("a store that opens")
}

/// The bytes of a closed store by what they are for.
fn kinds(folder: &Path) -> BTreeMap<&'static str, u64> {
    let mut kinds = BTreeMap::from([("logs", log_bytes(folder))]);
    for file in std::fs::read_dir(folder).expect("a folder").flatten() {
        if file.file_name().to_string_lossy().starts_with("segment") {
            let bytes = std::fs::read(file.path()).expect("a segment");
            frames(&bytes, |kind, length| *kinds.entry(kind).or_default() += length);
        }
    }
    kinds
}

/// Each frame of a segment, whose form docs/format.md tells.
fn frames(segment: &[u8], mut each: impl FnMut(&'static str, u64)) {
    let (mut at, end) = (MAGIC, segment.len() - FOOTER);
    while at < end {
        let kind = match segment[at] {
            0xd1 => "points",
            0xd2 | 0xd3 | 0xd8 => "events and tails",
            0xd4 | 0xd6 => "names",
            _ => "directories",
        };
        let (mut length, mut size) = (0, 1);
        for byte in &segment[at + 1..] {
            length |= usize::from(byte & 0x7f) << (7 * (size - 1));
            size += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let length = size + length + CHECKSUM;
        each(kind, length as u64);
        at += length;
    }
    assert_eq!(at, end, "frames to the footer");
}

/// All points that the store tells are those of all samples at once. Says how many there are.
fn check(store: &Store, source: &Source<'_>) -> u64 {
    let stored = |name: &str| {
        let points = store.range(name, .., None).expect("points");
        points.map(|point| point.expect("a point")).collect::<Vec<_>>()
    };
    let names = store.containers().expect("containers");
    let points = names.iter().map(|one| stored(one.identity.name()).len() as u64).sum();
    let expected = source.expected();
    assert!(!expected.is_empty());
    for expected in expected.chunk_by(|one, other| one.name() == other.name()) {
        assert!(stored(expected[0].name()) == expected, "other points than of all at once");
    }
    points
}

impl Source<'_> {
    fn in_a_process(&self, folder: &Path) -> Said {
        let program = std::env::current_exe().expect("this program's path");
        let child = Command::new(program)
            .args(["--child", "polled", self.kind, &self.containers.to_string()])
            .args([&self.ticks.to_string(), folder.to_str().expect("a folder whose name is text")])
            .stderr(Stdio::inherit())
            .output()
            .expect("this program starts");
        assert!(child.status.success(), "{}: {}", self.kind, child.status);
        let said = String::from_utf8_lossy(&child.stdout);
        let said: Vec<u64> = said.split_whitespace().map(number).collect();
        let [resident, logged, sealed, descriptors, files, segments] = said[..] else {
            panic!("{said:?}: six numbers are told")
        };
        Said { resident, logged, sealed, descriptors, files, segments }
    }

    /// Gives what each poll tells.
    fn polls(&self, give: impl FnMut(&Pipeline)) {
        if self.kind == FLEET { self.made_up(give) } else { self.recorded(give) }
    }

    fn made_up(&self, mut give: impl FnMut(&Pipeline)) {
        let mut fleet = Fleet::new(0..self.containers, 0);
        let mut known: BTreeMap<String, (Container, VecDeque<Sample>)> = BTreeMap::new();
        let mut polls = BETWEEN.into_iter().cycle();
        let mut ticks = 0;
        while ticks < usize_of(self.ticks) {
            let until = usize_of(self.ticks).min(ticks + polls.next().unwrap_or(1));
            for _ in ticks..until {
                fleet.samples(|container, sample| {
                    let name = container.name(None);
                    let entry =
                        known.entry(name).or_insert_with(|| (container.clone(), VecDeque::new()));
                    entry.1.push_back(sample);
                });
            }
            ticks = until;
            let mut pipeline = Pipeline::default();
            for (container, samples) in known.values_mut() {
                let newest = samples.back().map_or(0, |sample| sample.time().nanos());
                let is_old =
                    |sample: &Sample| sample.time().nanos() + REPEATED * 1_000_000_000 < newest;
                while samples.front().is_some_and(is_old) {
                    samples.pop_front();
                }
                for sample in samples {
                    pipeline.insert(container, None, sample.clone());
                }
            }
            give(&pipeline);
        }
    }

    fn recorded(&self, mut give: impl FnMut(&Pipeline)) {
        let mut files: Vec<_> = dumps(self.kind);
        // The time of the poll is in the name.
        files.sort_by_key(|file| file.to_string_lossy().rsplit('.').nth(2).map(str::to_owned));
        for file in files {
            let mut pipeline = Pipeline::default();
            // The folder has other replies, too: what is no dump is passed over.
            let _ = pipeline.read_paths(&[file]);
            give(&pipeline);
        }
    }

    /// The points of some containers, of all of a recording, made of all samples at once.
    fn expected(&self) -> Vec<DataPoint> {
        if self.kind != FLEET {
            return crate::bytes::recorded(self.kind);
        }
        let of = |container| {
            let mut pipeline = Pipeline::default();
            let mut fleet = Fleet::new(container..container + 1, 0);
            for _ in 0..self.ticks {
                fleet.samples(|container, sample| pipeline.insert(container, None, sample));
            }
            pipeline.points()
        };
        (0..self.containers).step_by(17).flat_map(of).collect()
    }
}

fn dumps(set: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(crate::bytes::folder(set)).expect("a recording").flatten();
    files.map(|file| file.path()).filter(|path| path.to_string_lossy().contains(".json")).collect()
}

/// Ingests poll by poll, and says what that took.
pub(crate) fn child(kind: &str, containers: usize, ticks: u64, folder: &str) {
    let folder = Path::new(folder);
    let store = Store::open(folder, StoreOptions::default()).expect("a store that opens");
    let (mut most, before) = (0, resident());
    Source { kind, containers, ticks }.polls(|pipeline| {
        let kept = store.ingest(pipeline.series()).expect("samples that can be kept");
        assert!(kept.old == 0 || kind != FLEET, "no sample is late");
        most = most.max(resident() - before);
    });
    let descriptors = descriptors(folder);
    let files = std::fs::read_dir(folder).expect("a folder").count();
    let stats = store.stats().expect("a store that can be read");
    let (logged, sealed) = stats.written_bytes;
    store.close().expect("room on the disk");
    println!("{most} {logged} {sealed} {descriptors} {files} {}", stats.segments);
}

/// How many files of a folder this process has open.
pub(crate) fn descriptors(folder: &Path) -> usize {
    let folder = folder.canonicalize().expect("a folder");
    let open = std::fs::read_dir("/proc/self/fd").expect("Linux").flatten();
    open.filter_map(|one| one.path().read_link().ok()).filter(|to| to.starts_with(&folder)).count()
}
