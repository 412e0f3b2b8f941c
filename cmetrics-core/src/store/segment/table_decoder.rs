//! Appends a block's points to a table, column by column.

use std::sync::Arc;

use super::gauge_decoder::PartScratch;
use super::point_decoder::{ColumnRun, PointDecoder, covered};
use super::shape::CoverageForm;
use crate::metric::{Kind, MetricSet};
use crate::point::{Numbers, Rows, Starts, Table};
use crate::time::Interval;

const COUNTERS: MetricSet = MetricSet::of_kind(Kind::Counter);

impl PointDecoder<'_> {
    /// Appends points of this shape that were [checked](Self::check), with those of their metrics
    /// that are wanted.
    pub(super) fn append(
        &self,
        name: &Arc<str>,
        starts: Starts<'_>,
        columns: &ColumnRun<'_>,
        wanted: MetricSet,
        scratch: &mut PartScratch,
        table: &mut Table,
    ) -> Option<()> {
        let mut rows = table.begin_rows(name, starts);
        if self.shape.has_samples {
            rows.samples(self.samples(columns)?);
        }
        append_watched(self.shape.watched, self.watched(columns)?, starts, &mut rows);
        for (metric, column) in self.shape.present.intersection(COUNTERS).iter().zip(&self.growths)
        {
            if wanted.contains(metric) {
                rows.growths(metric, columns.part(*column)?);
            }
        }
        for gauge in self.gauges(starts, columns) {
            let gauge = gauge?;
            if wanted.contains(gauge.metric) {
                gauge.decode(scratch, &mut (gauge.metric, &mut rows));
            }
        }
        rows.too_large(self.shape.too_large.intersection(wanted));
        Some(())
    }
}

fn append_watched(
    form: CoverageForm,
    numbers: Numbers<'_>,
    starts: Starts<'_>,
    rows: &mut Rows<'_>,
) {
    match (form, numbers) {
        (CoverageForm::Unknown, _) => {}
        (_, Numbers::Constant(number)) => {
            // Of intervals of one width, the same part is covered.
            rows.watched_alike(covered(form, number, Interval::numbered(0, starts.seconds)));
        }
        (_, Numbers::Varying(numbers)) => {
            let each = numbers.iter().zip(starts.intervals());
            rows.watched(each.map(|(number, interval)| covered(form, *number, interval)));
        }
    }
}
