//! The growth of a counter up to the sample that is taken.

use super::counter::{self, Circumstances, CounterReading, Growth};
use crate::metric::Metric;
use crate::time::Timestamp;

/// How the current sample follows those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SampleKind {
    Normal,
    /// The first sample after a start that counts, in nanoseconds since the epoch.
    Started(u64),
    /// The first sample after a restart whose start is not known.
    Restarted,
    /// The CPU counter fell, but the container was not restarted.
    Corrected,
    /// The CPU counter rose by more than all CPUs can use.
    Implausible,
}

/// The sample that is compared with the last readings.
#[derive(Clone, Copy, Debug)]
pub(super) struct CurrentSample {
    pub(super) time: Timestamp,
    /// In nanoseconds.
    pub(super) max_gap: u64,
    pub(super) kind: SampleKind,
    /// Whether the CPU counter was read both in this sample and before it.
    pub(super) cpu_read: bool,
}

impl CurrentSample {
    /// The growth of a counter up to `to`. `from` is the last reading, or the 0 at which the
    /// counter is known to have begun. `since` is the start that counted before this sample.
    /// `None` where this is the counter's first reading and no start is known.
    pub(super) fn growth(
        self,
        metric: Metric,
        from: Option<CounterReading>,
        to: CounterReading,
        since: Option<u64>,
    ) -> Option<Growth> {
        let Self { max_gap, kind, cpu_read, .. } = self;
        let is_cgroups = !metric.resets_alone();
        let circumstances = match kind {
            SampleKind::Started(start) if is_cgroups => {
                return Some(counter::growth_since(start, to, max_gap));
            }
            SampleKind::Started(start) => {
                let from = from?;
                if to.value < from.value {
                    return Some(counter::growth_since(start, to, max_gap));
                }
                return Some(counter::growth(from, to, max_gap, Circumstances::Restarted));
            }
            SampleKind::Restarted => Circumstances::Restarted,
            SampleKind::Corrected => Circumstances::Normal { resets_on_fall: false },
            SampleKind::Normal => {
                Circumstances::Normal { resets_on_fall: !is_cgroups || !cpu_read }
            }
            SampleKind::Implausible => {
                Circumstances::Implausible { resets_on_fall: !is_cgroups || !cpu_read }
            }
        };
        if let Some(from) = from {
            return Some(counter::growth(from, to, max_gap, circumstances));
        }
        let start = since.filter(|_| is_cgroups && kind != SampleKind::Restarted)?;
        Some(match counter::growth_since(start, to, max_gap) {
            _ if kind == SampleKind::Implausible => {
                Growth::Unattributed { at: to.time, growth: to.value }
            }
            growth => growth,
        })
    }
}
