//! Exact five-second data points from [cAdvisor](https://github.com/google/cadvisor)'s container
//! metrics.
//!
//! cAdvisor reports what every container on a machine uses: counters since the container started,
//! and gauges, sampled every second or two. Each of its replies repeats the samples of the last
//! minutes. This crate answers another question, *how much in these five seconds*: nothing is
//! counted twice, and nothing is lost at the edge of an interval, a restart or a gap.
//!
//! ```text
//! bytes --parse--> Sample --delta--> Change --aggregate--> DataPoint
//! ```
//!
//! ```
//! use cmetrics_core::{Input, Pipeline};
//!
//! let dump = r#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
//!     {"timestamp": "2026-11-21T12:00:00Z", "cpu": {"usage": {"total": 1000000000}}},
//!     {"timestamp": "2026-11-21T12:00:10Z", "cpu": {"usage": {"total": 4000000000}}}]}}"#;
//! let mut pipeline = Pipeline::default();
//! let outcome = pipeline.read(Input::bytes("now.json", dump)); // or read_paths: files and folders
//! assert!(outcome.errors.is_empty());
//!
//! let points = pipeline.points();
//! assert_eq!(points.len(), 3);
//! assert_eq!(points[0].cpu_cores(), Some(0.3));
//! assert!(serde_json::to_string(&points[0]).unwrap().starts_with(
//!     r#"{"name":"/docker","start":1795262400,"end":1795262405,"cpu":{"usage":1500000000,"#
//! ));
//! ```
//!
//! Each stage can be used on its own: [`parse`] turns bytes into samples, a [`delta::Tracker`]
//! turns samples into changes, and an [`aggregate::Aggregator`] adds changes up to points. A
//! [`Series`] does the last two steps for samples that come from elsewhere.
//!
//! # Features
//! All are on by default; `default-features = false` leaves parsing, tracking and aggregating.
//!
//! | feature | what it brings |
//! |---|---|
//! | `files` | [`Pipeline::read_paths`]: dumps in files and folders |
//! | `gzip`, `zstd` | dumps that are packed |
//! | `recorder` | [`Recorder`]: samples from many threads |
//! | `store` | [`Store`]: points in a folder |
//!
//! # What it is not
//! It is not a collector: it polls nothing and reads no clock. It is not a database for arbitrary
//! metrics: it knows those of cAdvisor.
//!
//! # Panics
//! Never, on any input. Input that cannot be read is an [`Error`] that says where, and what to do.

#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(feature = "files", feature = "recorder", feature = "store")),
    allow(dead_code, unused_imports, reason = "what a part that is left out would use")
)]

// Code that unit tests share with integration tests refers to the crate by its name.
#[cfg(test)]
extern crate self as cmetrics_core;

// In the order in which data flows: each module uses those above it alone (`tests/structure`).

// What all speak of: instants and intervals,
pub mod time;

// what went wrong, and where,
pub mod error;

// how long work ends,
mod cancel;

// how threads share memory,
#[cfg(any(feature = "recorder", feature = "store"))]
mod sync;

// which names a mistyped word is like,
mod similar;

// what can be measured,
pub mod metric;

// how a copy of a known text is recognised,
mod footprint;

// by which document and door readings arrive,
mod document;

// under what the readings of each are kept,
#[cfg(any(feature = "recorder", feature = "store"))]
mod chain_name;

// who a container is,
pub mod container;

// what was measured of it at an instant,
pub mod sample;

// and how points are to be made.
mod settings;

// Bytes to samples.
pub mod parse;

// Samples to changes.
pub mod delta;

// A point, and its formats.
pub mod point;

// Changes to points.
pub mod aggregate;

// A container's samples, and their way from delta to points.
pub mod series;

// Files and replies to series.
pub mod pipeline;

// Figures over many containers.
pub mod statistics;

// Points under the names of other tools.
pub mod names;

// Points in a folder.
#[cfg(feature = "store")]
pub mod store;

// Samples from many threads.
#[cfg(feature = "recorder")]
pub mod recorder;

/// For the fuzzer.
#[cfg(all(fuzzing, feature = "store"))]
#[doc(hidden)]
pub fn fuzz_segment(bytes: &[u8]) {
    store::segment::fuzz::check(bytes);
}

/// For the fuzzer.
#[cfg(all(fuzzing, feature = "store"))]
#[doc(hidden)]
pub fn fuzz_log(bytes: &[u8]) {
    store::fuzz::check(bytes);
}

pub use cancel::Cancel;
pub use container::Container;
pub use error::{Error, ErrorKind};
pub use metric::{Metric, MetricSet};
pub use pipeline::{Input, Pipeline};
pub use point::DataPoint;
#[cfg(feature = "recorder")]
pub use recorder::Recorder;
pub use sample::Sample;
pub use series::Series;
pub use settings::Settings;
#[cfg(feature = "store")]
pub use store::Store;
pub use time::{Interval, Timestamp};

/// Runs the examples in the crate's README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
