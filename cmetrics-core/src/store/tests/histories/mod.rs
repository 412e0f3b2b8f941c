//! Histories of everything that may happen to a store, against a naive model.

mod calls;
mod life;
mod model;
mod world;

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRng, TestRunner};

use super::points::Spec;
use super::script::POLICIES;
use super::*;
use calls::{Call, Failing, Step, some_steps};
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
    // The same histories in each run, so that a failure is due to a change; `make stress` tries
    // others.
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(16),
        ..ProptestConfig::with_cases(250)
    })]

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

#[test]
fn what_waits_in_a_log_that_failed_is_rewritten_though_another_log_follows() {
    let spec =
        || Spec { container: 0, slot: 0, covered: 0, shape: 0, value: 0, figures_only: false };
    // The log fails when its memory is sealed, after the writer has begun the next one.
    let failing = |nth| Some(Failing { acts: &[], nth, landed: 0, lasting: false });
    let steps = vec![
        (Call::Append(vec![spec()]), failing(8)),
        (Call::Seal, failing(5)),
        (Call::Append(vec![spec()]), None),
        (Call::Seal, None),
    ];
    lived(&History { policy: SyncPolicy::Always, memory: 1, in_folder: false, steps });
}

#[test]
fn what_lies_before_the_base_is_final_though_newer_samples_are_removed() {
    let poll = |seconds, of, without, again| (Call::Poll { seconds, of, without, again }, None);
    let steps = vec![
        (Call::Old { container: 0, back: 90, seconds: 1 }, None),
        (Call::Silence(140), None),
        poll(1, [true, false], 2, 1),
        (Call::Record { seconds: 19, of: [true, false], keep: false }, None),
        (Call::Remove(0, 21, 1), None),
        poll(11, [false, true], 2, 0),
        (Call::Old { container: 0, back: 262, seconds: 1 }, None),
    ];
    lived(&History { policy: SyncPolicy::Always, memory: 1, in_folder: false, steps });
}
