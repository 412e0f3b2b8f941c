//! A summary of a container's samples.

use serde::Serialize;

use super::{Events, Series};
use crate::cancel::Cancel;
use crate::metric::Section;
use crate::settings::Settings;
use crate::time::Timestamp;

/// A summary of a container's samples.
///
/// ```
/// use cmetrics_core::{Input, Pipeline};
///
/// let dump = br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
///     {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 100}}},
///     {"timestamp": "2026-11-21T12:00:07Z", "cpu": {"usage": {"total": 10}}}]}}"#;
/// let mut pipeline = Pipeline::default();
/// pipeline.read(Input::bytes("now.json", dump)).into_result().unwrap();
/// let inspection = pipeline.series().next().unwrap().inspect(pipeline.settings());
/// assert_eq!(inspection.samples, 2);
/// assert_eq!(inspection.median_spacing_nanos, Some(4_000_000_000));
/// assert_eq!(inspection.events.restarts.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// The number of samples, without copies.
    pub samples: u64,
    /// Copies of known samples.
    pub duplicates: u64,
    /// Samples that were left out: never taken, or with a value that cannot be right.
    pub left_out: u64,
    /// The first sample's time.
    pub first: Option<Timestamp>,
    /// The last sample's time.
    pub last: Option<Timestamp>,
    /// The median time between consecutive samples; of an even number of times the lower one.
    pub median_spacing_nanos: Option<u64>,
    /// The longest time between consecutive samples.
    pub largest_spacing_nanos: Option<u64>,
    /// The documented sections that any sample has.
    pub sections: Vec<Section>,
    /// Restarts, gaps, odd readings and unattributed growth.
    pub events: Events,
}

impl Series {
    /// Summarises the samples of the container.
    pub fn inspect(&self, settings: Settings) -> Inspection {
        self.inspection(self.each_point(settings, &mut drop))
    }

    /// Like [`inspect`](Self::inspect), but returns `None` if it is cancelled.
    ///
    /// ```
    /// # let pipeline = cmetrics_core::Pipeline::default();
    /// let cancel = cmetrics_core::Cancel::default();
    /// cancel.cancel();
    /// for series in pipeline.series() {
    ///     assert_eq!(series.inspect_until(pipeline.settings(), &cancel), None);
    /// }
    /// ```
    pub fn inspect_until(&self, settings: Settings, cancel: &Cancel) -> Option<Inspection> {
        let events = self.each_point_until(settings, Some(cancel), &mut drop);
        (!cancel.is_cancelled()).then(|| self.inspection(events))
    }

    fn inspection(&self, events: Events) -> Inspection {
        let times = || self.rows().map(|row| row.time);
        let pairs = times().zip(times().skip(1));
        let mut spacings: Vec<_> =
            pairs.map(|(before, after)| after.nanos() - before.nanos()).collect();
        spacings.sort_unstable();
        let middle = spacings.len().saturating_sub(1) / 2;
        let has = |section: &Section| self.rows().any(|row| row.layout.has(*section));
        let counts = self.counts();
        Inspection {
            samples: self.len() as u64,
            duplicates: counts.duplicates,
            left_out: counts.never_taken + counts.faulty,
            first: times().next(),
            last: self.rows().next_back().map(|row| row.time),
            median_spacing_nanos: spacings.get(middle).copied(),
            largest_spacing_nanos: spacings.last().copied(),
            sections: Section::DOCUMENTED.iter().copied().filter(has).collect(),
            events,
        }
    }
}
