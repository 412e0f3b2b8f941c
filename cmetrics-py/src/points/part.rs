//! Ranges of rows of tables, which make up `Points` without a copy.

use std::ops::Range;
use std::sync::Arc;

use cmetrics_core::DataPoint;
use cmetrics_core::point::Table;

use super::frame::{BATCH, Frame};

/// A range of rows of a table.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) frame: Arc<Frame>,
    pub(crate) rows: Range<usize>,
}

impl Part {
    /// All rows of a table; none where it has none.
    pub(crate) fn whole(frame: Arc<Frame>) -> Option<Self> {
        let rows = 0..frame.table().len();
        (!rows.is_empty()).then_some(Self { frame, rows })
    }

    pub(crate) fn table(&self) -> &Table {
        self.frame.table()
    }

    pub(crate) fn points(&self) -> impl Iterator<Item = DataPoint> {
        self.rows.clone().filter_map(|row| self.table().point(row))
    }

    /// These rows, which must be among its own.
    pub(crate) fn within(&self, rows: Range<usize>) -> Self {
        Self { frame: Arc::clone(&self.frame), rows }
    }

    /// The maximal ranges of rows for which `keep` returns true.
    pub(crate) fn runs<'p>(
        &'p self,
        keep: impl Fn(&Table, usize) -> bool + 'p,
    ) -> impl Iterator<Item = Self> + 'p {
        let mut next = self.rows.start;
        std::iter::from_fn(move || {
            let mut rest = next..self.rows.end;
            let start = rest.find(|row| keep(self.table(), *row))?;
            let end = rest.find(|row| !keep(self.table(), *row)).unwrap_or(self.rows.end);
            next = end;
            Some(self.within(start..end))
        })
    }

    /// The same rows, split at the edges of the table's batches.
    pub(crate) fn batches(&self) -> impl Iterator<Item = Self> {
        let Range { start, end } = self.rows;
        let first = start / BATCH;
        (first..end.div_ceil(BATCH))
            .map(move |batch| self.within(start.max(batch * BATCH)..end.min((batch + 1) * BATCH)))
    }
}
