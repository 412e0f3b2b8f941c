//! A recorder emits the batch's points of the samples that it accepted, each point once, whichever
//! threads recorded them and however often.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod completed;
mod corrected;
mod doors;
mod flushed;
mod forgotten;
mod lives;
#[path = "../live/model.rs"]
mod model;
#[allow(
    unreachable_pub,
    clippy::cast_precision_loss,
    clippy::expect_used,
    reason = "a model: read rather than used"
)]
#[path = "../naive/mod.rs"]
mod naive;
mod points;
mod polls;
mod queue;
mod reference;
mod runner;
mod schedule;
#[path = "../steps/mod.rs"]
mod steps;
mod stress;
mod threads;
#[path = "../three_doors/mod.rs"]
mod three_doors;

use cmetrics_core::{DataPoint, Input, Metric, Pipeline, Recorder, Sample, Settings};
use serde_json::Value;
use steps::{SECOND, at, document};

const START: u64 = 1_795_262_400;

/// A sample this many milliseconds after the start.
fn sample(millis: u64, cpu: u64) -> Sample {
    let mut sample = Sample::new(at(START * SECOND + millis * 1_000_000));
    sample.set(Metric::CpuUsage, cpu);
    sample
}

/// One container's samples, as read from a document.
fn samples_of(stats: &[Value], settings: Settings) -> Vec<Sample> {
    let mut pipeline = Pipeline::new(settings);
    pipeline
        .read(Input::bytes("stats", document(&[stats.to_vec()]).to_string().as_bytes()))
        .into_result()
        .unwrap();
    pipeline.series().next().unwrap().samples().collect()
}

/// A recorder that accepts what is 5 s late, and remembers times for 150 s.
fn default_recorder() -> Recorder {
    Recorder::new(Settings::default())
}

fn drained(recorder: &Recorder) -> Vec<DataPoint> {
    let mut points = Vec::new();
    let number = recorder.drain(&mut |point| points.push(point));
    assert_eq!(number, points.len());
    points
}

fn all_drained(recorder: &Recorder) -> Vec<DataPoint> {
    recorder.flush_all();
    drained(recorder)
}

fn start_of(point: &DataPoint) -> u64 {
    point.interval().start()
}
