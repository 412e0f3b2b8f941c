//! What a resource means: a container, pod or node, and a sample for each time.

use super::resource::Attributes;
use super::scraped::Scraped;
use crate::document::{DocumentKind, Door, Note, Skipped};
use crate::error::Problem;
use crate::metric::{Metric, MetricSet};
use crate::parse::delivery::Deliver;
use crate::parse::remarks::Remarks;
use crate::parse::reporter::Reporter;
use crate::time::{Timestamp, TimestampError};

/// The doors that a resource may have data points of.
pub(super) const DOORS: [Door; 3] = [Door::OtlpDocker, Door::OtlpKubelet, Door::OtlpCmetrics];

/// A resource.
pub(super) struct Resource<'t> {
    pub(super) at: usize,
    pub(super) attributes: Attributes<'t>,
    pub(super) doors: [(Door, Scraped<'t>); DOORS.len()],
    pub(super) remarks: Remarks,
}

/// So many parts of the document that are no container's.
pub(super) struct PassedOver(pub(super) Skipped, pub(super) u64);

impl Deliver for PassedOver {
    fn is_faulty(&self) -> bool {
        false
    }

    fn deliver(&mut self, _: MetricSet, reporter: &mut Reporter<'_, '_>) {
        reporter.receiver.skipped(self.0, self.1);
    }
}

/// A request without any resource.
pub(super) struct Nothing;

impl Deliver for Nothing {
    fn is_faulty(&self) -> bool {
        false
    }

    fn deliver(&mut self, _: MetricSet, reporter: &mut Reporter<'_, '_>) {
        reporter.receiver.no_containers();
    }
}

impl Deliver for Resource<'_> {
    fn is_faulty(&self) -> bool {
        let has_bad_time = |time: &u64| *time != 0 && Timestamp::from_nanos(*time).is_none();
        let mut times = self.doors.iter().flat_map(|(_, scraped)| scraped.instants.keys());
        !self.remarks.faults.is_empty()
            || times.any(has_bad_time)
            || (self.has_readings() && self.attributes.container(false).is_err())
    }

    fn deliver(&mut self, metrics: MetricSet, reporter: &mut Reporter<'_, '_>) {
        if !self.has_readings() {
            return reporter.remarks(&mut self.remarks);
        }
        for (door, scraped) in self.doors.iter().filter(|(_, scraped)| !scraped.instants.is_empty())
        {
            let is_own = *door == Door::OtlpCmetrics;
            let mut container = match self.attributes.container(is_own) {
                Ok(container) => container,
                Err(problem) => {
                    let error = reporter.error(self.at, problem);
                    reporter.receiver.error(error);
                    return;
                }
            };
            if reporter.receiver.wants_labels() {
                container.labels = self.attributes.labels();
            }
            container.limits = scraped.limits;
            reporter.begin(&container, DocumentKind::Of(*door));
            match door {
                Door::OtlpDocker => reporter.receiver.note(Note::TimesOfReceiver),
                Door::OtlpKubelet => reporter.receiver.note(Note::ReadingsRepeated),
                _ => {}
            }
            if scraped.is_without_cache {
                reporter.receiver.note(Note::WorkingSetWithoutCache);
            }
            reporter.remarks(&mut self.remarks);
            let number = DOORS.iter().position(|known| known == door).unwrap_or_default();
            scraped.deliver(self.at, number, metrics, reporter);
            reporter.container = None;
        }
    }
}

impl Resource<'_> {
    fn has_readings(&self) -> bool {
        self.doors.iter().any(|(_, scraped)| !scraped.instants.is_empty())
    }
}

impl Scraped<'_> {
    /// `number` is that of the door.
    fn deliver(
        &self,
        at: usize,
        number: usize,
        metrics: MetricSet,
        reporter: &mut Reporter<'_, '_>,
    ) {
        // In cgroup v2 they count kills for want of memory.
        let left_out = self.is_of_v2.then_some(Metric::MemoryFailures);
        for (nanos, instant) in &self.instants {
            match Timestamp::from_nanos(*nanos) {
                Some(time) => {
                    reporter.sample(number, time, |draft| {
                        instant.sample(metrics, left_out, draft);
                    });
                }
                None if *nanos == 0 => reporter.receiver.never_taken(),
                None => {
                    let (found, cause) = (nanos.to_string(), TimestampError::TooLate);
                    reporter.faulty(at, Problem::Timestamp { found, cause });
                }
            }
        }
    }
}
