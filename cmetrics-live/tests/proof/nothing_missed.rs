//! No sample of a container that goes on is missed.

use std::time::Duration;

use cmetrics_core::Timestamp;
use cmetrics_fake::{Fault, MachineOptions};
use cmetrics_live::LiveOptions;

use crate::scene::{Scene, seconds};

/// Asserts that all samples before this time were in some reply, but for those that the machine had
/// forgotten, or nearly so, when it was first asked.
fn assert_all_served(scene: &Scene, before: Timestamp) {
    let remembered: Timestamp = "2026-11-21T07:28:05Z".parse().unwrap();
    for life in scene.machines[0].truth().lives {
        let (path, all) = (&life.container.path, life.samples.len());
        let could = life.samples.iter().filter(|one| (remembered..before).contains(&one.at));
        let missed: Vec<_> = could.filter(|one| !one.is_served).map(|one| one.at).collect();
        assert!(missed.is_empty(), "{path}: {} of {all} samples missed: {missed:?}", missed.len());
    }
}

fn ago(scene: &Scene, time: Duration) -> Timestamp {
    scene.world.clock().now().checked_sub(time).unwrap()
}

#[test]
fn samples_that_can_be_read_late_are_taken_and_the_margin_learns() {
    let options = MachineOptions::default().with_delay(seconds(25));
    let mut scene = Scene::new(LiveOptions::default(), vec![options]);
    scene.pass(seconds(600));
    // All is looked at each minute.
    assert_all_served(&scene, ago(&scene, seconds(25 + 65)));
    let state = scene.live().machine("a").unwrap();
    assert!(state.counts.stragglers > 0 && state.margin_seconds > 10.0, "{state:?}");
    scene.assert_kept();
}

#[test]
fn outages_shorter_than_what_a_machine_remembers_lose_nothing() {
    let outages: [fn(&mut Scene); 3] = [
        |scene| {
            scene.machines[0].refuse();
            scene.pass(seconds(100));
            scene.machines[0].listen();
        },
        |scene| {
            scene.machines[0].fail(Fault::Dropped);
            scene.pass(seconds(100));
            scene.machines[0].heal();
        },
        |scene| scene.reopen_after(seconds(115)),
    ];
    for outage in outages {
        let options = MachineOptions::default().with_idle_every(2).with_containers(4);
        let mut scene = Scene::new(LiveOptions::default(), vec![options]);
        scene.pass(seconds(120));
        outage(&mut scene);
        scene.pass(seconds(60));
        assert_all_served(&scene, ago(&scene, seconds(6)));
        scene.assert_kept();
    }
}

#[test]
fn an_outage_that_is_longer_loses_what_the_machine_forgot_and_no_growth() {
    let mut scene = Scene::new(LiveOptions::default(), vec![MachineOptions::default()]);
    scene.pass(seconds(60));
    scene.machines[0].refuse();
    scene.pass(seconds(240));
    scene.machines[0].listen();
    scene.pass(seconds(60));
    let life = scene.machines[0].truth().lives.pop().unwrap();
    let served: Vec<_> = life.samples.iter().filter(|sample| sample.is_served).collect();
    assert!(served.len() + 50 < life.samples.len());
    // It is known when it was started.
    let used = served.last().unwrap().totals.unwrap().cpu_ns;
    let points = scene.assert_kept().remove(&life.container.id).unwrap();
    let cpu = |point: &String| {
        let point: serde_json::Value = serde_json::from_str(point).unwrap();
        point["cpu"]["usage"].as_u64().unwrap_or(0)
    };
    assert_eq!(points.iter().map(cpu).sum::<u64>(), used);
}
