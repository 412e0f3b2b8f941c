//! The plan on a clock that the test moves.

use proptest::prelude::*;

use super::*;
use crate::failure::FailureKind;
use crate::state::MachineIdentity;

const START: u64 = 1_795_262_400;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn wall(elapsed: Duration) -> Timestamp {
    Timestamp::from_seconds(START).unwrap().checked_add(elapsed).unwrap()
}

/// A machine's plan and the time.
struct Trial {
    plan: Plan,
    elapsed: Duration,
}

impl Trial {
    fn new() -> Self {
        let elapsed = seconds(1000);
        let now = Moment { wall: wall(elapsed), elapsed };
        let times = (seconds(5), seconds(120));
        let plan = Plan::new(times, "node7", Api::Cadvisor, None, now);
        Self { plan, elapsed }
    }

    fn now(&self) -> Moment {
        Moment { wall: wall(self.elapsed), elapsed: self.elapsed }
    }

    /// Moves the clock to the next poll.
    fn poll(&mut self) -> Poll {
        loop {
            match self.plan.next(self.now()) {
                Step::Wait(until) => self.elapsed = until,
                Step::Poll(poll) => return poll,
                Step::UnderWay => panic!("the last poll has not ended"),
            }
        }
    }

    /// Ends a poll with a newest sample of this age.
    fn succeed(&mut self, age: Duration, stragglers: u64) {
        let newest = self.now().wall.checked_sub(age);
        let endpoint = Some(Endpoint::Docker);
        let answer = Answer { endpoint, newest, stragglers, containers: 3, ..Answer::default() };
        self.plan.succeeded(&answer, self.now());
    }

    fn fail(&mut self, kind: FailureKind) {
        self.plan.failed(&Failure::new(kind, "for a test"), self.now());
    }

    fn state(&self) -> MachineState {
        let mut state = MachineState::default();
        self.plan.describe(&mut state);
        state
    }
}

#[test]
fn all_is_asked_for_at_first_and_then_what_is_newer_than_the_margin() {
    let mut trial = Trial::new();
    let first = trial.poll();
    assert_eq!((first.look, first.endpoint, first.expected_from), (Look::All, None, None));
    assert!(first.asks_who);
    trial.plan.identified(None, trial.now()).unwrap();
    trial.succeed(seconds(1), 0);
    let seen = trial.now().wall.checked_sub(seconds(1)).unwrap();
    let second = trial.poll();
    let start = seen.checked_sub(seconds(10)).unwrap();
    assert!(matches!(second.look, Look::Since(from, _) if from == start));
    assert_eq!((second.endpoint, second.expected_from), (Some(Endpoint::Docker), Some(start)));
    assert!(!second.asks_who);
}

#[test]
fn all_is_asked_for_each_minute_and_stragglers_widen_the_margin_up_to_a_minute() {
    let mut trial = Trial::new();
    let mut margins = Vec::new();
    let (mut looks, mut last_all) = (0, None);
    while margins.len() < 5 {
        let poll = trial.poll();
        looks += 1;
        let is_all = poll.look == Look::All;
        if is_all {
            if let Some(last) = last_all.replace(trial.elapsed) {
                assert!((seconds(60)..=seconds(65)).contains(&trial.elapsed.saturating_sub(last)));
                assert!(poll.expected_from.is_some());
            }
            margins.push(trial.state().margin_seconds);
        }
        trial.succeed(seconds(1), u64::from(is_all && looks > 1));
    }
    assert_eq!(margins, [10.0, 10.0, 20.0, 40.0, 60.0]);
    assert!((45..=52).contains(&looks), "{looks}");
}

#[test]
fn failures_are_waited_out_and_followed_by_a_full_look_at_a_new_contact() {
    let mut trial = Trial::new();
    trial.poll();
    trial.plan.identified(None, trial.now()).unwrap();
    trial.succeed(seconds(1), 0);
    let last_success = trial.now().wall;
    let mut waits = Vec::new();
    for number in 1..=6 {
        trial.poll();
        trial.fail(FailureKind::Refused);
        let failed = trial.elapsed;
        let expected = if number < 3 { MachineStatus::Up } else { MachineStatus::Away };
        assert_eq!(trial.state().status, expected);
        let poll = trial.poll();
        assert_eq!((poll.look, poll.endpoint, poll.asks_who), (Look::All, None, true));
        waits.push(trial.elapsed.saturating_sub(failed).as_secs());
        trial.plan.phase = Phase::Idle { due: trial.elapsed };
    }
    assert_eq!(waits, [1, 2, 4, 8, 15, 15]);
    let state = trial.state();
    assert_eq!((state.away_since, state.failures_in_a_row), (Some(last_success), 6));
    assert!(trial.poll().expected_from.is_some());
    trial.succeed(seconds(1), 0);
    let state = trial.state();
    assert_eq!((state.status, state.away_since), (MachineStatus::Up, None));
    assert!(matches!(trial.poll().look, Look::Since(..)));
}

#[test]
fn a_machine_that_fails_for_half_a_minute_is_away_however_rarely_it_was_asked() {
    let mut trial = Trial::new();
    trial.poll();
    trial.fail(FailureKind::TimedOutWaiting);
    let first = trial.now().wall;
    trial.poll();
    trial.elapsed += seconds(30);
    trial.fail(FailureKind::TimedOutWaiting);
    let state = trial.state();
    assert_eq!((state.status, state.away_since), (MachineStatus::Away, Some(first)));
}

#[test]
fn a_reply_that_was_cut_off_makes_no_stragglers() {
    let mut trial = Trial::new();
    trial.poll();
    trial.succeed(seconds(1), 0);
    trial.poll();
    trial.fail(FailureKind::CutOff);
    let poll = trial.poll();
    assert_eq!((poll.look, poll.expected_from), (Look::All, None));
}

#[test]
fn a_long_gap_is_followed_by_a_full_look() {
    let mut trial = Trial::new();
    trial.poll();
    trial.succeed(seconds(1), 0);
    trial.elapsed += seconds(60);
    assert_eq!(trial.poll().look, Look::All);
}

#[test]
fn a_clock_that_is_set_back_is_counted_and_followed_by_a_full_look() {
    let mut trial = Trial::new();
    trial.poll();
    trial.succeed(seconds(1), 0);
    trial.poll();
    trial.succeed(seconds(100), 0);
    assert_eq!(trial.plan.steps(), (1, 0));
    let poll = trial.poll();
    assert_eq!((poll.look, poll.expected_from), (Look::All, None));
    trial.succeed(seconds(100), 0);
    assert!(matches!(trial.poll().look, Look::Since(..)));
    assert!(trial.plan.clock_off_seconds().unwrap() < -90.0);
}

#[test]
fn a_newest_sample_that_stands_still_is_looked_behind() {
    let mut trial = Trial::new();
    trial.poll();
    trial.succeed(seconds(1), 0);
    let newest = trial.plan.seen.unwrap().0;
    let began = trial.elapsed;
    loop {
        let poll = trial.poll();
        if poll.look == Look::All {
            break;
        }
        let answer = Answer { newest: Some(newest), ..Answer::default() };
        trial.plan.succeeded(&answer, trial.now());
    }
    assert!((seconds(15)..=seconds(20)).contains(&trial.elapsed.saturating_sub(began)));
}

#[test]
fn another_machine_at_the_same_address_is_refused() {
    let machine = |id: &str, boot: &str| {
        let (machine_id, boot_id) = (Some(id.to_owned()), Some(boot.to_owned()));
        Some(MachineIdentity { machine_id, boot_id, ..MachineIdentity::default() })
    };
    let mut trial = Trial::new();
    let now = trial.now();
    trial.plan.identified(machine("a", "1"), now).unwrap();
    trial.plan.identified(None, now).unwrap();
    trial.plan.identified(machine("a", "2"), now).unwrap();
    let failure = trial.plan.identified(machine("b", "3"), now).unwrap_err();
    assert_eq!(failure.kind, FailureKind::AnotherMachine);
    assert!(failure.message.contains("its machine id is b, and was a"));
    assert_eq!(trial.plan.steps(), (0, 1));
    assert_eq!(trial.state().identity.unwrap().machine_id.unwrap(), "a");
}

#[test]
fn an_endpoint_that_was_passed_over_is_tried_again_after_five_minutes() {
    let mut trial = Trial::new();
    let endpoint = Some(Endpoint::Subcontainers);
    trial.poll();
    trial.plan.identified(None, trial.now()).unwrap();
    let began = trial.elapsed;
    loop {
        let newest = Some(trial.now().wall);
        trial.plan.succeeded(&Answer { endpoint, newest, ..Answer::default() }, trial.now());
        let poll = trial.poll();
        if poll.asks_who {
            assert_eq!(poll.endpoint, None);
            break;
        }
        assert_eq!(poll.endpoint, endpoint);
    }
    assert!((seconds(300)..=seconds(305)).contains(&trial.elapsed.saturating_sub(began)));
}

/// What becomes of a poll.
#[derive(Clone, Debug)]
enum Ending {
    Good { age: u64, stragglers: u64, instead: bool },
    Bad(FailureKind),
}

fn endings() -> impl Strategy<Value = (Ending, u64)> {
    let good = (0..200_u64, 0..3_u64, any::<bool>())
        .prop_map(|(age, stragglers, instead)| Ending::Good { age, stragglers, instead });
    let bad = prop_oneof![
        Just(FailureKind::Refused),
        Just(FailureKind::CutOff),
        Just(FailureKind::TimedOutWaiting),
        Just(FailureKind::Status(500)),
    ];
    (prop_oneof![3 => good, 1 => bad.prop_map(Ending::Bad)], 0..12_000_u64)
}

proptest! {
    #[test]
    fn whatever_happens_polls_come_in_time_and_ask_for_enough(
        all in prop::collection::vec(endings(), 1..60),
    ) {
        let mut trial = Trial::new();
        let (mut last_end, mut last_all) = (trial.elapsed, None::<Duration>);
        let (mut is_after_failure, mut failures) = (true, 0_u64);
        let mut seen = None::<Timestamp>;
        let mut margin = 10.0;
        for (ending, millis) in all {
            let poll = trial.poll();
            // Never long after the last one, and never at once after a failure.
            let pause = trial.elapsed.saturating_sub(last_end);
            prop_assert!(pause <= seconds(15));
            prop_assert!(failures == 0 || pause >= seconds(1));
            prop_assert_eq!(trial.plan.next(trial.now()), Step::UnderWay);
            match poll.look {
                Look::All => {}
                Look::Since(start, span) => {
                    prop_assert!(!is_after_failure);
                    prop_assert!(trial.elapsed.saturating_sub(last_all.unwrap()) < seconds(60));
                    let seen = seen.unwrap();
                    prop_assert!(seen.since(start) >= seconds(10));
                    prop_assert!(span >= seconds(10) && span < seconds(120));
                    prop_assert_eq!(poll.expected_from, Some(start));
                }
            }
            let begun = trial.elapsed;
            trial.elapsed += Duration::from_millis(millis);
            match ending {
                Ending::Good { age, stragglers, instead } => {
                    let newest = trial.now().wall.checked_sub(seconds(age));
                    let answer = Answer {
                        endpoint: Some(Endpoint::Docker),
                        is_instead: instead,
                        newest,
                        stragglers,
                        containers: 1,
                    };
                    trial.plan.succeeded(&answer, trial.now());
                    seen = newest;
                    if poll.look == Look::All {
                        last_all = Some(begun);
                    }
                    (is_after_failure, failures) = (false, 0);
                    prop_assert_eq!(trial.plan.status(), MachineStatus::Up);
                }
                Ending::Bad(kind) => {
                    trial.fail(kind);
                    (is_after_failure, failures) = (true, failures + 1);
                    if failures >= 3 {
                        prop_assert_eq!(trial.plan.status(), MachineStatus::Away);
                    }
                }
            }
            let state = trial.state();
            prop_assert_eq!(state.failures_in_a_row, failures);
            prop_assert_eq!(state.away_since.is_some(), state.status == MachineStatus::Away);
            prop_assert!(state.margin_seconds >= margin && state.margin_seconds <= 60.0);
            margin = state.margin_seconds;
            last_end = trial.elapsed;
        }
    }
}
