//! The trees of a parser: by kind of document, and by how much of a sample is wanted.

use super::tree::Tree;
use super::{DocumentKind, Wanted};
use crate::metric::{Metric, MetricSet};

const KINDS: [DocumentKind; 4] =
    [DocumentKind::V1, DocumentKind::V2_0, DocumentKind::V2_1, DocumentKind::MachineStats];

#[derive(Debug)]
pub(super) struct Trees {
    whole: [Tree; KINDS.len()],
    varying: [Tree; KINDS.len()],
}

impl Trees {
    pub(super) fn new(metrics: MetricSet) -> Self {
        let varying = metrics.filter(Metric::varies_between_copies);
        Self {
            whole: KINDS.map(|kind| Tree::new(metrics, kind)),
            varying: KINDS.map(|kind| Tree::new(varying, kind)),
        }
    }

    /// What to read of a sample in a document of this kind.
    pub(super) fn get(&self, wanted: Wanted, kind: DocumentKind) -> Option<&Tree> {
        match wanted {
            Wanted::Nothing | Wanted::Copy(_) => None,
            Wanted::WhatVaries => self.varying.get(kind as usize),
            Wanted::Whole => self.whole.get(kind as usize),
        }
    }
}
