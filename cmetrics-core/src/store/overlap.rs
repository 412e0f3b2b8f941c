//! Compares new points with stored ones of the same time.

use std::sync::Arc;

use super::point_rows::RowShape;
use super::stored::StoredContainer;
use super::view::{Query, View};
use crate::error::Error;
use crate::point::DataPoint;

/// The stored points in the time span of these points, which rise.
pub(super) fn stored_overlapping(
    view: &View,
    container: &Arc<StoredContainer>,
    points: &[DataPoint],
) -> Result<Vec<DataPoint>, Error> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(Vec::new()) };
    let range = first.interval().start()..last.interval().end();
    view.points(container, &Query::stored(range))?.collect_all()
}

/// The point that begins at `start`, of points in rising time.
pub(super) fn find_by_start(points: &[DataPoint], start: u64) -> Option<&DataPoint> {
    let place = points.binary_search_by_key(&start, |point| point.interval().start());
    points.get(place.ok()?)
}

/// Splits points into runs of one container and shape, in rising time.
pub(super) fn runs(points: &[DataPoint]) -> impl Iterator<Item = &[DataPoint]> {
    let mut rest = points;
    std::iter::from_fn(move || {
        let (run, behind) = rest.split_at(run_length(rest));
        rest = behind;
        (!run.is_empty()).then_some(run)
    })
}

/// The number of leading points that form a run.
fn run_length(points: &[DataPoint]) -> usize {
    let Some(first) = points.first() else { return 0 };
    let shape = RowShape::of(first);
    let pairs = points.iter().zip(points.get(1..).unwrap_or_default());
    let follows = |(before, point): &(&DataPoint, &DataPoint)| {
        // First: of different containers, whose names are far in memory, times are mostly the same.
        before.interval().end() <= point.interval().start()
            && (Arc::ptr_eq(before.shared_name(), point.shared_name())
                || before.name() == point.name())
            && RowShape::of(point) == shape
    };
    1 + pairs.take_while(follows).count()
}
