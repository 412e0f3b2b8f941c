//! A server without Arrow.

use cmetrics_core::{DataPoint, MetricSet};

use crate::contract::{CSV, JSON, NDJSON};
use crate::problem::Problem;

/// The formats by their names, and their media types.
pub(in super::super) const FORMATS: &[(&str, &str)] =
    &[("json", JSON), ("ndjson", NDJSON), ("csv", CSV)];
pub(in super::super) const TYPES: &[&str] = &[JSON, NDJSON, CSV];
pub(in super::super) const WORDS: &str = "json, ndjson or csv";

/// There is none.
pub(in super::super) enum ArrowStream {}

impl ArrowStream {
    pub(in super::super) fn new(_: MetricSet, _: bool) -> Result<Self, Problem> {
        Err(Problem::bad("the server was built without Arrow").expecting(WORDS))
    }

    pub(in super::super) fn take(&mut self, _: &mut Vec<u8>) {
        match *self {}
    }

    pub(in super::super) fn write(
        &mut self,
        _: &[DataPoint],
        _: &mut Vec<u8>,
    ) -> Result<(), Problem> {
        match *self {}
    }

    pub(in super::super) fn end(&mut self, _: &mut Vec<u8>) -> Result<(), Problem> {
        match *self {}
    }
}
