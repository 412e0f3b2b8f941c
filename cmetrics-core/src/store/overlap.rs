//! Points, and those that are stored of the same time.

use std::sync::Arc;

use super::catalog::StoredContainer;
use super::point_rows::RowShape;
use super::view::{Query, View};
use crate::error::Error;
use crate::point::DataPoint;

/// What is stored of the time that these points, in rising time, are of.
pub(super) fn stored_overlapping(
    view: &View,
    container: &Arc<StoredContainer>,
    points: &[DataPoint],
) -> Result<Vec<DataPoint>, Error> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(Vec::new()) };
    let range = first.interval().start()..last.interval().end();
    view.points(container, &Query::stored(range))?.collect_all()
}

/// The one of these points, in rising time, whose interval begins then.
pub(super) fn find_by_start(points: &[DataPoint], start: u64) -> Option<&DataPoint> {
    let place = points.binary_search_by_key(&start, |point| point.interval().start());
    points.get(place.ok()?)
}

/// These points in runs of one container and shape, each point behind the one before.
pub(super) fn runs(points: &[DataPoint]) -> impl Iterator<Item = &[DataPoint]> {
    let mut rest = points;
    std::iter::from_fn(move || {
        let (run, behind) = rest.split_at(run_length(rest));
        rest = behind;
        (!run.is_empty()).then_some(run)
    })
}

/// How many points from the first on are of its container and shape, each behind the one before.
fn run_length(points: &[DataPoint]) -> usize {
    let Some(first) = points.first() else { return 0 };
    let shape = RowShape::of(first);
    let pairs = points.iter().zip(points.get(1..).unwrap_or_default());
    let follows = |(before, point): &(&DataPoint, &DataPoint)| {
        (Arc::ptr_eq(before.shared_name(), point.shared_name()) || before.name() == point.name())
            && before.interval().end() <= point.interval().start()
            && RowShape::of(point) == shape
    };
    1 + pairs.take_while(follows).count()
}
