//! The calls that take more than a line.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::super::points::{CONTAINERS, START, Spec, WIDTH};
use super::super::super::*;
use super::super::calls::{POLLED, RECORDED};
use super::super::life::{LATENESS, SECOND, pipeline, sample, time_of};
use super::super::model::{Change, Counts};
use super::{Place, World};
use crate::Recorder;
use crate::recorder::RecorderSettings;

impl World {
    pub(super) fn append(&mut self, specs: &[Spec]) -> Result<(), Error> {
        let moved =
            |spec: &Spec| Spec { slot: spec.slot + self.clock / WIDTH - 60, ..*spec }.point();
        let points: Vec<_> = specs.iter().map(moved).collect();
        let done = self.store().append(&points);
        let counts = |points| Counts { points, ..Counts::default() };
        self.changed(&Change::Append(points), done.map(counts), false)
    }

    pub(super) fn old(&mut self, container: usize, back: u64, seconds: u64) -> Result<(), Error> {
        let first = self.clock.saturating_sub(back);
        let times = (first..(first + seconds).min(self.clock)).map(time_of).collect();
        self.ingest(BTreeMap::from([(POLLED[container].to_owned(), times)]))
    }

    pub(super) fn future(&mut self, ahead: u64) -> Result<(), Error> {
        let second = self.model.stored.now - START + ahead;
        let mut of = BTreeMap::from([("/ahead".to_owned(), BTreeSet::from([time_of(second)]))]);
        of.insert(POLLED[0].to_owned(), [time_of(self.clock), time_of(second)].into());
        self.clock += 1;
        self.ingest(of)
    }

    pub(super) fn panic(&self) -> Result<(), Error> {
        let times = BTreeSet::from([time_of(self.clock)]);
        let given = pipeline(POLLED.into_iter().map(|name| (name, &times)));
        let rest = std::iter::from_fn(|| panic!("what the caller gives panics"));
        let given = given.series().chain(rest);
        let caught = catch_unwind(AssertUnwindSafe(|| self.store().ingest(given)));
        caught.map_or(Ok(()), |done| done.map(drop))
    }

    pub(super) fn silence(&mut self, seconds: u64) {
        self.clock += seconds;
        if let Some(recorder) = &self.recorder {
            self.recorder_time = time_of(self.clock);
            recorder.advance(Timestamp::from_nanos(self.recorder_time).unwrap());
            recorder.drain(&mut |_| {});
        }
    }

    pub(super) fn advance(&mut self, wrong: i64) {
        let now = self.clock.saturating_add_signed(wrong);
        self.store().advance(Timestamp::from_nanos(time_of(now)).unwrap());
        self.model.now(Some(now));
        for model in &mut self.unsure {
            model.now(Some(now));
        }
    }

    pub(super) fn read_and_copy(&mut self) -> Result<(), Error> {
        let reader = self.opened_to_read()?;
        let answers = reader.everything()?;
        // A failed call may have been written completely: it is there until the next write.
        let mut possible = std::iter::once(&self.model).chain(&self.unsure);
        assert!(possible.any(|model| model.clone().matches(&answers)), "to who reads");
        self.reader = Some(reader);
        Ok(())
    }

    pub(super) fn poll(
        &mut self,
        (seconds, again): (u64, u64),
        of: [bool; 2],
        without: u64,
    ) -> Result<(), Error> {
        let new = self.clock..self.clock + seconds;
        self.clock += seconds;
        let mut given = BTreeMap::new();
        for name in chosen(POLLED, of) {
            let mut times = self.left_out.remove(name).unwrap_or_default();
            let (out, come): (BTreeSet<u64>, BTreeSet<u64>) =
                new.clone().map(time_of).partition(|time| (time / SECOND).is_multiple_of(without));
            times.extend(come);
            times.extend((new.start.saturating_sub(again)..new.start).map(time_of));
            self.left_out.insert(name.to_owned(), out);
            given.insert(name.to_owned(), times);
        }
        self.ingest(given)
    }

    pub(super) fn ingest(&mut self, given: BTreeMap<String, BTreeSet<u64>>) -> Result<(), Error> {
        let read = pipeline(given.iter().map(|(name, times)| (&**name, times)));
        let done = self.store().ingest(read.series());
        let all = given.into_iter().map(|(name, times)| (name, (times, None))).collect();
        self.changed(&Change::TakeIn(all), done.map(counts), false)
    }

    pub(super) fn record(&mut self, seconds: u64, of: [bool; 2], keep: bool) -> Result<(), Error> {
        if self.recorder.is_none() {
            let settings = RecorderSettings::of(self.store());
            self.recorder = Some(Recorder::resume(settings, self.store())?);
        }
        let recorder = self.recorder.as_ref().unwrap();
        for time in (self.clock..self.clock + seconds).map(time_of) {
            if self.recorder_time > 0 {
                // Once its time is set, it refuses what lies ahead.
                self.recorder_time = time;
                recorder.advance(Timestamp::from_nanos(time).unwrap());
            }
            for name in chosen(RECORDED, of) {
                let verdict = recorder.record_by_name(name, &sample(time));
                assert_eq!(verdict, crate::recorder::Verdict::Accepted);
                self.pending.entry(name.to_owned()).or_default().insert(time);
            }
        }
        self.clock += seconds;
        if !keep {
            return Ok(());
        }
        let recorder_time = self.recorder_time;
        let closed = |times: &BTreeSet<u64>| {
            times.last().map(|last| (*last).max(recorder_time) - LATENESS * SECOND)
        };
        let all = { &self.pending }
            .iter()
            .map(|(name, times)| (name.clone(), (times.clone(), closed(times))));
        let change = Change::TakeIn(all.collect());
        let done = recorder.keep(self.store());
        if done.is_ok() {
            self.pending.clear();
        }
        self.changed(&change, done.map(counts), false)
    }

    pub(super) fn remove(&mut self, container: usize, back: u64, length: u64) -> Result<(), Error> {
        let names = [&POLLED[..], &RECORDED, &CONTAINERS].concat();
        let from = START + self.clock - back;
        let (name, range) = (names[container].to_owned(), from..from + length);
        // What it still has may be of that time.
        self.recorder = None;
        self.pending.clear();
        self.left_out.clear();
        let done = match self.store().remove(&name, unix_seconds(range.clone())) {
            Err(error) if error.kind() == crate::ErrorKind::UnknownContainer => {
                let shown = self.model.shown();
                assert_eq!(shown.of(&name).count(), 0);
                return Ok(());
            }
            done => done.map(|removed| Counts { removed: removed.points, ..Counts::default() }),
        };
        let durable = done.as_ref().map_or(true, |counts| counts.removed > 0);
        self.changed(&Change::Remove(name, range), done, durable)
    }

    /// The floor is at `wanted`, or where it was if nothing is older; but never behind everything.
    pub(super) fn retain(
        &mut self,
        retention: Retention,
        wanted: Option<u64>,
    ) -> Result<(), Error> {
        let (before, newest) = (self.model.stored.floor, self.model.newest());
        let floor = match self.store().retain(retention) {
            Ok(retained) => seconds(retained.floor),
            Err(error) if error.kind() == crate::ErrorKind::Refused => {
                assert!(wanted.is_some_and(|wanted| wanted > newest), "{error}");
                return Ok(());
            }
            Err(error) => {
                // The next opening shows whether it was written.
                let floor = match (retention, wanted) {
                    (Retention::Points(least), _) => self.store().shared().floor_for(least),
                    (Retention::Age { .. }, Some(wanted)) => before.max(wanted),
                    (_, wanted) => wanted.unwrap_or(before),
                };
                return self.changed(&Change::Floor(floor), Err(error), true);
            }
        };
        match wanted {
            Some(wanted) if newest > before && matches!(retention, Retention::Age { .. }) => {
                assert_eq!(floor, before.max(wanted));
            }
            Some(wanted) if newest > before => assert_eq!(floor, wanted),
            Some(wanted) => assert!(floor == before || floor == wanted),
            None => {
                assert!(floor == before || (before < floor && floor < newest));
                assert_eq!(floor % WIDTH, 0);
            }
        }
        self.changed(&Change::Floor(floor), Ok(Counts::default()), true)
    }

    pub(super) fn snapshot(&self) -> Result<(), Error> {
        let Place::Folder(folder) = &self.place else { return Ok(()) };
        let (reader, to) = (self.opened_to_read()?, tempfile::tempdir().unwrap());
        for (number, store) in [self.store(), &reader].into_iter().enumerate() {
            let copy = to.path().join(number.to_string());
            store.snapshot(&copy)?;
            let copy = Store::open(&copy, self.options)?;
            assert!(self.model.clone().matches(&copy.everything()?), "{folder:?}");
            assert!(copy.verify()?.is_empty());
        }
        Ok(())
    }

    pub(super) fn refresh(&self) -> Result<(), Error> {
        let (Place::Folder(_), Some(reader)) = (&self.place, &self.reader) else { return Ok(()) };
        reader.refresh()?;
        assert!(self.model.clone().matches(&reader.everything()?), "to who refreshes");
        Ok(())
    }
}

fn chosen(names: [&str; 2], which: [bool; 2]) -> impl Iterator<Item = &str> {
    names.into_iter().zip(which).filter_map(|(name, is_one)| is_one.then_some(name))
}

fn counts(kept: Kept) -> Counts {
    Counts {
        accepted: kept.accepted,
        duplicates: kept.duplicates,
        old: kept.old,
        ahead: kept.ahead,
        points: kept.points,
        removed: 0,
    }
}
