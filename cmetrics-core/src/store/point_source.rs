//! Where points of a container come from: blocks of segments, memory, and the raw tail.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::append_list::Link;
use super::memory::Recent;
use super::run::{LinkRuns, Run};
use super::sealed::Sealed;
use super::segment::Block;
use crate::error::Error;
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
    /// So many of the runs in the range, from the one of this number of a link on. None overlap.
    Runs {
        link: Arc<Link<u8>>,
        number: usize,
        count: usize,
    },
    /// Made from the raw tail.
    Provisional(Vec<DataPoint>),
    /// Made when they are read.
    Made(Arc<dyn PointMaker>),
}

/// Makes points where they are read.
pub(super) trait PointMaker: fmt::Debug + Send + Sync {
    /// Appends the points that begin in a range of seconds, in rising time, and the errors of what
    /// is unreadable.
    fn make(&self, range: Range<u64>, points: &mut Vec<DataPoint>, failed: &mut VecDeque<Error>);
}

impl SourceKind {
    /// Whether its points are stored by column or as rows, and not made.
    pub(super) fn has_columns(&self) -> bool {
        matches!(self, Self::Block(..) | Self::Runs { .. })
    }
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
        let (before, mut points) = (sources.len(), 0);
        for link in recent.links() {
            let runs = LinkRuns::of(link).take_while(|(of, _)| *of <= batch).enumerate();
            for (number, (_, Run { header, .. })) in
                runs.filter(|(_, (_, run))| run.header.overlaps(range))
            {
                match sources.get_mut(before..).and_then(<[_]>::last_mut) {
                    Some(Self { end, kind: SourceKind::Runs { count, .. }, .. })
                        if *end <= header.first && points < MOST =>
                    {
                        (*end, *count) = (header.end, *count + 1);
                    }
                    _ => {
                        points = 0;
                        let kind = SourceKind::Runs { link: Arc::clone(link), number, count: 1 };
                        sources.push(Self { first: header.first, end: header.end, kind });
                    }
                }
                points += u64::from(header.count);
            }
        }
    }

    /// So many of the runs in a range of seconds, from the one of this number of a link on.
    pub(super) fn runs<'l>(
        link: &'l Arc<Link<u8>>,
        number: usize,
        count: usize,
        range: &Range<u64>,
    ) -> impl Iterator<Item = Run<'l>> {
        let links = std::iter::successors(Some(link), |link| link.next());
        let runs = links.flat_map(|link| LinkRuns::of(link)).skip(number).map(|(_, run)| run);
        runs.filter(|run| run.header.overlaps(range)).take(count)
    }

    /// `None` where there are no points.
    pub(super) fn provisional(points: Vec<DataPoint>) -> Option<Self> {
        let first = points.first()?.interval().start();
        let end = points.last()?.interval().end();
        Some(Self { first, end, kind: SourceKind::Provisional(points) })
    }
}
