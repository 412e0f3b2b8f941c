//! A simple model of a recorder: its verdicts on samples, and its points.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use cmetrics_core::DataPoint;
use cmetrics_core::recorder::{Ingested, RecorderSettings, Verdict};
use proptest::prelude::*;
use serde_json::Value;

use super::model::Model;
use super::steps::{SECOND, shown, time_of};

type TestResult = Result<(), TestCaseError>;

/// All containers of a recorder.
pub(crate) struct Reference {
    settings: RecorderSettings,
    pub(crate) now: u64,
    pub(crate) containers: Vec<ReferenceContainer>,
    pub(crate) forgotten: u64,
}

pub(crate) struct ReferenceContainer {
    pub(crate) model: Model,
    /// The times of all samples that were ever accepted.
    accepted: BTreeSet<u64>,
    pub(crate) given: Vec<DataPoint>,
    /// How many of its points were sealed since it was last forgotten.
    sealed: usize,
}

impl Reference {
    pub(crate) fn new(settings: RecorderSettings, containers: usize) -> Self {
        let container = |number| {
            let (lateness, history) = (settings.lateness().as_secs(), settings.history().as_secs());
            let mut model = Model::with_history(settings.points(), lateness, history);
            model.number = number;
            ReferenceContainer { model, accepted: BTreeSet::new(), given: Vec::new(), sealed: 0 }
        };
        Self {
            settings,
            now: 0,
            containers: (0..containers).map(container).collect(),
            forgotten: 0,
        }
    }

    pub(crate) fn advance(&mut self, now: u64) {
        self.now = self.now.max(now);
        for container in &mut self.containers {
            container.model.settle(Some(now));
        }
    }

    /// The possible verdicts on a sample of this time: a time may be known that is older than those
    /// that must be remembered.
    fn verdicts(&self, container: &ReferenceContainer, time: u64) -> Vec<Verdict> {
        let remembered = self.settings.lateness().max(self.settings.history());
        let remembered = remembered.as_secs() * SECOND;
        let is_known = container.accepted.contains(&time);
        if self.now > 0 && time > self.now + self.settings.max_ahead().as_secs() * SECOND {
            vec![Verdict::Ahead]
        } else if is_known && time + remembered >= container.model.newest {
            vec![Verdict::Duplicate]
        } else if is_known {
            vec![Verdict::Duplicate, Verdict::Late]
        } else if container.model.is_late(time) {
            vec![Verdict::Late]
        } else {
            vec![Verdict::Accepted]
        }
    }

    /// Takes a sample, and checks the verdict on it.
    pub(crate) fn deliver(
        &mut self,
        container: usize,
        sample: &Value,
        actual: Verdict,
    ) -> TestResult {
        let time = time_of(sample);
        let verdicts = self.verdicts(&self.containers[container], time);
        prop_assert!(verdicts.contains(&actual), "{actual:?} instead of {verdicts:?}: {sample}");
        if actual == Verdict::Accepted {
            self.accept(container, sample);
        }
        Ok(())
    }

    fn accept(&mut self, container: usize, sample: &Value) {
        let container = &mut self.containers[container];
        container.accepted.insert(time_of(sample));
        container.model.accept(sample);
    }

    /// Takes a reply, and checks the counts of its verdicts.
    pub(crate) fn ingest(&mut self, reply: &[Vec<Value>], actual: &Ingested) -> TestResult {
        let mut verdicts = Vec::new();
        for (container, stats) in reply.iter().enumerate() {
            for sample in stats {
                let (known, time) = (&self.containers[container], time_of(sample));
                let mut of_sample = self.verdicts(known, time);
                if of_sample == [Verdict::Accepted] {
                    self.accept(container, sample);
                } else if of_sample == [Verdict::Ahead] {
                    // A known or late sample is not read, even if it lies ahead.
                    let is_known = known.accepted.contains(&time);
                    of_sample.extend(is_known.then_some(Verdict::Duplicate));
                    of_sample.extend(known.model.is_late(time).then_some(Verdict::Late));
                }
                verdicts.push(of_sample);
            }
        }
        let range = |verdict| -> RangeInclusive<u64> {
            let may = verdicts.iter().filter(|of_sample| of_sample.contains(&verdict));
            may.clone().filter(|of_sample| of_sample.len() == 1).count() as u64..=may.count() as u64
        };
        prop_assert!(range(Verdict::Accepted).contains(&actual.accepted), "{actual:?}");
        prop_assert!(range(Verdict::Duplicate).contains(&actual.duplicates), "{actual:?}");
        prop_assert!(range(Verdict::Late).contains(&actual.late), "{actual:?}");
        prop_assert!(range(Verdict::Ahead).contains(&actual.ahead), "{actual:?}");
        let all = actual.accepted + actual.duplicates + actual.late + actual.ahead;
        prop_assert_eq!(all, verdicts.len() as u64);
        Ok(())
    }

    /// Notes that all final points were sealed.
    pub(crate) fn seal(&mut self) {
        for container in &mut self.containers {
            if container.model.is_over() {
                self.forgotten += u64::from(container.model.is_known());
                container.model.forget();
            }
            container.sealed = container.model.points().0.len();
        }
    }

    pub(crate) fn take(&mut self, points: Vec<DataPoint>) {
        for point in points {
            let number: usize = point.name()[1..].parse().unwrap();
            self.containers[number].given.push(point);
        }
    }
}

impl ReferenceContainer {
    /// Checks that all final points were emitted, and nothing else.
    pub(crate) fn check_final(&self) -> TestResult {
        if self.model.is_left_open {
            return Ok(());
        }
        same(&self.given, self.model.before.iter().chain(&self.model.points().0))
    }

    /// Checks that all points were emitted.
    pub(crate) fn check_all(&self) -> TestResult {
        if self.model.is_left_open {
            return Ok(());
        }
        same(&self.given, self.model.before.iter().chain(&self.model.batch()))
    }

    /// A snapshot begins with the last final point. A point may be final and not sealed yet.
    pub(crate) fn check_snapshot(&self, snapshot: Option<Vec<DataPoint>>) -> TestResult {
        if self.model.is_left_open {
            return Ok(());
        }
        let points = self.model.batch();
        let found = snapshot.unwrap_or_default();
        prop_assert!(found.len() <= points.len(), "{} of {}", found.len(), points.len());
        let first = points.len() - found.len();
        let most = self.model.points().0.len().saturating_sub(1);
        prop_assert!((self.sealed.saturating_sub(1)..=most).contains(&first), "from {first}");
        same(&found, points.iter().skip(first))
    }
}

/// Compares points, and their JSON.
fn same<'p>(found: &[DataPoint], expected: impl Iterator<Item = &'p DataPoint>) -> TestResult {
    let expected: Vec<_> = expected.cloned().collect();
    prop_assert_eq!(found, &expected);
    prop_assert!(found.iter().map(shown).eq(expected.iter().map(shown)));
    Ok(())
}
