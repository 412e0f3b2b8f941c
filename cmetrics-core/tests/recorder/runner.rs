//! Runs a schedule on a recorder and on the reference.

use cmetrics_core::recorder::{Handle, Ingested, Source, Totals, Verdict};
use cmetrics_core::{Container, Recorder, Sample};
use proptest::prelude::*;

use super::reference::Reference;
use super::schedule::{Action, Event, Route, Schedule};
use super::steps::{at, document};
use super::{drained, samples_of};

type TestResult = Result<(), TestCaseError>;

pub(crate) struct Runner<'s> {
    schedule: &'s Schedule,
    samples: Vec<Vec<Sample>>,
    pub(crate) recorder: Recorder,
    handles: Vec<Option<Handle>>,
    sources: [Source; 2],
    pub(crate) reference: Reference,
    pub(crate) counted: Totals,
}

fn path(container: usize) -> String {
    format!("/{container}")
}

impl<'s> Runner<'s> {
    pub(crate) fn new(schedule: &'s Schedule) -> Self {
        let recorder = Recorder::new(schedule.settings);
        let has_handle = schedule.has_handle.iter().enumerate();
        let handle = |number| recorder.register(&Container::at_path(path(number)), None);
        Self {
            samples: schedule.stats.iter().map(|one| samples_of(one, schedule.points())).collect(),
            handles: has_handle
                .map(|(number, has_handle)| has_handle.then(|| handle(number)))
                .collect(),
            sources: ["one", "other"].map(|name| recorder.source(name, None)),
            reference: Reference::new(schedule.settings, schedule.stats.len()),
            counted: Totals::default(),
            recorder,
            schedule,
        }
    }

    /// Delivers the next sample, and runs its actions, by `act` except for those that set the time.
    pub(crate) fn deliver(
        &mut self,
        number: usize,
        act: &mut dyn FnMut(&mut Self, Action) -> TestResult,
    ) -> TestResult {
        let schedule = self.schedule;
        let event = &schedule.events[number];
        if let Route::Reply(source, back) = event.route {
            let reply = schedule.reply(number, back);
            let ingested = self.sources[source].ingest(document(&reply).to_string().as_bytes());
            prop_assert!(ingested.errors.is_empty(), "{ingested:?}");
            self.reference.ingest(&reply, &ingested)?;
            self.note(&ingested);
        } else {
            let verdict = self.record(event);
            let sample = &schedule.stats[event.container][event.index];
            self.reference.deliver(event.container, sample, verdict)?;
            self.note(&ingested_as(verdict));
        }
        for one in &event.actions {
            if let Action::Advance(millis) = *one {
                let now = event.place.saturating_add_signed(millis * 1_000_000);
                let now = self.reference.now.max(now);
                self.recorder.advance(at(now));
                self.reference.advance(now);
            } else {
                act(self, *one)?;
            }
        }
        Ok(())
    }

    fn record(&self, event: &Event) -> Verdict {
        let sample = &self.samples[event.container][event.index];
        match (event.route, &self.handles[event.container]) {
            (Route::Handle, Some(handle)) => self.recorder.record(handle, sample),
            (Route::Handle, None) => {
                let container = Container::at_path(path(event.container));
                self.recorder.record(&self.recorder.register(&container, None), sample)
            }
            _ => self.recorder.record_by_name(&path(event.container), sample),
        }
    }

    fn note(&mut self, ingested: &Ingested) {
        self.counted.accepted += ingested.accepted;
        self.counted.duplicates += ingested.duplicates;
        self.counted.late += ingested.late;
        self.counted.ahead += ingested.ahead;
    }

    pub(crate) fn drain(&mut self) {
        self.reference.take(drained(&self.recorder));
        self.reference.seal();
    }

    /// Checks what the recorder counted.
    pub(crate) fn check_totals(&self) -> TestResult {
        let totals = self.recorder.totals();
        let counts = |totals: &Totals| {
            [totals.accepted, totals.duplicates, totals.late, totals.ahead].to_vec()
        };
        prop_assert_eq!(counts(&totals), counts(&self.counted));
        prop_assert_eq!(totals.forgotten, self.reference.forgotten);
        let given: usize = self.reference.containers.iter().map(|one| one.given.len()).sum();
        prop_assert_eq!(totals.sealed, totals.undrained + given as u64);
        prop_assert_eq!(totals.dropped, 0);
        Ok(())
    }
}

fn ingested_as(verdict: Verdict) -> Ingested {
    let mut ingested = Ingested::default();
    match verdict {
        Verdict::Accepted => ingested.accepted = 1,
        Verdict::Duplicate => ingested.duplicates = 1,
        Verdict::Late => ingested.late = 1,
        Verdict::Ahead => ingested.ahead = 1,
    }
    ingested
}
