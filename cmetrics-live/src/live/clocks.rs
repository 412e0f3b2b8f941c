//! Clocks of machines that differ from ours by more than is allowed for.

use std::time::Duration;

use cmetrics_core::Timestamp;

use crate::keeper::{Keeper, MOST_AHEAD};

/// By how much a machine's clock may differ from ours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed {
    ahead: Duration,
    behind: Duration,
}

/// What an answer tells of the machine's clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    /// The time of its newest sample, by the machine's clock.
    pub(super) newest: Option<Timestamp>,
    /// By how many seconds its clock is ahead of ours over the last answers, if it is off.
    pub(super) offset: Option<f64>,
}

impl Allowed {
    pub(super) fn of(keeper: &Keeper) -> Self {
        Self { ahead: MOST_AHEAD, behind: keeper.most_behind() }
    }

    /// What is wrong with the clock and what to do, if it differs by more.
    pub(super) fn trouble(&self, told: Told, now: Timestamp) -> Option<String> {
        // The newest sample tells it at once; a sample is never younger than its time.
        let ahead = told.newest.map_or(Duration::ZERO, |newest| newest.since(now));
        if ahead > self.ahead {
            return Some(format!(
                "its clock is ahead: its newest sample is {} s ahead of ours, and what is more than \
                 {} s ahead is refused: set its clock or ours",
                ahead.as_secs(),
                self.ahead.as_secs()
            ));
        }
        // One that is old may only be of a machine that takes no more.
        let behind = -told.offset?;
        (behind > self.behind.as_secs_f64()).then(|| {
            format!(
                "its clock is {behind:.0} s behind ours, so that its points are kept late, and no \
                 stream has them: set its clock or ours"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_by_more_than_is_allowed_is_told() {
        let seconds = Duration::from_secs;
        let allowed = Allowed { ahead: seconds(150), behind: seconds(250) };
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let told = |offset: i32| {
            let by = seconds(offset.unsigned_abs().into());
            let newest = if offset < 0 { now.checked_sub(by) } else { now.checked_add(by) };
            allowed.trouble(Told { newest, offset: Some(offset.into()) }, now)
        };
        assert!([0, 150, -250].into_iter().all(|offset| told(offset).is_none()));
        assert!(told(300).unwrap().contains("newest sample is 300 s ahead"));
        assert!(told(-400).unwrap().contains("is 400 s behind ours"));
        let idle = Told { newest: now.checked_sub(seconds(900)), offset: Some(-2.0) };
        assert_eq!(allowed.trouble(idle, now), None);
    }
}
