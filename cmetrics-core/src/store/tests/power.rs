//! A process that is killed or loses power at any disk operation.

use std::collections::BTreeSet;
use std::io::ErrorKind;

use super::script::{Call, POLICIES, Run, SCRIPT};
use super::*;
use crate::store::disk::simulated::Fault;

/// Runs the script up to the `nth` disk operation, of which so many bytes are written.
fn stopped_at(policy: SyncPolicy, memory: usize, nth: u64, landed: usize) -> (Run, bool) {
    let mut run = Run::new(policy, memory);
    run.disk.fail(None, nth, Fault::of(ErrorKind::Other).landing(landed).lasting());
    let stopped = SCRIPT.into_iter().any(|call| run.call(call).is_err());
    (run, stopped)
}

/// Asserts that a store can be used further, twice, and keeps what it showed.
fn goes_on(run: &mut Run, expected: &BTreeSet<Call>, seed: u64) {
    let shown = run.shown(run.store.as_ref().unwrap());
    run.call(Call::Append(30)).unwrap();
    run.call(Call::Sync).unwrap();
    run.go_on_with(run.disk.power_cut(seed)).unwrap();
    run.assert_there(&shown, run.store.as_ref().unwrap());
    run.call(Call::Append(31)).unwrap();
    run.go_on_with(run.disk.kill()).unwrap();
    run.assert_there(expected, run.store.as_ref().unwrap());
    run.assert_there(&[Call::Append(30), Call::Append(31)].into(), run.store.as_ref().unwrap());
}

fn at_each_act(of: usize, each: &dyn Fn(SyncPolicy, Run)) {
    for policy in POLICIES {
        for (memory, landed) in [(1, 0), (1 << 20, 0), (1 << 20, 60)] {
            for nth in (1..).step_by(of) {
                let (run, stopped) = stopped_at(policy, memory, nth, landed);
                let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    each(policy, run);
                }));
                assert!(
                    caught.is_ok(),
                    "stopped at act {nth} ({policy:?}, memory of {memory}, {landed} bytes landed)"
                );
                if !stopped {
                    break;
                }
            }
        }
    }
}

fn copied(run: &Run, policy: SyncPolicy) -> Run {
    let mut copy = Run::new(policy, 1 << 20);
    copy.submitted.clone_from(&run.submitted);
    copy.acknowledged.clone_from(&run.acknowledged);
    copy
}

fn killed(of: usize) {
    at_each_act(of, &|policy, run| {
        let mut copy = copied(&run, policy);
        copy.go_on_with(run.disk.kill()).unwrap();
        let acknowledged = run.acknowledged.clone();
        copy.assert_there(&acknowledged, copy.store.as_ref().unwrap());
        goes_on(&mut copy, &acknowledged, 1);
    });
}

fn without_power(of: usize, seeds: Range<u64>) {
    at_each_act(of, &|policy, run| {
        for seed in seeds.clone() {
            let mut copy = copied(&run, policy);
            copy.go_on_with(run.disk.power_cut(seed)).unwrap();
            let always = policy == SyncPolicy::Always;
            let expected = if always { &run.acknowledged } else { &run.durable };
            copy.assert_there(expected, copy.store.as_ref().unwrap());
            let shown = copy.shown(copy.store.as_ref().unwrap());
            let mut is_there = copy.submitted.iter().map(|call| shown.contains(call));
            is_there.by_ref().find(|there| !there);
            let prefix = !is_there.any(|there| there);
            assert!(prefix, "seed {seed}: {shown:?} of {:?}", copy.submitted);
            goes_on(&mut copy, expected, seed + 100);
        }
    });
}

fn killed_and_then_without_power(of: usize) {
    at_each_act(of, &|policy, run| {
        let mut copy = copied(&run, policy);
        copy.go_on_with(run.disk.kill()).unwrap();
        let shown = copy.shown(copy.store.as_ref().unwrap());
        copy.store().unwrap().sync().unwrap();
        for seed in 0..3 {
            let mut cut = copied(&copy, policy);
            cut.go_on_with(copy.disk.power_cut(seed)).unwrap();
            cut.assert_there(&shown, cut.store.as_ref().unwrap());
        }
    });
}

#[test]
fn a_process_that_is_killed_at_any_act_loses_nothing_acknowledged() {
    killed(5);
}

#[test]
fn a_loss_of_power_at_any_act_loses_nothing_that_was_synced_and_else_only_the_last_batches() {
    without_power(7, 0..3);
}

#[test]
fn a_process_that_is_killed_and_then_loses_power_has_what_it_synced_since() {
    killed_and_then_without_power(7);
}

#[test]
#[ignore = "takes long"]
fn whatever_stops_a_process_at_whatever_act_loses_nothing_acknowledged_for_long() {
    killed(1);
    without_power(1, 0..20);
    killed_and_then_without_power(1);
}
