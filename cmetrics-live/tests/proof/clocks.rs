//! Machines whose clocks differ from ours by more than is allowed for.

use cmetrics_fake::MachineOptions;
use cmetrics_live::{LiveOptions, MachineState, MachineStatus};

use crate::scene::{Scene, seconds};

/// A machine that was polled for a while, and what polls it.
fn polled(seconds_ahead: i32) -> (Scene, MachineState) {
    let machine = MachineOptions::default().with_seconds_ahead(seconds_ahead);
    let mut scene = Scene::new(LiveOptions::default(), vec![machine]);
    scene.pass(seconds(60));
    let state = scene.live().machine("a").unwrap();
    assert_eq!(state.status, MachineStatus::Up);
    (scene, state)
}

#[test]
fn a_clock_far_ahead_is_told_as_long_as_it_is() {
    let (mut scene, state) = polled(300);
    assert!(state.counts.ahead > 0, "{state:?}");
    let told = state.last_error.unwrap();
    assert!(told.contains("its clock is ahead") && told.contains("set its clock"), "{told}");
    scene.machines[0].set_seconds_ahead(0);
    // It remembers samples of the future until then.
    scene.pass(seconds(240));
    assert_eq!(scene.live().machine("a").unwrap().last_error, None);
}

#[test]
fn a_clock_far_behind_is_told_as_long_as_it_is() {
    let (mut scene, state) = polled(-400);
    assert!(state.counts.late > 0, "{state:?}");
    let told = state.last_error.unwrap();
    assert!(told.contains("s behind ours") && told.contains("set its clock"), "{told}");
    scene.machines[0].set_seconds_ahead(0);
    scene.pass(seconds(120));
    assert_eq!(scene.live().machine("a").unwrap().last_error, None);
}

#[test]
fn a_clock_within_two_minutes_is_all_right() {
    for seconds_ahead in [120, -120] {
        let (scene, state) = polled(seconds_ahead);
        assert_eq!((state.last_error, state.counts.ahead, state.counts.late), (None, 0, 0));
        drop(scene);
    }
}
