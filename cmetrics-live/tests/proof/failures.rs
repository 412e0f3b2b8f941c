//! Each way of failing is named as what it is, and disturbs no other machine.

use std::time::{Duration, Instant};

use cmetrics_core::Store;
use cmetrics_core::store::StoreOptions;
use cmetrics_fake::{Clock, FakeMachine, Fault, MachineOptions, World};
use cmetrics_live::{Live, LiveOptions, Machine, MachineState, MachineStatus};
use tokio_util::sync::CancellationToken;

/// A way of failing, what it is counted as, and what the error says.
struct Case {
    name: &'static str,
    fault: Option<Fault>,
    counted: &'static str,
    said: &'static str,
}

fn cases() -> Vec<Case> {
    let case = |name, fault, counted, said| Case { name, fault: Some(fault), counted, said };
    vec![
        Case { name: "refuses", fault: None, counted: "refused", said: "nobody listens" },
        case("silent", Fault::Silent, "timed_out_waiting", "no answer in time"),
        case("stalled", Fault::Stalled(5_000), "timed_out_reading", "after 5000 bytes"),
        case("cut", Fault::Cut(5_000), "cut_off", "cut off after 5000 bytes"),
        case("dropped", Fault::Dropped, "cut_off", "closed before an answer"),
        case("status", Fault::Status(503, "too busy\nmore".to_owned()), "status", "503"),
        case("garbage", Fault::Garbage(256 << 20), "not_metrics", "expected JSON"),
        case("too-large", Fault::Endless(5_500_000), "too_large", "larger than"),
        case("page", Fault::Page, "not_metrics", "an HTML page"),
        case("redirect", Fault::Redirect("http://10.0.0.1/".to_owned()), "status", "not followed"),
        case("long-headers", Fault::LongHeaders(200_000), "too_large", "64 KiB"),
        case("ssh", Fault::OtherProtocol, "protocol", "not HTTP"),
    ]
}

/// A machine of few samples, so that its replies are short.
fn machine(world: &World) -> FakeMachine {
    world.machine(MachineOptions::default().with_history(Duration::from_secs(30))).unwrap()
}

fn add(live: &Live, name: &str, machine: &FakeMachine) {
    let address = machine.address().to_string().parse().unwrap();
    live.add(Machine::new(Some(name.to_owned()), address)).unwrap();
}

async fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(90), "no {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn assert_named(case: &Case, state: &MachineState) {
    let error = state.last_error.clone().unwrap_or_default();
    assert!(error.contains(case.said), "{}: {error}", case.name);
    let counted = state.counts.failed_polls.get(case.counted).copied().unwrap_or(0);
    assert!(counted >= 1, "{}: {:?}", case.name, state.counts.failed_polls);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_failure_is_named_and_no_other_machine_is_disturbed() {
    let world = World::with_threads(Clock::real(), 2).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let options = LiveOptions::default().with_poll_interval(Duration::from_secs(1));
    let live = Live::open(store, options).unwrap();
    let good = machine(&world);
    add(&live, "good", &good);
    let failing = cases();
    let machines: Vec<_> = failing.iter().map(|_| machine(&world)).collect();
    for (case, machine) in failing.iter().zip(&machines) {
        add(&live, case.name, machine);
        match &case.fault {
            Some(fault) => machine.fail(fault.clone()),
            None => machine.refuse(),
        }
    }
    let stop = CancellationToken::new();
    let watch = async {
        for case in &failing {
            let state = || live.machine(case.name).unwrap();
            wait_for(case.name, || state().last_error.is_some()).await;
            assert_named(case, &state());
        }
        let polls = || live.machine("good").unwrap().counts.polls;
        let before = polls();
        wait_for("poll of the good machine", || polls() >= before + 3).await;
        let state = live.machine("good").unwrap();
        assert_eq!(state.counts.failed_polls.values().sum::<u64>(), 0, "{:?}", state.last_error);
        assert_eq!(state.status, MachineStatus::Up);
        stop.cancel();
    };
    let (ran, ()) = tokio::join!(live.run(stop.clone()), watch);
    ran.unwrap();
    live.close().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_docker_cannot_be_listed_all_cgroups_are() {
    let world = World::new(Clock::real()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let live = Live::open(store, LiveOptions::default()).unwrap();
    let machine = machine(&world);
    machine.fail_within("/docker/", Fault::Status(500, "failed to get containers".to_owned()));
    add(&live, "a", &machine);
    let stop = CancellationToken::new();
    let container = machine.containers()[0].id.clone();
    let watch = async {
        let kept = || live.store().range(&container, .., None).is_ok();
        wait_for("points", kept).await;
        stop.cancel();
    };
    let (ran, ()) = tokio::join!(live.run(stop.clone()), watch);
    ran.unwrap();
    live.close().unwrap();
}
