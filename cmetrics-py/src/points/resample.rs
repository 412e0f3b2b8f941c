//! Rolls points up to wider intervals.

use std::time::Duration;

use cmetrics_core::point::RollUp;
use cmetrics_core::{DataPoint, Error};

use super::PyPoints;
use super::frame::Frame;
use super::part::Part;

impl PyPoints {
    /// The points of wider intervals that the same samples make.
    pub(super) fn resampled(&self, seconds: u64) -> Result<Self, Error> {
        let mut points: Vec<_> = self.each().collect();
        let key = |point: &DataPoint| (point.name().to_owned(), point.interval().start());
        if !points.is_sorted_by(|left, right| {
            (left.name(), left.interval().start()) <= (right.name(), right.interval().start())
        }) {
            points.sort_by_cached_key(key);
        }
        let mut wide = RollUp::new(Duration::from_secs(seconds))?.of(points)?;
        for point in &mut wide {
            let limits = self.known.of(point.name()).limits;
            point.set_shares(&limits);
        }
        let frame = Frame::of(self.metrics(), &wide);
        Ok(self.with(Part::whole(frame).into_iter().collect()))
    }
}
