//! A store, the calls to it, and what it should show.

mod actions;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tempfile::TempDir;

use super::super::points::{START, WIDTH};
use super::super::*;
use super::calls::{Call, End, Step};
use super::life::{LATENESS, SECOND, time_of};
use super::model::{Change, Counts, Model};
use crate::Recorder;
use crate::store::disk::{Disk, Folder};

/// Where the store lies.
enum Place {
    Simulated(Simulated),
    Folder(TempDir),
}

impl Place {
    fn disk(&self) -> Arc<dyn Disk> {
        match self {
            Self::Simulated(disk) => Arc::new(disk.clone()),
            Self::Folder(folder) => Arc::new(Folder::new(folder.path())),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Simulated(_) => Path::new("simulated"),
            Self::Folder(folder) => folder.path(),
        }
    }
}

pub(super) struct World {
    place: Place,
    options: StoreOptions,
    policy: SyncPolicy,
    store: Option<Store>,
    reader: Option<Store>,
    recorder: Option<Recorder>,
    /// What the recorder has and the store has not.
    pending: BTreeMap<String, BTreeSet<u64>>,
    /// The seconds since the start.
    clock: u64,
    /// The time of the recorder that was last set, in nanoseconds; 0 for none.
    recorder_time: u64,
    /// Samples of the last polls that did not come yet.
    left_out: BTreeMap<String, BTreeSet<u64>>,
    /// What the store shows.
    model: Model,
    /// What it may show instead once it is reopened: a call that failed is there as a whole or not
    /// at all.
    unsure: Vec<Model>,
    /// What it may show after a loss of power.
    unsynced: Vec<Model>,
}

impl World {
    pub(super) fn new(policy: SyncPolicy, memory: usize, in_folder: bool) -> Self {
        let options = StoreOptions::default()
            .with_lateness(Duration::from_secs(LATENESS))
            .with_sync(policy)
            .with_memory(memory);
        let place = if in_folder {
            Place::Folder(tempfile::tempdir().unwrap())
        } else {
            Place::Simulated(Simulated::new())
        };
        let mut world = Self {
            place,
            options,
            policy,
            store: None,
            reader: None,
            recorder: None,
            pending: BTreeMap::new(),
            clock: 1_000,
            recorder_time: 0,
            left_out: BTreeMap::new(),
            model: Model::default(),
            unsure: Vec::new(),
            unsynced: Vec::new(),
        };
        world.store = Some(world.opened().unwrap());
        world
    }

    fn opened(&self) -> Result<Store, Error> {
        let (disk, cancel) = (self.place.disk(), crate::Cancel::default());
        let opening = opening::to_write_on(&disk, self.place.path(), &self.options, &cancel)?;
        let (shared, _) = Shared::new(opening);
        Ok(Store::over(Arc::new(shared), Vec::new(), None))
    }

    fn opened_to_read(&self) -> Result<Store, Error> {
        let (disk, cancel) = (self.place.disk(), crate::Cancel::default());
        let opening = opening::to_read_on(&disk, self.place.path(), &self.options, &cancel)?;
        Store::started(opening)
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    /// Makes a call while something may fail, and checks what the store shows.
    pub(super) fn step(&mut self, (call, failing): &Step) {
        let failing = failing.as_ref();
        if let (Place::Simulated(disk), Some(failing)) = (&self.place, failing) {
            failing.plan(disk);
        }
        let done = self.call(call);
        if done.is_ok() {
            // As the background threads would.
            let _ = self.store().turn();
        }
        if let Place::Simulated(disk) = &self.place {
            disk.heal();
        }
        if let Err(error) = done {
            assert!(failing.is_some(), "{call:?}: {error}");
            assert!(!error.to_string().is_empty());
        }
        if self.store.is_none() {
            self.reopen(End::Kill);
        }
        assert!(self.model.matches(&self.store().everything().unwrap()), "{:#?}", self.diff());
        self.model.shown().check_answers(self.store());
        if self.model.forget() {
            // The store would forget these when it rewrites them, so it does that now.
            self.store().merge_all().unwrap();
            self.unsure.clear();
            self.unsynced.clear();
        }
    }

    /// What is shown and should not be, and what is not shown, for debugging a failure.
    fn diff(&self) -> [Vec<String>; 2] {
        let shown: BTreeSet<_> = self.store().everything_exactly().unwrap().into_iter().collect();
        let model: BTreeSet<_> = self.model.shown().points.values().map(exact).collect();
        let less = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect();
        [less(&shown, &model), less(&model, &shown)]
    }

    fn call(&mut self, call: &Call) -> Result<(), Error> {
        match call {
            Call::Append(specs) => self.append(specs),
            Call::Poll { seconds, of, without, again } => {
                self.poll((*seconds, *again), *of, *without)
            }
            Call::Old { container, back, seconds } => self.old(*container, *back, *seconds),
            Call::Future(ahead) if self.model.stored.now > 0 => self.future(*ahead),
            Call::Future(_) => Ok(()),
            Call::Panic => self.panic(),
            Call::Record { seconds, of, keep } => self.record(*seconds, *of, *keep),
            Call::Silence(seconds) => {
                self.silence(*seconds);
                Ok(())
            }
            Call::Advance(wrong) => {
                self.advance(*wrong);
                Ok(())
            }
            Call::Seal => self.store().seal(),
            Call::Merge => self.store().merge_all(),
            Call::Compact => self.store().seal().and_then(|()| self.store().compact()),
            Call::Sync => self.store().sync().map(|()| self.unsynced.clear()),
            Call::Remove(container, back, length) => self.remove(*container, *back, *length),
            Call::KeepAge(seconds) => {
                let now = Timestamp::from_nanos(time_of(self.clock)).unwrap();
                let wanted = (START + self.clock - seconds) / WIDTH * WIDTH;
                self.retain(
                    Retention::Age { now, age: Duration::from_secs(*seconds) },
                    Some(wanted),
                )
            }
            Call::KeepPoints(count) => {
                self.store().seal()?;
                self.retain(Retention::Points(*count), None)
            }
            Call::KeepSince(from) => {
                let second = START + self.clock.saturating_add_signed(*from);
                let time = Timestamp::from_nanos(second * SECOND).unwrap();
                self.retain(Retention::Since(time), Some(second / WIDTH * WIDTH))
            }
            Call::Look => self.read_and_copy(),
            Call::Snapshot => self.snapshot(),
            Call::Refresh => self.refresh(),
            Call::Reopen(end) => {
                let closed = match (end, self.store.take()) {
                    (End::Close, Some(store)) => store.close(),
                    _ => Ok(()),
                };
                if matches!(end, End::Close) && closed.is_ok() {
                    self.unsynced.clear();
                }
                self.reopen(*end);
                closed
            }
        }
    }

    /// Notes what a call has changed, or may have changed if it failed. `durable` is what outlasts
    /// a loss of power whatever the policy.
    fn changed(
        &mut self,
        change: &Change,
        done: Result<Counts, Error>,
        durable: bool,
    ) -> Result<(), Error> {
        let changed = |model: &Model| {
            let mut changed = model.clone();
            changed.apply(change);
            changed
        };
        let before = [std::slice::from_ref(&self.model), &self.unsure].concat();
        let counts = match done {
            Ok(counts) => counts,
            Err(error) => {
                self.unsure.extend(before.iter().map(changed));
                let unsynced = self.unsynced.clone();
                self.unsynced.extend(unsynced.iter().filter(|_| durable).map(changed));
                return Err(error);
            }
        };
        match change {
            Change::Floor(_) => self.unsynced = self.unsynced.iter().map(changed).collect(),
            _ if durable => self.unsynced.clear(),
            _ => self.unsynced.extend(before),
        }
        if self.policy == SyncPolicy::Always {
            self.unsynced.clear();
        }
        let expected = self.model.apply(change);
        self.unsure = self.unsure.iter().map(changed).collect();
        assert_eq!(counts, expected, "{change:?}");
        Ok(())
    }

    /// Continues as another process, with what the one before left.
    fn reopen(&mut self, end: End) {
        (self.store, self.recorder) = (None, None);
        (self.pending, self.recorder_time) = (BTreeMap::new(), 0);
        let mut possible = [std::slice::from_ref(&self.model), &self.unsure].concat();
        if let Place::Simulated(disk) = &mut self.place {
            self.reader = None;
            *disk = match end {
                End::Close | End::Kill => disk.kill(),
                End::PowerCut(seed) => disk.power_cut(seed),
            };
            if matches!(end, End::PowerCut(_)) {
                possible.append(&mut self.unsynced);
            }
        }
        self.store = Some(self.opened().unwrap());
        let answers = self.store().everything().unwrap();
        for model in &mut possible {
            model.now(None);
        }
        // Models with different floors may give the same answers.
        let floor = seconds(self.store().stats().unwrap().floor);
        possible.retain(|model| model.stored.floor == floor);
        let Some(found) =
            possible.into_iter().find_map(|mut model| model.matches(&answers).then_some(model))
        else {
            self.model.now(None);
            panic!("not what was left by {end:?}: {:#?}", self.diff());
        };
        self.model = found;
        self.unsure.clear();
    }
}
