//! A fixed script of calls, so that each disk operation may fail in turn.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};

use super::model::Model;
use super::points::{START, Spec};
use super::steps::{SECOND, document};
use super::*;
use crate::{Input, Pipeline};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Call {
    Append(u64),
    Poll(u64),
    /// A memory becomes a segment, and the log continues.
    Begin,
    Seal,
    Merge,
    Sync,
    Reopen,
}

pub(super) const SCRIPT: [Call; 24] = [
    Call::Append(0),
    Call::Poll(0),
    Call::Append(1),
    Call::Seal,
    Call::Poll(1),
    Call::Begin,
    Call::Append(2),
    Call::Sync,
    Call::Append(3),
    Call::Seal,
    Call::Append(4),
    Call::Poll(2),
    Call::Merge,
    Call::Append(5),
    Call::Reopen,
    Call::Poll(3),
    Call::Append(6),
    Call::Begin,
    Call::Seal,
    Call::Append(7),
    Call::Append(8),
    Call::Reopen,
    Call::Poll(4),
    Call::Append(9),
];

pub(super) const POLICIES: [SyncPolicy; 3] =
    [SyncPolicy::Always, SyncPolicy::Os, SyncPolicy::Every(std::time::Duration::from_secs(3_600))];

/// A batch of points, some of which replace those of the batch before.
pub(super) fn batch(number: u64) -> Vec<DataPoint> {
    let spec = |container, slot, covered| Spec {
        container,
        slot,
        covered,
        shape: u8::try_from(number % 5).unwrap(),
        value: number,
        figures_only: number % 4 == 3,
    };
    let mut specs = vec![spec(0, number, 4)];
    specs.extend((0..=number % 3).map(|more| spec(1, number * 3 + more, 2)));
    if number > 0 {
        specs.push(spec(1, number * 3 - 3, 3));
    }
    specs.iter().map(Spec::point).collect()
}

/// A container's samples of these seconds.
pub(super) fn samples(seconds: Range<u64>) -> Vec<Value> {
    let sample = |second: u64| {
        let at = Timestamp::from_nanos((START + second) * SECOND + 7).unwrap();
        let cpu = if second % 17 == 11 { 1 } else { second * 1_000 };
        let mut sample = json!({
            "timestamp": at.to_string(),
            "cpu": { "usage": { "total": cpu } },
            "memory": { "usage": second },
        });
        if !second.is_multiple_of(5) {
            sample["network"] =
                json!({ "interfaces": [{ "name": "eth0", "rx_bytes": second * 3 }] });
        }
        sample
    };
    seconds.map(sample).collect()
}

/// A poll repeats what the one before had.
pub(super) fn poll(number: u64) -> Value {
    document(&[samples((number * 10).saturating_sub(15)..(number + 1) * 10)])
}

/// What was called, and what was acknowledged.
pub(super) struct Run {
    pub(super) disk: Simulated,
    pub(super) store: Option<Store>,
    options: StoreOptions,
    pub(super) submitted: Vec<Call>,
    pub(super) acknowledged: BTreeSet<Call>,
    /// What must outlast a loss of power, whatever the policy.
    pub(super) durable: BTreeSet<Call>,
}

impl Run {
    pub(super) fn new(sync: SyncPolicy, memory: usize) -> Self {
        let options = StoreOptions::default()
            .with_lateness(Duration::from_secs(20))
            .with_sync(sync)
            .with_memory(memory);
        Self {
            disk: Simulated::new(),
            store: None,
            options,
            submitted: Vec::new(),
            acknowledged: BTreeSet::new(),
            durable: BTreeSet::new(),
        }
    }

    pub(super) fn store(&mut self) -> Result<&Store, Error> {
        if self.store.is_none() {
            self.store = Some(open_idle(&self.disk, self.options)?);
        }
        self.store.as_ref().ok_or_else(|| unreachable!())
    }

    /// Continues with another disk, as a new process would.
    pub(super) fn go_on_with(&mut self, disk: Simulated) -> Result<&Store, Error> {
        self.store = None;
        self.disk = disk;
        self.store()
    }

    pub(super) fn call(&mut self, call: Call) -> Result<(), Error> {
        let is_write = matches!(call, Call::Append(_) | Call::Poll(_));
        let store = self.store()?;
        if !is_write {
            // As the background threads would have done.
            let _ = store.turn();
        }
        let called = match call {
            Call::Append(number) => store.append(&batch(number)).map(drop),
            Call::Poll(number) => store.take_poll(&poll(number)).map(drop),
            Call::Begin => store.begin_memory().and_then(|()| store.turn()),
            Call::Seal => store.seal(),
            Call::Merge => store.merge_all(),
            Call::Sync => store.sync(),
            Call::Reopen => self.store.take().map_or(Ok(()), Store::close),
        };
        if is_write {
            self.submitted.push(call);
        }
        called?;
        if is_write {
            self.acknowledged.insert(call);
            // A full memory becomes a segment in the background; a failure of that fails no call.
            let _ = self.store()?.turn();
        }
        if matches!(call, Call::Sync | Call::Reopen) {
            self.durable.extend(&self.acknowledged);
        }
        if call == Call::Reopen { self.store().map(drop) } else { Ok(()) }
    }

    /// The calls whose batches a store shows. It must show them whole, and nothing else.
    pub(super) fn shown(&self, store: &Store) -> BTreeSet<Call> {
        let all = store.everything().unwrap();
        let of_polls = |point: &&DataPoint| point.name() == "/0";
        let appended: BTreeSet<_> = all
            .iter()
            .filter(|point| point.name() == "/")
            .map(|point| (point.interval().start() - START) / 5)
            .collect();
        let mut model = Model::default();
        let mut calls = BTreeSet::new();
        for call in &self.submitted {
            if let Call::Append(number) = *call
                && appended.contains(&number)
                && calls.insert(*call)
            {
                model.append(&batch(number));
            }
        }
        let found: Vec<_> = all.iter().filter(|point| !of_polls(point)).map(exact).collect();
        assert_eq!(found, model.points.values().map(exact).collect::<Vec<_>>());
        let found: Vec<_> = all.iter().filter(of_polls).map(exact).collect();
        let polls: Vec<_> = self
            .submitted
            .iter()
            .filter_map(|call| if let Call::Poll(number) = call { Some(*number) } else { None })
            .collect();
        let last = polls.iter().rev().find(|last| found == points_of_polls(**last));
        assert!(found.is_empty() || last.is_some(), "of no polls: {found:#?}");
        // The next poll has what one does not.
        let polls = polls.iter().filter(|number| last.is_some_and(|last| *number <= last));
        calls.extend(polls.map(|number| Call::Poll(*number)));
        let wrong = store.verify().unwrap();
        assert!(wrong.is_empty(), "{wrong:?}");
        calls
    }

    /// Asserts that all of these are there.
    pub(super) fn assert_there(&self, calls: &BTreeSet<Call>, store: &Store) {
        let shown = self.shown(store);
        let lost: Vec<_> = calls.difference(&shown).collect();
        assert!(lost.is_empty(), "{lost:?} are lost of {:?}", self.submitted);
    }
}

fn points_of_polls(last: u64) -> &'static [String] {
    static POINTS: [OnceLock<Vec<String>>; 5] = [const { OnceLock::new() }; 5];
    POINTS[usize::try_from(last).unwrap()].get_or_init(|| {
        let mut pipeline = Pipeline::default();
        pipeline
            .read(Input::reader(
                "all",
                document(&[samples(0..(last + 1) * 10)]).to_string().as_bytes(),
            ))
            .into_result()
            .unwrap();
        pipeline.points().iter().map(exact).collect()
    })
}

#[test]
fn all_of_the_script_is_there_where_nothing_fails() {
    for policy in POLICIES {
        for memory in [1, 1_000, 1 << 20] {
            let mut run = Run::new(policy, memory);
            for call in SCRIPT {
                run.call(call).unwrap();
                assert_eq!(run.shown(run.store.as_ref().unwrap()), run.acknowledged);
            }
        }
    }
}
