//! What a recorder should say of samples, and which points it should have given.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use cmetrics_core::{DataPoint, Ingested, RecorderSettings, Verdict};
use proptest::prelude::*;
use serde_json::Value;

use super::model::Model;
use super::steps::{SECOND, shown, time_of};

type Checked = Result<(), TestCaseError>;

/// All containers of a recorder, naively.
pub(crate) struct Told {
    settings: RecorderSettings,
    pub(crate) now: u64,
    pub(crate) containers: Vec<One>,
    pub(crate) forgotten: u64,
}

pub(crate) struct One {
    pub(crate) model: Model,
    /// The times of all samples that were ever accepted.
    accepted: BTreeSet<u64>,
    pub(crate) given: Vec<DataPoint>,
    /// How many of its points were sealed since it was last forgotten.
    sealed: usize,
}

impl Told {
    pub(crate) fn new(settings: RecorderSettings, containers: usize) -> Self {
        let one = |number| {
            let (lateness, history) = (settings.lateness(), settings.history());
            let mut model = Model::with_history(settings.points(), lateness, history);
            model.number = number;
            One { model, accepted: BTreeSet::new(), given: Vec::new(), sealed: 0 }
        };
        Self { settings, now: 0, containers: (0..containers).map(one).collect(), forgotten: 0 }
    }

    pub(crate) fn advance(&mut self, now: u64) {
        self.now = self.now.max(now);
        for one in &mut self.containers {
            one.model.settle(Some(now));
        }
    }

    /// What may be said of a sample of this time: older ones than are remembered may be known.
    fn verdicts(&self, one: &One, time: u64) -> Vec<Verdict> {
        let remembered = self.settings.lateness().max(self.settings.history()) * SECOND;
        let is_known = one.accepted.contains(&time);
        if self.now > 0 && time > self.now + self.settings.max_ahead() * SECOND {
            vec![Verdict::Ahead]
        } else if is_known && time + remembered >= one.model.newest {
            vec![Verdict::Duplicate]
        } else if is_known {
            vec![Verdict::Duplicate, Verdict::Late]
        } else if one.model.is_late(time) {
            vec![Verdict::Late]
        } else {
            vec![Verdict::Accepted]
        }
    }

    /// Takes a sample, of which that was said.
    pub(crate) fn deliver(&mut self, container: usize, sample: &Value, said: Verdict) -> Checked {
        let time = time_of(sample);
        let verdicts = self.verdicts(&self.containers[container], time);
        prop_assert!(verdicts.contains(&said), "{said:?} instead of {verdicts:?}: {sample}");
        if said == Verdict::Accepted {
            self.accept(container, sample);
        }
        Ok(())
    }

    fn accept(&mut self, container: usize, sample: &Value) {
        let one = &mut self.containers[container];
        one.accepted.insert(time_of(sample));
        one.model.accept(sample);
    }

    /// Takes a reply, of which that was said.
    pub(crate) fn ingest(&mut self, reply: &[Vec<Value>], said: &Ingested) -> Checked {
        let mut verdicts = Vec::new();
        for (container, stats) in reply.iter().enumerate() {
            for sample in stats {
                let (one, time) = (&self.containers[container], time_of(sample));
                let mut of_sample = self.verdicts(one, time);
                if of_sample == [Verdict::Accepted] {
                    self.accept(container, sample);
                } else if of_sample == [Verdict::Ahead] {
                    // What is known or late is not read, wherever else it lies.
                    let is_known = one.accepted.contains(&time);
                    of_sample.extend(is_known.then_some(Verdict::Duplicate));
                    of_sample.extend(one.model.is_late(time).then_some(Verdict::Late));
                }
                verdicts.push(of_sample);
            }
        }
        let range = |verdict| -> RangeInclusive<u64> {
            let may = verdicts.iter().filter(|of_sample| of_sample.contains(&verdict));
            may.clone().filter(|of_sample| of_sample.len() == 1).count() as u64..=may.count() as u64
        };
        prop_assert!(range(Verdict::Accepted).contains(&said.accepted), "{said:?}");
        prop_assert!(range(Verdict::Duplicate).contains(&said.duplicates), "{said:?}");
        prop_assert!(range(Verdict::Late).contains(&said.late), "{said:?}");
        prop_assert!(range(Verdict::Ahead).contains(&said.ahead), "{said:?}");
        let all = said.accepted + said.duplicates + said.late + said.ahead;
        prop_assert_eq!(all, verdicts.len() as u64);
        Ok(())
    }

    /// All that is final was sealed.
    pub(crate) fn seal(&mut self) {
        for one in &mut self.containers {
            if one.model.is_over() {
                self.forgotten += u64::from(one.model.is_known());
                one.model.forget();
            }
            one.sealed = one.model.points().0.len();
        }
    }

    pub(crate) fn take(&mut self, points: Vec<DataPoint>) {
        for point in points {
            let number: usize = point.name()[1..].parse().unwrap();
            self.containers[number].given.push(point);
        }
    }
}

impl One {
    /// Checks that what is final was given, and nothing else.
    pub(crate) fn check_final(&self) -> Checked {
        if self.model.is_left_open {
            return Ok(());
        }
        same(&self.given, self.model.before.iter().chain(&self.model.points().0))
    }

    /// Checks that all points were given.
    pub(crate) fn check_all(&self) -> Checked {
        if self.model.is_left_open {
            return Ok(());
        }
        same(&self.given, self.model.before.iter().chain(&self.model.batch()))
    }

    /// A snapshot begins with the last final point. A point may be final and not sealed yet.
    pub(crate) fn check_snapshot(&self, snapshot: Option<Vec<DataPoint>>) -> Checked {
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

/// Compares points as they are, and as they are shown.
fn same<'p>(found: &[DataPoint], expected: impl Iterator<Item = &'p DataPoint>) -> Checked {
    let expected: Vec<_> = expected.cloned().collect();
    prop_assert_eq!(found, &expected);
    prop_assert!(found.iter().map(shown).eq(expected.iter().map(shown)));
    Ok(())
}
