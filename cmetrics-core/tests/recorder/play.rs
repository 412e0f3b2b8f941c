//! A recorder to which a schedule happens.

use cmetrics_core::{Container, Handle, Ingested, Recorder, Sample, Source, Totals, Verdict};
use proptest::prelude::*;

use super::schedule::{Act, Event, Schedule, Way};
use super::steps::{at, document};
use super::told::Told;
use super::{drained, samples_of};

type Checked = Result<(), TestCaseError>;

pub(crate) struct Play<'s> {
    schedule: &'s Schedule,
    samples: Vec<Vec<Sample>>,
    pub(crate) recorder: Recorder,
    kept: Vec<Option<Handle>>,
    sources: [Source; 2],
    pub(crate) told: Told,
    pub(crate) said: Totals,
}

fn path(container: usize) -> String {
    format!("/{container}")
}

impl<'s> Play<'s> {
    pub(crate) fn new(schedule: &'s Schedule) -> Self {
        let recorder = Recorder::new(schedule.settings);
        let kept = schedule.kept.iter().enumerate();
        let handle = |number| recorder.register(&Container::at_path(path(number)), None);
        Self {
            samples: schedule.stats.iter().map(|one| samples_of(one, schedule.points())).collect(),
            kept: kept.map(|(number, is_kept)| is_kept.then(|| handle(number))).collect(),
            sources: ["one", "other"].map(|name| recorder.source(name, None)),
            told: Told::new(schedule.settings, schedule.stats.len()),
            said: Totals::default(),
            recorder,
            schedule,
        }
    }

    /// Has the next sample come, with what is asked behind it. `act` does it.
    pub(crate) fn event(
        &mut self,
        number: usize,
        act: &mut dyn FnMut(&mut Self, Act) -> Checked,
    ) -> Checked {
        let schedule = self.schedule;
        let event = &schedule.events[number];
        if let Way::Reply(source, back) = event.way {
            let reply = schedule.reply(number, back);
            let ingested = self.sources[source].ingest(document(&reply).to_string().as_bytes());
            prop_assert!(ingested.errors.is_empty(), "{ingested:?}");
            self.told.ingest(&reply, &ingested)?;
            self.note(&ingested);
        } else {
            let verdict = self.record(event);
            let sample = &schedule.stats[event.container][event.index];
            self.told.deliver(event.container, sample, verdict)?;
            self.note(&ingested_as(verdict));
        }
        for one in &event.acts {
            if let Act::Advance(millis) = *one {
                let now = event.place.saturating_add_signed(millis * 1_000_000);
                let now = self.told.now.max(now);
                self.recorder.advance(at(now));
                self.told.advance(now);
            } else {
                act(self, *one)?;
            }
        }
        Ok(())
    }

    fn record(&self, event: &Event) -> Verdict {
        let sample = &self.samples[event.container][event.index];
        match (event.way, &self.kept[event.container]) {
            (Way::Handle, Some(handle)) => self.recorder.record(handle, sample),
            (Way::Handle, None) => {
                let container = Container::at_path(path(event.container));
                self.recorder.record(&self.recorder.register(&container, None), sample)
            }
            _ => self.recorder.record_by_name(&path(event.container), sample),
        }
    }

    fn note(&mut self, said: &Ingested) {
        self.said.accepted += said.accepted;
        self.said.duplicates += said.duplicates;
        self.said.late += said.late;
        self.said.ahead += said.ahead;
    }

    pub(crate) fn drain(&mut self) {
        self.told.take(drained(&self.recorder));
        self.told.seal();
    }

    /// Checks what the recorder counted.
    pub(crate) fn check_totals(&self) -> Checked {
        let totals = self.recorder.totals();
        let counted = |totals: &Totals| {
            [totals.accepted, totals.duplicates, totals.late, totals.ahead].to_vec()
        };
        prop_assert_eq!(counted(&totals), counted(&self.said));
        prop_assert_eq!(totals.forgotten, self.told.forgotten);
        let given: usize = self.told.containers.iter().map(|one| one.given.len()).sum();
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
