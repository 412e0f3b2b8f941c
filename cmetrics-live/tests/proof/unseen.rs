//! What containers used and no sample showed is reported.

use cmetrics_fake::{MachineOptions, TrueLife};
use cmetrics_live::LiveOptions;

use crate::scene::{Scene, seconds};

/// The CPU time of containers that ended in this time which no sample tells.
fn truly_unseen(lives: &[TrueLife], from: u64, to: u64) -> u64 {
    let is_container = |life: &&TrueLife| !life.container.id.is_empty();
    let ended_then =
        |life: &&TrueLife| life.ended.is_some_and(|ended| (from..to).contains(&ended.seconds()));
    lives.iter().filter(is_container).filter(ended_then).map(TrueLife::unseen_cpu_ns).sum()
}

/// The sum of what is reported of intervals from this second on, and the end of the last.
fn reported(scene: &Scene, from: u64) -> (i64, u64) {
    let state = scene.live().machine("a").unwrap();
    let unseen = state.unseen.iter().filter(|unseen| unseen.start >= from);
    let sum = unseen.filter_map(|unseen| unseen.cpu_ns).sum();
    (sum, state.unseen.last().unwrap().end)
}

#[test]
fn what_ended_containers_used_since_they_were_last_sampled_is_reported() {
    let options = MachineOptions::default().with_containers(4).with_life(seconds(30));
    let mut scene = Scene::new(LiveOptions::default(), vec![options.with_seed(3)]);
    scene.pass(seconds(10));
    // Of those that ended before the first poll, nothing was served.
    let from = scene.world.clock().now().seconds().next_multiple_of(5);
    scene.pass(seconds(1_800));
    let (reported, to) = reported(&scene, from);
    assert!(to - from > 1_200, "only {} s are settled", to - from);
    let truth = truly_unseen(&scene.machines[0].truth().lives, from, to);
    let off = reported.abs_diff(truth.cast_signed());
    assert!(off < truth / 100, "{reported} ns are reported, and {truth} ns were unseen");
}

#[test]
fn where_no_container_ends_nothing_is_unseen() {
    let mut scene = Scene::new(LiveOptions::default(), vec![MachineOptions::default()]);
    scene.pass(seconds(600));
    let (reported, _) = reported(&scene, 0);
    let used = scene.machines[0].truth().lives[1].used.cpu_ns;
    // At both ends the parent was sampled before its children or behind them, by up to 2 s.
    assert!(reported.unsigned_abs() < used / 730 * 4, "{reported} of {used}");
}
