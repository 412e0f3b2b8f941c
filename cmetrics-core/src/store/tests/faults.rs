//! Failing disk operations: the caller gets an error, and nothing acknowledged is lost.

use std::io::ErrorKind;

use super::script::{Call, POLICIES, Run, SCRIPT};
use super::*;
use crate::store::disk::simulated::{Act, Fault};

/// The number of operations that change the disk while the script runs.
fn acts(policy: SyncPolicy, memory: usize) -> u64 {
    let mut run = Run::new(policy, memory);
    for call in SCRIPT {
        run.call(call).unwrap();
    }
    run.disk.changes()
}

struct Case {
    policy: SyncPolicy,
    memory: usize,
    fault: Fault,
    /// Which operation of the kind fails.
    act: Option<Act>,
    nth: u64,
    /// Whether the caller tries again, once there is room.
    again: bool,
}

/// Runs the script, and returns how many calls failed.
fn run(case: &Case) -> usize {
    let mut run = Run::new(case.policy, case.memory);
    run.disk.fail(case.act, case.nth, case.fault);
    let mut failed = 0;
    for call in SCRIPT {
        let Err(error) = run.call(call) else { continue };
        failed += 1;
        assert!(!error.to_string().is_empty());
        if let Some(store) = &run.store
            && matches!(call, Call::Append(_) | Call::Poll(_))
        {
            let shown = run.shown(store);
            assert_eq!(shown, run.acknowledged, "{call:?} failed: {error}");
        }
        run.disk.heal();
        if case.again || call == Call::Reopen {
            run.call(call).unwrap();
        }
    }
    run.disk.heal();
    let acknowledged = run.acknowledged.clone();
    run.assert_there(&acknowledged, run.store.as_ref().unwrap());
    // However it continues: killed, without power or closed, and twice.
    let mut disks = vec![run.disk.kill()];
    if case.policy == SyncPolicy::Always {
        disks.extend((0..3).map(|seed| run.disk.power_cut(seed)));
    }
    run.call(Call::Reopen).unwrap();
    run.store.take().unwrap().close().unwrap();
    disks.extend([run.disk.clone(), run.disk.power_cut(7)]);
    for disk in disks {
        run.go_on_with(disk).unwrap();
        run.assert_there(&acknowledged, run.store.as_ref().unwrap());
        run.call(Call::Append(20)).unwrap();
        run.go_on_with(run.disk.kill()).unwrap();
        run.assert_there(&acknowledged, run.store.as_ref().unwrap());
        run.assert_there(&[Call::Append(20)].into(), run.store.as_ref().unwrap());
        run.submitted.pop();
    }
    failed
}

/// Makes each of so many operations fail in turn.
fn each_case(fault: Fault, again: bool, of: usize) {
    for (number, policy) in (1..).zip(POLICIES) {
        for memory in [1, 1 << 20] {
            let mut failed = 0;
            for nth in (number..=acts(policy, memory)).step_by(of) {
                let case = Case { policy, memory, fault, act: None, nth, again };
                let caught = std::panic::catch_unwind(|| run(&case));
                let Ok(calls) = caught else {
                    panic!("where act {nth} fails ({policy:?}, memory of {memory})")
                };
                failed += calls;
            }
            assert!(failed > 3, "only {failed} calls failed");
        }
    }
}

/// Fails once, for a while, and with writes of which a part is written.
fn each_fault(of: usize) {
    each_case(Fault::of(ErrorKind::Other), false, of);
    each_case(Fault::of(ErrorKind::StorageFull).landing(30).lasting(), true, of);
    each_case(Fault::of(ErrorKind::StorageFull).landing(50), false, of);
    each_case(Fault::of(ErrorKind::StorageFull).landing(usize::MAX), true, of);
}

#[test]
fn a_disk_that_fails_loses_nothing_acknowledged() {
    each_fault(11);
}

#[test]
#[ignore = "takes long"]
fn a_disk_that_fails_loses_nothing_acknowledged_for_long() {
    each_fault(1);
}

#[test]
fn a_file_that_cannot_be_read_or_opened_loses_nothing_acknowledged() {
    for act in [Act::List, Act::Open, Act::Read] {
        for nth in 1..60 {
            let (policy, fault) = (SyncPolicy::Always, Fault::of(ErrorKind::Other));
            run(&Case { policy, memory: 1, fault, act: Some(act), nth, again: true });
        }
    }
}

#[test]
fn a_sync_that_fails_and_drops_what_it_had_to_write_loses_nothing_acknowledged_later() {
    for nth in 1..40 {
        let fault = Fault::of(ErrorKind::Other);
        let (policy, act) = (SyncPolicy::Always, Some(Act::Sync));
        run(&Case { policy, memory: 1 << 20, fault, act, nth, again: false });
    }
}

#[test]
fn a_read_that_fails_while_a_segment_is_made_costs_nothing_once_reads_go_well() {
    let mut failed = 0;
    for nth in 1..100 {
        let mut run = Run::new(SyncPolicy::Always, 1 << 20);
        for number in 0..5 {
            run.call(Call::Append(number)).unwrap();
            run.call(Call::Poll(number)).unwrap();
        }
        run.disk.fail(Some(Act::Read), nth, Fault::of(ErrorKind::Other));
        failed += usize::from(run.call(Call::Seal).is_err());
        run.disk.heal();
        assert_eq!(run.shown(run.store.as_ref().unwrap()), run.acknowledged);
        run.call(Call::Merge).unwrap();
        assert_eq!(run.shown(run.store.as_ref().unwrap()), run.acknowledged);
    }
    assert!(failed > 3, "only {failed} failed");
}
