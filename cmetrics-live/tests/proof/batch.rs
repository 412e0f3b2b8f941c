//! What is kept is what a batch makes of all that was served, whatever happens.

use std::time::Duration;

use cmetrics_fake::{Fault, MachineOptions};
use cmetrics_live::LiveOptions;
use proptest::prelude::*;

use crate::scene::{Scene, seconds};

/// What happens to a machine, or to us.
#[derive(Clone, Debug)]
enum Happening {
    /// Nothing for so many seconds.
    Pass(u64),
    /// We are stopped, and started after so many seconds.
    Reopen(u64),
    /// cAdvisor is stopped for so many seconds.
    Restart(u64),
    /// Nobody can connect for so many seconds.
    Refuse(u64),
    /// A container ends, and another starts.
    End(usize),
    /// A container starts again.
    Again(usize),
    /// The machine starts again.
    Reboot,
    /// Its clock is set anew.
    SetClock(i32),
    /// The next requests fail.
    Fail(u32, Fault),
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        (0..200_000_usize).prop_map(Fault::Cut),
        Just(Fault::Dropped),
        Just(Fault::Status(500, "failed to get containers".to_owned())),
        Just(Fault::Page),
        Just(Fault::Garbage(300_000)),
        Just(Fault::OtherProtocol),
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => (1..60_u64).prop_map(Happening::Pass),
        1 => (60..400_u64).prop_map(Happening::Pass),
        2 => prop_oneof![0..100_u64, 100..400_u64].prop_map(Happening::Reopen),
        2 => prop_oneof![0..100_u64, 100..400_u64].prop_map(Happening::Restart),
        2 => prop_oneof![0..100_u64, 100..400_u64].prop_map(Happening::Refuse),
        3 => (0..4_usize).prop_map(Happening::End),
        3 => (0..4_usize).prop_map(Happening::Again),
        1 => Just(Happening::Reboot),
        // What is older than the newest by more than the lateness, 180 s, is a batch of its own.
        1 => (-40..=40).prop_map(Happening::SetClock),
        3 => (1..4_u32, fault()).prop_map(|(times, fault)| Happening::Fail(times, fault)),
    ]
}

fn happen(scene: &mut Scene, which: usize, happening: Happening) {
    let machine = scene.machines[which % scene.machines.len()].clone();
    let container = |number: usize| {
        let containers = machine.containers();
        containers.get(number % containers.len().max(1)).cloned()
    };
    match happening {
        Happening::Pass(time) => scene.pass(seconds(time)),
        Happening::Reopen(time) => scene.reopen_after(seconds(time)),
        Happening::Restart(time) => {
            machine.stop_cadvisor();
            scene.pass(seconds(time));
            machine.start_cadvisor();
        }
        Happening::Refuse(time) => {
            machine.refuse();
            scene.pass(seconds(time));
            machine.listen();
        }
        Happening::End(number) => {
            if let Some(container) = container(number) {
                machine.end_container(&container.id);
                machine.start_container("next");
            }
        }
        Happening::Again(number) => {
            if let Some(container) = container(number) {
                machine.restart_container(&container.id);
            }
        }
        Happening::Reboot => machine.reboot(),
        Happening::SetClock(ahead) => machine.set_seconds_ahead(ahead),
        Happening::Fail(times, fault) => machine.fail_times(times, fault),
    }
}

/// Two machines by their seeds and clocks, and what happens to which.
type Story = ([(u64, i32); 2], Vec<(usize, Happening)>);

fn story() -> impl Strategy<Value = Story> {
    // Of one seed they would have containers of the same ids.
    let machine = |least: u64| (least..least + 1_000_000, -120..=120_i32);
    let machines = [machine(0), machine(1_000_000)];
    (machines, prop::collection::vec((0..2_usize, happening()), 1..14))
}

fn tell((machines, happenings): Story) {
    let machines = machines.map(|(seed, ahead)| machine(seed, ahead)).into();
    let mut scene = Scene::new(LiveOptions::default(), machines);
    for (which, happening) in happenings {
        happen(&mut scene, which, happening);
        scene.pass(seconds(7));
    }
    scene.assert_kept();
}

fn machine(seed: u64, ahead: i32) -> MachineOptions {
    MachineOptions::default()
        .with_seed(seed)
        .with_containers(2)
        .with_seconds_ahead(ahead)
        .with_delay(Duration::from_millis(1_500))
}

#[test]
fn a_quiet_minute_is_kept_as_it_was_served() {
    let mut scene = Scene::new(LiveOptions::default(), vec![machine(1, 0), machine(2, 0)]);
    scene.pass(seconds(60));
    let points = scene.assert_kept();
    // Two containers each, `/`, and `/docker`, which measures what their ends lose.
    assert_eq!(points.len(), 8, "{:?}", points.keys());
    assert!(points.contains_key("a:/") && points.contains_key("b:/docker"), "{:?}", points.keys());
    assert!(points.values().all(|points| points.len() > 30));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_what_was_served_is_kept(story in story()) {
        tell(story);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    #[ignore = "takes an hour"]
    fn whatever_happens_what_was_served_is_kept_for_long(story in story()) {
        tell(story);
    }
}
