//! When a machine is asked.

use std::time::Duration;

/// How long to wait after failures in a row, in seconds: so that a machine that comes back before
/// it has forgotten anything is asked in time.
const BACK_OFF_SECONDS: [u64; 5] = [1, 2, 4, 8, 15];
/// Within which time all machines are asked first.
const FIRST_SPREAD: Duration = Duration::from_millis(250);

/// When a machine is asked: at its place in each interval, so that not all are asked at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    interval: Duration,
    /// From the start of an interval on, as a share of 2³².
    place: u32,
}

impl Schedule {
    pub(crate) fn new(interval: Duration, name: &str) -> Self {
        Self { interval, place: hash(name) }
    }

    /// The machine's place in this time.
    fn share_of(&self, time: Duration) -> Duration {
        let nanos = (time.as_nanos() * u128::from(self.place)) >> 32;
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// When a machine is first asked that became known at this time.
    pub(crate) fn first(&self, now: Duration) -> Duration {
        now + self.share_of(self.interval.min(FIRST_SPREAD))
    }

    /// When it is asked after a good poll that began then and has just ended: at its next place that
    /// is at least half an interval later. Places that went by meanwhile are left out.
    pub(crate) fn next(&self, begun: Duration, now: Duration) -> Duration {
        let earliest = now.max(begun + self.interval / 2);
        let offset = self.share_of(self.interval);
        let since = earliest.saturating_sub(offset).as_nanos();
        let intervals = since.div_ceil(self.interval.as_nanos().max(1));
        let intervals = u32::try_from(intervals).unwrap_or(u32::MAX);
        offset + self.interval.saturating_mul(intervals)
    }

    /// When it is asked after so many failures in a row.
    pub(crate) fn after_failures(failures: u64, now: Duration) -> Duration {
        let index = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
        let last = BACK_OFF_SECONDS.len() - 1;
        let seconds = BACK_OFF_SECONDS.get(index.min(last)).copied().unwrap_or(15);
        now + Duration::from_secs(seconds)
    }
}

/// FNV-1a, mixed so that names that differ in their last character only are far apart: the same on
/// each run and each system.
fn hash(name: &str) -> u32 {
    let fnv = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (fnv ^ (fnv >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u32::try_from(mixed >> 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(5);

    #[test]
    fn a_thousand_machines_are_spread_over_the_interval() {
        let mut tenths = [0_u32; 10];
        for number in 0..1000 {
            let schedule = Schedule::new(INTERVAL, &format!("node{number}:8080"));
            let at = schedule.next(Duration::from_secs(100), Duration::from_secs(100));
            assert!(at >= Duration::from_millis(102_500) && at < Duration::from_millis(107_500));
            tenths[usize::try_from(at.as_millis() % 5000 / 500).unwrap()] += 1;
        }
        assert!(tenths.iter().all(|number| (50..200).contains(number)), "{tenths:?}");
    }

    #[test]
    fn a_machine_keeps_its_place_and_leaves_out_those_that_went_by() {
        let schedule = Schedule::new(INTERVAL, "node7");
        let first = schedule.next(Duration::ZERO, Duration::ZERO);
        let second = schedule.next(first, first + Duration::from_millis(20));
        assert_eq!(second, first + INTERVAL);
        let after_a_slow_one = schedule.next(second, second + Duration::from_secs(9));
        assert_eq!(after_a_slow_one, second + 2 * INTERVAL);
        assert!(schedule.first(first) < first + FIRST_SPREAD);
    }

    #[test]
    fn failures_are_waited_out_for_longer_and_longer() {
        let waits = (1..=7).map(|failures| Schedule::after_failures(failures, Duration::ZERO));
        let seconds: Vec<_> = waits.map(|wait| wait.as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 15, 15, 15]);
    }
}
