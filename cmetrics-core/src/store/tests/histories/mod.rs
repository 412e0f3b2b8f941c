//! Histories of everything that may happen to a store, against a naive model.

mod calls;
mod life;
mod model;
mod world;

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::script::POLICIES;
use super::*;
use calls::{Step, some_steps};
use world::World;

#[derive(Clone, Debug)]
struct History {
    policy: SyncPolicy,
    memory: usize,
    /// Whether it lies in a folder, and not on a disk that fails and loses its power.
    in_folder: bool,
    steps: Vec<Step>,
}

fn a_history() -> impl Strategy<Value = History> {
    let policy = proptest::sample::select(&POLICIES[..]);
    let memory = prop_oneof![Just(1_usize), Just(3_000), Just(1 << 20)];
    (policy, memory, prop::bool::weighted(0.15), some_steps())
        .prop_map(|(policy, memory, in_folder, steps)| History { policy, memory, in_folder, steps })
}

fn lived(history: &History) {
    let mut world = World::new(history.policy, history.memory, history.in_folder);
    for step in &history.steps {
        world.step(step);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn a_store_shows_what_was_acknowledged_whatever_happens_to_it(
        history in a_history(),
    ) {
        lived(&history);
    }
}

/// Runs for `CMETRICS_STRESS_SECONDS`, two minutes by default, from seed `CMETRICS_STRESS_SEED` on.
/// A failure names its seed.
#[test]
#[ignore = "takes long"]
fn a_store_shows_what_was_acknowledged_whatever_happens_to_it_for_long() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seconds = number("CMETRICS_STRESS_SECONDS").unwrap_or(120);
    let until = Instant::now() + Duration::from_secs(seconds);
    let (first, mut count) = (number("CMETRICS_STRESS_SEED").unwrap_or(0), 0);
    while Instant::now() < until {
        let seed = first + count;
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let config = Config { cases: 50, failure_persistence: None, ..Config::default() };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let tested = TestRunner::new_with_rng(config, rng).run(&a_history(), |history| {
            lived(&history);
            Ok(())
        });
        if let Err(failed) = tested {
            panic!("CMETRICS_STRESS_SEED={seed}: {failed}");
        }
        count += 1;
    }
    eprintln!("{} histories", count * 50);
}
