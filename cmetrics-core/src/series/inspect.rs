//! A summary of a container's samples.

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::{Chain, Events, Series};
use crate::cancel::Cancel;
use crate::document::{Door, Note};
use crate::metric::Section;
use crate::settings::Settings;
use crate::time::Timestamp;

/// A summary of a container's samples.
///
/// ```
/// use std::time::Duration;
///
/// use cmetrics_core::{Input, Pipeline};
///
/// let dump = br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
///     {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 100}}},
///     {"timestamp": "2026-11-21T12:00:07Z", "cpu": {"usage": {"total": 10}}}]}}"#;
/// let mut pipeline = Pipeline::default();
/// pipeline.read(Input::bytes("now.json", dump)).into_result().unwrap();
/// let inspection = pipeline.series().next().unwrap().inspect(pipeline.settings());
/// assert_eq!(inspection.samples, 2);
/// assert_eq!(inspection.median_spacing, Some(Duration::from_secs(4)));
/// assert_eq!(inspection.events.restarts.len(), 1);
/// let json = serde_json::to_value(&inspection).unwrap();
/// assert_eq!(json["median_spacing_nanos"], 4_000_000_000_u64);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// The door by which the samples came.
    pub door: Door,
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
    /// `None` below two samples. Serialised in nanoseconds, as `median_spacing_nanos`.
    #[serde(rename = "median_spacing_nanos", serialize_with = "as_nanos")]
    pub median_spacing: Option<Duration>,
    /// The longest time between consecutive samples. Serialised as `largest_spacing_nanos`.
    #[serde(rename = "largest_spacing_nanos", serialize_with = "as_nanos")]
    pub largest_spacing: Option<Duration>,
    /// The documented sections that any sample has.
    pub sections: Vec<Section>,
    /// What to know of the samples.
    pub notes: Vec<Note>,
    /// Restarts, gaps, odd readings and unattributed growth.
    pub events: Events,
}

#[expect(clippy::ref_option, reason = "serde's signature")]
fn as_nanos<S: Serializer>(spacing: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    spacing.and_then(|time| u64::try_from(time.as_nanos()).ok()).serialize(serializer)
}

impl Series {
    /// Summarises the samples of the container's highest door that has any. For those of another
    /// door, see [`Chain::inspect`].
    pub fn inspect(&self, settings: Settings) -> Inspection {
        self.inspected(&settings).inspection(settings, None)
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
        self.inspected(&settings).inspect_until(settings, cancel)
    }

    /// Summarises the samples of each chain, by the rank of their doors; `None` if it is cancelled.
    pub fn inspect_chains_until(
        &self,
        settings: Settings,
        cancel: &Cancel,
    ) -> Option<Vec<Inspection>> {
        let chains = self.ranked(&settings).into_iter();
        chains.map(|chain| chain.inspect_until(settings, cancel)).collect()
    }

    fn inspected(&self, settings: &Settings) -> &Chain {
        let ranked = self.ranked(settings);
        ranked.into_iter().find(|chain| !chain.is_empty()).unwrap_or(&self.first)
    }
}

impl Chain {
    /// Summarises the samples of this chain.
    pub fn inspect(&self, settings: Settings) -> Inspection {
        self.inspection(settings, None)
    }

    /// Like [`inspect`](Self::inspect), but returns `None` if it is cancelled.
    pub fn inspect_until(&self, settings: Settings, cancel: &Cancel) -> Option<Inspection> {
        let inspection = self.inspection(settings, Some(cancel));
        (!cancel.is_cancelled()).then_some(inspection)
    }

    fn inspection(&self, settings: Settings, cancel: Option<&Cancel>) -> Inspection {
        let events = self.each_point(settings, cancel, &mut drop).events;
        let times = || self.rows().map(|row| row.time);
        let pairs = times().zip(times().skip(1));
        let mut spacings: Vec<_> = pairs.map(|(before, after)| after.since(before)).collect();
        spacings.sort_unstable();
        let middle = spacings.len().saturating_sub(1) / 2;
        let has = |section: &Section| self.rows().any(|row| row.layout.has(*section));
        let counts = self.counts();
        Inspection {
            door: self.door(),
            samples: self.len() as u64,
            duplicates: counts.duplicates,
            left_out: counts.never_taken + counts.faulty,
            first: times().next(),
            last: self.rows().next_back().map(|row| row.time),
            median_spacing: spacings.get(middle).copied(),
            largest_spacing: spacings.last().copied(),
            sections: Section::DOCUMENTED.iter().copied().filter(has).collect(),
            notes: self.notes().collect(),
            events,
        }
    }
}
