//! A process that is killed while it polls, and started again, has lost nothing.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use cmetrics_core::Store;
use cmetrics_core::store::StoreOptions;
use cmetrics_fake::{Clock, FakeMachine, MachineOptions, Which, World};
use cmetrics_live::{Live, LiveOptions, Machine};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::points::{Points, assert_same, kept, of_documents};

const CHILD: &str = "CMETRICS_LIVE_TEST_KILLED";
const NAMES: [&str; 2] = ["a", "b"];

fn open(folder: &Path) -> Live {
    let store = Store::open(folder, StoreOptions::default()).unwrap();
    let options = LiveOptions::default().with_poll_interval(Duration::from_secs(1));
    Live::open(store, options).unwrap()
}

/// Polls until it is killed.
#[test]
#[ignore = "it is run by the tests that kill it"]
fn the_child_that_is_killed() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let live = open(folder.as_ref());
    Runtime::new().unwrap().block_on(live.run(CancellationToken::new())).unwrap();
}

fn child(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::the_child_that_is_killed", "--ignored", "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Kills so many children, each after another time of at most this, while a container starts again
/// now and then. Then polls to the end, and compares.
fn rounds(count: u64, longest: Duration) {
    let world = World::new(Clock::real()).unwrap();
    let machines = NAMES.map(|name| {
        let options =
            MachineOptions::default().with_seed(name.as_bytes()[0].into()).without_replies();
        world.machine(options.with_history(Duration::from_secs(20))).unwrap()
    });
    let folder = tempfile::tempdir().unwrap();
    let live = open(folder.path());
    for (name, machine) in NAMES.iter().zip(&machines) {
        let address = machine.address().to_string().parse().unwrap();
        live.add(Machine::new(Some((*name).to_owned()), address)).unwrap();
    }
    live.close().unwrap();
    let looks = || machines.iter().map(|machine| machine.looks().len()).sum::<usize>();
    let mut polled = 0;
    for round in 0..count {
        let before = looks();
        let mut child = child(folder.path());
        sleep(longest * u32::try_from(round * 389 % 1_000).unwrap() / 1_000);
        child.kill().unwrap();
        child.wait().unwrap();
        polled += u64::from(looks() > before);
    }
    assert!(polled > count / 4, "only {polled} of {count} polled before they were killed");
    let points = end(folder.path(), &machines);
    assert!(points.values().any(|points| points.len() > 3));
}

/// Polls once more, and compares what is kept with what was served. Returns the points.
fn end(folder: &Path, machines: &[FakeMachine]) -> Points {
    let live = open(folder);
    let runtime = Runtime::new().unwrap();
    let stop = CancellationToken::new();
    let up = async {
        let begun = Instant::now();
        while !live.machines().iter().all(|state| state.last_success.is_some()) {
            assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", live.machines());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        stop.cancel();
    };
    let (ran, ()) = runtime.block_on(async { tokio::join!(live.run(stop.clone()), up) });
    ran.unwrap();
    let expected = {
        let documents = |machine: &FakeMachine| machine.documents(Which::Served);
        let all = NAMES.into_iter().zip(machines.iter().map(documents)).collect::<Vec<_>>();
        of_documents(live.store().settings(), &all)
    };
    assert_same(&kept(live.store()), &expected);
    live.close().unwrap();
    expected
}

#[test]
fn a_process_that_is_killed_at_any_moment_loses_nothing() {
    rounds(50, Duration::from_millis(700));
}

#[test]
#[ignore = "takes ten minutes"]
fn a_process_that_is_killed_at_any_moment_loses_nothing_for_long() {
    rounds(500, Duration::from_millis(2_200));
}
