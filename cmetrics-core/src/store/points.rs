//! Merges a container's points from several sources, in rising time.

use std::cell::Cell;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::point_source::{PointSource, SourceKind};
use super::sealed::Sealed;
use super::segment::{Block, Scratch};
use crate::error::Error;
use crate::metric::MetricSet;
use crate::point::DataPoint;

/// Whether a new point takes precedence over a stored one of the same interval: an exact one first,
/// then the one with more coverage, then the stored one.
pub(super) fn outranks(new: &DataPoint, stored: &DataPoint) -> bool {
    match (new.is_exact(), stored.is_exact()) {
        (true, false) => true,
        (false, true) => false,
        _ => new.coverage() > stored.coverage(),
    }
}

/// An iterator over a container's points, in rising time.
///
/// If a part of the store is damaged, its error takes its place, and the points after it follow.
#[must_use = "points are read as the iterator comes to them"]
#[derive(Debug)]
pub struct Points {
    pub(super) name: Arc<str>,
    pub(super) width: u64,
    /// By start, each with its rank: what was written later ranks higher.
    sources: VecDeque<(usize, PointSource)>,
    pub(super) range: Range<u64>,
    pub(super) metrics: Option<MetricSet>,
    pub(super) ready: VecDeque<DataPoint>,
    pub(super) open: Option<OpenBlock>,
    pub(super) failed: VecDeque<Error>,
    /// Ranges of unreadable points that may have replaced others of a lower rank.
    replacing: Vec<(usize, Range<u64>)>,
    /// Whether those others are returned nevertheless.
    superseded: bool,
    pub(super) scratch: PooledScratch,
}

/// A decoded block, and the rows whose points are not made yet. A part of them at a time fits into
/// the cache.
#[derive(Debug)]
pub(super) struct OpenBlock {
    pub(super) sealed: Arc<Sealed>,
    pub(super) block: Block,
    pub(super) rows: Range<usize>,
}

impl Points {
    /// The points of these sources that begin in a range. Later sources were written later.
    pub(super) fn new(
        name: Arc<str>,
        width: u64,
        sources: Vec<PointSource>,
        range: Range<u64>,
        metrics: Option<MetricSet>,
    ) -> Self {
        let mut sources: Vec<_> = sources.into_iter().enumerate().collect();
        sources.sort_by_key(|(_, source)| source.first);
        Self {
            name,
            width,
            sources: sources.into(),
            range,
            metrics,
            ready: VecDeque::new(),
            open: None,
            failed: VecDeque::new(),
            replacing: Vec::new(),
            superseded: false,
            scratch: PooledScratch::default(),
        }
    }

    /// No points.
    pub(super) fn none(name: Arc<str>, width: u64) -> Self {
        Self::new(name, width, Vec::new(), 0..0, None)
    }

    /// The same; with `superseded`, also returns points whose replacements are unreadable.
    pub(super) fn with_superseded(self, superseded: bool) -> Self {
        Self { superseded, ..self }
    }

    /// All points, or the first error.
    pub(super) fn collect_all(mut self) -> Result<Vec<DataPoint>, Error> {
        /// The most points to reserve memory for.
        const MOST: usize = 1 << 15;
        // No more points than intervals of the range, and of the sources.
        let sources = self.sources.iter().map(|(_, source)| source.end - source.first).sum::<u64>();
        let seconds = sources.min(self.range.end.saturating_sub(self.range.start));
        let mut all =
            Vec::with_capacity(usize::try_from(seconds / self.width).unwrap_or(0).min(MOST));
        loop {
            if let Some(error) = self.failed.pop_front() {
                return Err(error);
            }
            if !self.fill(&mut all) {
                return Ok(all);
            }
        }
    }

    /// Appends the points of the next source and of all that overlap it. Returns `false` at the
    /// end.
    pub(super) fn fill(&mut self, points: &mut Vec<DataPoint>) -> bool {
        let Some((rank, first)) = self.sources.pop_front() else { return false };
        let from = points.len();
        if self.sources.front().is_none_or(|(_, next)| next.first >= first.end) {
            self.read(rank, first, points);
        } else {
            self.read_together((rank, first), points);
        }
        self.cut(points, from);
        true
    }

    /// Appends some points of the next source. Returns `false` at the end.
    fn fill_some(&mut self, points: &mut Vec<DataPoint>) -> bool {
        let is_block = |kind: &SourceKind| matches!(kind, SourceKind::Block(..));
        let Some(SourceKind::Block(sealed, block)) = self.next_alone(is_block) else {
            return self.fill(points);
        };
        match sealed.decode(block, &self.name, &self.range, self.scratch.get()) {
            Ok(rows) => self.open = Some(OpenBlock { sealed, block, rows }),
            Err(error) => self.failed.push_back(error),
        }
        true
    }

    /// Takes the next source, if it is such a one and no other overlaps it.
    pub(super) fn next_alone(&mut self, is_such: fn(&SourceKind) -> bool) -> Option<SourceKind> {
        let (_, source) = self.sources.front()?;
        let next = self.sources.get(1);
        if !is_such(&source.kind) || next.is_some_and(|(_, next)| next.first < source.end) {
            return None;
        }
        self.sources.pop_front().map(|(_, source)| source.kind)
    }

    /// Appends some points of the block that was decoded last.
    fn fill_from_open(&mut self, points: &mut Vec<DataPoint>) {
        const AT_ONCE: usize = 128;
        let Some(open) = &mut self.open else { return };
        let next = (open.rows.start + AT_ONCE).min(open.rows.end);
        let rows = std::mem::replace(&mut open.rows.start, next)..next;
        let scratch = self.scratch.get();
        if let Err(error) = open.sealed.points(open.block, &self.name, rows, scratch, points) {
            self.failed.push_back(error);
            self.open = None;
        }
        self.open = self.open.take().filter(|open| !open.rows.is_empty());
        self.cut(points, 0);
    }

    /// Merges the points of overlapping sources, one per interval.
    fn read_together(&mut self, first: (usize, PointSource), points: &mut Vec<DataPoint>) {
        let (mut end, mut read) = (first.1.end, Vec::new());
        let mut next = Some(first);
        while let Some((rank, source)) = next {
            end = end.max(source.end);
            let is_stored = !matches!(source.kind, SourceKind::Provisional(_));
            let mut of_source = Vec::new();
            self.read(rank, source, &mut of_source);
            read.extend(of_source.into_iter().map(|point| (rank, is_stored, point)));
            let is_near = self.sources.front().is_some_and(|(_, source)| source.first < end);
            next = if is_near { self.sources.pop_front() } else { None };
        }
        let replacing = std::mem::take(&mut self.replacing);
        read.retain(|(rank, _, point)| {
            let start = point.interval().start();
            !replacing.iter().any(|(lost, range)| lost > rank && range.contains(&start))
        });
        // Each stored point replaced those that were stored before it.
        read.sort_by_key(|(rank, _, point)| (point.interval().start(), *rank));
        let from = points.len();
        for (_, is_stored, point) in read {
            match points.get_mut(from..).and_then(<[_]>::last_mut) {
                Some(last) if last.interval() == point.interval() => {
                    if is_stored || outranks(&point, last) {
                        *last = point;
                    }
                }
                _ => points.push(point),
            }
        }
    }

    fn read(&mut self, rank: usize, source: PointSource, points: &mut Vec<DataPoint>) {
        match source.kind {
            SourceKind::Provisional(open) => points.extend(open),
            SourceKind::Made(maker) => {
                maker.make(source.first..source.end, points, &mut self.failed);
            }
            SourceKind::Block(sealed, block) => {
                let (name, scratch) = (&self.name, self.scratch.get());
                let rows = sealed.decode(block, name, &self.range, scratch);
                let read = rows.and_then(|rows| sealed.points(block, name, rows, scratch, points));
                if let Err(error) = read {
                    self.failed.push_back(error);
                    if !self.superseded && sealed.is_superseding(block.container).unwrap_or(true) {
                        self.replacing.push((rank, source.first..source.end));
                    }
                }
            }
            SourceKind::Runs { link, number, count } => {
                for run in PointSource::runs(&link, number, count, &self.range) {
                    // These rows are valid: written by this process, or checked when they were
                    // read.
                    run.each(&self.name, self.width, &mut |point| points.push(point));
                }
            }
        }
    }

    /// Drops appended points outside of the range, and metrics that were not asked for.
    fn cut(&self, points: &mut Vec<DataPoint>, from: usize) {
        let new = points.get(from..).unwrap_or_default();
        let before = |time: u64| new.partition_point(|point| point.interval().start() < time);
        let (first, last) = (from + before(self.range.start), from + before(self.range.end));
        points.truncate(last);
        points.drain(from..first.min(last));
        if let Some(metrics) = self.metrics {
            for point in points.iter_mut().skip(from) {
                point.select(metrics);
            }
        }
    }
}

impl Iterator for Points {
    type Item = Result<DataPoint, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(error) = self.failed.pop_front() {
                return Some(Err(error));
            }
            if let Some(point) = self.ready.pop_front() {
                return Some(Ok(point));
            }
            let mut points = Vec::from(std::mem::take(&mut self.ready));
            if self.open.is_some() {
                self.fill_from_open(&mut points);
            } else if !self.fill_some(&mut points) {
                return None;
            }
            self.ready = points.into();
        }
    }
}

thread_local! {
    /// Buffers of the last query, for reuse.
    static POOLED: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// This thread's buffers for reading blocks, taken when they are first needed.
#[derive(Debug, Default)]
pub(super) struct PooledScratch(Option<Box<Scratch>>);

impl PooledScratch {
    pub(super) fn get(&mut self) -> &mut Scratch {
        self.0.get_or_insert_with(|| POOLED.take().unwrap_or_default())
    }
}

impl Drop for PooledScratch {
    fn drop(&mut self) {
        /// Larger buffers are not kept.
        const MOST: usize = 1 << 20;
        if let Some(scratch) = self.0.take().filter(|scratch| scratch.size() <= MOST) {
            // Not while the thread ends.
            let _ = POOLED.try_with(|pooled| pooled.set(Some(scratch)));
        }
    }
}
