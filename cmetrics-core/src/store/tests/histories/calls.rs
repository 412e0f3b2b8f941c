//! The calls and faults of a history.

use std::io::ErrorKind;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::points::{Spec, some_run, some_spec};
use super::super::*;
use crate::store::disk::simulated::{Act, Fault};

/// Containers whose samples are ingested, and those whose samples are recorded.
pub(super) const POLLED: [&str; 2] = ["/0", "/1"];
pub(super) const RECORDED: [&str; 2] = ["/2", "/3"];

#[derive(Clone, Debug)]
pub(super) enum Call {
    /// Points around the current time.
    Append(Vec<Spec>),
    /// Seconds pass, and a poll brings their samples: for which containers, without every so many,
    /// and repeating how many of the seconds before.
    Poll {
        seconds: u64,
        of: [bool; 2],
        without: u64,
        again: u64,
    },
    /// Samples of a while ago, which are late.
    Old {
        container: usize,
        back: u64,
        seconds: u64,
    },
    /// A poll with a sample so many seconds ahead of the time that was set.
    Future(u64),
    /// A caller that panics while it passes its samples.
    Panic,
    /// Samples that a recorder takes in, and hands on or keeps.
    Record {
        seconds: u64,
        of: [bool; 2],
        keep: bool,
    },
    /// Silence for so long; then the recorder's time is set, and it may forget.
    Silence(u64),
    /// The caller's clock, which may be wrong by so many seconds.
    Advance(i64),
    Seal,
    Merge,
    Compact,
    Sync,
    /// The index of a container, how long ago the range begins, and its length.
    Remove(usize, u64, u64),
    KeepAge(u64),
    KeepPoints(u64),
    /// The floor, in seconds from now.
    KeepSince(i64),
    /// Another process opens it for reading, and copies it.
    Look,
    Snapshot,
    Refresh,
    Reopen(End),
}

/// How a process ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Close,
    Kill,
    PowerCut(u64),
}

/// What fails during a call: operations of these kinds from the `nth` on, or of any kind that
/// changes the disk.
#[derive(Clone, Debug)]
pub(super) struct Failing {
    pub(super) acts: &'static [Act],
    pub(super) nth: u64,
    pub(super) landed: usize,
    pub(super) lasting: bool,
}

impl Failing {
    pub(super) fn plan(&self, disk: &Simulated) {
        let fault = Fault::of(ErrorKind::Other).landing(self.landed);
        let fault = if self.lasting { fault.lasting() } else { fault };
        if self.acts.is_empty() {
            disk.fail(None, self.nth, fault);
        }
        for act in self.acts {
            disk.fail(Some(*act), self.nth, fault);
        }
    }
}

pub(super) type Step = (Call, Option<Failing>);

fn some_failing() -> impl Strategy<Value = Failing> {
    let acts = prop_oneof![
        6 => Just(&[][..]),
        1 => Just(&[Act::Write][..]),
        1 => Just(&[Act::Sync, Act::SyncNames][..]),
        // As if there were no more file descriptors.
        2 => Just(&[Act::Open, Act::Create, Act::OpenAppend, Act::List][..]),
        1 => Just(&[Act::Read][..]),
        1 => Just(&[Act::Remove][..]),
    ];
    let landed = prop_oneof![Just(0), 1_usize..200, Just(usize::MAX)];
    (acts, 1_u64..20, landed, any::<bool>()).prop_map(|(acts, nth, landed, lasting)| Failing {
        acts,
        nth,
        landed,
        lasting,
    })
}

fn an_end() -> impl Strategy<Value = End> {
    prop_oneof![
        1 => Just(End::Close),
        1 => Just(End::Kill),
        2 => any::<u64>().prop_map(End::PowerCut),
    ]
}

fn a_call() -> impl Strategy<Value = Call> {
    let seconds = || prop_oneof![4 => 1_u64..15, 1 => 15_u64..70];
    let of = || select(&[[true, false], [false, true], [true, true]][..]);
    prop_oneof![
        3 => prop_oneof![vec(some_spec(40), 1..6), some_run(40)].prop_map(Call::Append),
        6 => (seconds(), of(), 2_u64..9, 0_u64..16).prop_map(|(seconds, of, without, again)| {
            Call::Poll { seconds, of, without, again }
        }),
        1 => (0_usize..2, 21_u64..400, 1_u64..40).prop_map(|(container, back, seconds)| {
            Call::Old { container, back, seconds }
        }),
        1 => (3_700_u64..100_000_000).prop_map(Call::Future),
        1 => Just(Call::Panic),
        4 => (seconds(), of(), prop::bool::weighted(0.8)).prop_map(|(seconds, of, keep)| {
            Call::Record { seconds, of, keep }
        }),
        1 => select(&[30_u64, 140, 160, 1_000][..]).prop_map(Call::Silence),
        1 => select(&[0_i64, 0, -30, 600, -5_000, 4_000, 100_000_000][..]).prop_map(Call::Advance),
        3 => Just(Call::Seal),
        1 => Just(Call::Merge),
        1 => Just(Call::Compact),
        1 => Just(Call::Sync),
        3 => (0_usize..7, 0_u64..200, prop_oneof![1_u64..60, Just(1 << 40)])
            .prop_map(|(container, back, length)| Call::Remove(container, back, length)),
        1 => (0_u64..300).prop_map(Call::KeepAge),
        1 => (0_u64..200).prop_map(Call::KeepPoints),
        1 => (-500_i64..100).prop_map(Call::KeepSince),
        1 => Just(Call::Look),
        1 => Just(Call::Snapshot),
        1 => Just(Call::Refresh),
        4 => an_end().prop_map(Call::Reopen),
    ]
}

pub(super) fn some_steps() -> impl Strategy<Value = Vec<Step>> {
    vec((a_call(), option::weighted(0.15, some_failing())), 1..40)
}
