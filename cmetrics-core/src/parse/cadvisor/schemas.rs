//! The schemas of a parser, by kind of document.

use super::schema::Schema;
use crate::metric::MetricSet;
use crate::parse::{DocumentKind, Wanted};

const KINDS: [DocumentKind; 4] =
    [DocumentKind::V1, DocumentKind::V2_0, DocumentKind::V2_1, DocumentKind::MachineStats];

#[derive(Debug)]
pub(in crate::parse) struct Schemas([Schema; KINDS.len()], MetricSet);

impl Schemas {
    pub(in crate::parse) fn new(metrics: MetricSet) -> Self {
        Self(KINDS.map(|kind| Schema::new(metrics, kind)), metrics)
    }

    /// The metrics that are read.
    pub(in crate::parse) fn metrics(&self) -> MetricSet {
        self.1
    }

    /// What to read of a sample in a document of this kind; `None` for nothing.
    pub(in crate::parse) fn get(&self, wanted: Wanted, kind: DocumentKind) -> Option<&Schema> {
        let index = match kind {
            DocumentKind::V1 => 0,
            DocumentKind::V2_0 => 1,
            DocumentKind::V2_1 => 2,
            DocumentKind::MachineStats => 3,
            DocumentKind::Of(_) => return None,
        };
        self.0.get(index).filter(|_| wanted == Wanted::Whole)
    }
}
