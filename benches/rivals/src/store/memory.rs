//! How much memory live containers take, each measured in a process of its own.

use std::path::Path;
use std::process::{Command, Stdio};

use cmetrics_core::store::StoreOptions;
use cmetrics_core::{DataPoint, MetricSet, Pipeline, Settings};

use crate::contender::Contender;
use crate::figures::{Report, Row, resident};
use crate::fleet::Fleet;
use crate::ours::Ours;
use crate::settings::Bench;

const NOWHERE: &str = "-";

pub(crate) fn run(bench: &Bench, report: &mut Report) {
    // 12 minutes.
    let (containers, ticks) = bench.pick((10_000, 144), (200, 20));
    for (kind, what, most) in [
        ("points", "resident memory, {} containers appending", Some(150.0)),
        ("samples", "the same, samples ingested", Some(150.0)),
        ("all", "the same, with all metrics", None),
    ] {
        let folder = bench.scratch("memory");
        let folder = folder.to_str().expect("a folder whose name is text");
        let (with, without) =
            (of(kind, containers, ticks, folder), of(kind, containers, ticks, NOWHERE));
        #[allow(clippy::cast_precision_loss, reason = "figures are for people")]
        let megabytes = (with - without) as f64 / 1e6;
        let row = Row::new(what.replace("{}", &containers.to_string()), "MB", megabytes);
        report.add(match most {
            Some(most) => row.at_most(most),
            None => row,
        });
    }
}

/// What a process took at most, in bytes.
fn of(kind: &str, containers: usize, ticks: u64, folder: &str) -> i64 {
    let program = std::env::current_exe().expect("this program's path");
    let child = Command::new(program)
        .args(["--child", "memory", kind, &containers.to_string(), &ticks.to_string(), folder])
        .stderr(Stdio::inherit())
        .output()
        .expect("this program starts");
    assert!(child.status.success(), "{kind}: {}", child.status);
    String::from_utf8_lossy(&child.stdout).trim().parse().expect("a number of bytes")
}

/// Makes points or samples tick by tick, and puts them into a store, unless there is none: what
/// making them takes is to be subtracted.
pub(crate) fn child(kind: &str, containers: usize, ticks: u64, folder: &str) {
    let metrics = if kind == "all" { MetricSet::all() } else { MetricSet::default() };
    let options = StoreOptions::default().with_metrics(metrics);
    let ours = (folder != NOWHERE).then(|| Ours::with(Path::new(folder), options));
    let settings = Settings::default().with_metrics(metrics);
    let mut fleet = Fleet::with_metrics(0..containers, 0, metrics);
    let (mut points, mut most) = (Vec::new(), 0);
    let mut kept = Kept { ours, accepted: 0 };
    for _ in 0..ticks {
        if kind == "points" {
            kept.append(&mut fleet, &mut points);
        } else {
            kept.ingest(&mut fleet, settings);
        }
        most = most.max(resident());
    }
    kept.check(containers as u64, ticks);
    println!("{most}");
}

struct Kept {
    ours: Option<Ours>,
    accepted: u64,
}

impl Kept {
    fn append(&mut self, fleet: &mut Fleet, points: &mut Vec<DataPoint>) {
        points.clear();
        fleet.tick(points);
        self.accepted += points.len() as u64;
        if let Some(ours) = &mut self.ours {
            ours.append(points);
        }
    }

    /// A batch is what a poll of all containers tells anew.
    fn ingest(&mut self, fleet: &mut Fleet, settings: Settings) {
        let (mut pipeline, mut samples) = (Pipeline::new(settings), 0);
        fleet.samples(|container, sample| {
            samples += 1;
            pipeline.insert(container, None, sample);
        });
        self.accepted += samples;
        if let Some(ours) = &self.ours {
            let kept = ours.0.ingest(pipeline.series()).expect("samples that can be kept");
            assert_eq!((kept.accepted, kept.old), (samples, 0), "all samples are taken in");
        }
    }

    fn check(&self, containers: u64, ticks: u64) {
        assert!(self.accepted >= containers * ticks);
        if let Some(ours) = &self.ours {
            let all = ours.0.containers().expect("containers");
            assert_eq!(all.len() as u64, containers);
            let points = all.iter().step_by(97).map(|bearer| {
                ours.0.range(bearer.identity.name(), .., None).expect("points").count() as u64
            });
            for points in points {
                assert_eq!(points, ticks, "a point of each interval");
            }
        }
    }
}
