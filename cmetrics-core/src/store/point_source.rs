//! Where points of a container come from: blocks of segments, memory, and the raw tail.

use std::ops::Range;
use std::sync::Arc;

use super::byte_list::Chunk;
use super::memory::Recent;
use super::run::{ChunkRuns, Run, RunHeader};
use super::sealed::Sealed;
use super::segment::Block;
use crate::point::DataPoint;

/// A source of consecutive points.
#[derive(Debug)]
pub(super) struct PointSource {
    pub(super) first: u64,
    pub(super) end: u64,
    pub(super) kind: SourceKind,
}

#[derive(Debug)]
pub(super) enum SourceKind {
    Block(Arc<Sealed>, Block),
    /// The runs in the range of these numbers, counted from this chunk on. None of them overlap.
    Runs(Arc<Chunk>, Range<usize>),
    /// Made from the raw tail.
    Provisional(Vec<DataPoint>),
}

impl PointSource {
    pub(super) fn block(sealed: &Arc<Sealed>, block: Block) -> Self {
        let kind = SourceKind::Block(Arc::clone(sealed), block);
        Self { first: block.first, end: block.end, kind }
    }

    /// Adds sources with the runs of a memory that overlap a range of seconds.
    pub(super) fn add_runs(
        recent: &Recent,
        batch: u64,
        range: &Range<u64>,
        sources: &mut Vec<Self>,
    ) {
        /// The most points to hold at once.
        const MOST: u64 = 1_024;
        let mut open: Option<OpenRuns<'_>> = None;
        for chunk in recent.chunks() {
            let runs = ChunkRuns::of(chunk).take_while(|(of, _)| *of <= batch).enumerate();
            for (number, (_, Run { header, .. })) in runs {
                if let Some(open) = &mut open {
                    open.passed += 1;
                }
                if !header.overlaps(range) {
                    continue;
                }
                let goes_on =
                    |open: &&mut OpenRuns<'_>| open.end <= header.first && open.points < MOST;
                if let Some(open) = open.as_mut().filter(goes_on) {
                    open.add(&header);
                } else {
                    sources.extend(
                        open.replace(OpenRuns::new(chunk, number, &header)).map(Self::from),
                    );
                }
            }
        }
        sources.extend(open.map(Self::from));
    }

    /// `None` where there are no points.
    pub(super) fn provisional(points: Vec<DataPoint>) -> Option<Self> {
        let first = points.first()?.interval().start();
        let end = points.last()?.interval().end();
        Some(Self { first, end, kind: SourceKind::Provisional(points) })
    }
}

/// Runs that none of the runs between them overlap.
struct OpenRuns<'c> {
    chunk: &'c Arc<Chunk>,
    first: u64,
    end: u64,
    /// The number of the first run, counted from the chunk on.
    number: usize,
    /// The number behind the last run, and behind the one that was looked at last.
    behind: usize,
    passed: usize,
    points: u64,
}

impl<'c> OpenRuns<'c> {
    fn new(chunk: &'c Arc<Chunk>, number: usize, run: &RunHeader) -> Self {
        let (first, end, points) = (run.first, run.end, run.count.into());
        Self { chunk, first, end, number, behind: number + 1, passed: number + 1, points }
    }

    fn add(&mut self, run: &RunHeader) {
        (self.end, self.behind) = (run.end, self.passed);
        self.points += u64::from(run.count);
    }
}

impl From<OpenRuns<'_>> for PointSource {
    fn from(open: OpenRuns<'_>) -> Self {
        let kind = SourceKind::Runs(Arc::clone(open.chunk), open.number..open.behind);
        Self { first: open.first, end: open.end, kind }
    }
}
