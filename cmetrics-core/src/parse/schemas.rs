//! The schemas of a parser, by kind of document.

use super::schema::Schema;
use super::{DocumentKind, Wanted};
use crate::metric::MetricSet;

const KINDS: [DocumentKind; 4] =
    [DocumentKind::V1, DocumentKind::V2_0, DocumentKind::V2_1, DocumentKind::MachineStats];

#[derive(Debug)]
pub(super) struct Schemas([Schema; KINDS.len()]);

impl Schemas {
    pub(super) fn new(metrics: MetricSet) -> Self {
        Self(KINDS.map(|kind| Schema::new(metrics, kind)))
    }

    /// What to read of a sample in a document of this kind; `None` for nothing.
    pub(super) fn get(&self, wanted: Wanted, kind: DocumentKind) -> Option<&Schema> {
        self.0.get(kind as usize).filter(|_| wanted == Wanted::Whole)
    }
}
