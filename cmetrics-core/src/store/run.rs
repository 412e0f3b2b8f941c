//! Runs: a container's consecutive points of one shape, as rows.

use std::ops::Range;
use std::sync::Arc;

use super::append_list::{AppendList, Appender, Link};
use super::bytes::{Bytes, put_varint, unzigzag, zigzag};
use super::point_rows::{RowReader, RowShape, put_row};
use crate::point::DataPoint;

/// A container's points of one shape, in rising time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'r> {
    pub(super) header: RunHeader,
    pub(super) rows: &'r [u8],
}

#[derive(Clone, Copy, Debug)]
pub(super) struct RunHeader {
    /// The start of its first interval and the end of its last one, in seconds.
    pub(super) first: u64,
    pub(super) end: u64,
    pub(super) count: u32,
    /// Whether any of its points replace stored ones.
    pub(super) replaces: bool,
    pub(super) shape: RowShape,
}

impl RunHeader {
    /// Appends the rows of points of one shape, in rising time. `None` if there are none.
    pub(super) fn put(rows: &mut Vec<u8>, points: &[DataPoint], replaces: bool) -> Option<Self> {
        let (first, last) = (points.first()?, points.last()?);
        let (shape, count) = (RowShape::of(first), u32::try_from(points.len()).ok()?);
        let (first, end) = (first.interval().start(), last.interval().end());
        let mut expected = first;
        for point in points {
            put_row(rows, expected, point);
            expected = point.interval().end();
        }
        Some(Self { first, end, count, replaces, shape })
    }

    /// Whether any of its points may begin in a range of seconds.
    pub(super) fn overlaps(&self, range: &Range<u64>) -> bool {
        self.first < range.end && self.end > range.start
    }
}

impl Run<'_> {
    /// Passes its points to `give`. Returns `false` where the rows are invalid.
    pub(super) fn each(
        &self,
        name: &Arc<str>,
        width: u64,
        give: &mut dyn FnMut(DataPoint),
    ) -> bool {
        let mut rows = RowReader::new(self.rows, &self.header.shape, width, self.header.first);
        while !rows.is_empty() {
            let Some(point) = rows.point(name) else { return false };
            give(point);
        }
        true
    }
}

/// A container's runs in a memory, in the order in which they were appended, each with the number of
/// its batch. A run lies in one link; what its header has in common with the run before it in the
/// link is left out.
#[derive(Debug)]
pub(super) struct RunList {
    bytes: AppendList<u8>,
}

#[derive(Debug)]
pub(super) struct RunAppender {
    bytes: Appender<u8>,
    last: Option<LastRun>,
}

/// What the header of a run is relative to: the run before it in the link.
#[derive(Clone, Copy, Debug)]
struct LastRun {
    batch: u64,
    end: u64,
    shape: RowShape,
}

const REPLACES: u8 = 1;
/// The run has another shape than the one before.
const SHAPE: u8 = 2;

impl RunList {
    /// An empty list and its appender.
    pub(super) fn new() -> (Self, RunAppender) {
        let (bytes, appender) = AppendList::new();
        (Self { bytes }, RunAppender { bytes: appender, last: None })
    }

    /// The runs of all batches up to this one.
    pub(super) fn until(&self, batch: u64) -> impl Iterator<Item = Run<'_>> {
        let all = self.links().flat_map(|link| LinkRuns::of(link));
        all.take_while(move |(of, _)| *of <= batch).map(|(_, run)| run)
    }

    /// The links that hold them.
    pub(super) fn links(&self) -> impl Iterator<Item = &Arc<Link<u8>>> {
        self.bytes.links()
    }
}

impl RunAppender {
    /// Appends a run of a batch, and returns by how many bytes the list has grown. `header` is a
    /// buffer.
    pub(super) fn add(&mut self, batch: u64, run: &Run<'_>, header: &mut Vec<u8>) -> usize {
        let mut grown = 0;
        self.put_header(batch, run, header);
        if header.len() + run.rows.len() > self.bytes.room() {
            self.last = None;
            self.put_header(batch, run, header);
            grown = self.bytes.begin_link(header.len() + run.rows.len());
        }
        let RunHeader { end, shape, .. } = run.header;
        self.last = Some(LastRun { batch, end, shape });
        self.bytes.extend([header, run.rows]);
        grown
    }

    fn put_header(&self, batch: u64, run: &Run<'_>, header: &mut Vec<u8>) {
        let RunHeader { first, end, count, replaces, shape } = run.header;
        let known = self.last.filter(|last| last.shape == shape);
        let (last_batch, last_end) = self.last.map_or((0, 0), |last| (last.batch, last.end));
        header.clear();
        header.push(if replaces { REPLACES } else { 0 } | if known.is_none() { SHAPE } else { 0 });
        if known.is_none() {
            shape.put(header);
        }
        put_varint(header, batch.wrapping_sub(last_batch));
        put_varint(header, zigzag(first.wrapping_sub(last_end).cast_signed()));
        put_varint(header, end.wrapping_sub(first));
        put_varint(header, count.into());
        put_varint(header, run.rows.len() as u64);
    }
}

/// The runs in a link, with the numbers of their batches.
#[derive(Debug)]
pub(super) struct LinkRuns<'l> {
    bytes: Bytes<'l>,
    last: Option<LastRun>,
}

impl<'l> LinkRuns<'l> {
    /// The runs so far.
    pub(super) fn of(link: &'l Link<u8>) -> Self {
        Self { bytes: Bytes(link.entries()), last: None }
    }
}

impl<'l> Iterator for LinkRuns<'l> {
    type Item = (u64, Run<'l>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (bytes, last) = (&mut self.bytes, self.last);
        let &[flags] = bytes.take(1)? else { return None };
        let shape = match last {
            Some(last) if flags & SHAPE == 0 => last.shape,
            _ => RowShape::read(bytes)?,
        };
        let (last_batch, last_end) = last.map_or((0, 0), |last| (last.batch, last.end));
        let batch = last_batch.wrapping_add(bytes.varint()?);
        let first = last_end.wrapping_add(unzigzag(bytes.varint()?).cast_unsigned());
        let end = first.wrapping_add(bytes.varint()?);
        let count = u32::try_from(bytes.varint()?).ok()?;
        let rows = bytes.bytes()?;
        let header = RunHeader { first, end, count, replaces: flags & REPLACES != 0, shape };
        self.last = Some(LastRun { batch, end, shape });
        Some((batch, Run { header, rows }))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::metric::{Metric, MetricSet};
    use crate::store::point_rows::RowCoverage;

    fn some_shape() -> impl Strategy<Value = RowShape> {
        (any::<bool>(), any::<bool>()).prop_map(|(has_cpu, has_samples)| RowShape {
            present: if has_cpu { MetricSet::from(Metric::CpuUsage) } else { MetricSet::default() },
            too_large: MetricSet::default(),
            selected: MetricSet::default(),
            has_samples,
            coverage: RowCoverage::Nanos,
        })
    }

    fn some_run() -> impl Strategy<Value = (u64, RunHeader, Vec<u8>)> {
        let rows = prop_oneof![9 => vec(any::<u8>(), 0..90), 1 => vec(any::<u8>(), 4_000..9_000)];
        let times = (prop_oneof![0..100_u64, any::<u64>()], prop_oneof![0..9_u64, any::<u64>()]);
        (0_u64..3, times, any::<u32>(), any::<bool>(), some_shape(), rows).prop_map(
            |(batches, (first, end), count, replaces, shape, rows)| {
                (batches, RunHeader { first, end, count, replaces, shape }, rows)
            },
        )
    }

    proptest! {
        #[test]
        fn a_list_has_the_runs_of_all_batches_up_to_any(runs in vec(some_run(), 0..60)) {
            let (list, mut appender) = RunList::new();
            let (mut batch, mut added) = (0, Vec::new());
            for (batches, header, rows) in &runs {
                batch += batches;
                appender.add(batch, &Run { header: *header, rows }, &mut Vec::new());
                added.push((batch, header, rows));
            }
            for until in 0..=batch {
                let found: Vec<_> = list.until(until).collect();
                let expected: Vec<_> = added.iter().filter(|(of, ..)| *of <= until).collect();
                prop_assert_eq!(found.len(), expected.len());
                for (run, (_, header, rows)) in found.iter().zip(expected) {
                    prop_assert_eq!(format!("{:?}", run.header), format!("{header:?}"));
                    prop_assert_eq!(run.rows, &rows[..]);
                }
            }
        }
    }
}
