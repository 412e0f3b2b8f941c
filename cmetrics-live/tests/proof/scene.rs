//! Machines, and a `Live` that polls them on a clock that the test drives.

use std::time::Duration;

use cmetrics_core::store::StoreOptions;
use cmetrics_core::{Store, Timestamp};
use cmetrics_fake::{Clock, FakeMachine, MachineOptions, World};
use cmetrics_live::{Driven, Live, LiveOptions, Machine};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::points::{Points, assert_same, kept, of_all_served};

/// Machines `a`, `b`, … of one world, and what polls them.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) machines: Vec<FakeMachine>,
    live: Option<Live>,
    driven: Option<Driven>,
    options: LiveOptions,
    folder: TempDir,
    runtime: Runtime,
    /// When the next poll is due.
    due: Timestamp,
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

impl Scene {
    pub(crate) fn new(options: LiveOptions, machines: Vec<MachineOptions>) -> Self {
        let world = World::new(Clock::driven("2026-11-21T07:30:00Z".parse().unwrap())).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let machines = machines.into_iter().map(|options| world.machine(options).unwrap());
        let mut scene = Self {
            due: world.clock().now(),
            machines: machines.collect(),
            live: None,
            driven: None,
            options,
            folder: tempfile::tempdir().unwrap(),
            runtime,
            world,
        };
        scene.open();
        for (name, machine) in NAMES.iter().zip(&scene.machines) {
            let address = machine.address().to_string().parse().unwrap();
            scene.live().add(Machine::new(Some((*name).to_owned()), address)).unwrap();
        }
        scene
    }

    pub(crate) fn live(&self) -> &Live {
        self.live.as_ref().unwrap()
    }

    /// Opens what polls, at the beginning or after it was closed.
    fn open(&mut self) {
        let store = Store::open(self.folder.path(), StoreOptions::default()).unwrap();
        let live = Live::open(store, self.options.clone()).unwrap();
        self.driven = Some(live.driven());
        self.live = Some(live);
        self.due = self.world.clock().now();
    }

    fn close(&mut self) {
        self.driven = None;
        self.live.take().unwrap().close().unwrap();
    }

    /// Closes what polls, and opens it anew after this time.
    pub(crate) fn reopen_after(&mut self, time: Duration) {
        self.close();
        self.world.clock().advance(time);
        self.open();
    }

    /// Lets time pass, with the polls that are due in it.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.world.clock().now().checked_add(time).unwrap();
        loop {
            let now = self.world.clock().now();
            if self.due > end {
                self.world.clock().advance(end.since(now));
                return;
            }
            self.world.clock().advance(self.due.since(now));
            self.poll();
        }
    }

    /// Polls each machine that is due now.
    pub(crate) fn poll(&mut self) {
        let now = self.world.clock().now();
        let driven = self.driven.as_mut().unwrap();
        let due = self.runtime.block_on(driven.poll_due(now)).unwrap();
        assert!(due > now, "polled again at once");
        self.due = due;
    }

    /// The points of all that was served, by a batch.
    pub(crate) fn batch(&self) -> Points {
        let machines: Vec<_> = NAMES.into_iter().zip(&self.machines).collect();
        of_all_served(self.live().store().settings(), &machines)
    }

    /// Asserts that what is kept in the end is what a batch makes of all that was served. Returns the
    /// points.
    pub(crate) fn assert_kept(&mut self) -> Points {
        let expected = self.batch();
        self.close();
        let store = Store::open_read_only(self.folder.path(), StoreOptions::default()).unwrap();
        assert_same(&kept(&store), &expected);
        expected
    }
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
