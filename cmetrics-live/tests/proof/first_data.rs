//! Two minutes of points right after the start.

use std::time::{Duration, Instant};

use cmetrics_core::Store;
use cmetrics_core::store::StoreOptions;
use cmetrics_fake::{Clock, MachineOptions, World};
use cmetrics_live::{Live, LiveOptions, Machine};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn two_minutes_of_points_are_there_right_after_the_start() {
    let world = World::new(Clock::real()).unwrap();
    let machine = world.machine(MachineOptions::default().with_containers(50)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
    let live = Live::open(store, LiveOptions::default()).unwrap();
    let address = machine.address().to_string().parse().unwrap();
    live.add(Machine::new(Some("a".to_owned()), address)).unwrap();
    let stop = CancellationToken::new();
    let container = machine.containers()[49].id.clone();
    let first = async {
        loop {
            let kept = live.store().last(&container, Duration::from_secs(600));
            let kept = kept.map_or(0, |points| points.len());
            if kept >= 20 {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{kept}: {:?}", live.machines());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let took = begun.elapsed();
        stop.cancel();
        took
    };
    let (ran, took) = tokio::join!(live.run(stop.clone()), first);
    ran.unwrap();
    println!("first data, two minutes of it, {took:.3?} after the start");
    live.close().unwrap();
}
